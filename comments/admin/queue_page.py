"""What the page of the moderation queue shows: the list, and the current comment with all that bears on it."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, CommentQuerySet, Decision, Suspension, open_reports
from comments.models.decisions import UNDO_WINDOW
from comments.models.queue import Place, Tab, in_queue, queue_counts

PAGE_SIZE = 25
MAX_DECISIONS = 40
MAX_REASONS = 5
# Removals from which the reasons to offer are taken.
RECENT_REMOVALS = 60
# Long columns of articles and comments that the page does not show.
DEFERRED = ("article__body", "parent__text")

Status = Comment.Status
Kind = Decision.Kind


class Part:
    """Which part of the queue a moderator looks at: the tab, and the `Place` at which the list begins or ends."""

    def __init__(self, data: QueryDict) -> None:
        show = data.get("show", "")
        self.tab = Tab(show) if show in Tab.values else Tab.ALL
        self.start = Place.parse(data.get("from", ""))
        self.end = Place.parse(data.get("before", ""))

    def url(self, comment: int | None = None, start: Place | None = None) -> str:
        """Return the address of the queue, or of one comment in it; `start` is where the list begins."""
        query = QueryDict(mutable=True)
        if self.tab != Tab.ALL:
            query["show"] = self.tab
        if start:
            query["from"] = str(start)
        path = reverse("admin:comments_queue_comment", args=[comment]) if comment else reverse("admin:comments_queue")
        return f"{path}?{query.urlencode()}" if query else path

    def url_before(self, place: Place) -> str:
        """Return the address of the part of the queue that ends before `place`."""
        query = {"show": self.tab} if self.tab != Tab.ALL else {}
        return reverse("admin:comments_queue", query=query | {"before": str(place)})

    def url_after(self, place: Place) -> str:
        """Return the address of the next comment after one that has left its `place`, or of the first one."""
        queue = in_queue(self.tab).only("status")
        if following := queue.filter(place.from_here()).first():
            return self.url(following.pk, self.start)
        first = queue.first()
        return self.url(first.pk) if first else self.url()


def queue_page(part: Part, user: Any, pk: int | None = None) -> dict[str, Any]:
    """Return the context of the queue with the comment `pk`, or with the first one. Raises Http404."""
    now = timezone.now()
    comment = _comment(pk) if pk else None
    rows = _rows(part, comment)
    if comment is None and rows:
        comment = _comment(rows[-1 if part.end else 0].pk)
    context = {
        "tab": part.tab,
        "start": str(part.start or ""),
        "rows": [(row, part.url(row.pk, part.start)) for row in rows[:PAGE_SIZE]],
        "counts": queue_counts(),
        "comment": comment,
        "tabs": [(tab, tab.label, Part(QueryDict(f"show={tab}")).url()) for tab in Tab],
    }
    return context | _links(part, rows, comment) | _decisions(comment, user, now) | _record(comment, now)


def _comment(pk: int) -> Comment:
    comments = Comment.objects.select_related("author__author", "article__live", "parent__author", "removed_by")
    return get_object_or_404(comments.defer(*DEFERRED).annotate(is_reported=open_reports(), **_totals()), pk=pk)


def _totals() -> dict[str, Subquery]:
    """The numbers of visible and of removed comments of the writer."""
    others = Comment.objects.filter(author=OuterRef("author")).order_by().values("author")
    return {
        f"writer_{status}": Subquery(others.filter(status=status).annotate(number=Count("pk")).values("number"))
        for status in (Status.VISIBLE, Status.REMOVED)
    }


def _rows(part: Part, comment: Comment | None) -> list[Comment]:
    """Return a page of the queue and one more: from `part.start`, before `part.end`, or with `comment`."""
    queue = in_queue(part.tab).select_related("author", "article").defer("html", "article__body")
    if part.end:
        rows = list(queue.filter(part.end.before()).reverse()[:PAGE_SIZE])[::-1]
        part.start = Place.of(rows[0]) if rows else None
        return rows or _from(queue, None)
    rows = _from(queue, part.start)
    is_elsewhere = comment is not None and comment not in rows and (comment.is_waiting or comment.is_reported)
    if (is_elsewhere and len(rows) > PAGE_SIZE) or (not rows and part.start):
        part.start = Place.of(comment) if comment is not None and is_elsewhere else None
        rows = _from(queue, part.start)
    return rows


def _from(queue: CommentQuerySet, start: Place | None) -> list[Comment]:
    return list((queue.filter(start.from_here()) if start else queue)[: PAGE_SIZE + 1])


def _links(part: Part, rows: list[Comment], comment: Comment | None) -> dict[str, str]:
    """The addresses of the next and the previous comment, and of the list's next and previous part."""
    links = {"later": "", "earlier": "", "next": "", "previous": ""}
    if len(rows) > PAGE_SIZE:
        links["later"] = part.url(rows[PAGE_SIZE].pk, Place.of(rows[PAGE_SIZE]))
    elif part.end and rows:
        links["later"] = part.url(start=part.end)
    if part.start and rows:
        links["earlier"] = part.url_before(part.start)
    index = rows.index(comment) if comment in rows else -1
    has_next = index + 1 < min(len(rows), PAGE_SIZE)
    links["next"] = part.url(rows[index + 1].pk, part.start) if has_next else links["later"]
    links["previous"] = part.url(rows[index - 1].pk, part.start) if index > 0 else links["earlier"]
    return links


def _decisions(comment: Comment | None, user: Any, now: datetime) -> dict[str, Any]:
    """The decisions about `comment`, those of the last seconds by `user`, and the reasons to offer for the next."""
    recent = Q(by=user, created_at__gt=now - UNDO_WINDOW)
    found = list(Decision.objects.filter(recent | Q(comment=comment) if comment else recent)[:MAX_DECISIONS])
    removals = Decision.objects.standing().filter(kind__in=[Kind.REMOVE, Kind.SUSPEND])
    reasons = dict.fromkeys(removals.values_list("reason", flat=True)[:RECENT_REMOVALS])
    about = [decision for decision in found if comment and decision.comment_id == comment.pk]
    return {
        "decisions": about,
        "seen": max((decision.pk for decision in about if decision.undone_at is None), default=0),
        "undoable": [
            (decision, max(0, (decision.created_at + UNDO_WINDOW - now).total_seconds()))
            for decision in found
            if decision.is_undoable_by(user, now)
        ],
        "reasons": list(reasons)[:MAX_REASONS],
    }


def _record(comment: Comment | None, now: datetime) -> dict[str, Any]:
    """The reports and earlier texts of `comment`, and the suspensions of its writer."""
    if comment is None:
        return {}
    suspensions = list(Suspension.objects.filter(user=comment.author_id)) if comment.author_id else []
    return {
        "reports": comment.reports.select_related("reporter"),
        "revisions": comment.revisions.all() if comment.edited_at else [],
        "suspensions": suspensions,
        "suspended": next((suspension for suspension in suspensions if suspension.is_in_force(now)), None),
    }
