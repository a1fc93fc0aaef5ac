"""Ordering, and the order's own page: what is owed with a link to the provider, then the result."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import BookEntry, Order, Payment, Subscription
from subscriptions.providers import ProviderError
from subscriptions.providers.demo import Demo
from subscriptions.services.checkout import CannotOrder, begin
from subscriptions.services.sync import sync
from subscriptions.views.cart import show_cart
from subscriptions.visitor_cart import CART_COOKIE, cart_token, known_user


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """POST orders what is in the cart. Everything else leads back to the cart, a stranger by way of an account."""
    if request.method != "POST":
        return redirect("subscriptions:cart")
    user = known_user(request)
    if user is None:
        messages.info(request, "One step before you pay: an account, so that you can read what you pay for.")
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': reverse('subscriptions:cart')})}")
    try:
        order = begin(
            user=user,
            provider=request.POST.get("provider", ""),
            confirmed=request.POST.get("confirmed", ""),
            now=timezone.now(),
        )
    except CannotOrder as refusal:
        return show_cart(request, refusal=str(refusal), code=refusal.code, status=409)
    except ProviderError:
        sentence = "The payment page does not answer. Your order is kept: try again in a few minutes."
        return show_cart(request, refusal=sentence, code="unavailable", status=503)
    return redirect(order)


@require_safe
@login_required
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Never decides: asks the provider once and says what is so. Never the plans again."""
    found = _own(request, uuid)
    trouble = False
    if found.is_open:
        try:
            found = sync(found.checkout_ref) or found
        except ProviderError:
            trouble = True
    last = found.payments.exclude(status=Payment.Status.SURPLUS).first()
    context = {
        "order": found,
        "lines": found.lines.all(),
        "last": last,
        "trouble": trouble,
        "subscription": Subscription.objects.filter(grants__source_key=str(found.uuid)).first(),
        "entry": _entry(found),
    }
    response = render(request, "subscriptions/order.html", context)
    if found.is_paid and found.cart is not None and cart_token(request) == found.cart.token:
        response.delete_cookie(CART_COOKIE, samesite="Lax")
    return response


@require_safe
@login_required
def transfer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How to pay by bank transfer."""
    found = _own(request, uuid)
    entry = _entry(found)
    if found.provider != "manual" or entry is None:
        raise Http404("This order is not paid by transfer.")
    if not found.is_open:
        return redirect(found)
    return render(
        request, "subscriptions/transfer.html", {"order": found, "entry": entry, "bank": settings.BANK_TRANSFER}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def demo_payment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The demo's payment page: GET shows it, POST `outcome` is pay, decline or wait."""
    found, provider = _own(request, uuid), Demo()
    if found.provider != provider.code or not provider.offered():
        raise Http404("There is no demo payment here.")
    if not found.is_open:
        return redirect(found)
    deeds = {"pay": provider.pay, "decline": provider.decline, "wait": provider.wait}
    deed = deeds.get(request.POST.get("outcome", ""))
    if request.method == "POST" and deed is not None:
        deed(found.checkout_ref)
        sync(found.checkout_ref)
        return redirect(found)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "subscriptions/demo_payment.html", {"order": found, "lines": found.lines.all()}, status=status
    )


def _own(request: HttpRequest, uuid: UUID) -> Order:
    """The order, for the reader whose it is; for everybody else there is none."""
    return get_object_or_404(Order.objects.of(request.user), uuid=uuid)


def _entry(order: Order) -> BookEntry | None:
    return BookEntry.objects.filter(provider=order.provider, ref=order.checkout_ref).first()
