"""Signal receivers: merge a visitor's cart at login."""

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.db import models
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from subscriptions.models import User
from subscriptions.services.cart import merge_into_account, open_lines
from subscriptions.visitor_cart import CART_IN_SESSION, cart_token


@receiver(user_logged_in)
def merge_cart_at_login(sender: type[models.Model], request: HttpRequest | None, user: User, **kwargs: object) -> None:
    """Merge the cart into the account and tell the reader if a plan was removed."""
    if request is None:
        return
    removed = merge_into_account(token=cart_token(request), user=user)
    if open_lines(token="", user=user).exists():
        request.session[CART_IN_SESSION] = True
    if removed:
        messages.info(
            request,
            _("We kept the plan you chose last and removed %(plan)s from your cart.") % {"plan": removed},
            fail_silently=True,
        )
