"""The demo provider's pages: a payment, and a subscription with its card, where time passes at once."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from subscriptions.models import Order
from subscriptions.services.sync import sync_order, sync_subscription
from truthlytics.tools.demo import clock
from truthlytics.tools.demo.provider import Demo


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def payment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Demo payment page: GET shows it, POST `outcome` is pay, decline or wait."""
    order, provider = get_object_or_404(Order.objects.of(request.user), uuid=uuid), Demo()
    if order.provider != provider.code or not provider.offered():
        raise Http404("The demo payment page is disabled.")
    if not order.is_open:
        return redirect(order)
    outcomes = {"pay": provider.pay, "decline": provider.decline, "wait": provider.wait}
    act = outcomes.get(request.POST.get("outcome", ""))
    if request.method == "POST" and act is not None:
        act(order.checkout_ref)
        sync_order(order)
        return redirect(order)
    context = {"order": order, "lines": order.lines.all()}
    status = 422 if request.method == "POST" else 200
    return render(request, "demo/payment.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def subscription(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET shows the subscription as the demo provider knows it; POST `action` is skip, good_card or bad_card."""
    provider = Demo()
    order = get_object_or_404(Order.objects.of(request.user), uuid=uuid, provider=provider.code)
    contract = provider.contract(order)
    if contract is None or not provider.offered():
        raise Http404("The demo provider has no subscription for this order.")
    action = request.POST.get("action", "")
    next_date = provider.next_date(contract)
    if request.method == "POST" and action == "skip" and next_date is not None:
        clock.skip_ahead(user=order.user, ref=contract.ref, now=timezone.now())
        day = date_format(timezone.localtime(next_date), "DATE_FORMAT")
        messages.success(request, _("You’ve skipped ahead to %(day)s.") % {"day": day})
    elif request.method == "POST" and action in ("good_card", "bad_card"):
        provider.set_card(contract.ref, declines=action == "bad_card")
        sync_subscription(provider.code, contract.ref)
        messages.success(request, _("The card was changed."))
    elif request.method != "POST":
        invoices = contract.entries.exclude(period_end=None).order_by("-pk")[:24]
        context = {
            "order": order,
            "contract": contract,
            "invoices": invoices,
            "next_date": next_date,
            "retries": provider.retries(contract),
        }
        return render(request, "demo/subscription.html", context)
    return redirect("demo:subscription", uuid)
