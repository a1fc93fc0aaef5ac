"""The context of the moderation queue: the list, and the current comment with its writer, reports and decisions."""

from datetime import datetime

from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Decision, open_reports
from comments.models.decisions import UNDO_WINDOW
from comments.models.queue import Place, Tab, queue_counts, window
from truthlytics.web.ids import MAX_ID
from truthlytics.web.text import split_words
from truthlytics.web.users import User

PAGE_SIZE = 25
MAX_DECISIONS = 40
MAX_REASONS = 5
# Removals from which the reasons to offer are taken.
RECENT_REMOVALS = 60
# What the page shows of the article, the writer and the comment that is answered.
RELATED = split_words(
    "author__display_name author__is_staff author__member_since article__headline article__required_level "
    "article__live__headline article__live__required_level parent__html parent__status parent__imported_name "
    "parent__author__display_name"
)

Status = Comment.Status
Kind = Decision.Kind


class Listing:
    """The part of the queue that is listed: the tab, and the `Place` where the list begins or ends."""

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
        following = window(self.tab, 1, start=place)
        if following:
            return self.url(following[0], self.start)
        first = window(self.tab, 1)
        return self.url(first[0]) if first else self.url()


def queue_page(listing: Listing, user: User, pk: int | None = None) -> dict[str, object]:
    """Return the context of the queue with the comment `pk`, or with the first one. Raises Http404."""
    now = timezone.now()
    ids = _window(listing)
    current = pk or (ids[-1 if listing.end else 0] if ids else None)
    found = _comments([*ids, current] if current else ids, current)
    if pk and pk not in found:
        raise Http404("There is no such comment.")
    comment = found[current] if current else None
    # Without those that another moderator decided between the queries.
    rows = [found[number] for number in ids if number in found]
    if listing.end:
        listing.start = Place.of(rows[0]) if rows else None
    context = {
        "tab": listing.tab,
        "start": str(listing.start or ""),
        "rows": [(row, listing.url(row.pk, listing.start)) for row in rows[:PAGE_SIZE]],
        "counts": queue_counts(),
        "comment": comment,
        "tabs": [(tab, tab.label, Listing(QueryDict(f"show={tab}")).url()) for tab in Tab],
    }
    return context | _links(listing, rows, comment) | _decisions(comment, user, now) | _texts(comment)


def _window(listing: Listing) -> list[int]:
    """Return the ids of a page of the queue and, unless it ends before `listing.end`, of one more."""
    ids = window(listing.tab, PAGE_SIZE if listing.end else PAGE_SIZE + 1, listing.start, listing.end)
    if not ids and (listing.start or listing.end):
        listing.start = listing.end = None
        return window(listing.tab, PAGE_SIZE + 1)
    return ids


def _comments(ids: list[int], current: int | None) -> dict[int, Comment]:
    """Return the comments by id. The `current` one has the numbers of comments of its writer."""
    if current and current > MAX_ID:
        raise Http404("There is no such comment.")
    others = Comment.objects.filter(author=OuterRef("author")).order_by().values("author")
    totals = {
        f"writer_{status}": Case(
            When(pk=current, then=Subquery(others.filter(status=status).annotate(number=Count("pk")).values("number")))
        )
        for status in (Status.VISIBLE, Status.REMOVED)
    }
    comments = Comment.objects.select_related("author", "article__live", "parent__author")
    own = [field.attname for field in Comment._meta.concrete_fields]
    annotated = comments.only(*own, *RELATED).annotate(is_reported=open_reports(), **totals)
    return dict(annotated.in_bulk(ids))


def _links(listing: Listing, rows: list[Comment], comment: Comment | None) -> dict[str, str]:
    """The addresses of the next and the previous comment, and of the next and previous part of the list."""
    links = {"later": "", "earlier": "", "next": "", "previous": ""}
    if len(rows) > PAGE_SIZE:
        links["later"] = listing.url(rows[PAGE_SIZE].pk, Place.of(rows[PAGE_SIZE]))
    elif listing.end and rows:
        links["later"] = listing.url(start=listing.end)
    if listing.start and rows:
        links["earlier"] = listing.url_before(listing.start)
    index = rows.index(comment) if comment in rows else -1
    has_next = index + 1 < min(len(rows), PAGE_SIZE)
    links["next"] = listing.url(rows[index + 1].pk, listing.start) if has_next else links["later"]
    links["previous"] = listing.url(rows[index - 1].pk, listing.start) if index > 0 else links["earlier"]
    return links


def _decisions(comment: Comment | None, user: User, now: datetime) -> dict[str, object]:
    """The decisions about `comment`, the suspensions of its writer, and the last seconds' decisions by `user`."""
    wanted = Q(by=user, created_at__gt=now - UNDO_WINDOW)
    if comment is not None:
        wanted |= Q(comment=comment)
        if comment.author_id:
            wanted |= Q(writer=comment.author_id, suspension__isnull=False, kind=Kind.SUSPEND)
    found = list(Decision.objects.filter(wanted).select_related("suspension")[:MAX_DECISIONS])
    about = [decision for decision in found if comment and decision.comment_id == comment.pk]
    suspensions = [
        decision.suspension
        for decision in found
        if comment and decision.suspension and decision.suspension.user_id == comment.author_id
    ]
    return {
        "decisions": about,
        "seen": max((decision.pk for decision in about if decision.undone_at is None), default=0),
        "suspensions": suspensions,
        "suspended": next((suspension for suspension in suspensions if suspension.is_in_force(now)), None),
        "undoable": [
            (decision, max(0, (decision.created_at + UNDO_WINDOW - now).total_seconds()))
            for decision in found
            if decision.is_undoable_by(user, now)
        ],
        "reasons": _recent_reasons(),
    }


def _recent_reasons() -> list[str]:
    removals = Decision.objects.not_undone().filter(kind__in=[Kind.REMOVE, Kind.SUSPEND])
    return list(dict.fromkeys(removals.values_list("reason", flat=True)[:RECENT_REMOVALS]))[:MAX_REASONS]


def _texts(comment: Comment | None) -> dict[str, object]:
    """The reports and earlier texts of `comment`."""
    if comment is None:
        return {}
    reports = comment.reports.select_related("reporter")
    return {"reports": reports, "revisions": comment.revisions.all() if comment.edited_at else []}
