"""Access of a user, read from running grants."""

from collections.abc import Collection
from datetime import datetime
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, ExpressionWrapper, F

from subscriptions.access import NOBODY, Access
from subscriptions.models import Grant, User
from subscriptions.models.catalog import TierLevel
from truthlytics.web.compiled_queries import CompiledQuery, id_names, pad_ids

REGISTERED, STAFF = 1, 100
running = CompiledQuery(
    lambda user, now: Grant.objects.running(now).filter(user=user).order_by().values_list("level", "may_comment"),
    "user",
    "now",
)


def access_for(user: User | AnonymousUser, now: datetime) -> Access:
    """Return the user's access at `now`: one indexed query, none for anonymous users.

    Staff with permission to view articles may read everything. The permission is checked for staff only.
    """
    if not isinstance(user, User):
        return NOBODY
    if not user.is_active:
        return Access(level=0, may_comment=False, reason="no_plan")
    if user.is_staff and user.has_perm("articles.view_article"):
        return Access(level=STAFF, may_comment=True, reason="")
    verified = user.verified_at is not None
    grants = running(user.pk, now)
    level = max([REGISTERED if verified else 0, *(level for level, _ in grants)])
    if not verified:
        return Access(level=level, may_comment=False, reason="unverified")
    if any(may_comment for _, may_comment in grants):
        return Access(level=level, may_comment=True, reason="")
    return Access(level=level, may_comment=False, reason="plan_without_comments" if grants else "no_plan")


def supporters_among(user_ids: Collection[int], now: datetime) -> set[int]:
    """Return which of these users have access at the level of supporters, in one query."""
    ids = pad_ids(user_ids)
    return {pk for (pk,) in _supporters_query(len(ids))(now, *ids)} if ids else set()


@cache
def _supporters_query(count: int) -> CompiledQuery:
    # Cast to a number: a lookup on the foreign key itself would not accept query parameters.
    by_number = Grant.objects.alias(number=ExpressionWrapper(F("user"), BigIntegerField()))
    supporters = by_number.filter(level__gte=TierLevel.SUPPORTER).order_by()
    return CompiledQuery(
        lambda now, *ids: supporters.running(now).filter(number__in=ids).values_list("user"),
        "now",
        *id_names(count),
    )
