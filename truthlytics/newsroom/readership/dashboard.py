"""What the dashboard shows beside its charts: who reads now, and a link to the statistics that the user may see."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from articles.models import Article
from truthlytics.newsroom.readership import access
from truthlytics.statistics.models import RecentRead
from truthlytics.web.users import User

MAX_ARTICLES = 5


@dataclass(frozen=True, slots=True)
class Live:
    """The people who opened articles in the last half hour, and the articles with most of them."""

    people: int
    most_read: list[tuple[Article, int]]


def dashboard_for(user: User, now: datetime) -> dict[str, object]:
    """Return who reads now, and the address of the user's statistics: all, or their own. At most two queries."""
    if access.may_see_all(user):
        return {"statistics_url": reverse("admin:statistics"), "live": live(now)}
    author = access.visible_authors(user).values_list("pk", flat=True).first()
    return {"statistics_url": reverse("admin:statistics_author", args=[author])} if author else {}


def live(now: datetime) -> Live:
    found = RecentRead.objects.most_read(now)
    most = found[:MAX_ARTICLES]
    articles = Article.objects.only("headline").in_bulk([pk for pk, _people in most])
    return Live(sum(people for _pk, people in found), [(articles[pk], people) for pk, people in most if pk in articles])
