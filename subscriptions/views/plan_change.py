"""Change the plan or the card of a subscription that its provider renews."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from subscriptions.models import Price, Subscription
from subscriptions.providers import ProviderError, provider_named
from subscriptions.services import plan_change
from subscriptions.services.sync import sync_subscription
from subscriptions.services.taxation import buyer_of
from truthlytics.web.ids import parse_id
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change(request: HttpRequest) -> HttpResponse:
    """List the prices that the reader can change to. POST takes a change at the next renewal back."""
    subscription = Subscription.objects.live_of(user_of(request))
    if subscription is None or not subscription.has_contract:
        messages.info(request, _("Choose the plan that you’d like to continue with."))
        return redirect("subscriptions:plans")
    if request.method == "POST":
        return _apply(request, subscription, subscription.price, at_renewal=True)
    context = {
        "subscription": subscription,
        "refusal": plan_change.refusal(subscription, timezone.now()),
        "prices": plan_change.choices(subscription),
        "token": plan_change.token_for(subscription),
        "buyer": buyer_of(subscription.user),
    }
    return render(request, "subscriptions/change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change_to(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what changing to a price costs. POST changes to it, `when` is "renewal" or "now"."""
    subscription = Subscription.objects.live_of(user_of(request))
    if subscription is None or not subscription.has_contract:
        return redirect("subscriptions:change")
    prices = Price.objects.filter(currency=subscription.price.currency).select_related("plan")
    price = get_object_or_404(prices, pk=parse_id(pk))
    if request.method == "POST":
        return _apply(request, subscription, price, at_renewal=request.POST.get("when") != "now")
    if not price.on_sale:
        messages.error(request, _("This price is no longer available."))
        return redirect("subscriptions:change")
    if plan_change.refusal(subscription, timezone.now()) or price.pk == subscription.upcoming_price.pk:
        return redirect("subscriptions:change")
    option = plan_change.option(subscription, price, ask=_may_ask(request))
    context = {"subscription": subscription, "option": option, "buyer": buyer_of(subscription.user)}
    return render(request, "subscriptions/change_to.html", context)


def _may_ask(request: HttpRequest) -> bool:
    """Return whether the provider is asked what the change costs: not too often, nor if that can't be counted."""
    try:
        return allow(request, "plan-preview", per_account=60, per_address=200, seconds=3600)
    except OperationalError:  # the database is locked, and the page only reads
        return False


def _apply(request: HttpRequest, subscription: Subscription, price: Price, *, at_renewal: bool) -> HttpResponse:
    if not allow(request, "plan-change", per_account=20, per_address=60, seconds=3600):
        messages.error(request, _("You have changed your plan too often. Please try again in an hour."))
        return redirect("subscriptions:change")
    token, now = request.POST.get("token", ""), timezone.now()
    try:
        plan_change.change(subscription=subscription, price=price, at_renewal=at_renewal, token=token, now=now)
    except plan_change.CannotChange as error:
        messages.error(request, str(error))
        return redirect("subscriptions:change")
    messages.success(request, _("Your change is saved."))
    return redirect("subscriptions:account")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def card(request: HttpRequest) -> HttpResponse:
    """POST asks the provider for its page for changing the card and links to it."""
    subscription = Subscription.objects.live_of(user_of(request))
    if request.method != "POST" or subscription is None or not subscription.has_contract:
        return redirect("subscriptions:account")
    back = f"{settings.SITE_URL}{reverse('subscriptions:account')}?returned=1"
    url = ""
    if allow(request, "card", per_account=20, per_address=60, seconds=3600):
        try:
            url = provider_named(subscription.provider).manage_url(subscription, back=back)
        except ProviderError:
            url = ""
    if not url:
        messages.error(request, _("The payment service isn’t responding. Please try again in a few minutes."))
        return redirect("subscriptions:account")
    return render(request, "subscriptions/change_card.html", {"url": url, "subscription": subscription})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def card_check(request: HttpRequest) -> HttpResponse:
    """POST asks the provider about the subscription, after the reader has changed the card there."""
    subscription = Subscription.objects.live_of(user_of(request))
    if request.method == "POST" and subscription is not None and subscription.has_contract:
        try:
            if allow(request, "card-check", per_account=30, per_address=100, seconds=3600):
                sync_subscription(subscription.provider, subscription.provider_ref)
        except ProviderError:
            messages.error(request, _("The payment service isn’t responding. This page will be up to date soon."))
    return redirect("subscriptions:account")
