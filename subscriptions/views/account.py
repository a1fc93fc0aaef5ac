"""The reader's account: subscription, display name, cancellation."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.forms import NameForm
from subscriptions.models import Grant, Order, Subscription, User
from subscriptions.services import lifecycle
from subscriptions.states import IllegalTransition

NOTHING_TO_CANCEL = "You don’t have a subscription to cancel."


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
        "open_order": next((order for order in orders if order.is_open), None),
    }
    return render(request, "subscriptions/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def name(request: HttpRequest) -> HttpResponse:
    """Change the display name."""
    form = NameForm(request.POST or None, instance=User.objects.get(pk=_reader(request).pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Your display name is now “{form.cleaned_data['display_name']}”.")
        return redirect("subscriptions:account")
    return render(request, "subscriptions/name.html", {"form": form}, status=422 if form.errors else 200)


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
        messages.info(request, "Your subscription has ended. You can subscribe again at any time.")
    return redirect("subscriptions:account")


def _live(request: HttpRequest) -> Subscription | None:
    mine = Subscription.objects.live().filter(user=_reader(request))
    return mine.select_related("price__plan__tier").first()


def _reader(request: HttpRequest) -> User:
    """Return the logged-in user; views here require login."""
    return cast(User, request.user)
