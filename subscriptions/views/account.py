"""The reader's account: subscription, display name, cancellation."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.forms import NameForm
from subscriptions.models import Grant, NameChange, Order, Subscription, User
from subscriptions.services import lifecycle
from subscriptions.services.names import needs_review
from subscriptions.states import IllegalTransition
from truthlytics.web.rate_limits import allow

NOTHING_TO_CANCEL = gettext_lazy("You don’t have a subscription to cancel.")


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    now, reader = timezone.now(), _reader(request)
    subscription = _live(request)
    over = subscription is not None and subscription.period_end <= now
    orders = list(Order.objects.of(reader)[:50])
    context = {
        "subscription": None if over else subscription,
        "past": Subscription.objects.ended_or_overdue(now).filter(user=reader).first(),
        "grant": Grant.objects.running(now).filter(user=reader, subscription=None).order_by("-ends_at").first(),
        "orders": orders,
        "name_change": NameChange.objects.filter(user=reader).first(),
        "open_order": next((order for order in orders if order.is_open), None),
    }
    return render(request, "subscriptions/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def name(request: HttpRequest) -> HttpResponse:
    """Change the display name. A reader who has written comments asks for it, and a moderator decides."""
    user = User.objects.get(pk=_reader(request).pk)
    form = NameForm(request.POST or None, instance=user)
    status = 200
    if request.method == "POST" and form.is_valid():
        if allow(request, "name", per_account=10, per_address=40, seconds=3600):
            new_name = form.cleaned_data["display_name"]
            if form.apply():
                messages.success(request, _("Your display name is now “%(name)s”.") % {"name": new_name})
            else:
                messages.info(request, _("A moderator will check the name “%(name)s”.") % {"name": new_name})
            return redirect("subscriptions:account")
        form.add_error("display_name", _("You have changed your name too often. Please try again in an hour."))
        status = 429
    context = {
        "form": form,
        "change": NameChange.objects.filter(user=user).first(),
        "needs_review": needs_review(user),
    }
    status = 422 if form.errors and status == 200 else status
    return render(request, "subscriptions/name.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancellation(request: HttpRequest) -> HttpResponse:
    """GET explains the cancellation, POST cancels. Idempotent."""
    subscription = _live(request)
    if subscription is None:
        messages.info(request, NOTHING_TO_CANCEL)
        return redirect("subscriptions:account")
    if request.method == "POST":
        try:
            lifecycle.cancel(subscription=subscription, now=timezone.now())
        except IllegalTransition:  # It ended just now.
            messages.info(request, NOTHING_TO_CANCEL)
        return redirect("subscriptions:account")
    return render(request, "subscriptions/cancellation.html", {"subscription": subscription})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def undoing(request: HttpRequest) -> HttpResponse:
    """POST undoes the cancellation. After a login redirect (GET), show the account with its button."""
    if request.method != "POST":
        return redirect("subscriptions:account")
    subscription = _live(request)
    try:
        if subscription is None:
            raise IllegalTransition("Your subscription has ended.")
        lifecycle.undo_cancel(subscription=subscription, now=timezone.now())
    except IllegalTransition:
        messages.info(request, _("Your subscription has ended. You can subscribe again at any time."))
    return redirect("subscriptions:account")


def _live(request: HttpRequest) -> Subscription | None:
    mine = Subscription.objects.live().filter(user=_reader(request))
    return mine.select_related("price__plan__tier").first()


def _reader(request: HttpRequest) -> User:
    """Return the logged-in user; views here require login."""
    return cast(User, request.user)
