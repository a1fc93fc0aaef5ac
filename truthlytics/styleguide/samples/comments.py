"""Samples of threads and of the comment form in every state."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser

from articles.models import Author
from comments.forms import words_field
from comments.models import Comment
from comments.permissions import Refusal
from comments.row_html import drawn
from comments.text import render
from comments.thread import ThreadPage, hang
from subscriptions.models import User
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import content

HERE = "admin/styles"
DEPTH = 7


class SampleCommentForm(forms.Form):
    """The fields of the comment form, without its database queries."""

    text = words_field()
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.CharField(required=False, widget=forms.HiddenInput)


def reader(name: str, **fields: Any) -> User:
    return User(display_name=name, member_since=content.PUBLISHED - timedelta(days=900), **fields)


def comment(pk: int, text: str, author: User | None, parent: Comment | None = None, **fields: Any) -> Comment:
    sample = Comment(
        pk=pk, text=text, html=render(text), author=author, parent=parent,
        created_at=content.PUBLISHED + timedelta(hours=pk),
        **{"status": Comment.Status.VISIBLE, **fields},
    )  # fmt: skip
    sample.place_under(parent)
    return sample


def comments() -> list[Comment]:
    me = reader("Wen-Li Achterberg", pk=1)
    writer = reader("Ines Halloran", is_staff=True)
    writer.author = Author(slug="sample-0", name="Ines Halloran")
    first = comment(1, "Gas would have set it.\n\n> A quotation\n\nhttps://example.org/a/long/" + "x" * 120, me)
    samples = [
        first,
        comment(2, "The author replies.", writer, first),
        comment(3, "A staff member replies.", reader("Edith Orr", is_staff=True), first),
        comment(4, content.UNBROKEN_TEXT, reader(content.UNBROKEN_TEXT[:60])),
        comment(5, content.RTL_HEADLINE, reader("ليلى الحداد")),
        comment(6, "The author of this comment deleted their account.", None),
        comment(7, "My edited comment.", me, edited_at=content.PUBLISHED + timedelta(days=1)),
        comment(8, "My comment awaiting approval.", me, status=Comment.Status.WAITING),
        comment(
            9,
            "An edited comment awaiting approval.",
            reader("Idris V."),
            status=Comment.Status.WAITING,
            approved_at=content.PUBLISHED,
        ),
        comment(10, "Removed.", reader("A. B."), status=Comment.Status.REMOVED, removed_reason="Off topic."),
    ]
    parent = comment(11, "Start of a deep thread.", reader("One"))
    samples.append(parent)
    for pk in range(12, 12 + DEPTH):
        parent = comment(pk, f"Reply {pk - 11} of {DEPTH}.", reader(f"Reader {pk}"), parent)
        samples.append(parent)
    return sorted(samples, key=lambda sample: sample.path)


def thread(user: Any, **fields: Any) -> dict[str, Any]:
    placed = [one for one in comments() if not one.is_waiting or one.approved_at or one.author_id == user.pk]
    page = ThreadPage(hang(placed, user, {"sample-0"}), "1" * 12, frozenset())
    context = {
        "piece": SimpleNamespace(slug="sample", address="/articles/sample/"), "count": 1204, "closed": "",
        "refusal": None, "form": None, "parent": None, "user": user,
    } | fields  # fmt: skip
    rows = drawn(page, "sample", user, writes=not context["refusal"]) if context["count"] else ""
    return context | {"rows": rows}


def threads() -> list[Sample]:
    visitor, me = AnonymousUser(), reader("Wen-Li Achterberg", pk=1)
    empty: dict[str, Any] = {"count": 0}
    cases = {
        "Logged out: replies of author and staff, deleted account, awaiting approval, removed, deep": thread(
            visitor, refusal=Refusal("Log in to comment.", "log_in")
        ),
        "Subscriber: own comments, edited and awaiting approval": thread(me, form=SampleCommentForm()),
        "No comments yet, form with errors": thread(me, form=SampleCommentForm({"text": "", "key": ""}), **empty),
        "Closed": thread(visitor, closed="Comments are closed.", **empty),
        "Comments require a subscription": thread(me, refusal=Refusal(content.STANDFIRST, "subscribe"), **empty),
    }
    return [Sample(title, f"{HERE}/thread.html", context) for title, context in cases.items()]


SAMPLES = {"thread": threads, "comment": lambda: threads()[1:2]}
