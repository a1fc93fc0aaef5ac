"""Contracts that were concluded in another system and continue here. No email is sent, and no money is recorded.

What was paid before is in the books of the other system; here it is only access.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from subscriptions import states
from subscriptions.display_names import NAME_LENGTH, clean_display_name
from subscriptions.models import (
    BillingProfile,
    Coupon,
    Declaration,
    Grant,
    Order,
    OrderLine,
    Payment,
    Price,
    ProviderCustomer,
    SentEmail,
    Subscription,
    SubscriptionChange,
    User,
)
from subscriptions.services.lifecycle import PAYING, PROCESSING_TIME

EVENT, ACTOR = "moved", "import"
# The email with the personal link of a reader who paid in another account.
LINK_EMAIL = "old_price"


class CannotMove(Exception):
    """The contract can't be moved. The text says why."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What a reader has bought in another system: `price` until `end`, and what follows.

    `key` is its name there. `began_at` is when the contract was concluded. With a `provider_ref`, its provider renews
    it from `end` on; without, the reader pays for the next period by transfer, unless `cancel_at` is set.
    """

    key: str
    source: str
    price: Price
    status: str
    began_at: datetime
    start: datetime
    end: datetime
    provider: str = "manual"
    provider_ref: str = ""
    customer_ref: str = ""
    cancel_at: datetime | None = None
    trial_days: int = 0
    books_since: datetime | None = None
    country: str = ""
    vat_id: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The subscription, and what was created beside it."""

    subscription: Subscription
    new_customer: bool
    new_profile: bool


def account_for(*, email: str, name: str) -> tuple[User, bool]:
    """Return the account with this address, and whether it is new: unverified, and without a password."""
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        return known, False
    try:
        shown = clean_display_name(name[:NAME_LENGTH])
    except ValidationError:
        shown = _("Reader")
    user = User(email=email.lower(), display_name=shown)
    user.set_unusable_password()
    user.save()
    return user, True


@transaction.atomic
def take_over(*, user: User, paid: Paid, order_uuid: UUID, now: datetime) -> Moved:
    """Continue a contract here, once for each `key`: its order, subscription and access.

    Raises CannotMove if the reader has a subscription here, or another customer at the provider.
    """
    if not user.is_active:
        raise CannotMove(_("The account is closed."))
    new_customer = new_profile = False
    if paid.provider_ref:
        new_customer = _keep_customer(user, paid)
        new_profile = _keep_billing(user, paid)
        _order(user, paid, order_uuid)
    try:
        with transaction.atomic():
            subscription = _subscription(user, paid)
    except IntegrityError:
        raise CannotMove(_("The reader has a subscription here, and is probably paying twice.")) from None
    _give_access(subscription, paid, now)
    _log(subscription, paid, now)
    return Moved(subscription, new_customer, new_profile)


def _keep_customer(user: User, paid: Paid) -> bool:
    customer = {"provider": paid.provider, "user": user, "ref": paid.customer_ref}
    if ProviderCustomer.objects.filter(**customer).exists():
        return False
    try:
        with transaction.atomic():
            ProviderCustomer.objects.create(**customer)
    except IntegrityError:
        raise CannotMove(_("The reader has another customer at Stripe here, or the customer another reader.")) from None
    return True


def _keep_billing(user: User, paid: Paid) -> bool:
    details = {"country": paid.country[:2], "vat_id": paid.vat_id.replace(" ", "").upper()[:20]}
    if not any(details.values()):
        return False
    return BillingProfile.objects.get_or_create(user=user, defaults=details)[1]


def _order(user: User, paid: Paid, uuid: UUID) -> Order:
    """Record what the contract is, in the place of an order that was never placed here."""
    terms = _("Concluded in another system (%(source)s), with its terms.") % {"source": paid.source}
    order = Order.objects.create(
        uuid=uuid, user=user, kind=Order.Kind.MOVED, status=Order.Status.PAID, placed_at=paid.began_at,
        paid_at=paid.began_at, subtotal_minor=paid.price.minor, total_minor=paid.price.minor,
        currency=paid.price.currency, renews=True, trial_days=paid.trial_days, provider=paid.provider,
        consent_text=terms, consented_at=paid.began_at,
    )  # fmt: skip
    order.copy_billing(BillingProfile.objects.filter(user=user).first())
    order.number = f"{paid.began_at.year}-{order.pk:05d}"
    order.save()
    OrderLine.objects.create(
        order=order,
        price=paid.price,
        description=paid.price.description,
        total_minor=paid.price.minor,
        currency=paid.price.currency,
    )
    return order


def _subscription(user: User, paid: Paid) -> Subscription:
    return Subscription.objects.create(
        user=user,
        price=paid.price,
        provider=paid.provider,
        provider_ref=paid.provider_ref,
        status=paid.status,
        anchor=paid.began_at,
        period_start=paid.start,
        period_end=paid.end,
        cancel_at=paid.cancel_at,
        past_due_since=paid.end if paid.status == states.PAST_DUE else None,
        books_since=paid.books_since,
    )


def _give_access(subscription: Subscription, paid: Paid, now: datetime) -> None:
    """Give access for the paid period, or while the provider retries a renewal that failed."""
    source, start, end = Grant.Source.MOVED, paid.start, paid.end
    if paid.status == states.PAST_DUE:
        source, start, end = Grant.Source.GRACE, paid.end, paid.end + timedelta(days=settings.GRACE_DAYS)
    elif paid.cancel_at is None:
        end += PROCESSING_TIME
    tier = paid.price.plan.tier
    if end > now:
        Grant.objects.create(
            user=subscription.user,
            level=tier.level,
            may_comment=tier.may_comment,
            starts_at=start,
            ends_at=end,
            source=source,
            source_key=paid.key[:100],
            subscription=subscription,
        )


def _log(subscription: Subscription, paid: Paid, now: datetime) -> None:
    SubscriptionChange.objects.create(
        subscription=subscription,
        at=now,
        event=EVENT,
        was=states.PENDING,
        became=subscription.status,
        mrr_minor=paid.price.monthly_minor if paid.status in PAYING else 0,
        currency=paid.price.currency,
        actor=ACTOR,
        note=paid.source[:200],
    )


def why_kept(subscription: Subscription) -> str:
    """Return what has happened since a contract was moved, so that it stays; "" if nothing has."""
    return reasons_to_keep([subscription.pk]).get(subscription.pk, "")


def reasons_to_keep(ids: Any) -> dict[int, str]:
    """Return what has happened to these subscriptions since they were moved, of those to which anything has.

    `ids` are a list or a subquery. Five queries.
    """
    sent = SentEmail.objects.filter(kind=LINK_EMAIL, user=OuterRef("user"))
    invited = Subscription.objects.filter(Exists(sent), pk__in=ids).values_list("pk", flat=True)
    steps = SubscriptionChange.objects.exclude(actor=ACTOR)
    grants = Grant.objects.exclude(source__in=(Grant.Source.MOVED, Grant.Source.GRACE))
    payments = Payment.objects.exclude(status=Payment.Status.FAILED)
    reasons: list[tuple[Any, str]] = [
        (payments, _("it has been charged since")),
        (Declaration.objects.all(), _("its reader has sent a declaration")),
        (steps, _("its status has changed since")),
        (grants, _("access was added since")),
    ]
    found: dict[int, str] = dict.fromkeys(invited, _("its reader was sent their personal link"))
    for others, reason in reversed(reasons):
        found |= dict.fromkeys(others.filter(subscription__in=ids).values_list("subscription", flat=True), reason)
    return found


@transaction.atomic
def give_back(*, subscription: Subscription, order_uuid: UUID, new_customer: bool, new_profile: bool) -> None:
    """Remove what `take_over` has created. Callers ask `why_kept` first. The account stays."""
    user = subscription.user
    subscription.changes.all().delete()
    subscription.grants.all().delete()
    subscription.payments.all().delete()
    Order.objects.filter(uuid=order_uuid).delete()
    if new_customer:
        ProviderCustomer.objects.filter(provider=subscription.provider, user=user).delete()
    subscription.delete()
    if new_profile:
        BillingProfile.objects.filter(user=user).delete()
    Coupon.objects.filter(reader=user, uses=0, orders=None, redemptions=None).delete()


def forget_account(user: User) -> bool:
    """Delete an account that only the move has created. Returns False if anything else belongs to it by now."""
    unused = User.objects.filter(pk=user.pk, last_login=None, verified_at=None, is_staff=False)
    related = (relation for relation in User._meta.related_objects if relation.related_name != "+")
    for relation in related:
        if relation.related_model._base_manager.filter(**{relation.field.name: user.pk}).exists():
            return False
    return bool(unused.delete()[0])
