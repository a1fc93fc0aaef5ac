"""Declare without a login that one withdraws from a contract, and the page that says when it was received."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.forms.cancellation import DeclarationForm
from subscriptions.models import Declaration
from subscriptions.services import withdrawals
from subscriptions.services.declarations import declare, receipt_token, received
from subscriptions.visitor_cart import logged_in_user
from truthlytics.web.rate_limits import allow, consume

HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the declaration of anyone, and show logged-in readers their orders. The answer is the same for everyone."""
    form = DeclarationForm(request.POST if request.method == "POST" else None)
    status, error = 200, ""
    if request.method == "POST":
        made, status, error = declaration_from(request, form, Declaration.Kind.WITHDRAWAL)
        if made is not None:
            return redirect("subscriptions:declared", receipt_token(made))
    reader = logged_in_user(request)
    contracts = withdrawals.contracts_of(reader, timezone.now()) if reader is not None else []
    context = {
        "form": form,
        "error": error,
        "contracts": [contract for contract in contracts if contract.can_withdraw],
    }
    return render(request, "subscriptions/withdraw.html", context, status=status)


@require_safe
def declared(request: HttpRequest, token: str) -> HttpResponse:
    """Say when a declaration was received."""
    found = received(token)
    if found is None:
        raise Http404("No declaration has this address.")
    kind, at = found
    context = {"is_withdrawal": kind == Declaration.Kind.WITHDRAWAL, "declared_at": at}
    return render(request, "subscriptions/declared.html", context)


def declaration_from(request: HttpRequest, form: DeclarationForm, kind: str) -> tuple[Declaration | None, int, str]:
    """Record the declaration of a submitted form. Otherwise return None, the response’s status and an error."""
    if not form.is_valid():
        return None, 422, ""
    data = form.cleaned_data
    address = data["email"].lower()
    # The second limit keeps others from filling someone’s mailbox with confirmations.
    within = allow(request, "declaration", per_account=10, per_address=10, seconds=HOUR)
    if not within or not consume("declaration-of", address, limit=5, seconds=HOUR):
        return None, 429, _("There were several declarations in the last hour. Please try again later or write to us.")
    return declare(kind=kind, now=timezone.now(), **data | {"email": address}), 303, ""
