"""Cancelling, in the account or by an emailed link, and undoing it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.forms.cancellation import CancelForm, CancelLinkForm, ReasonForm
from subscriptions.models import Declaration, Subscription, notice
from subscriptions.providers import ProviderError
from subscriptions.services import lifecycle, withdrawals
from subscriptions.services.cancellations import note_reason, send_cancellation_link, subscription_for
from subscriptions.services.declarations import cancel_in_account
from subscriptions.services.sync import sync_if_due
from subscriptions.states import IllegalTransition
from subscriptions.views.declarations import declaration_from
from truthlytics.web import budgets
from truthlytics.web.budgets import Reason
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

NOTHING_TO_CANCEL = gettext_lazy("You don’t have a subscription to cancel.")
HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest) -> HttpResponse:
    """Lead logged-in readers to the cancellation. Others declare it here, or are emailed a link (`link`).

    The answer is the same for every address.
    """
    if request.user.is_authenticated:
        return redirect("subscriptions:cancellation")
    form, link_form, error, status = CancelForm(), CancelLinkForm(auto_id="link_%s"), "", 200
    if request.method == "POST" and "link" in request.POST:
        link_form = CancelLinkForm(request.POST, auto_id="link_%s")
        if not link_form.is_valid():
            status = 422
        elif _asks_too_often(request, address := link_form.cleaned_data["email"].lower()):
            status, error = 429, _("You’ve asked for several links in the last hour. Please try again later.")
        else:
            if budgets.may_send(request, address):
                send_cancellation_link.enqueue(address=address)
            return redirect("subscriptions:cancel_sent")
    elif request.method == "POST":
        form = CancelForm(request.POST)
        response, status, error = declaration_from(request, form, Declaration.Kind.CANCELLATION)
        if response is not None:
            return response
    context = {"form": form, "link_form": link_form, "error": error}
    return render(request, "subscriptions/cancel.html", context, status=status)


def _asks_too_often(request: HttpRequest, address: str) -> bool:
    """Return whether this connection, or all, has asked too often. It does not reveal what a mailbox has received."""
    refusal = budgets.refusal_of_email(request, address)
    return refusal is not None and refusal.reason is not Reason.MAILBOX


@require_safe
def cancel_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/cancel_sent.html")


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the subscription that the emailed link is for. POST cancels it, or stores the reason. No login."""
    subscription = subscription_for(token)
    if subscription is None:
        return render(request, "subscriptions/cancel_expired.html", status=410)
    if request.method != "POST" or _ends_by_itself(subscription):
        form = ReasonForm()
    elif "reason" in request.POST:
        form = ReasonForm(request.POST)
        if _save_reason(request, form, subscription):
            return redirect("subscriptions:cancel_by_link", token)
    else:
        _cancel(subscription)
        return redirect("subscriptions:cancel_by_link", token)
    context = {"form": form, "action": request.path} | _effect(subscription)
    return render(request, "subscriptions/cancel_by_link.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancellation(request: HttpRequest) -> HttpResponse:
    """GET explains the cancellation, POST cancels, or stores the reason. Idempotent."""
    user = user_of(request)
    subscription = Subscription.objects.live_of(user)
    if subscription is None:
        messages.info(request, NOTHING_TO_CANCEL)
        return redirect("subscriptions:account")
    if request.method != "POST" or _ends_by_itself(subscription):
        form = ReasonForm()
    elif "reason" in request.POST:
        form = ReasonForm(request.POST)
        if subscription.cancel_at is not None and _save_reason(request, form, subscription):
            return redirect("subscriptions:account")
    else:
        cancelled = _cancel(subscription)
        if cancelled is None:
            messages.info(request, NOTHING_TO_CANCEL)
        ended = cancelled is None or not cancelled.is_live
        return redirect("subscriptions:account" if ended else "subscriptions:cancellation")
    # Withdrawing, while it is possible, also pays money back.
    contracts = [contract for contract in withdrawals.contracts_of(user, timezone.now()) if contract.can_withdraw]
    context = {"form": form, "action": request.path, "contracts": contracts} | _effect(subscription)
    return render(request, "subscriptions/cancellation.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def undoing(request: HttpRequest) -> HttpResponse:
    """POST undoes the cancellation. After a login redirect (GET), show the account with its button."""
    if request.method != "POST":
        return redirect("subscriptions:account")
    subscription = Subscription.objects.live_of(user_of(request))
    try:
        if subscription is None:
            raise IllegalTransition("Your subscription has ended.")
        lifecycle.undo_cancel(subscription=subscription, now=timezone.now())
    except lifecycle.PaidBack:
        messages.info(request, _("Money was paid back, so the cancellation can’t be undone. You can subscribe again."))
    except IllegalTransition:
        messages.info(request, _("Your subscription has ended. You can subscribe again at any time."))
    except ProviderError:
        text = _("We couldn’t reach the payment service, so nothing was changed. Please try again in a few minutes.")
        messages.error(request, text)
    return redirect("subscriptions:account")


def _effect(subscription: Subscription) -> dict[str, object]:
    """Return the subscription, when it ends, or would if it was cancelled now, and what is paid back then."""
    ends_at = subscription.cancel_at or notice.ends_at(subscription, timezone.now())
    return {
        "subscription": subscription,
        "ends_at": ends_at,
        "is_early": ends_at < subscription.period_end,
        "pays_back": notice.amounts(notice.pays_back(subscription, ends_at)),
    }


def _ends_by_itself(subscription: Subscription) -> bool:
    """Whether it is a gift, of which the page says that there is nothing to cancel."""
    return subscription.is_gift and subscription.cancel_at is None


def _cancel(subscription: Subscription) -> Subscription | None:
    """Cancel, and return the subscription; None if it ended just now."""
    now = timezone.now()
    sync_if_due(subscription, now)
    try:
        return cancel_in_account(subscription=subscription, now=now)
    except IllegalTransition:
        return None


def _save_reason(request: HttpRequest, form: ReasonForm, subscription: Subscription) -> bool:
    if not form.is_valid():
        return False
    if allow(request, "cancel-reason", per_account=10, per_address=20, seconds=HOUR):
        note_reason(subscription, form.cleaned_data["reason"])
    messages.success(request, _("Thank you for telling us."))
    return True
