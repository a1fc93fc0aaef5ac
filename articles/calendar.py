"""What happened and what is planned in a span of days, as far as somebody of the newsroom may know of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Dossier, DossierVersion, HomepageEdition, Page, PageVersion, Version

# Of each kind so many are looked at: more than a page can show.
AT_MOST = 400

# Shape and word for what is over, and for what lies ahead.
KINDS = {
    "first": (("●", "Published"), ("◷", "Goes out")),
    "change": (("◐", "Changed"), ("◐", "Changes")),
    "end": (("×", "Withdrawn"), ("×", "Ends")),
    "edition": (("▦", "Front page"), ("▦", "Front page")),
    "dossier": (("❐", "Dossier"), ("❐", "Dossier")),
    "page": (("❏", "Page"), ("❏", "Page")),
    "due": (("◇", "Was due"), ("◇", "Due")),
}


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing in the calendar. `at`: None for what has a day only; `moves`: the article whose plan can be moved."""

    kind: str
    day: date
    at: datetime | None
    title: str
    url: str
    past: bool
    moves: int | None = None
    version: int = 0

    @property
    def shape(self) -> str:
        return KINDS[self.kind][0 if self.past else 1][0]

    @property
    def word(self) -> str:
        return KINDS[self.kind][0 if self.past else 1][1]


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    slips: list[Slip]
    # How many there are beyond `slips`.
    more: int
    past: bool
    today: bool
    outside: bool
    clocks: str


def days(first: date, count: int, user: Any, *, month: int | None = None, a_day: int = AT_MOST) -> list[Day]:
    """`count` days from `first` on, each with its `a_day` first slips; those outside of `month` are marked."""
    now, today = timezone.now(), timezone.localdate()
    by_day: dict[date, list[Slip]] = defaultdict(list)
    for slip in slips(first, first + timedelta(days=count), user, now):
        by_day[slip.day].append(slip)
    made = []
    for day in (first + timedelta(days=number) for number in range(count)):
        found = sorted(by_day[day], key=lambda slip: (slip.at is None, slip.at or now, slip.title))
        outside = month is not None and day.month != month
        more = max(0, len(found) - a_day)
        made.append(Day(day, found[:a_day], more, day < today, day == today, outside, _clocks(day)))
    return made


def slips(first: date, last: date, user: Any, now: datetime) -> Iterator[Slip]:
    """Everything from the day `first` up to, and without, `last`. One query a kind, however much there is."""
    begins, ends = midnight(first), midnight(last)
    yield from _versions(begins, ends, user, now)
    yield from _due(first, last, user)
    if user.has_perm("articles.publish_article"):
        ended = Article.objects.filter(published_at__isnull=False).only("headline", "withdrawn_at")
        yield from chain(_ends("article", ended, begins, ends, now), _editions(begins, ends, now))
    for kind, things, versions in (
        ("dossier", Dossier.objects.only("title", "withdrawn_at"), DossierVersion),
        ("page", Page.objects.only("headline", "withdrawn_at"), PageVersion),
    ):
        if user.has_perm(f"articles.view_{kind}"):
            yield from _standing(kind, versions, begins, ends, now)
            yield from _ends(kind, things, begins, ends, now)


def midnight(day: date) -> datetime:
    """When (UTC) `day` begins by the newsroom's clocks."""
    return datetime.combine(day, time(), timezone.get_current_timezone()).astimezone(UTC)


def _clocks(day: date) -> str:
    hours = midnight(day + timedelta(days=1)) - midnight(day)
    if hours == timedelta(days=1):
        return ""
    return "Clocks go back" if hours > timedelta(days=1) else "Clocks go forward"


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _versions(begins: datetime, ends: datetime, user: Any, now: datetime) -> Iterator[Slip]:
    found = Version.objects.filter(superseded_at=None, public_from__gte=begins, public_from__lt=ends)
    editor = user.has_perm("articles.publish_article")
    if not editor:
        # Of a writer's own what everybody may read.
        public = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gt=now)
        mine = Article.objects.filter(bylines__author__user=user.pk).values("pk")
        found = found.filter(public, public_from__lte=now, article__in=mine)
    found = found.select_related("article").only(
        "number", "public_from", "headline", "article__slug", "article__published_at", "article__upcoming",
        "article__withdrawn_at",
    )  # fmt: skip
    for version in found.order_by("public_from", "pk")[:AT_MOST]:
        article, past = version.article, version.public_from <= now
        gone = article.withdrawn_at is not None and article.withdrawn_at <= version.public_from
        if gone and not past:
            continue
        yield Slip(
            kind="first" if version.public_from == article.published_at else "change",
            day=_day(version.public_from),
            at=timezone.localtime(version.public_from),
            title=version.headline,
            url=reverse("admin:articles_article_change", args=[article.pk]) if editor else article.get_absolute_url(),
            past=past,
            moves=article.pk if editor and not past and article.upcoming_id == version.pk else None,
            version=version.number,
        )


def _due(first: date, last: date, user: Any) -> Iterator[Slip]:
    today = timezone.localdate()
    found = Article.objects.visible_to(user).filter(due_on__gte=first, due_on__lt=last)
    for article in found.only("headline", "due_on").order_by("due_on", "pk")[:AT_MOST]:
        if article.due_on is not None:
            url = reverse("admin:articles_article_change", args=[article.pk])
            yield Slip("due", article.due_on, None, str(article), url, past=article.due_on < today)


def _ends(kind: str, things: QuerySet[Any], begins: datetime, ends: datetime, now: datetime) -> Iterator[Slip]:
    found = things.filter(withdrawn_at__gte=begins, withdrawn_at__lt=ends)
    for thing in found.order_by("withdrawn_at", "pk")[:AT_MOST]:
        at = thing.withdrawn_at
        url = reverse(f"admin:articles_{kind}_{'change' if at <= now else 'end'}", args=[thing.pk])
        yield Slip("end", _day(at), timezone.localtime(at), str(thing), url, past=at <= now)


def _editions(begins: datetime, ends: datetime, now: datetime) -> Iterator[Slip]:
    found = HomepageEdition.objects.filter(superseded_at=None, public_from__gte=begins, public_from__lt=ends)
    for edition in found.only("number", "public_from").order_by("public_from")[:AT_MOST]:
        at = edition.public_from
        past = at <= now
        yield Slip("edition", _day(at), timezone.localtime(at), str(edition), reverse("admin:front_editions"), past)


def _standing(kind: str, versions: Any, begins: datetime, ends: datetime, now: datetime) -> Iterator[Slip]:
    """Of dossiers and of pages about the publication: what each version is of bears the name of its kind."""
    still = Q(**{f"{kind}__withdrawn_at": None}) | Q(**{f"{kind}__withdrawn_at__gt": F("public_from")})
    found = versions.objects.filter(still, public_from__gte=begins, public_from__lt=ends, superseded_at=None)
    found = found.select_related(kind)
    for version in found.defer("content").order_by("public_from")[:AT_MOST]:
        thing, at = getattr(version, kind), version.public_from
        url = reverse(f"admin:articles_{kind}_change", args=[thing.pk])
        yield Slip(kind, _day(at), timezone.localtime(at), str(thing), url, past=at <= now)
