"""Payments of a reader and their invoices."""

from io import BytesIO
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from subscriptions.invoices.pdf import draw, file_name, pdf_of
from subscriptions.invoices.sheet import sheet_of
from subscriptions.models import Payment, Receipt
from truthlytics.web.cursor_pagination import page
from truthlytics.web.users import user_of

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
    """Show the invoice in force for a payment, its credit notes and cancelled invoices, to the reader and to staff."""
    payment, issued = _issued(request, uuid)
    sheets = [sheet_of(document, document.cancelled_by) for document in issued]
    context = {
        "payment": payment,
        "sheets": sheets,
        "printable": [sheet for sheet in sheets if draw(sheet) is not None],
        "is_own": payment.user_id == user_of(request).pk,
    }
    return render(request, "subscriptions/receipt.html", context)


@require_safe
@login_required
def receipt_pdf(request: HttpRequest, uuid: UUID, code: str) -> HttpResponseBase:
    """Send a document of a payment as PDF. 404 if it can't show every character: the page can."""
    _payment, issued = _issued(request, uuid)
    document = next((document for document in issued if document.code == code), None)
    content = pdf_of(document) if document is not None else None
    if document is None or content is None:
        raise Http404("There is no such PDF.")
    return FileResponse(BytesIO(content), as_attachment=True, filename=file_name(document))


def _issued(request: HttpRequest, uuid: UUID) -> tuple[Payment, list[Receipt]]:
    """Return a payment that the user may see, and its documents: first the invoice in force. 404 without one."""
    user = user_of(request)
    may_see_all = user.is_staff and user.has_perm("subscriptions.view_payment")
    visible = Payment.objects.all() if may_see_all else Payment.objects.filter(user=user)
    payment = get_object_or_404(visible, uuid=uuid)
    issued = list(payment.receipts.order_by("year", "number").prefetch_related("corrections"))
    invoices = [document for document in issued if not document.is_credit_note]
    if not invoices:
        raise Http404("No invoice was issued for this payment.")
    in_force = max(invoices, key=lambda invoice: invoice.edition)
    return payment, [in_force, *(document for document in issued if document != in_force)]
