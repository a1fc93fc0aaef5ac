"""The moderation queue: waiting comments, and visible ones that readers reported."""

from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.db.models import CharField, Count, Value
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment, CommentQuerySet
from comments.models.decisions import Appeal
from comments.models.reports import Report, open_reports
from truthlytics.web.ids import parse_id
from truthlytics.web.types import AnyRows

Status = Comment.Status


class Tab(models.TextChoices):
    ALL = "all", _("All")
    NEW = "new", _("New writers")
    HELD = "held", _("Held")
    REPORTED = "reported", _("Reported")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of the queue: reported comments first, because readers see them, then the oldest."""

    status: str
    pk: int

    @classmethod
    def of(cls, comment: Comment) -> Self:
        return cls(comment.status, comment.pk)

    @classmethod
    def parse(cls, value: str) -> "Place | None":
        """Return the place that `str` wrote as `value`; None if invalid."""
        status, _separator, number = value.partition("-")
        pk = parse_id(number)
        return cls(status, pk) if pk is not None and status in {Status.VISIBLE, Status.WAITING} else None

    def __str__(self) -> str:
        return f"{self.status}-{self.pk}"


def in_queue(tab: str = Tab.ALL) -> CommentQuerySet:
    """Return the comments to review, in the order of `Place`. Leaves out those that their writers have to edit."""
    parts = [part for _status, part in _parts(tab)]
    if len(parts) == 1:
        found = parts[0]
    else:
        found = Comment.objects.filter(pk__in=parts[0].values("pk").union(parts[1].values("pk"), all=True))
    return found.order_by("status", "pk")


def window(tab: str, size: int, start: Place | None = None, end: Place | None = None) -> list[int]:
    """Return the ids of up to `size` comments of the queue, beginning at `start` or ending before `end`.

    At most two queries, which read only these rows.
    """
    found: list[int] = []
    for status, part in _parts(tab)[:: -1 if end else 1]:
        place = end or start
        if place and status == place.status:
            part = part.filter(pk__lt=place.pk) if end else part.filter(pk__gte=place.pk)
        elif place and (status < place.status) != bool(end):
            continue
        in_order = part.order_by("-pk" if end else "pk")
        found += in_order.values_list("pk", flat=True)[: size - len(found)]
    return found[::-1] if end else found


def queue_counts() -> dict[str, int]:
    """Return the number of comments by `Tab`, and of open appeals as "appeals". One query."""
    counts = dict.fromkeys([*Tab.values, "appeals"], 0)
    held = _waiting().values_list("hold").annotate(number=Count("pk"))
    others = [_count(_reported(), Tab.REPORTED), _count(Appeal.objects.filter(answered_at=None), "appeals")]
    for name, number in held.union(*others, all=True):
        if name in {Tab.REPORTED, "appeals"}:
            counts[name] = number
        else:
            counts[Tab.NEW if name == Comment.Hold.FIRST else Tab.HELD] += number
    counts[Tab.ALL] = counts[Tab.NEW] + counts[Tab.HELD] + counts[Tab.REPORTED]
    return counts


def _parts(tab: str) -> list[tuple[str, CommentQuerySet]]:
    """Return the parts of the queue in their order, each with the status of its comments."""
    reported, waiting = (Status.VISIBLE, _reported()), _waiting()
    if tab == Tab.REPORTED:
        return [reported]
    if tab == Tab.NEW:
        return [(Status.WAITING, waiting.filter(hold=Comment.Hold.FIRST))]
    if tab == Tab.HELD:
        return [(Status.WAITING, waiting.exclude(hold=Comment.Hold.FIRST))]
    return [reported, (Status.WAITING, waiting)]


def _waiting() -> CommentQuerySet:
    return Comment.objects.waiting().filter(edit_requested_at=None)


def _reported() -> CommentQuerySet:
    # Starts from the reports, which are fewer than the visible comments.
    return Comment.objects.filter(open_reports(), pk__in=Report.objects.order_by().values("comment"))


def _count(rows: AnyRows, name: str) -> Any:
    label = Value(name, output_field=CharField())
    return rows.order_by().annotate(label=label).values_list("label").annotate(number=Count("pk"))
