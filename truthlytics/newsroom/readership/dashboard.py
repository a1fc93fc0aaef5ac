"""What the dashboard shows beside its charts: who reads now, and a link to the statistics that the user may see."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from truthlytics.newsroom.readership import access
from truthlytics.statistics.models import RecentRead
from truthlytics.web.users import User, user_of

MAX_ARTICLES = 5


@dataclass(frozen=True, slots=True)
class Live:
    """The people who opened articles in the last half hour, and the ids, headlines and people of the most read ones."""

    people: int
    most_read: list[tuple[int, str, int]]


def paths(site: AdminSite) -> list[URLPattern]:
    return [path("statistics/live/", site.admin_view(live_part), name="statistics_live")]


@require_safe
def live_part(request: HttpRequest) -> HttpResponse:
    """Return who reads now as a part of the dashboard, which fetches it again each minute."""
    if not access.may_see_all(user_of(request)):
        raise Http404("They see no statistics of all articles.")
    return render(request, "admin/dashboard/_live.html", {"live": live(timezone.now())})


def dashboard_for(user: User, now: datetime) -> dict[str, object]:
    """Return who reads now, and the address of the user's statistics: all, or their own. One query."""
    if access.may_see_all(user):
        return {"statistics_url": reverse("admin:statistics"), "live": live(now)}
    author = access.visible_authors(user).values_list("pk", flat=True).first()
    return {"statistics_url": reverse("admin:statistics_author", args=[author])} if author else {}


def live(now: datetime) -> Live:
    found = RecentRead.objects.most_read(now)
    return Live(sum(people for _pk, _headline, people in found), found[:MAX_ARTICLES])
