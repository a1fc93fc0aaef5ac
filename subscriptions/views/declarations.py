"""Declare without a login that one withdraws or cancels, confirm that one sent it, and undo it in the account."""

from datetime import datetime
from io import BytesIO

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from subscriptions.forms.cancellation import DeclarationForm
from subscriptions.models import Declaration
from subscriptions.services import undoing, withdrawals
from subscriptions.services.declarations import confirm, declaration_for, declare, receipt_token, received, reject
from subscriptions.visitor_cart import logged_in_user
from truthlytics.web import budgets
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

HOUR = 3600
COOKIE, SALT = "declaration", "subscriptions.views.declarations"


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the declaration of anyone, and show logged-in readers their orders. The answer is the same for everyone."""
    form = DeclarationForm(request.POST if request.method == "POST" else None)
    status, error = 200, ""
    if request.method == "POST":
        response, status, error = declaration_from(request, form, Declaration.Kind.WITHDRAWAL)
        if response is not None:
            return response
    reader = logged_in_user(request)
    contracts = withdrawals.contracts_of(reader, timezone.now()) if reader is not None else []
    context = {"form": form, "error": error, "contracts": [contract for contract in contracts if contract.can_withdraw]}
    return render(request, "subscriptions/withdraw.html", context, status=status)


@require_safe
def declared(request: HttpRequest, token: str) -> HttpResponse:
    """Say when a declaration was received, and to the browser that sent it, what was declared."""
    found = received(token)
    if found is None:
        raise Http404("No declaration has this address.")
    kind, at, tells_sender = found
    context = {
        "is_withdrawal": kind == Declaration.Kind.WITHDRAWAL,
        "declared_at": at,
        "tells_sender": tells_sender,
        "declaration": _sent_by(request, at),
        "copy_url": reverse("subscriptions:declared_copy", args=[token]),
    }
    return render(request, "subscriptions/declared.html", context)


@require_safe
def declared_copy(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send the browser that declared it the whole declaration with its time as a text file to keep."""
    found = received(token)
    sent = _sent_by(request, found[1]) if found is not None else None
    if sent is None:
        raise Http404("This browser has sent no such declaration.")
    text = render_to_string("subscriptions/declared.txt", {"declaration": sent, "site_url": settings.SITE_URL}, request)
    name = f"{sent.get_kind_display()} {timezone.localtime(sent.declared_at):%Y-%m-%d}.txt"
    return FileResponse(
        BytesIO(text.encode()), as_attachment=True, filename=name, content_type="text/plain; charset=utf-8"
    )


def _sent_by(request: HttpRequest, at: datetime) -> Declaration | None:
    """Return the declaration of that time that this browser has just sent, None for all others."""
    pk = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=HOUR)
    return Declaration.objects.filter(pk=pk, declared_at=at).first() if pk else None


def declaration_from(request: HttpRequest, form: DeclarationForm, kind: str) -> tuple[HttpResponse | None, int, str]:
    """Record the declaration of a submitted form, and return the way to its page. Else None, a status and an error.

    Confirmations count among the emails of the day that anyone can have sent to an address. What is declared counts
    anyway, and its sender sees it on the page and can save it there.
    """
    if not form.is_valid():
        return None, 422, ""
    data = form.cleaned_data
    address = data["email"].lower()
    if not allow(request, "declaration", per_account=10, per_address=10, seconds=HOUR):
        return None, 429, _("There were several declarations in the last hour. Please try again later or write to us.")
    reader = logged_in_user(request)
    tells_sender = reader is not None or budgets.may_send(request, address)
    now = timezone.now()
    made = declare(kind=kind, now=now, reader=reader, tells_sender=tells_sender, **data | {"email": address})
    response = redirect("subscriptions:declared", receipt_token(made, tells_sender=tells_sender))
    # Only for that page, so that no one can have their own words shown to others there.
    response.set_signed_cookie(
        COOKIE, str(made.pk), salt=SALT, max_age=HOUR, path=response.url, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response, response.status_code, ""


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
