"""After which articles people subscribed, and what was not counted as people."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, GiftLink, Redirect, Version
from subscriptions import reports
from truthlytics.newsroom.article_lookup import versions_at
from truthlytics.newsroom.readership.periods import Period, Unit
from truthlytics.statistics.models import AgentDay, NotCounted, SourceDayQuerySet
from truthlytics.statistics.source_figures import shown_name

MAX_ORDERS = 10


def are_known(period: Period, today: date, *, by_article: bool) -> bool:
    """Return whether the sources of a period are stored: those of single articles only by month."""
    if period.unit in (Unit.MONTH, Unit.YEAR):
        return True
    return not by_article and period.first >= (today - SourceDayQuerySet.kept).replace(day=1)


class Orders(NamedTuple):
    """Paid orders of readers who came from an article. `version` is None if it is not public."""

    path: str
    version: Version | None
    orders: int


def orders(first: date, last: date) -> list[Orders]:
    """Return the articles after which most readers subscribed. At most four queries."""
    rows = reports.orders_by_article(start=_midnight(first), end=_midnight(last + timedelta(days=1)), limit=MAX_ORDERS)
    versions = versions_at((path for path, _orders in rows), timezone.now())
    return [Orders(path, versions.get(path), number) for path, number in rows]


def orders_of(article: Article) -> int:
    """Return how many paid orders came from `article`, at any of its addresses. Two queries."""
    old = Redirect.objects.filter(article=article, query="").values_list("path", flat=True)
    paths = {article.get_absolute_url(), *(f"{path.rstrip('/')}/" for path in old), *old}
    return reports.orders_from(paths)


class Gifts(NamedTuple):
    links: int
    opens: int


def gifts_of(article: Article) -> Gifts:
    links = GiftLink.objects.filter(article=article)
    return Gifts(links.count(), links.aggregate(sum=Sum("opens"))["sum"] or 0)


class LeftOut(NamedTuple):
    """What was not counted as people: agents with their kind and requests, and reasons with theirs."""

    agents: list[tuple[str, str, int]]
    reasons: list[tuple[str, int]]


def left_out(first: date, last: date) -> LeftOut:
    """Return all agents and reasons of these days, most requests first. Two queries."""
    agents = AgentDay.objects.filter(day__gte=first, day__lte=last).order_by().values_list("name", "kind")
    reasons = NotCounted.objects.filter(day__gte=first, day__lte=last).order_by().values_list("reason")
    return LeftOut(
        [
            (shown_name(name), _label(kind), number)
            for name, kind, number in agents.annotate(sum=Sum("requests")).order_by("-sum", "name")
        ],
        [
            (str(NotCounted.Reason(reason).label), number)
            for reason, number in reasons.annotate(sum=Sum("requests")).order_by("-sum", "reason")
        ],
    )


def _label(kind: str) -> str:
    names = {
        "assistant": _("Assistant"),
        "search": _("Search engine"),
        "training": _("Training of AI"),
        "preview": _("Link preview"),
        "feed": _("Feed reader"),
    }
    return names.get(kind, _("Other program"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
