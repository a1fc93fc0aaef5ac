"""The moderation queue: comments that wait for a moderator, and visible ones that readers reported."""

from dataclasses import dataclass
from typing import Self

from django.db import models
from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment, CommentQuerySet
from comments.models.decisions import Appeal
from comments.models.reports import Report, open_reports
from truthlytics.web.ids import parse_id

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
        """Return the place written as `value`, None if it is none."""
        status, _separator, number = value.partition("-")
        pk = parse_id(number)
        return cls(status, pk) if pk is not None and status in {Status.VISIBLE, Status.WAITING} else None

    def __str__(self) -> str:
        return f"{self.status}-{self.pk}"

    def from_here(self) -> Q:
        return Q(status__gt=self.status) | Q(status=self.status, pk__gte=self.pk)

    def before(self) -> Q:
        return Q(status__lt=self.status) | Q(status=self.status, pk__lt=self.pk)


def in_queue(tab: str = Tab.ALL) -> CommentQuerySet:
    """Return the comments to review, in the order of `Place`. A comment that its writer has to edit is not among them.

    Uses the indexes of both tables, whatever the number of visible comments.
    """
    if tab == Tab.REPORTED:
        found = _reported()
    elif tab == Tab.NEW:
        found = _waiting().filter(hold=Comment.Hold.FIRST)
    elif tab == Tab.HELD:
        found = _waiting().exclude(hold=Comment.Hold.FIRST)
    else:
        found = Comment.objects.filter(pk__in=_waiting().values("pk").union(_reported().values("pk"), all=True))
    return found.order_by("status", "pk")


def queue_counts() -> dict[str, int]:
    """Return the number of comments by `Tab`, and that of open `appeals`, in one query."""
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


def _waiting() -> CommentQuerySet:
    return Comment.objects.waiting().filter(edit_requested_at=None)


def _reported() -> CommentQuerySet:
    # Starts from the reports, which are fewer than the visible comments.
    since_approval = Report.objects.filter(created_at__gt=F("comment__approved_at"))
    return Comment.objects.filter(open_reports(), pk__in=since_approval.order_by().values("comment"))


def _count(rows: QuerySet[models.Model], name: str) -> QuerySet[models.Model, tuple[str, int]]:
    label = Value(name, output_field=CharField())
    return rows.order_by().annotate(label=label).values_list("label").annotate(number=Count("pk"))
