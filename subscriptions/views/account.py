"""The reader's account: subscription, payments, display name."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.forms import NameForm
from subscriptions.models import Coupon, Gift, Grant, NameChange, Order, Payment, Redemption, Subscription, User
from subscriptions.services import undoing, withdrawals
from subscriptions.services.names import needs_review
from subscriptions.services.plan_change import token_for
from subscriptions.services.taxation import profile_of
from subscriptions.tax import Buyer, is_computed_here
from truthlytics.publication import get_publication
from truthlytics.web import budgets
from truthlytics.web.rate_limits import allow

# Payments on the account page.
SHOWN = 5


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show the state of the subscription in one sentence, what can be done about it, and the last payments."""
    now, reader = timezone.now(), _reader(request)
    subscription = Subscription.objects.live_of(reader)
    if subscription is not None and subscription.is_over(now):
        subscription, past = None, subscription
    elif subscription is None:
        past = Subscription.objects.ended_or_overdue(now).filter(user=reader).first()
    else:
        past = None
    payments = list(Payment.objects.listed_for(reader).order_by("-recorded_at", "-pk")[: SHOWN + 1])
    has_billing = is_computed_here() or bool(get_publication().country)
    billing = profile_of(reader) if has_billing else None
    context = {
        "has_billing": has_billing,
        "billing": billing,
        "buyer": billing.buyer if billing is not None else Buyer(),
        "subscription": subscription,
        "past": past,
        "now": now,
        "grant": None if subscription else _other_access(reader, now),
        "reads_until": _reads_until(subscription, now) if subscription else None,
        "is_discounted": subscription is not None and subscription.renews and _has_discount(reader),
        "change_token": token_for(subscription) if subscription is not None and subscription.next_price_id else "",
        "open_order": Order.objects.for_subscription().filter(user=reader, status=Order.Status.OPEN).first(),
        "payments": payments[:SHOWN],
        "has_more_payments": len(payments) > SHOWN,
        "contracts": withdrawals.contracts_of(reader, now),
        "declarations": undoing.to_show(reader, now),
        "has_gifts": Gift.objects.of(reader).exists(),
        "name_change": NameChange.objects.filter(user=reader).first(),
        "strangers": budgets.strangers_at(reader.email),
        "returned": bool(request.GET.get("returned")) and subscription is not None and subscription.has_contract,
    }
    return render(request, "subscriptions/account.html", context)


def _other_access(reader: User, now: datetime) -> Grant | None:
    """Return the longest access without a subscription."""
    return Grant.objects.running(now).filter(user=reader, subscription=None).order_by("-ends_at").first()


def _reads_until(subscription: Subscription, now: datetime) -> datetime | None:
    """Return the end of access if it is not that of the paid period: renewal unpaid, or a gift follows."""
    grants = Grant.objects.filter(user=subscription.user_id, revoked_at=None, ends_at__gt=now).order_by("-ends_at")
    if subscription.is_past_due:
        last = grants.filter(subscription=subscription).first()
    elif subscription.cancel_at is not None:
        last = grants.filter(subscription=None, starts_at__lte=subscription.cancel_at).first()
        last = last if last and last.ends_at > subscription.cancel_at else None
    else:
        last = None
    return last.ends_at if last else None


def _has_discount(reader: User) -> bool:
    """Return whether a coupon may still reduce the next payment; only the provider knows by how much."""
    used = Redemption.objects.filter(user=reader, state=Redemption.State.USED)
    return used.exclude(coupon__duration=Coupon.Duration.ONCE).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def name(request: HttpRequest) -> HttpResponse:
    """Change the display name. A reader who has written comments asks for it, and a moderator decides."""
    user = User.objects.get(pk=_reader(request).pk)
    form = NameForm(request.POST or None, instance=user)
    status = 200
    if request.method == "POST" and form.is_valid():
        if allow(request, "name", per_account=10, per_address=40, seconds=3600):
            new_name = form.cleaned_data["display_name"]
            if form.apply():
                messages.success(request, _("Your display name is now “%(name)s”.") % {"name": new_name})
            else:
                messages.info(request, _("A moderator will check the name “%(name)s”.") % {"name": new_name})
            return redirect("subscriptions:account")
        form.add_error("display_name", _("You have changed your name too often. Please try again in an hour."))
        status = 429
    context = {"form": form, "change": NameChange.objects.filter(user=user).first(), "needs_review": needs_review(user)}
    status = 422 if form.errors and status == 200 else status
    return render(request, "subscriptions/name.html", context, status=status)


def _reader(request: HttpRequest) -> User:
    """Return the logged-in user; views here require login."""
    return cast(User, request.user)
