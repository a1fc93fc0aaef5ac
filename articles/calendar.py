"""Published and scheduled content by day, as far as the user may see it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article, Dossier, DossierVersion, HomepageEdition, Page, PageVersion, Version
from truthlytics.web.text import split_words
from truthlytics.web.types import AnyRows
from truthlytics.web.users import User

# Per kind; more than a page can show.
MAX_EVENTS = 400

# Symbol and label of past and of future events.
KINDS = {
    "first": (("●", gettext_lazy("Published")), ("◷", gettext_lazy("Scheduled"))),
    "change": (("◐", gettext_lazy("Updated")), ("◐", gettext_lazy("Update"))),
    "end": (("×", gettext_lazy("Withdrawn")), ("×", gettext_lazy("Removal"))),
    "edition": (("▦", gettext_lazy("Front page")), ("▦", gettext_lazy("Front page"))),
    "dossier": (("❐", gettext_lazy("Dossier")), ("❐", gettext_lazy("Dossier"))),
    "page": (("❏", gettext_lazy("Page")), ("❏", gettext_lazy("Page"))),
    "due": (("◇", gettext_lazy("Was due")), ("◇", gettext_lazy("Due"))),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A calendar entry. `at` is None if it only has a date.

    `article_to_move` is the primary key of the article if the event can be rescheduled, `version` the number of its
    scheduled version.
    """

    kind: str
    day: date
    at: datetime | None
    title: str
    url: str
    past: bool
    article_to_move: int | None = None
    version: int = 0

    @property
    def symbol(self) -> str:
        return KINDS[self.kind][0 if self.past else 1][0]

    @property
    def label(self) -> str:
        return str(KINDS[self.kind][0 if self.past else 1][1])


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar. `more` is the number of events beyond `events`; `outside` marks adjacent months."""

    date: date
    events: list[Event]
    more: int
    past: bool
    today: bool
    outside: bool
    clock_change: str


def days(
    first: date, count: int, user: User, *, month: int | None = None, events_per_day: int = MAX_EVENTS
) -> list[Day]:
    """Return `count` days starting with `first`, each with its first `events_per_day` events."""
    now, today = timezone.now(), timezone.localdate()
    by_day: dict[date, list[Event]] = defaultdict(list)
    for event in events_between(first, first + timedelta(days=count), user, now):
        by_day[event.day].append(event)
    result = []
    for day in (first + timedelta(days=offset) for offset in range(count)):
        events = sorted(by_day[day], key=lambda event: (event.at is None, event.at or now, event.title))
        result.append(
            Day(
                date=day,
                events=events[:events_per_day],
                more=max(0, len(events) - events_per_day),
                past=day < today,
                today=day == today,
                outside=month is not None and day.month != month,
                clock_change=_clock_change(day),
            )
        )
    return result


def events_between(first: date, end: date, user: User, now: datetime) -> Iterator[Event]:
    """Iterate over the events from `first` until before `end`. One query per kind."""
    start_at, schedule_expiry = midnight(first), midnight(end)
    yield from _versions(start_at, schedule_expiry, user, now)
    yield from _due_dates(first, end, user)
    if user.has_perm("articles.publish_article"):
        published = Article.objects.filter(published_at__isnull=False).only("headline", "withdrawn_at")
        yield from chain(
            _withdrawals("article", published, start_at, schedule_expiry, now),
            _editions(start_at, schedule_expiry, now),
        )
    for kind, objects, versions in (
        ("dossier", Dossier.objects.only("title", "withdrawn_at"), DossierVersion),
        ("page", Page.objects.only("headline", "withdrawn_at"), PageVersion),
    ):
        if user.has_perm(f"articles.view_{kind}"):
            yield from _publishable_versions(kind, versions, start_at, schedule_expiry, now)
            yield from _withdrawals(kind, objects, start_at, schedule_expiry, now)


def midnight(day: date) -> datetime:
    """Return the UTC time at which `day` begins in the publication's time zone."""
    return datetime.combine(day, time(), timezone.get_current_timezone()).astimezone(UTC)


def _clock_change(day: date) -> str:
    length = midnight(day + timedelta(days=1)) - midnight(day)
    if length == timedelta(days=1):
        return ""
    return _("Clocks go back") if length > timedelta(days=1) else _("Clocks go forward")


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _versions(start_at: datetime, schedule_expiry: datetime, user: User, now: datetime) -> Iterator[Event]:
    versions = Version.objects.filter(superseded_at=None, public_from__gte=start_at, public_from__lt=schedule_expiry)
    editor = user.has_perm("articles.publish_article")
    if not editor:
        # Authors see the published versions of their own articles.
        public = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gt=now)
        own = Article.objects.filter(bylines__author__user=user.pk).values("pk")
        versions = versions.filter(public, public_from__lte=now, article__in=own)
    versions = versions.select_related("article").only(
        *split_words(
            "number public_from headline article__slug article__published_at article__upcoming article__withdrawn_at"
        )
    )
    for version in versions.order_by("public_from", "pk")[:MAX_EVENTS]:
        article, past = version.article, version.public_from <= now
        expired = article.withdrawn_at is not None and article.withdrawn_at <= version.public_from
        if expired and not past:
            continue
        movable = editor and not past and article.upcoming_id == version.pk
        yield Event(
            kind="first" if version.public_from == article.published_at else "change",
            day=_day(version.public_from),
            at=timezone.localtime(version.public_from),
            title=version.headline,
            url=reverse("admin:articles_article_change", args=[article.pk]) if editor else article.get_absolute_url(),
            past=past,
            article_to_move=article.pk if movable else None,
            version=version.number,
        )


def _due_dates(first: date, end: date, user: User) -> Iterator[Event]:
    today = timezone.localdate()
    articles = Article.objects.visible_to(user).filter(due_on__gte=first, due_on__lt=end)
    for article in articles.only("headline", "due_on").order_by("due_on", "pk")[:MAX_EVENTS]:
        if article.due_on is not None:
            url = reverse("admin:articles_article_change", args=[article.pk])
            yield Event("due", article.due_on, None, str(article), url, past=article.due_on < today)


def _withdrawals(
    kind: str, objects: AnyRows, start_at: datetime, schedule_expiry: datetime, now: datetime
) -> Iterator[Event]:
    withdrawn = objects.filter(withdrawn_at__gte=start_at, withdrawn_at__lt=schedule_expiry)
    for obj in withdrawn.order_by("withdrawn_at", "pk")[:MAX_EVENTS]:
        at = obj.withdrawn_at
        url = reverse(f"admin:articles_{kind}_{'change' if at <= now else 'end'}", args=[obj.pk])
        yield Event("end", _day(at), timezone.localtime(at), str(obj), url, past=at <= now)


def _editions(start_at: datetime, schedule_expiry: datetime, now: datetime) -> Iterator[Event]:
    editions = HomepageEdition.objects.filter(
        superseded_at=None, public_from__gte=start_at, public_from__lt=schedule_expiry
    )
    for edition in editions.only("number", "public_from").order_by("public_from")[:MAX_EVENTS]:
        at = edition.public_from
        url = reverse("admin:front_editions")
        yield Event("edition", _day(at), timezone.localtime(at), str(edition), url, past=at <= now)


def _publishable_versions(
    kind: str,
    versions: type[DossierVersion | PageVersion],
    start_at: datetime,
    schedule_expiry: datetime,
    now: datetime,
) -> Iterator[Event]:
    """Iterate over versions of dossiers or pages. The foreign key to the dossier or page is named `kind`."""
    not_expired = Q(**{f"{kind}__withdrawn_at": None}) | Q(**{f"{kind}__withdrawn_at__gt": F("public_from")})
    found = versions.objects.filter(
        not_expired, public_from__gte=start_at, public_from__lt=schedule_expiry, superseded_at=None
    ).select_related(kind)
    for version in found.defer("content").order_by("public_from")[:MAX_EVENTS]:
        obj, at = getattr(version, kind), version.public_from
        url = reverse(f"admin:articles_{kind}_change", args=[obj.pk])
        yield Event(kind, _day(at), timezone.localtime(at), str(obj), url, past=at <= now)
