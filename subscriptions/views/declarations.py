"""Declare without a login that one withdraws or cancels, confirm that one sent it, and undo it in the account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from subscriptions.forms.cancellation import DeclarationForm
from subscriptions.models import Declaration
from subscriptions.services import undoing, withdrawals
from subscriptions.services.declarations import confirm, declaration_for, declare, receipt_token, received, reject
from subscriptions.visitor_cart import logged_in_user
from truthlytics.web.rate_limits import allow, consume
from truthlytics.web.users import user_of

HOUR = 3600
DAY = 24 * HOUR


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
    """Record the declaration of a submitted form. Otherwise return None, the response’s status and an error.

    An address gets three confirmations a day, so that no one can fill its mailbox; what is declared counts anyway.
    """
    if not form.is_valid():
        return None, 422, ""
    data = form.cleaned_data
    address = data["email"].lower()
    if not allow(request, "declaration", per_account=10, per_address=10, seconds=HOUR):
        return None, 429, _("There were several declarations in the last hour. Please try again later or write to us.")
    made = declare(
        kind=kind,
        now=timezone.now(),
        reader=logged_in_user(request),
        tells_sender=consume("declaration-of", address, limit=3, seconds=DAY),
        **data | {"email": address},
    )
    return made, 303, ""


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_declaration(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was declared to who opens the emailed link. POST says that they sent it, and applies it. No login."""
    declaration = declaration_for(token)
    if declaration is None:
        return render(request, "subscriptions/declaration_expired.html", status=410)
    if request.method == "POST":
        confirm(declaration=declaration, by=Declaration.BY_EMAIL, now=timezone.now())
        return redirect("subscriptions:confirm_declaration", token)
    confirm_url, reject_url = request.path, reverse("subscriptions:reject_declaration", args=[token])
    return _page(request, declaration, confirm_url, reject_url)


@require_POST
def reject_declaration(request: HttpRequest, token: str) -> HttpResponse:
    """Close a declaration that someone else sent with the reader’s address."""
    declaration = declaration_for(token)
    if declaration is not None:
        reject(declaration=declaration, now=timezone.now())
    return redirect("subscriptions:confirm_declaration", token)


@require_safe
@login_required
def declaration(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a declaration in the account, with what its reader can do about it."""
    urls = (reverse(f"subscriptions:declaration_{name}", args=[pk]) for name in ("confirmation", "rejection"))
    return _page(request, _own(request, pk), *urls, in_account=True)


@require_POST
@login_required
def confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    """Say in the account that one has sent a declaration, which applies it. Idempotent."""
    confirm(declaration=_own(request, pk), by=Declaration.IN_ACCOUNT, now=timezone.now())
    return redirect("subscriptions:declaration", pk)


@require_POST
@login_required
def rejection(request: HttpRequest, pk: int) -> HttpResponse:
    """Say in the account that one has not sent a declaration."""
    reject(declaration=_own(request, pk), now=timezone.now())
    return redirect("subscriptions:declaration", pk)


@require_POST
@login_required
def undoing_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a declaration, as long as nothing was paid back."""
    try:
        is_complete = undoing.undo(declaration=_own(request, pk), now=timezone.now())
    except undoing.CannotUndo as refused:
        messages.error(request, str(refused))
    else:
        if not is_complete:
            text = _(
                "You have access again. The payment service didn’t answer, so please resume the subscription below."
            )
            messages.warning(request, text)
            return redirect("subscriptions:account")
    return redirect("subscriptions:declaration", pk)


def _own(request: HttpRequest, pk: int) -> Declaration:
    mine = Declaration.objects.of(user_of(request)).select_related("order", "subscription")
    return get_object_or_404(mine, pk=pk)


def _page(
    request: HttpRequest, declaration: Declaration, confirm_url: str, reject_url: str, *, in_account: bool = False
) -> HttpResponse:
    context = {
        "declaration": declaration,
        "order": declaration.order,
        "subscription": declaration.subscription,
        "can_be_undone": undoing.can_be_undone(declaration, timezone.now()),
        "confirm_url": confirm_url,
        "reject_url": reject_url,
        "in_account": in_account,
    }
    return render(request, "subscriptions/declaration.html", context)
