"""Narrowing the recipients of an issue: by subscription, by what they follow, and by their last login."""

from datetime import datetime
from typing import Any, NamedTuple, Self

from django.db.models import Exists, OuterRef, Q
from django.utils.dateparse import parse_datetime
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from subscriptions.models import Plan, Subscription
from truthlytics.newsletters.models import KINDS, Follow, Followed, names_of
from truthlytics.web.dates import local_date
from truthlytics.web.types import JsonObject


class Audience(NamedTuple):
    """Which recipients of a newsletter get an issue: those who meet every condition. Without any, all do.

    `plans` are ids, `is_unsubscribed` is for readers without a subscription: one of both suffices. `inactive_since`
    is for readers with an account who have not logged in since then.
    """

    plans: tuple[int, ...] = ()
    is_unsubscribed: bool = False
    followed: Followed | None = None
    inactive_since: datetime | None = None

    @classmethod
    def of(cls, stored: JsonObject | None) -> Self:
        """Return what `Issue.audience` has stored."""
        if not stored:
            return cls()
        kind, pk = stored["followed"] or ("", 0)
        return cls(
            tuple(stored["plans"]),
            stored["is_unsubscribed"],
            (kind, pk) if kind else None,
            parse_datetime(stored["inactive_since"] or ""),
        )

    @property
    def stored(self) -> JsonObject | None:
        """The value of `Issue.audience`; None for all recipients."""
        if self == Audience():
            return None
        since = self.inactive_since.isoformat() if self.inactive_since else None
        return self._asdict() | {"plans": sorted(self.plans), "inactive_since": since}

    def narrow(self, addresses: Any) -> Any:
        """Return those of the queryset `addresses` that meet the conditions. Nothing matches what no longer exists."""
        paying = Subscription.objects.live().exclude(status=Subscription.Status.PENDING)
        if self.plans or self.is_unsubscribed:
            chosen = Q(user__in=paying.filter(price__plan__in=self.plans).values("user"))
            if self.is_unsubscribed:
                chosen |= Q(user=None) | ~Q(user__in=paying.values("user"))
            addresses = addresses.filter(chosen)
        if self.followed is not None:
            name, pk = self.followed
            followers = Follow.objects.filter(**{f"{name}__in": KINDS[name].same_as(pk)}) if name in KINDS else None
            addresses = addresses.none() if followers is None else addresses.filter(pk__in=followers.values("address"))
        if self.inactive_since is not None:
            addresses = addresses.filter(
                Q(user__last_login=None) | Q(user__last_login__lt=self.inactive_since), user__isnull=False
            )
        return addresses

    def sentences(self, now: datetime) -> list[str]:
        """Return the conditions for the newsroom."""
        found = []
        names = [*Plan.objects.filter(pk__in=self.plans).values_list("name", flat=True)]
        names += [_("(deleted)")] * (len(self.plans) - len(names))
        if self.is_unsubscribed:
            names.append(_("without a subscription"))
        if names:
            found.append(_("Subscription: %(names)s") % {"names": get_text_list(names, _("or"))})
        if self.followed is not None:
            name = names_of([self.followed], now).get(self.followed, _("(deleted)"))
            found.append(_("Followers of %(name)s") % {"name": name})
        if self.inactive_since is not None:
            day = local_date(self.inactive_since, "j F Y")
            found.append(_("Not logged in since %(day)s") % {"day": day})
        return found


def plan_choices() -> list[tuple[str, str]]:
    """Return the plans that are sold or that readers have, and the choice of none. One query."""
    has_readers = Exists(Subscription.objects.live().filter(price__plan=OuterRef("pk")))
    plans = Plan.objects.filter(Q(archived_at=None) | Q(has_readers)).values_list("pk", "name")
    return [*((str(pk), name) for pk, name in plans), ("none", _("Without a subscription"))]


def followed_choices(now: datetime) -> list[tuple[str, Any]]:
    """Return what readers follow, as `author-3` with its name, in a group for each kind. One query for each."""
    groups: list[tuple[str, Any]] = []
    for name, kind in KINDS.items():
        is_followed = Exists(Follow.objects.filter(**{name: OuterRef("pk")}))
        names = kind.names(kind.model.objects.filter(is_followed).values(root=kind.root), now)
        rows = [(f"{name}-{pk}", text) for pk, text in sorted(names.items(), key=lambda row: row[1].casefold())]
        if rows:
            groups.append((str(kind.model._meta.verbose_name_plural).capitalize(), rows))
    return groups
