"""Samples of threads and of the comment form in every state."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from comments.forms import ContextField, QuoteField, comment_text_field
from comments.models import Comment
from comments.permissions import Step
from comments.rendering import SectionVariant
from comments.row_html import render_page
from comments.selection import Cursor
from comments.text import render
from comments.thread import CommentRow, ThreadPage, build_tree
from subscriptions.models import User
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import content

HERE = "admin/styles"
DEPTH = 7
AUTHOR = "sample-0"
ARTICLE = SimpleNamespace(slug="sample", required_level=10, author_slugs=frozenset({AUTHOR}))
ME = User(pk=1, display_name="Wen-Li Achterberg")


class SampleCommentForm(forms.Form):
    """The fields of the comment form, without its database queries."""

    quote = QuoteField(label="Passage", required=False)
    before = ContextField()
    after = ContextField(is_after=True)
    text = comment_text_field()
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.CharField(required=False, widget=forms.HiddenInput)


def comment(pk: int, text: str, name: str | None, parent: CommentRow | None = None, **fields: Any) -> CommentRow:
    """A comment by the reader called `name`, or by a former reader; `fields` are other columns."""
    placed = Comment(pk=pk)
    placed.set_path(Comment(path=parent.path) if parent else None)
    columns: dict[str, Any] = {
        "pk": pk, "parent_id": parent.pk if parent else None, "path": placed.path, "html": render(text),
        "status": Comment.Status.VISIBLE, "created_at": content.PUBLISHED + timedelta(hours=pk), "edited_at": None,
        "removed_reason": "", "removed_by_id": None, "author_id": 100 + pk if name else None, "author_name": name,
        "author_is_staff": False,
        "author_since": content.PUBLISHED - timedelta(days=900) if name else None, "profile_id": None,
        "profile_slug": None, "helpful_count": 0, "picked_at": None, "picked_beside": False,
        "quote": "", "quote_prefix": "", "quote_number": 1, "quote_is_gated": False,
        "quote_level": None, "quote_edited_from": None, "edit_requested_at": None, "edit_request": "",
    }  # fmt: skip
    return CommentRow(**columns | fields)


def comments() -> list[CommentRow]:
    mine: dict[str, Any] = {"author_id": ME.pk}
    first = comment(
        1, "Gas would have set it.\n\n> A quotation\n\nhttps://example.org/a/long/" + "x" * 120, ME.display_name, **mine
    )
    samples = [
        first,
        comment(
            2,
            "The author replies.",
            "Ines Halloran",
            first,
            helpful_count=1204,
            author_is_staff=True,
            profile_slug=AUTHOR,
        ),
        comment(3, "A staff member replies.", "Edith Orr", first, author_is_staff=True),
        comment(4, content.UNBROKEN_TEXT, content.UNBROKEN_TEXT[:60]),
        comment(5, content.RTL_HEADLINE, "ليلى الحداد", helpful_count=3, picked_at=content.PUBLISHED),
        comment(41, "A passage of the article.", "Reader", quote=content.STANDFIRST),
        comment(
            42, "A passage edited since.", "Reader", quote=content.UNBROKEN_TEXT, quote_edited_from=content.PUBLISHED
        ),
        comment(43, "A passage for subscribers.", "Reader", quote="Gated.", quote_is_gated=True),
        comment(
            44,
            "A moderator asked for an edit.",
            ME.display_name,
            **mine,
            status=Comment.Status.WAITING,
            edit_requested_at=content.PUBLISHED,
            edit_request="Please leave out the name of your neighbour.",
        ),
        comment(6, "The author of this comment deleted their account.", None),
        comment(7, "My edited comment.", ME.display_name, edited_at=content.PUBLISHED + timedelta(days=1), **mine),
        comment(8, "My comment awaiting approval.", ME.display_name, status=Comment.Status.WAITING, **mine),
        comment(9, "An edited comment awaiting approval.", "Idris V.", status=Comment.Status.WAITING),
        comment(10, "Removed.", "A. B.", status=Comment.Status.REMOVED, removed_reason="Off topic."),
    ]
    parent = comment(11, "Start of a deep thread.", "One")
    samples.append(parent)
    for pk in range(12, 12 + DEPTH):
        parent = comment(pk, f"Reply {pk - 11} of {DEPTH}.", f"Reader {pk}", parent)
        samples.append(parent)
    return sorted(samples, key=lambda sample: sample.path)


def thread(
    user: Any,
    *,
    message: str = "",
    step: Step = "",
    form: forms.Form | None = None,
    closed: bool = False,
    count: int = 1204,
) -> dict[str, Any]:
    rows = [row for row in comments() if user.is_authenticated or row.author_id != ME.pk or not row.is_waiting]
    page = ThreadPage(
        build_tree(rows, {row.pk: row for row in rows}), Cursor("newest", "1" * 10), frozenset(), (), frozenset({104})
    )
    page.roots[0].more = "1" * 20
    may_write = form is not None
    variant = SectionVariant(
        is_closed=closed, is_refused=bool(step), has_no_plan=bool(step), step=step, has_comments=count > 0,
        plural=min(count, 2), sort="newest", is_first_page=False, has_buttons=may_write,
    )  # fmt: skip
    return variant._asdict() | {
        "message": message,
        "publication_name": content.LONG_HEADLINE[:60],
        "write_url": "/articles/sample/comments/",
        "login_url": "/accounts/login/",
        "article_url": "/articles/sample/",
        "form": render_to_string("comments/_form.html", {"form": form, "name": user.display_name}) if form else "",
        "count": count,
        "picks": picks("_picks") if count else "",
        "beside": picks("_picks_beside") if count else "",
        "comments": render_page(page, ARTICLE, user, may_write=may_write, may_read=may_write) if count else "",
        "csrf_token": "",
    }


def picks(template: str) -> str:
    people = {"Wen-Li Achterberg": "A clear point.", "ليلى الحداد": content.RTL_HEADLINE, "": content.UNBROKEN_TEXT}
    found = [
        {
            "name": name, "initials": name[:1], "colour": 3, "html": SafeString(render(text)), "excerpt": text,
            "url": "/comments/1/",
        }
        for name, text in people.items()
    ]  # fmt: skip
    return render_to_string(f"comments/{template}.html", {"picks": found})


def threads() -> list[Sample]:
    visitor = AnonymousUser()
    cases = {
        "Logged out: replies of author and staff, deleted account, awaiting approval, removed, deep": thread(
            visitor, message="Log in to comment.", step="log_in"
        ),
        "Subscriber: own comments, edited and awaiting approval": thread(ME, form=SampleCommentForm()),
        "No comments yet, form with errors": thread(ME, form=SampleCommentForm({"text": "", "key": ""}), count=0),
        "Closed": thread(visitor, message="Comments are closed.", closed=True, count=0),
        "Comments require a subscription": thread(ME, message=content.STANDFIRST, step="subscribe", count=0),
    }
    return [Sample(title, f"{HERE}/thread.html", context) for title, context in cases.items()]


def quotations() -> list[Sample]:
    passage = {"quote": content.STANDFIRST, "url": "/articles/sample/", "number": 2}
    cases: dict[str, dict[str, Any]] = {
        "A passage of the article": passage,
        "Edited since, long word": passage | {"quote": content.UNBROKEN_TEXT, "is_edited": True},
        "Right to left": passage | {"quote": content.RTL_HEADLINE},
        "For readers without access": {"withheld_from": "subscribers"},
    }
    return [Sample(title, "comments/_quotation.html", context) for title, context in cases.items()]


SAMPLES = {"thread": threads, "quotation": quotations, "comment": lambda: threads()[1:2]}
