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
from django.utils.safestring import SafeString

from articles.access import Access, decide
from articles.presenters.article import ArticleSummary
from comments import unposted
from comments.forms import comment_form
from comments.models import Comment, Thread, Vote
from comments.models.comments import can_moderate
from comments.permissions import closed_message, comment_refusal
from comments.picks import Pick, load_picks
from comments.presenters import Viewer
from comments.selection import Cursor
from comments.thread import load_page
from truthlytics.publication import get_publication
from truthlytics.web.fragments import fragment
from truthlytics.web.types import TemplateContext


class ThreadStatus(NamedTuple):
    """`closed` is the message shown after comments have closed, or ""; with `is_off` nothing is shown."""

    exists: bool = False
    visible_count: int = 0
    closed: str = ""
    is_off: bool = False
    required_level: int | None = None


class Discussion(NamedTuple):
    """A page of comments as HTML, with the ids of the comments and of their authors."""

    html: SafeString = SafeString()
    author_ids: frozenset[int] = frozenset()
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedReader:
    """Represents all logged-in users who have no part in the comments on a page: they see the same."""

    pk: int = 0
    is_authenticated: bool = True
    is_staff: bool = False


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
    viewer = Viewer(user, may_write=refusal is None, may_read=decide(article, access).allowed)
    write_url = reverse("comments:write", args=[article.slug])
    context = {
        "is_closed": bool(status.closed),
        "refusal": refusal,
        "viewer": viewer,
        "publication_name": get_publication().name,
        "write_url": write_url,
        "login_url": f"{reverse('account_login')}?next={quote(write_url)}",
        "discussion": _discussion(article, cursor, viewer, status).html if status.exists else "",
    }
    if request is not None and (viewer.may_write or viewer.can_moderate):
        context["csrf_token"] = get_token(request)
    if request is not None and viewer.may_write:
        context |= _form_context(request, article)
    return render_to_string("comments/_section.html", context)


def _form_context(request: Any, article: ArticleSummary) -> TemplateContext:
    """What the form shows: a new form, or what the user typed before they could post it."""
    name = request.user.display_name
    if not unposted.load(request.session, article.pk):
        return {"name": name, "key": uuid4(), "blank_fields": fragment("blank comment form", make=_blank_fields)}
    form = comment_form(article.pk, request.session)
    return {"name": name, "form": form, "parent": form.parent_comment()}


def _blank_fields() -> SafeString:
    """The fields of a new form except its key, which is different in each."""
    return render_to_string("comments/_blank_fields.html", {"form": comment_form(0)})


def _discussion(article: ArticleSummary, cursor: Cursor, viewer: Viewer, status: ThreadStatus) -> Discussion:
    """The comments as the viewer sees them: cached for all readers who wrote none of them and voted for none."""
    render, user = partial(_render_discussion, article, cursor, status), viewer.user
    if not user.is_authenticated or can_moderate(user):
        return render(viewer)
    waiting = fragment("waiting", article.pk, make=partial(_waiting_author_ids, article.pk), tags=_tags(article))
    if user.pk in waiting:
        return render(viewer)
    key = (article.pk, cursor.sort, cursor.value, viewer.may_write, viewer.may_read)
    shared_viewer = Viewer(SharedReader(), may_write=viewer.may_write, may_read=viewer.may_read)
    shared = fragment("comments", *key, make=partial(render, shared_viewer), tags=_tags(article))
    has_part = user.pk in shared.author_ids or (viewer.may_write and Vote.objects.by(user, shared.ids))
    return render(viewer) if has_part else shared


def _render_discussion(article: ArticleSummary, cursor: Cursor, status: ThreadStatus, viewer: Viewer) -> Discussion:
    page = load_page(article, viewer, cursor, count=status.visible_count)
    if not page.roots and not status.visible_count:
        return Discussion()
    context = {
        "page": page,
        "viewer": viewer,
        "cursor": cursor,
        "count": status.visible_count,
        "article_url": article.url,
        "write_url": reverse("comments:write", args=[article.slug]),
        "picks": picked_comments(article) if viewer.may_read and cursor.is_first and page.roots else (),
    }
    return Discussion(render_to_string("comments/_discussion.html", context), page.author_ids, page.ids)


def picked_comments(article: ArticleSummary) -> tuple[Pick, ...]:
    """Return the editors' picks, to be shown to readers with access to the article only."""
    return fragment("picks", article.pk, make=partial(load_picks, article.pk), tags=_tags(article))


def _thread_status(article: ArticleSummary) -> ThreadStatus:
    thread = Thread.objects.filter(article=article.pk).first()
    closed = closed_message(thread, article.published_at)
    if thread is None:
        return ThreadStatus(closed=closed)
    return ThreadStatus(True, thread.visible_count, closed, thread.is_off, thread.required_level)


def _waiting_author_ids(article_id: int) -> frozenset[int]:
    return frozenset(Comment.objects.filter(article=article_id).waiting().values_list("author", flat=True))


def _tags(article: ArticleSummary) -> list[str]:
    return [f"article:{article.pk}", f"thread:{article.pk}"]
