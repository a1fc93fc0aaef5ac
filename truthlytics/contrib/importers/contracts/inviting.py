"""Personal links for readers who pay in an account that is not ours: they continue at the price that they know."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from subscriptions.models import Coupon, Price, Subscription, User
from subscriptions.services.moving import reasons_to_keep
from subscriptions.services.old_prices import Offer, link_to, make_offer
from truthlytics.contrib.importers.contracts.models import MovedContract
from truthlytics.newsletters.models import Address, DeletedAddress
from truthlytics.newsletters.models.addresses import digests_of


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a reader can continue with, and until when they have paid in the other system."""

    row: MovedContract
    user: User
    offer: Offer
    paid_until: datetime

    @property
    def link(self) -> str:
        return link_to(self.offer.coupon, self.offer.price)


def personal_links() -> Iterator[tuple[str, str, str]]:
    """Return address, link and amount of each reader who has not used theirs, for an email of another system."""
    for invitation in _invitations(_rows()):
        yield invitation.user.email, invitation.link, str(invitation.offer.amount)


def recipients(user: User | None = None) -> list[Invitation]:
    """Return who gets the email with their link: all, or `user` if they do. The number of queries is constant.

    Left out are those who got it before, have closed their account, cancelled or left, have ended all their
    newsletters, turned emails off, or have bought something here since.
    """
    rows, digests = _rows().filter(user__is_active=True, user__deleted_at=None), DeletedAddress.objects.all()
    if user is not None:
        rows, digests = rows.filter(user=user), digests.of(user.email)
    kept = reasons_to_keep(rows.order_by().values("subscription"))
    users = User.objects.filter(pk__in=rows.order_by().values("user"))
    left = _who_left(users)
    deleted = set(digests.values_list("digest", flat=True))
    return [
        invitation
        for invitation in _invitations(rows)
        if invitation.row.subscription_id not in kept
        and invitation.user.email.lower() not in left
        and deleted.isdisjoint(digests_of(invitation.user.email))
    ]


def _rows() -> QuerySet[MovedContract]:
    """Return what was moved from another account, and is still paid there."""
    live = Subscription.objects.live().filter(cancel_at=None, provider_ref="")
    rows = MovedContract.objects.done().filter(action=MovedContract.Action.ACCESS, subscription__in=live)
    return rows.exclude(user=None).select_related("user", "subscription__price__plan")


def _invitations(rows: QuerySet[MovedContract]) -> Iterator[Invitation]:
    """Yield those of `rows` who have a coupon that they have not used, for a price that is on sale."""
    unused = Coupon.objects.filter(reader__isnull=False, archived_at=None, uses=0)
    coupons = {coupon.reader_id: coupon for coupon in unused.filter(reader__in=rows.order_by().values("user"))}
    on_sale = {_period(price): price for price in Price.objects.current().select_related("plan")}
    for row in rows:
        coupon = coupons.get(row.user_id)
        if row.subscription is None or row.user is None or coupon is None:
            continue
        if (price := on_sale.get(_period(row.subscription.price))) is not None:
            yield Invitation(row, row.user, make_offer(coupon, price), row.subscription.period_end)


def _period(price: Price) -> tuple[int, str, str, int]:
    """Return what a price and its successor have in common."""
    return price.plan_id, price.currency, price.interval, price.count


def _who_left(users: QuerySet[User]) -> set[str]:
    """Return the addresses of those who have ended all newsletters that they had, or get no emails."""
    emails = users.order_by().values(lower=Lower("email"))
    known = Address.objects.alias(lower=Lower("email")).filter(Q(user__in=users) | Q(lower__in=emails))
    known = known.annotate(all=Count("sign_ups"), active=Count("sign_ups", filter=Q(sign_ups__ended_at=None)))
    found = known.filter(Q(suppressed_at__isnull=False) | Q(all__gt=0, active=0)).select_related("user")
    return {email.lower() for address in found for email in (address.email, address.user.email if address.user else "")}
