"""Checkout and order pages."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import Cart, Order, Payment
from subscriptions.providers import ProviderError, provider_named
from subscriptions.providers.base import Unavailable
from subscriptions.services.checkout import CannotOrder, live_subscription, place_and_start, start_again
from subscriptions.services.checkout_failures import was_refused
from subscriptions.services.signals import form_accepted
from subscriptions.services.sync import sync_order
from subscriptions.transfers import transfer_of
from subscriptions.views.cart import START_IN_SESSION, billing_form_of, remember_start, save_billing, show_cart
from subscriptions.visitor_cart import CART_COOKIE, cart_lines, cart_token, logged_in_user
from truthlytics.web.rate_limits import allow

# The provider's own words, about a key or a setting, are in the log.
REFUSED = gettext_lazy(
    "The payment couldn’t be started because of a fault on our side. Nothing was charged, and your order is saved. "
    "Choose another way to pay, or contact us."
)


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """POST places the order for the cart and continues where it is paid.

    Other methods redirect to the cart, anonymous visitors to signup.
    """
    if request.method != "POST":
        return redirect("subscriptions:cart")
    line, user = next(iter(cart_lines(request)), None), logged_in_user(request)
    billing = billing_form_of(line, user, request.POST) if line is not None and "company" in request.POST else None
    if line is not None and billing is not None:
        if not billing.is_valid():
            return show_cart(request, billing=billing, status=422)
        save_billing(billing, line, user)
    if user is None:
        form_accepted.send("cart", request=request)
        remember_start(request)
        messages.info(request, _("Create an account first, so that you can read what you pay for."))
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': reverse('subscriptions:cart')})}")
    try:
        order = place_and_start(
            user=user,
            provider=request.POST.get("provider", ""),
            confirmed=request.POST.get("confirmed", ""),
            replace=request.POST.get("replace", ""),
            agrees_to_start=bool(request.POST.get("start")),
            now=timezone.now(),
        )
    except CannotOrder as refusal:
        if refusal.code == "coupon":
            return show_cart(request, coupon_error=str(refusal), status=409)
        return show_cart(request, refusal=str(refusal), code=refusal.code, status=409)
    except Unavailable:
        message = _("The payment page isn’t responding. We’ve saved your order. Try again in a few minutes.")
        return show_cart(request, refusal=message, code="unavailable", status=503)
    except ProviderError:
        return show_cart(request, refusal=str(REFUSED), code="refused", status=502)
    form_accepted.send("cart", request=request)
    request.session.pop(START_IN_SESSION, None)
    return to_payment(request, order)


@require_safe
@login_required
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what is known of the order. `?returned=1` is the way back from the provider, which a POST then asks."""
    return _show(request, _own(request, uuid))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settle(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """POST asks the provider whether the order is paid."""
    order_row = _own(request, uuid)
    if request.method != "POST" or not order_row.is_open:
        return redirect(order_row)
    if not allow(request, "settlement", per_account=60, per_address=300, seconds=3600):
        return _show(request, order_row, provider_failed=True, status=429)
    try:
        order_row = sync_order(order_row)
    except ProviderError:
        return _show(request, order_row, provider_failed=True, status=503)
    if order_row.is_open and not order_row.payments.exists():
        messages.info(request, _("We haven’t received your payment yet. If you have just paid, check again shortly."))
    return _forget_cart(request, redirect(order_row), order_row)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def restart(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """POST starts the payment of an order again after its payment page has expired."""
    order_row = _own(request, uuid)
    if request.method != "POST":
        return redirect(order_row)
    try:
        order_row = start_again(order=order_row, now=timezone.now())
    except CannotOrder as refusal:
        messages.info(request, str(refusal))
        return redirect("subscriptions:plans")
    except Unavailable:
        return _show(request, order_row, provider_failed=True, status=503)
    except ProviderError:
        messages.error(request, REFUSED)
        return redirect(order_row)
    return to_payment(request, order_row)


@require_safe
@login_required
def transfer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the bank transfer details."""
    order_row = _own(request, uuid)
    if not order_row.is_settled_by_hand or not order_row.checkout_ref:
        raise Http404("This order isn’t paid by bank transfer.")
    found = transfer_of(order_row)
    if found is None:
        return redirect(order_row)
    context = {"order": order_row, "transfer": found}
    return _forget_cart(request, render(request, "subscriptions/transfer.html", context), order_row)


def to_payment(request: HttpRequest, order: Order) -> HttpResponse:
    """Redirect to the page where the order is paid.

    The payment page of another site is linked from the order's page, as a form must not lead there (form-action).
    """
    address = order.get_absolute_url()
    if order.is_open and order.checkout_url:
        is_here = order.checkout_url.startswith("/")
        address = order.checkout_url if is_here else f"{address}?pay=1"
    return _forget_cart(request, redirect(address), order)


def _show(request: HttpRequest, order: Order, *, provider_failed: bool = False, status: int = 200) -> HttpResponse:
    """Render the order page: what is paid, what is to be done."""
    context: dict[str, object] = {
        "order": order,
        "lines": order.lines.all(),
        "last_payment": order.payments.exclude(status=Payment.Status.SURPLUS).first(),
        "provider_failed": provider_failed,
        "refused": order.is_open and not order.checkout_ref and was_refused(order),
        "subscription": live_subscription(order.user) if order.is_paid else None,
        "transfer": transfer_of(order),
        "site": _site(order),
        "returned": request.GET.get("returned") == "1",
        "follow": request.GET.get("pay") == "1",
    }
    response = render(request, "subscriptions/order.html", context, status=status)
    return _forget_cart(request, response, order)


def _forget_cart(request: HttpRequest, response: HttpResponse, order: Order) -> HttpResponse:
    """Delete the cookie of a cart that the order has emptied."""
    cart = order.cart
    if cart is not None and cart.status == Cart.Status.DONE and cart_token(request) == cart.token:
        response.delete_cookie(CART_COOKIE, samesite="Lax")
    return response


def _site(order: Order) -> str:
    """Return the name of the other site where the order is paid, "" if it is paid here."""
    if not order.is_open or order.checkout_url.startswith("/"):
        return ""
    try:
        return provider_named(order.provider).site
    except ProviderError:
        return ""


def _own(request: HttpRequest, uuid: UUID) -> Order:
    """Return the reader's own order. Raises Http404 for anyone else."""
    return get_object_or_404(Order.objects.of(request.user).select_related("user", "cart", "coupon"), uuid=uuid)
