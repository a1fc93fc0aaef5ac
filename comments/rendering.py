"""The comments section of an article page."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from articles.access import Access
from articles.presenters.article import ArticleSummary
from comments import pending
from comments.forms import comment_form
from comments.models import Comment, Thread
from comments.models.comments import can_moderate
from comments.permissions import CommentRefusal, closed_message, comment_refusal
from comments.row_html import render_page
from comments.thread import load_page
from truthlytics.publication import get_publication
from truthlytics.web.compiled_partials import CompiledPartial
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragments import fragment


class ThreadStatus(NamedTuple):
    """`closed` is the message shown after comments have closed, or ""."""

    exists: bool = False
    visible_count: int = 0
    closed: str = ""


class Comments(NamedTuple):
    """A page of comments as HTML, and the ids of the users who wrote them."""

    html: SafeString
    author_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Reader:
    """A logged-in user who wrote none of the comments and does not moderate: all of them see the same."""

    pk: int = 0
    is_authenticated: bool = True
    is_staff: bool = False


READER = Reader()


class SectionVariant(NamedTuple):
    """What decides how the section looks. `step` is the refusal's; `plural` is 0, 1 or 2 comments (or more)."""

    is_closed: bool
    is_refused: bool
    has_no_plan: bool
    step: str
    has_comments: bool
    plural: int
    is_first_page: bool


class BlankForm(NamedTuple):
    """There is one variant of the form without anything typed."""


# Compiled because every page view of a logged-in reader renders them.
_section = CompiledPartial(
    "comments/_section.html",
    "message", "publication_name", "write_url", "login_url", "article_url", "parent", "form", "count", "comments",
)  # fmt: skip
_blank_form = CompiledPartial("comments/_form.html", "write_url", "csrf_token", "key", "blank_fields", "name")


def render_anonymous(article: ArticleSummary, cursor: str, access: Access) -> SafeString:
    """Return the comments section for anonymous visitors, from the fragment cache."""
    make = partial(render_comments, article, cursor, user=AnonymousUser(), access=access)
    return fragment("comments section", article.pk, cursor, make=make, tags=_tags(article))


def render_comments(
    article: ArticleSummary, cursor: str, *, user: Any, access: Access, request: HttpRequest | None = None
) -> SafeString:
    """Return the comments after `cursor`, with the form or with what this user has to do before they can comment."""
    status = fragment("thread", article.pk, make=partial(_thread_status, article), tags=_tags(article))
    refusal = comment_refusal(article, access, status.closed)
    comments = _comments_for(user, article, cursor, refusal) if status.exists else SafeString()
    write_url = reverse("comments:write", args=[article.slug])
    parent, form = _form_html(request, article, write_url) if request is not None and not refusal else ("", "")
    variant = SectionVariant(
        is_closed=bool(status.closed),
        is_refused=refusal is not None,
        has_no_plan=refusal is not None and refusal.has_no_plan,
        step=refusal.step if refusal else "",
        has_comments=bool(status.visible_count or comments),
        plural=min(status.visible_count, 2),
        is_first_page=not cursor,
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
        "comments": comments,
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


def _comments_for(user: Any, article: ArticleSummary, cursor: str, refusal: CommentRefusal | None) -> SafeString:
    """The comments as `user` sees them, from the fragment cache unless some of them are theirs."""
    render = partial(_render_page, article, cursor, may_write=refusal is None)
    if not user.is_authenticated or can_moderate(user):
        return render(user).html
    waiting = fragment("waiting", article.pk, make=partial(_waiting_author_ids, article.pk), tags=_tags(article))
    if user.pk in waiting:
        return render(user).html
    make = partial(render, READER)
    shared = fragment("comments", article.pk, cursor, refusal is None, make=make, tags=_tags(article))
    return render(user).html if user.pk in shared.author_ids else shared.html


def _render_page(article: ArticleSummary, cursor: str, user: Any, *, may_write: bool) -> Comments:
    page = load_page(article.pk, user, cursor)
    if not page.roots:
        return Comments(SafeString(), frozenset())
    html = render_page(page, article.slug, user, may_write=may_write, author_slugs=article.author_slugs)
    return Comments(html, page.author_ids)


def _thread_status(article: ArticleSummary) -> ThreadStatus:
    threads = _thread_of(article.pk)
    thread = threads[0] if threads else None
    closed = closed_message(thread, article.published_at)
    return ThreadStatus(thread is not None, thread.visible_count if thread else 0, closed)


def _waiting_author_ids(article_id: int) -> frozenset[int]:
    return frozenset(Comment.objects.filter(article=article_id).waiting().values_list("author", flat=True))


def _tags(article: ArticleSummary) -> list[str]:
    return [f"article:{article.pk}", f"thread:{article.pk}"]


_thread_of: CompiledObjectQuery[Thread] = CompiledObjectQuery(
    lambda article: Thread.objects.filter(article=article), "article"
)
