"""Payments of a reader and their receipts."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from subscriptions.models import Payment, Receipt, User
from truthlytics.web.cursor_pagination import page

SIZE = 50


@require_safe
@login_required
def payments(request: HttpRequest) -> HttpResponse:
    """List the reader's payments, the newest first."""
    after = request.GET.get("after", "")
    mine = Payment.objects.listed_for(request.user)
    found = page(mine, after=after, size=SIZE, time="recorded_at", tie="pk")
    return render(request, "subscriptions/payments.html", {"page": found, "payments": found.items, "after": after})


@require_safe
@login_required
def receipt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the receipt in force for a payment, its credit notes and cancelled receipts, to the reader and to staff."""
    user = cast(User, request.user)
    may_see_all = user.is_staff and user.has_perm("subscriptions.view_payment")
    visible = Payment.objects.all() if may_see_all else Payment.objects.filter(user=user)
    payment = get_object_or_404(visible, uuid=uuid)
    issued = list(payment.receipts.order_by("year", "number"))
    receipt = payment.receipts.originals().first()
    if receipt is None:
        raise Http404("No receipt was issued for this payment.")
    cancelled = {note.corrects_id: note for note in issued if note.reason == Receipt.Reason.CANCELLATION}
    others = [(document, cancelled.get(document.pk)) for document in issued if document != receipt]
    is_own = payment.user_id == user.pk
    context = {"payment": payment, "receipt": receipt, "others": others, "is_own": is_own}
    return render(request, "subscriptions/receipt.html", context)
