"""A thread in each of its states, and the box in each of its."""

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
from truthlytics.styleguide.samples import hard

HERE = "admin/styles"
DEEP = 7


class Box(forms.Form):
    """The comment form as the page draws it; the real one looks for what it answers."""

    text = words_field()
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.CharField(required=False, widget=forms.HiddenInput)


def reader(name: str, **fields: Any) -> User:
    return User(display_name=name, member_since=hard.PUBLISHED - timedelta(days=900), **fields)


def comment(pk: int, text: str, author: User | None, above: Comment | None = None, **fields: Any) -> Comment:
    made = Comment(
        pk=pk, text=text, html=render(text), author=author, parent=above,
        created_at=hard.PUBLISHED + timedelta(hours=pk),
        **{"status": Comment.Status.VISIBLE, **fields},
    )  # fmt: skip
    made.place_under(above)
    return made


def comments() -> list[Comment]:
    me = reader("Wen-Li Achterberg", pk=1)
    writer = reader("Ines Halloran", is_staff=True)
    writer.author = Author(slug="sample-0", name="Ines Halloran")
    first = comment(
        1, "Gas would have set it.\n\n> quoted, and answered\n\nhttps://example.org/a/long/" + "x" * 120, me
    )
    made = [
        first,
        comment(2, "The author answers.", writer, first),
        comment(3, "Somebody of the staff.", reader("Edith Orr", is_staff=True), first),
        comment(4, hard.UNBROKEN, reader(hard.UNBROKEN[:60])),
        comment(5, hard.RIGHT_TO_LEFT, reader("ليلى الحداد")),
        comment(6, "Its writer left.", None),
        comment(7, "Mine, and edited.", me, edited_at=hard.PUBLISHED + timedelta(days=1)),
        comment(8, "Mine waits.", me, status=Comment.Status.WAITING),
        comment(9, "Edited.", reader("Idris V."), status=Comment.Status.WAITING, approved_at=hard.PUBLISHED),
        comment(10, "Gone.", reader("A. B."), status=Comment.Status.REMOVED, removed_reason="Off the subject."),
    ]
    above = comment(11, "A deep thread begins.", reader("One"))
    made.append(above)
    for pk in range(12, 12 + DEEP):
        above = comment(pk, f"Answer {pk - 11} of {DEEP}.", reader(f"Reader {pk}"), above)
        made.append(above)
    return sorted(made, key=lambda one: one.path)


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
    stranger, me = AnonymousUser(), reader("Wen-Li Achterberg", pk=1)
    empty: dict[str, Any] = {"count": 0}
    cases = {
        "For a stranger: author, staff, former reader, waiting, removed, deep": thread(
            stranger, refusal=Refusal("Log in to write.", "log_in")
        ),
        "For who may write: their own, edited and waiting": thread(me, form=Box()),
        "Nobody has written yet, and something is wrong": thread(me, form=Box({"text": "", "key": ""}), **empty),
        "Closed": thread(stranger, closed="This conversation is closed.", **empty),
        "A step is missing": thread(me, refusal=Refusal(hard.STANDFIRST, "subscribe"), **empty),
    }
    return [Sample(title, f"{HERE}/thread.html", one) for title, one in cases.items()]


MAKERS = {"thread": threads, "comment": lambda: threads()[1:2]}
