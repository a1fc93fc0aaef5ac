"""Access of a user, read from running grants."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, OuterRef, PositiveSmallIntegerField, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from subscriptions.access import NOBODY, Access
from subscriptions.models import Grant, User
from subscriptions.models.catalog import TierLevel

REGISTERED, STAFF = 1, 100


def access_for(user: User | AnonymousUser, now: datetime) -> Access:
    """Return the user's access at `now`: one indexed query, none for anonymous users.

    Staff with permission to view articles may read everything, which is checked for staff only. Other staff read what
    their grants allow, and may comment without a plan.
    """
    if not isinstance(user, User):
        return NOBODY
    if not user.is_active:
        return Access(level=0, may_comment=False, reason="no_plan")
    if user.is_staff and user.has_perm("articles.view_article"):
        return Access(level=STAFF, may_comment=True, reason="")
    verified = user.verified_at is not None
    grants = Grant.objects.running(now).filter(user=user.pk).order_by().values_list("level", "may_comment")
    level = max([REGISTERED if verified else 0, *(level for level, _ in grants)])
    if not verified:
        return Access(level=level, may_comment=False, reason="unverified")
    if user.is_staff or any(may_comment for _, may_comment in grants):
        return Access(level=level, may_comment=True, reason="")
    return Access(level=level, may_comment=False, reason="plan_without_comments" if grants else "no_plan")


def _staff(now: datetime) -> list[int]:
    """Return the ids of the staff with access to everything."""
    staff = User.objects.filter(is_staff=True, is_active=True)
    return [user.pk for user in staff if access_for(user, now).level == STAFF]


def has_level(path: str, level: int, now: datetime) -> Q:
    """Return the condition that `access_for` gives at least `level`: much cheaper than `level_of` for many users."""
    if level <= 0:
        return Q()
    running = Grant.objects.running(now).filter(level__gte=level).values("user")
    allowed = Q(**{f"{path}__in": _staff(now)}) | Q(**{f"{path}__in": running})
    if level <= REGISTERED:
        allowed |= Q(**{f"{path}__verified_at__isnull": False})
    return allowed & Q(**{f"{path}__is_active": True})


def level_of(path: str, now: datetime) -> Case:
    """Return an expression for the level of `access_for`, for queries about many users.

    `path` leads from the row of the query to its user, such as "user"; rows without one have level 0. It is "" for
    users themselves. One query finds the staff with access to everything.
    """
    staff = _staff(now)
    key, before = (f"{path}_id", f"{path}__") if path else ("id", "")
    running = Grant.objects.running(now).filter(user=OuterRef(key)).order_by("-level").values("level")[:1]
    verified = Case(When(**{f"{before}verified_at__isnull": False}, then=Value(REGISTERED)), default=Value(0))
    return Case(
        When(**{f"{key}__isnull": True}, then=Value(0)),
        When(**{f"{before}is_active": False}, then=Value(0)),
        When(**{f"{key}__in": staff}, then=Value(STAFF)),
        default=Greatest(Coalesce(Subquery(running), Value(0)), verified),
        output_field=PositiveSmallIntegerField(),
    )


def supporters_among(user_ids: Collection[int], now: datetime) -> set[int]:
    """Return which of these users have access at the level of supporters, in one query."""
    supporters = Grant.objects.running(now).filter(user__in=user_ids, level__gte=TierLevel.SUPPORTER)
    return set(supporters.order_by().values_list("user", flat=True))
