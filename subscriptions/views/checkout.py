"""Checkout and order pages."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import Cart, LedgerEntry, Order, Payment, Subscription
from subscriptions.providers import ProviderError
from subscriptions.providers.demo import Demo
from subscriptions.services.checkout import CannotOrder, place_and_start
from subscriptions.services.sync import sync
from subscriptions.views.cart import show_cart
from subscriptions.visitor_cart import CART_COOKIE, cart_token, logged_in_user


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """POST places the order for the cart. Other methods redirect to the cart, anonymous visitors to signup."""
    if request.method != "POST":
        return redirect("subscriptions:cart")
    user = logged_in_user(request)
    if user is None:
        messages.info(request, _("Create an account first, so that you can read what you pay for."))
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': reverse('subscriptions:cart')})}")
    try:
        order = place_and_start(
            user=user,
            provider=request.POST.get("provider", ""),
            confirmed=request.POST.get("confirmed", ""),
            replace=request.POST.get("replace", ""),
            now=timezone.now(),
        )
    except CannotOrder as refusal:
        return show_cart(request, refusal=str(refusal), code=refusal.code, status=409)
    except ProviderError:
        message = _("The payment page isn’t responding. We’ve saved your order. Try again in a few minutes.")
        return show_cart(request, refusal=message, code="unavailable", status=503)
    return redirect(order)


@require_safe
@login_required
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the order's status after one sync with the provider."""
    order_row = _own(request, uuid)
    provider_failed = False
    if order_row.is_open:
        try:
            order_row = sync(order_row.checkout_ref) or order_row
        except ProviderError:
            provider_failed = True
    last_payment = order_row.payments.exclude(status=Payment.Status.SURPLUS).first()
    context = {
        "order": order_row,
        "lines": order_row.lines.all(),
        "last_payment": last_payment,
        "provider_failed": provider_failed,
        "subscription": Subscription.objects.filter(grants__source_key=str(order_row.uuid)).first(),
        "entry": _entry(order_row),
    }
    response = render(request, "subscriptions/order.html", context)
    cart = order_row.cart
    if cart is not None and cart.status == Cart.Status.DONE and cart_token(request) == cart.token:
        response.delete_cookie(CART_COOKIE, samesite="Lax")
    return response


@require_safe
@login_required
def transfer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the bank transfer details."""
    order_row = _own(request, uuid)
    entry = _entry(order_row)
    if order_row.provider != "manual" or entry is None:
        raise Http404("This order isn’t paid by bank transfer.")
    if not order_row.is_open:
        return redirect(order_row)
    return render(
        request, "subscriptions/transfer.html", {"order": order_row, "entry": entry, "bank": settings.BANK_TRANSFER}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def demo_payment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Demo payment page: GET shows it, POST `outcome` is pay, decline or wait."""
    order_row, provider = _own(request, uuid), Demo()
    if order_row.provider != provider.code or not provider.offered():
        raise Http404("The demo payment page is disabled.")
    if not order_row.is_open:
        return redirect(order_row)
    outcomes = {"pay": provider.pay, "decline": provider.decline, "wait": provider.wait}
    act = outcomes.get(request.POST.get("outcome", ""))
    if request.method == "POST" and act is not None:
        act(order_row.checkout_ref)
        sync(order_row.checkout_ref)
        return redirect(order_row)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "subscriptions/demo_payment.html", {"order": order_row, "lines": order_row.lines.all()}, status=status
    )


def _own(request: HttpRequest, uuid: UUID) -> Order:
    """Return the reader's own order. Raises Http404 for anyone else."""
    return get_object_or_404(Order.objects.of(request.user), uuid=uuid)


def _entry(order: Order) -> LedgerEntry | None:
    return LedgerEntry.objects.filter(provider=order.provider, ref=order.checkout_ref).first()
