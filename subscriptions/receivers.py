"""Signal receivers: merge a visitor's cart at login."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from subscriptions.models import User
from subscriptions.services.cart import merge_into_account
from subscriptions.visitor_cart import cart_token


@receiver(user_logged_in)
def merge_cart_at_login(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """Merge the cart into the account and tell the reader if a plan was removed."""
    if request is None:
        return
    result = merge_into_account(token=cart_token(request), user=user)
    if result.why == "replaced":
        messages.info(
            request,
            f"We kept the plan you chose last and removed {result.dropped} from your cart.",
            fail_silently=True,
        )
    elif result.why == "subscribed":
        messages.info(
            request,
            f"You already have a subscription, so we removed {result.dropped} from your cart.",
            fail_silently=True,
        )
