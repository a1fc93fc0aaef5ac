"""The comments section of an article page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import ExpressionWrapper, F
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from articles.access import Access, decide
from articles.presenters.article import ArticleSummary
from comments import pending
from comments.forms import comment_form
from comments.models import Comment, Thread, Vote
from comments.models.comments import can_moderate
from comments.permissions import closed_message, comment_refusal
from comments.picks import Picks, render_picks
from comments.row_html import mark_votes, render_page
from comments.selection import Cursor
from comments.thread import load_page
from truthlytics.publication import get_publication
from truthlytics.web.compiled_partials import CompiledPartial
from truthlytics.web.compiled_queries import CompiledObjectQuery, CompiledQuery, id_names, pad_ids
from truthlytics.web.fragments import fragment


class ThreadStatus(NamedTuple):
    """`closed` is the message shown after comments have closed, or ""; with `is_off` nothing is shown."""

    exists: bool = False
    visible_count: int = 0
    closed: str = ""
    is_off: bool = False
    required_level: int | None = None


class RenderedPage(NamedTuple):
    """A page of comments as HTML, with the ids of their authors and of the comments."""

    html: SafeString = SafeString()
    author_ids: frozenset[int] = frozenset()
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedReader:
    """Represents all logged-in users who wrote none of the comments and do not moderate: they see the same."""

    pk: int = 0
    is_authenticated: bool = True
    is_staff: bool = False


SHARED_READER = SharedReader()


class SectionVariant(NamedTuple):
    """Everything that determines how the section looks. `step` is that of the refusal.

    `plural` is 0, 1, or 2 for two and more comments. `has_buttons`: the comments have buttons, which need a form with a
    CSRF token.
    """

    is_closed: bool
    is_refused: bool
    has_no_plan: bool
    step: str
    has_comments: bool
    plural: int
    sort: str
    is_first_page: bool
    has_buttons: bool
    is_logged_in: bool = False


class BlankForm(NamedTuple):
    """The blank form has a single variant."""


# Compiled because every page view of a logged-in reader renders them.
_section = CompiledPartial(
    "comments/_section.html",
    "message", "publication_name", "write_url", "login_url", "article_url", "parent", "form", "count", "picks",
    "comments", "csrf_token",
)  # fmt: skip
_blank_form = CompiledPartial("comments/_form.html", "write_url", "csrf_token", "key", "blank_fields", "name")


def render_anonymous(article: ArticleSummary, cursor: Cursor, access: Access) -> SafeString:
    """Return the comments section for anonymous visitors, from the fragment cache."""
    make = partial(render_comments, article, cursor, user=AnonymousUser(), access=access)
    return fragment("comments section", article.pk, cursor.sort, cursor.value, make=make, tags=_tags(article))


def render_comments(
    article: ArticleSummary, cursor: Cursor, *, user: Any, access: Access, request: HttpRequest | None = None
) -> SafeString:
    """Return the comments after `cursor`, with the form or with what this user has to do before they can comment."""
    status = fragment("thread", article.pk, make=partial(_thread_status, article), tags=_tags(article))
    if status.is_off:
        return SafeString()
    refusal = comment_refusal(article, access, status.closed, user=user, required_level=status.required_level)
    may_read, may_write = decide(article, access).allowed, refusal is None
    show = partial(_render_page, article, cursor, may_write=may_write, may_read=may_read)
    comments = _comments_for(user, article, cursor, show, (may_write, may_read)) if status.exists else RenderedPage()
    html = _with_votes(comments, user) if may_write else comments.html
    picks = picked_comments(article).above if may_read and cursor.is_first and html else ""
    has_buttons = request is not None and bool(html) and (may_write or can_moderate(user))
    write_url = reverse("comments:write", args=[article.slug])
    parent, form = _form_html(request, article, write_url) if request is not None and not refusal else ("", "")
    variant = SectionVariant(
        is_closed=bool(status.closed),
        is_refused=refusal is not None,
        has_no_plan=refusal is not None and refusal.has_no_plan,
        step=refusal.step if refusal else "",
        has_comments=bool(status.visible_count or html),
        plural=min(status.visible_count, 2),
        sort=cursor.sort,
        is_first_page=cursor.is_first,
        has_buttons=has_buttons,
        is_logged_in=user.is_authenticated,
    )
    values = {
        "message": escape(refusal.message) if refusal else "",
        "publication_name": escape(get_publication().name),
        "write_url": write_url,
        "login_url": f"{reverse('account_login')}?next={quote(write_url)}",
        "article_url": article.url,
        "parent": parent,
        "form": form,
        "count": status.visible_count,
        "picks": picks,
        "comments": html,
        "csrf_token": get_token(request) if request is not None and has_buttons else "",
    }
    return SafeString(_section.render(variant, values))


def _form_html(request: Any, article: ArticleSummary, write_url: str) -> tuple[str, str]:
    """The comment being replied to, if any, and the form, with what the user typed before they could post it."""
    name, csrf_token = escape(request.user.display_name), get_token(request)
    if not pending.load(request.session, article.pk):
        values = {
            "write_url": write_url,
            "csrf_token": csrf_token,
            "key": uuid4(),
            "blank_fields": fragment("blank comment form", make=_blank_fields),
            "name": name,
        }
        return "", _blank_form.render(BlankForm(), values)
    form = comment_form(article.pk, request.session)
    context = {"write_url": write_url, "csrf_token": csrf_token, "form": form, "name": request.user.display_name}
    parent = form.parent_comment()
    html = render_to_string("comments/_parent_comment.html", {"parent": parent}) if parent else ""
    return html, render_to_string("comments/_form.html", context)


def _blank_fields() -> SafeString:
    """The fields of a new form except its key, which is different in each."""
    return render_to_string("comments/_blank_fields.html", {"form": comment_form(0)})


def picked_comments(article: ArticleSummary) -> Picks:
    """Return the editors' picks, to be shown to readers with access to the article only."""
    return fragment("picks", article.pk, make=partial(render_picks, article.pk), tags=_tags(article))


def _comments_for(
    user: Any, article: ArticleSummary, cursor: Cursor, show: Callable[[Any], RenderedPage], rights: tuple[bool, bool]
) -> RenderedPage:
    """The comments as `user` sees them. Cached, unless some of the comments are their own or they moderate."""
    if not user.is_authenticated or can_moderate(user):
        return show(user)
    waiting = fragment("waiting", article.pk, make=partial(_waiting_author_ids, article.pk), tags=_tags(article))
    if user.pk in waiting:
        return show(user)
    key = (article.pk, cursor.sort, cursor.value, *rights)
    shared = fragment("comments", *key, make=partial(show, SHARED_READER), tags=_tags(article))
    return show(user) if user.pk in shared.author_ids else shared


def _render_page(
    article: ArticleSummary, cursor: Cursor, user: Any, *, may_write: bool, may_read: bool
) -> RenderedPage:
    page = load_page(article.pk, user, cursor)
    if not page.roots:
        return RenderedPage()
    html = render_page(page, article, user, may_write=may_write, may_read=may_read)
    return RenderedPage(html, page.author_ids, page.ids)


def _with_votes(comments: RenderedPage, user: Any) -> SafeString:
    """Add the user's own votes to the comments, which come from a cache shared by all readers. One query."""
    ids = pad_ids(comments.ids)
    voted = [pk for (pk,) in _votes_query(len(ids))(user.pk, *ids)] if ids else []
    return mark_votes(comments.html, voted)


def _thread_status(article: ArticleSummary) -> ThreadStatus:
    threads = _thread_of(article.pk)
    thread = threads[0] if threads else None
    closed = closed_message(thread, article.published_at)
    if thread is None:
        return ThreadStatus(closed=closed)
    return ThreadStatus(True, thread.visible_count, closed, thread.is_off, thread.required_level)


def _waiting_author_ids(article_id: int) -> frozenset[int]:
    return frozenset(Comment.objects.filter(article=article_id).waiting().values_list("author", flat=True))


def _tags(article: ArticleSummary) -> list[str]:
    return [f"article:{article.pk}", f"thread:{article.pk}"]


_thread_of: CompiledObjectQuery[Thread] = CompiledObjectQuery(
    lambda article: Thread.objects.filter(article=article), "article"
)


@cache
def _votes_query(count: int) -> CompiledQuery:
    # Cast to a number: a lookup on the foreign key itself would not accept query parameters.
    by_number = Vote.objects.alias(number=ExpressionWrapper(F("comment"), models.BigIntegerField()))
    return CompiledQuery(
        lambda user, *ids: by_number.filter(user=user, number__in=ids).values_list("comment"), "user", *id_names(count)
    )
