"""The page of plans, and continuing at the price of another system, by a link that only its reader can use."""

from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import Price
from subscriptions.offers import plan_offers, shown_currency
from subscriptions.providers import offered_providers
from subscriptions.services import trials
from subscriptions.services.checkout import live_subscription, refusal_for
from subscriptions.services.old_prices import offer_for, put_into_cart
from subscriptions.services.taxation import buyer_of
from subscriptions.visitor_cart import campaign_of, logged_in_user, safe_return_path


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """List plans with prices in `?currency=`, or the default currency if unknown.

    Subscribers see what ordering another plan means for them.
    """
    on_sale = list(Price.objects.current())
    currencies = sorted({price.currency for price in on_sale})
    wanted = request.GET.get("currency", "").upper()
    currency = shown_currency(wanted, currencies)
    shown = [price for price in on_sale if price.currency == currency]
    user = logged_in_user(request)
    live = live_subscription(user) if user is not None else None
    has_trials = any(price.plan.trial_days for price in shown)
    back, campaign = safe_return_path(request, request.GET.get("next", "")), campaign_of(request)
    context = {
        "subscription": live,
        "blocked": refusal_for(live),
        "trial": has_trials and live is None and trials.may_have_one(user),
        "ways": {"renewing" if provider.renews else "single" for provider in offered_providers()},
        "buyer": buyer_of(user),
        "offers": plan_offers(shown),
        "currency": currency,
        "currencies": currencies,
        "back": back,
        "campaign": campaign,
        # What the links to other currencies pass on.
        "kept": urlencode({name: value for name, value in (("next", back), ("campaign", campaign)) if value}),
        "unknown": wanted and wanted not in currencies,
    }
    return render(request, "subscriptions/plans.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def old_price(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the reader would pay; POST puts it into their cart. Others get 404."""
    offer, user = offer_for(token), logged_in_user(request)
    if offer is None or (user is not None and user != offer.coupon.reader):
        raise Http404("This link is used, or for another reader.")
    if request.method == "POST":
        if user is None:
            return redirect_to_login(request.path)
        put_into_cart(offer=offer, user=user)
        return redirect("subscriptions:cart")
    return render(request, "subscriptions/old_price.html", {"offer": offer})
