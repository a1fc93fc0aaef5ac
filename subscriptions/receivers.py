"""What happens to a visitor's cart when they log in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from subscriptions.models import User
from subscriptions.services.cart import adopt
from subscriptions.visitor_cart import cart_token


@receiver(user_logged_in)
def keep_the_cart(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """The cart comes along; where something in it had to give way, the reader is told."""
    if request is None:
        return
    adopted = adopt(token=cart_token(request), user=user)
    if adopted.why == "replaced":
        messages.info(
            request, f"Your cart holds what you chose last; {adopted.dropped} was taken out.", fail_silently=True
        )
    elif adopted.why == "subscribed":
        messages.info(
            request, f"You have a subscription, so {adopted.dropped} was taken out of your cart.", fail_silently=True
        )
