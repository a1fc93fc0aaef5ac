"""Gift subscriptions: buy one, redeem one, and the gifts that a reader has given."""

from contextlib import suppress

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.forms.billing import billing_form
from subscriptions.forms.gifts import GiftForm
from subscriptions.models import Gift, Subscription, User
from subscriptions.offers import prices_in
from subscriptions.providers import ProviderError, offered_providers
from subscriptions.providers.base import Unavailable
from subscriptions.services import gift_orders
from subscriptions.services.checkout import CannotOrder
from subscriptions.services.gifts import CannotRedeem, redeem
from subscriptions.services.sync import sync_subscription
from subscriptions.services.taxation import buyer_of
from subscriptions.views.checkout import REFUSED, to_payment
from subscriptions.visitor_cart import logged_in_user
from truthlytics.web.rate_limits import allow, failed_too_often, record_failure

MAX_GIFTS = 100
# What a visitor wrote before they had an account.
GIFT_IN_SESSION = "gift"
HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """GET shows the form of a gift, POST orders it and continues where it is paid.

    Visitors are sent to create an account, and find the form filled in when they come back.
    """
    user = logged_in_user(request)
    prices, providers = prices_in(request.GET.get("currency", "")), offered_providers()
    if not providers or not prices.exists():
        return render(request, "subscriptions/give.html")
    kept = request.session.get(GIFT_IN_SESSION)
    form = GiftForm(request.POST or None, initial=kept, prices=prices, providers=providers, user=user)
    billing = billing_form(user, request.POST if "company" in request.POST else None) if user is not None else None
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        is_valid = [each.is_valid() for each in (form, billing) if each is not None and each.is_bound]
        if all(is_valid):
            if not allow(request, "gift", per_account=20, per_address=60, seconds=HOUR):
                refusal, status = _("You have placed too many orders. Please try again in an hour."), 429
            elif user is None:
                return _to_account(request, form)
            else:
                if billing is not None and billing.is_bound:
                    billing.save()
                try:
                    return _order(request, user, form)
                except CannotOrder as reason:
                    refusal, status = str(reason), 409
                except Unavailable:
                    refusal = _("The payment page isn’t responding. Your gift is saved. Try again in a few minutes.")
                    status = 503
                except ProviderError:
                    refusal, status = str(REFUSED), 502
    context: dict[str, object] = {"form": form, "billing": billing, "buyer": buyer_of(user) if user else None}
    context |= {"refusal": refusal, "prices": prices, "providers": providers}
    return render(request, "subscriptions/give.html", context, status=status)


def _order(request: HttpRequest, user: User, form: GiftForm) -> HttpResponse:
    """Order the gift of a valid form, and continue where it is paid. Raises what `place_and_start` raises."""
    now = timezone.now()
    order = gift_orders.place_and_start(
        user=user,
        details=form.details(now),
        provider=form.cleaned_data["provider"],
        now=now,
        agrees_to_start=form.cleaned_data.get("start", False),
    )
    request.session.pop(GIFT_IN_SESSION, None)
    return to_payment(request, order)


def _to_account(request: HttpRequest, form: GiftForm) -> HttpResponse:
    """Keep what a visitor wrote, and send them to create an account."""
    request.session[GIFT_IN_SESSION] = {name: request.POST.get(name, "") for name in form.fields}
    messages.info(request, _("Create an account first, so that you can see whether your gift was redeemed."))
    return redirect(f"{reverse('account_signup')}?{urlencode({'next': request.get_full_path()})}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def redemption(request: HttpRequest, code: str) -> HttpResponse:
    """GET shows the gift, POST redeems it for the logged-in reader."""
    if failed_too_often(request, "gift-code", limit=120, seconds=HOUR):
        return render(request, "429.html", status=429)
    gift = Gift.objects.paid().select_related("price__plan__tier", "order").filter(code=code, refunded_at=None).first()
    if gift is None:
        record_failure(request, "gift-code", seconds=HOUR)
        raise Http404("No such gift.")
    user, refusal, status = logged_in_user(request), "", 200
    if request.method == "POST" and user is not None and user.verified_at is not None:
        try:
            gift = redeem(code=code, user=user, now=timezone.now())
        except CannotRedeem as reason:
            refusal, status = str(reason), 409
            gift.refresh_from_db()
        else:
            _follow(user)
            messages.success(request, _("The gift is yours. Enjoy reading."))
            return redirect("subscriptions:account")
    context = {
        "gift": gift,
        "is_mine": user is not None and gift.redeemed_by_id == user.pk,
        "is_giver": user is not None and gift.order.user_id == user.pk,
        "is_over": gift.redeemed_at is None and gift.redeem_by <= timezone.now(),
        "refusal": refusal,
    }
    response = render(request, "subscriptions/redeem.html", context, status=status)
    # The address is the key to the gift.
    response["Referrer-Policy"] = "same-origin"
    return response


def _follow(user: User) -> None:
    """Record that the provider of the reader's own subscription charges later. A webhook or `tick` may do so, too."""
    live = Subscription.objects.live_of(user)
    if live is not None and live.has_contract:
        with suppress(ProviderError):
            sync_subscription(live.provider, live.provider_ref)


@require_safe
@login_required
def gifts(request: HttpRequest) -> HttpResponse:
    """List the gifts that the reader has given."""
    return render(request, "subscriptions/gifts.html", {"gifts": Gift.objects.of(request.user)[:MAX_GIFTS]})
