"""The contract of an order: the legal texts that it agreed to, and withdrawing from it in the account."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import Order
from subscriptions.services import withdrawals


@require_safe
@login_required
def terms(request: HttpRequest, uuid: UUID) -> HttpResponse:
    order = _own(request, uuid)
    return _text(request, order, order.terms_version)


@require_safe
@login_required
def withdrawal_notice(request: HttpRequest, uuid: UUID) -> HttpResponse:
    order = _own(request, uuid)
    return _text(request, order, order.withdrawal_version)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdrawal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET explains what the withdrawal from an order does, POST declares it. Idempotent."""
    order, now = _own(request, uuid), timezone.now()
    if request.method == "POST":
        try:
            made = withdrawals.withdraw(order=order, now=now)
        except withdrawals.CannotWithdraw as refused:
            messages.error(request, str(refused))
        else:
            text = _("You have withdrawn from order %(number)s. We’ve confirmed it by email to %(email)s.")
            messages.success(request, text % {"number": order.number, "email": made.email})
        return redirect("subscriptions:account")
    reason = withdrawals.refusal(order, now)
    if reason or order.declarations.withdrawals().exists():
        messages.info(request, reason or _("You have already withdrawn from this order."))
        return redirect("subscriptions:account")
    context = {
        "order": order,
        "lines": order.lines.all(),
        "payment": order.payments.filter(status="succeeded").first(),
        "deducts_use": withdrawals.deducts_use(order),
    }
    return render(request, "subscriptions/withdrawal.html", context)


def _text(request: HttpRequest, order: Order, version: object) -> HttpResponse:
    """Show the version, even if its page has changed or is withdrawn since."""
    if version is None:
        raise Http404("No such page was public when this was ordered.")
    return render(request, "subscriptions/order_text.html", {"order": order, "version": version})


def _own(request: HttpRequest, uuid: UUID) -> Order:
    return get_object_or_404(Order.objects.of(request.user), uuid=uuid)
