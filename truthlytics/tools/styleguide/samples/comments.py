"""Samples of threads and of the comment form in every state."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from articles.models import Author
from comments.forms import ContextField, QuoteField, comment_text_field
from comments.models import Comment
from comments.permissions import CommentRefusal
from comments.picks import Pick
from comments.presenters import Viewer, present
from comments.quotes import Quotation
from comments.selection import Cursor
from comments.text import render
from comments.thread import ThreadPage, build_tree
from subscriptions.models import User
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content
from truthlytics.web.types import TemplateContext

HERE = "admin/styles"
DEPTH = 7
AUTHOR = "sample-0"
ARTICLE = SimpleNamespace(pk=1, slug="sample", required_level=10, author_slugs=frozenset({AUTHOR}))
ME = User(pk=1, display_name="Wen-Li Achterberg")
SUPPORTER = 104
PICKS = [
    Pick(name, name[:1], 3, render(text), text, "/comments/1/", is_beside=True)
    for name, text in [
        (ME.display_name, "A clear point."),
        ("ليلى الحداد", content.RTL_HEADLINE),
        ("", content.UNBROKEN_TEXT),
    ]
]


class SampleCommentForm(forms.Form):
    """The fields of the comment form, without its database queries."""

    quote = QuoteField(label="Passage", required=False)
    before = ContextField()
    after = ContextField(is_after=True)
    text = comment_text_field()
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.CharField(required=False, widget=forms.HiddenInput)


def comment(pk: int, text: str, author: User | None, parent: Comment | None = None, **fields: object) -> Comment:
    sample = Comment(
        pk=pk,
        author=author,
        parent=parent,
        html=render(text),
        created_at=content.PUBLISHED + timedelta(hours=pk),
        **{"status": Comment.Status.VISIBLE, "quote_number": 1} | fields,
    )
    sample.quote_level = None
    sample.set_path(parent)
    return sample


def reader(pk: int, name: str, profile: str = "", **fields: object) -> User:
    """A reader, or the author with the `profile`."""
    user = User(pk=pk, display_name=name, member_since=content.PUBLISHED - timedelta(days=900), **fields)
    user.author = Author(slug=profile)
    return user


def comments() -> list[Comment]:
    status = Comment.Status
    me, someone = reader(ME.pk, ME.display_name), reader(141, "Reader")
    text = "Gas would have set it.\n\n> A quotation\n\nhttps://example.org/a/long/" + "x" * 120
    first = comment(1, text, me)
    deep = comment(11, "Start of a deep thread.", someone)
    samples = [
        first,
        comment(
            2, "The author replies.", reader(102, "Ines Halloran", AUTHOR, is_staff=True), first, helpful_count=1204
        ),
        comment(3, "A staff member replies.", reader(103, "Edith Orr", is_staff=True), first),
        comment(4, content.UNBROKEN_TEXT, reader(SUPPORTER, content.UNBROKEN_TEXT[:60])),
        comment(5, content.RTL_HEADLINE, reader(105, "ليلى الحداد"), helpful_count=3, picked_at=content.PUBLISHED),
        comment(41, "A passage of the article.", someone, quote=content.STANDFIRST),
        comment(
            42, "A passage edited since.", someone, quote=content.UNBROKEN_TEXT, quote_edited_from=content.PUBLISHED
        ),
        comment(43, "A passage for subscribers.", someone, quote="Gated.", quote_is_gated=True),
        comment(
            44,
            "A moderator asked for an edit.",
            me,
            status=status.WAITING,
            edit_requested_at=content.PUBLISHED,
            edit_request="Please leave out the name of your neighbour.",
        ),
        comment(6, "The author of this comment deleted their account.", None),
        comment(7, "My edited comment.", me, edited_at=content.PUBLISHED + timedelta(days=1)),
        comment(8, "My comment awaiting approval.", me, status=status.WAITING),
        comment(9, "An edited comment awaiting approval.", reader(109, "Idris V."), status=status.WAITING),
        comment(10, "Removed.", reader(110, "A. B."), status=status.REMOVED, removed_reason="Off topic."),
        deep,
    ]
    for pk in range(12, 12 + DEPTH):
        deep = comment(pk, f"Reply {pk - 11} of {DEPTH}.", reader(100 + pk, f"Reader {pk}"), deep)
        samples.append(deep)
    return sorted(samples, key=lambda sample: sample.path)


def thread(
    user: Any,
    *,
    refusal: CommentRefusal | None = None,
    form: forms.Form | None = None,
    closed: bool = False,
    count: int = 1204,
) -> TemplateContext:
    viewer = Viewer(user, may_write=form is not None, may_read=form is not None)
    context: TemplateContext = {
        "is_closed": closed,
        "refusal": refusal,
        "viewer": viewer,
        "publication_name": content.LONG_HEADLINE[:60],
        "write_url": "/articles/sample/comments/",
        "login_url": "/accounts/login/",
        "name": user.display_name if form else "",
        "form": form,
    }
    if count:
        shown = [row for row in comments() if user.is_authenticated or row.author != ME or not row.is_waiting]
        roots = build_tree(present(shown, ARTICLE, viewer, supporters={SUPPORTER}), {row.pk: row for row in shown})
        roots[0].more = "1" * 20
        cursor = Cursor("newest", "1" * 10)
        page = {"page": ThreadPage(roots, cursor), "cursor": cursor, "count": count, "picks": PICKS}
        context["discussion"] = render_to_string("comments/_discussion.html", context | page)
        context["picks"] = PICKS
    return context


def threads() -> list[Sample]:
    visitor = AnonymousUser()
    cases = {
        "Logged out: replies of author and staff, deleted account, awaiting approval, removed, deep": thread(
            visitor, refusal=CommentRefusal("Log in to comment.", "log_in", has_no_plan=True)
        ),
        "Subscriber: own comments, edited and awaiting approval": thread(ME, form=SampleCommentForm()),
        "No comments yet, form with errors": thread(ME, form=SampleCommentForm({"text": "", "key": ""}), count=0),
        "Closed": thread(visitor, refusal=CommentRefusal("Comments are closed.", ""), closed=True, count=0),
        "Comments require a subscription": thread(
            ME, refusal=CommentRefusal(content.STANDFIRST, "subscribe", has_no_plan=True), count=0
        ),
    }
    return [Sample(title, f"{HERE}/thread.html", context) for title, context in cases.items()]


def quotations() -> list[Sample]:
    passage = Quotation(quote=content.STANDFIRST, url="/articles/sample/", number=2)
    cases = {
        "A passage of the article": passage,
        "Edited since, long word": replace(passage, quote=content.UNBROKEN_TEXT, is_edited=True),
        "Right to left": replace(passage, quote=content.RTL_HEADLINE),
        "For readers without access": Quotation("subscribers"),
    }
    return [Sample(title, "comments/_quotation.html", {"quotation": shown}) for title, shown in cases.items()]


SAMPLES = {"thread": threads, "quotation": quotations, "comment": lambda: threads()[1:2]}
