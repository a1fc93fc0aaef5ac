"""Newsletters for programs. `openapi.json` is what was published about the address."""

from collections import defaultdict
from collections.abc import Mapping

from django.urls import path

from articles.access import ReaderRequest
from subscriptions.models import User
from truthlytics.api.endpoints import endpoint
from truthlytics.api.pages import items
from truthlytics.api.presenters import level_name, named
from truthlytics.api.schemas import ACCESS, NAMED_LIST, Schema, list_of, text
from truthlytics.newsletters.models import Newsletter, SignUp
from truthlytics.web.types import JsonObject

NEWSLETTER = Schema(
    "Newsletter",
    "A newsletter that readers can sign up for.",
    {
        **NAMED_LIST,
        "access": ACCESS,
        "schedule": text("How often a digest is sent; empty if none is.", enum=["", "daily", "weekly"]),
    },
)
# Of readers.
OF_READER = list_of(text("A slug."), "The newsletters that it gets, unless its address is turned off.")


@endpoint("List the newsletters", NEWSLETTER, many=True, depends_on=["newsletters"])
def newsletters(request: ReaderRequest) -> JsonObject:
    return items(
        named(row, text=row.description) | {"access": level_name(row.required_level), "schedule": row.schedule}
        for row in Newsletter.objects.offered()
    )


def of_readers(users: list[User]) -> Mapping[int, list[str]]:
    """Return the slugs of the newsletters that accounts get. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    sign_ups = SignUp.objects.active().filter(address__user__in=users, address__suppressed_at=None)
    for user, slug in sign_ups.values_list("address__user", "newsletter__slug").order_by("newsletter__slug"):
        found[user].append(slug)
    return {user.pk: found[user.pk] for user in users}


urlpatterns = [path("v1/newsletters", newsletters, name="newsletters")]
