"""Cart pages: show, add, remove, use a coupon."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.forms.billing import BillingForm, billing_form, visitor_billing_form
from subscriptions.models import CartLine, Price, Subscription, User
from subscriptions.money import Money
from subscriptions.providers import offered_providers
from subscriptions.services import cart as carts
from subscriptions.services import coupons
from subscriptions.services.agreements import Agreement, current_agreement
from subscriptions.services.checkout import awaited_order, live_subscription, refusal_for
from subscriptions.services.coupons import CouponRefused
from subscriptions.services.taxation import buyer_of
from subscriptions.services.terms import confirmation_token, terms_for
from subscriptions.tax import tax_on
from subscriptions.visitor_cart import (
    CAMPAIGN,
    cart_lines,
    cart_token,
    logged_in_user,
    remember_cart,
    safe_return_path,
    valid_campaign,
)
from truthlytics.web.ids import parse_id
from truthlytics.web.rate_limits import allow

# The sentence that a visitor ticked before they created an account.
START_IN_SESSION = "agreed_start"


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    return show_cart(request)


def show_cart(
    request: HttpRequest,
    *,
    refusal: str = "",
    code: str = "",
    coupon_error: str = "",
    billing: BillingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the cart, optionally with an error message, about the coupon, the billing details or anything else."""
    line, user = next(iter(cart_lines(request)), None), logged_in_user(request)
    context: dict[str, object] = {"line": line, "refusal": refusal, "code": code, "coupon_error": coupon_error}
    context["billing"] = billing or (billing_form_of(line, user) if line is not None else None)
    live = live_subscription(user) if user is not None else None
    if user is not None:
        blocked = refusal_for(live)
        context |= {"awaited": awaited_order(user), "subscription": live, "blocked": blocked}
    if line is not None:
        context |= _offer(request, line, user, live)
        context["coupon_error"] = coupon_error or context["coupon_refused"]
    response = render(request, "subscriptions/cart.html", context, status=status)
    if line is not None and cart_token(request) != line.cart.token:
        remember_cart(request, response, line.cart)
    return response


def billing_form_of(line: CartLine, user: User | None, data: object = None) -> BillingForm | None:
    """Return the form of the buyer's details: the account's, or what the cart of a visitor keeps until they have one.

    None while no tax is configured.
    """
    return visitor_billing_form(line.cart, data) if user is None else billing_form(user, data)


def save_billing(form: BillingForm, line: CartLine, user: User | None) -> None:
    """Save the details of a valid form for the account, or in the cart of a visitor without one."""
    if user is None:
        carts.set_billing(cart=line.cart, details=form.instance)
    else:
        form.save()


def remember_start(request: HttpRequest) -> None:
    """Keep the tick of a visitor who is sent to create an account first, so that it need not be set again."""
    if request.POST.get("start"):
        request.session[START_IN_SESSION] = current_agreement().start_token


def _ticked_before(request: HttpRequest, agreement: Agreement) -> bool:
    return bool(agreement.start_text) and request.session.get(START_IN_SESSION) == agreement.start_token


def _offer(request: HttpRequest, line: CartLine, user: User | None, live: Subscription | None) -> dict[str, object]:
    """Return the terms of each payment method, and the coupon that reduces them or why it can't."""
    coupon, refused = None, ""
    try:
        coupon = coupons.in_cart(line, user=user, now=timezone.now())
    except CouponRefused as error:
        refused = str(error)
    offered = terms_for(line, offered_providers(), user=user, live=live, coupon=coupon)
    codes = [terms.provider.code for terms in offered]
    submitted = request.POST.get("provider", "")
    amounts = {terms.due_now for terms in offered}
    discount = coupons.discount(coupon, line.price)
    reduced = {terms.reduced for terms in offered} or {Money(line.price.minor - discount.minor, discount.currency)}
    agreement = current_agreement()
    return {
        "successor": None if line.price.on_sale else line.price.successor(),
        "offered": offered,
        "chosen": submitted if submitted in codes else next(iter(codes), ""),
        "due_now": amounts.pop() if len(amounts) == 1 else None,
        "trial_days": offered[0].trial_days if offered else 0,
        "confirmation": confirmation_token(line, offered, agreement),
        "start_text": agreement.start_text,
        "agrees_to_start": bool(request.POST.get("start")) or _ticked_before(request, agreement),
        "coupon": coupon,
        "coupon_refused": refused,
        "discount": discount,
        "tax": tax_on(reduced.pop(), buyer=line.cart.buyer if user is None else buyer_of(user))
        if len(reduced) == 1
        else None,
        "typed": request.POST.get("coupon", "")[:40],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest) -> HttpResponse:
    """POST adds the chosen price; if it is no longer sold, the cart explains it.

    Readers with a subscription that the provider renews change its plan in their account instead.
    """
    if request.method != "POST":
        return redirect("subscriptions:cart")
    price, user = _price(request.POST.get("price", "")), logged_in_user(request)
    if price is None or not price.on_sale:
        successor = price.successor() if price else None
        message = _("This plan is no longer available. Please choose one of the plans on sale.")
        if successor is not None:
            message = _("This price is no longer offered; %(plan)s now costs %(amount)s.") % {
                "plan": successor.description,
                "amount": successor.money,
            }
        return show_cart(request, refusal=message, code="gone", status=422)
    if not allow(request, "cart", per_account=60, per_address=300, seconds=3600):
        message = _("Too many changes to your cart. Please try again in an hour; your cart is unchanged.")
        return show_cart(request, refusal=message, status=429)
    blocked = refusal_for(live_subscription(user)) if user is not None else None
    if blocked is not None and blocked.code == "renews":
        messages.info(request, str(blocked))
        return redirect("subscriptions:change")
    back = safe_return_path(request, request.POST.get("next", ""))
    campaign = valid_campaign(request.POST.get(CAMPAIGN, ""))
    cart = carts.add(price=price, token=cart_token(request), user=user, back_to=back, campaign=campaign)
    response = redirect("subscriptions:cart")
    remember_cart(request, response, cart)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def removal(request: HttpRequest) -> HttpResponse:
    """POST empties the cart and continues at `next`, for instance at the order that the reader keeps."""
    if request.method == "POST":
        carts.empty(token=cart_token(request), user=logged_in_user(request))
        messages.info(request, _("Removed from your cart."))
    return redirect(safe_return_path(request, request.POST.get("next", "")) or "subscriptions:cart")


@require_http_methods(["GET", "HEAD", "POST"])
def billing(request: HttpRequest) -> HttpResponse:
    """POST saves the buyer's details and shows the cart with their tax, and with what else was chosen in its form."""
    line, user = next(iter(cart_lines(request)), None), logged_in_user(request)
    if request.method != "POST" or line is None:
        return redirect("subscriptions:cart")
    form = billing_form_of(line, user, request.POST)
    if form is None:
        return redirect("subscriptions:cart")
    if not form.is_valid():
        return show_cart(request, billing=form, status=422)
    if not allow(request, "cart", per_account=60, per_address=300, seconds=3600):
        message = _("Too many changes to your cart. Please try again in an hour; your cart is unchanged.")
        return show_cart(request, refusal=message, billing=form, status=429)
    save_billing(form, line, user)
    return show_cart(request)


@require_http_methods(["GET", "HEAD", "POST"])
def coupon(request: HttpRequest) -> HttpResponse:
    """POST `coupon` puts it into the cart, or without a code, takes it out. The cart explains why it can't be used."""
    line = next(iter(cart_lines(request)), None)
    if request.method != "POST" or line is None:
        return redirect("subscriptions:cart")
    code = request.POST.get("coupon", "").strip()
    if not code:
        carts.set_coupon(cart=line.cart, coupon=None)
        return redirect("subscriptions:cart")
    if not allow(request, "coupon", per_account=20, per_address=60, seconds=3600):
        message = _("You’ve tried too many coupons. Please try again in an hour; your cart is unchanged.")
        return show_cart(request, coupon_error=message, status=429)
    try:
        found = coupons.find(code, user=logged_in_user(request), price=line.price, now=timezone.now())
    except CouponRefused as error:
        return show_cart(request, coupon_error=str(error), status=422)
    carts.set_coupon(cart=line.cart, coupon=found)
    return redirect("subscriptions:cart")


def _price(submitted: str) -> Price | None:
    """Return the price with this id, on sale or not, or None for any other input."""
    pk = parse_id(submitted)
    return Price.objects.select_related("plan__tier").filter(pk=pk).first() if pk is not None else None
