"""Signal receivers: merge a visitor's cart at login, and note the provider that someone has logged in with."""

from allauth.account import signals as account_signals
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.db import models
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from subscriptions.identity.staff import LOGGED_IN_WITH, SEEN_AT, used_provider
from subscriptions.identity.trust import trusted_address
from subscriptions.models import LoginProvider, User
from subscriptions.services.accounts import mark_email_verified
from subscriptions.services.cart import merge_into_account, open_lines
from subscriptions.services.connected import note_for_staff
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


@receiver(user_logged_in)
def forget_former_login(sender: type[models.Model], request: HttpRequest | None, **kwargs: object) -> None:
    if request is not None:
        for key in (LOGGED_IN_WITH, SEEN_AT):
            request.session.pop(key, None)


@receiver(account_signals.user_logged_in)
def note_provider(
    sender: type[models.Model],
    request: HttpRequest,
    user: User,
    sociallogin: SocialLogin | None = None,
    **kwargs: object,
) -> None:
    """Note the provider, which allauth knows only after Django's signal, and that its address is confirmed."""
    if sociallogin is None:
        return
    request.session[LOGGED_IN_WITH] = used_provider(sociallogin)
    if user.verified_at is None and trusted_address(sociallogin) == user.email:
        mark_email_verified(user=user)


@receiver(social_account_added)
def note_connection(sender: type, sociallogin: SocialLogin, **kwargs: object) -> None:
    note_for_staff(sociallogin.user, f"{LoginProvider.objects.name_of(sociallogin.account.provider)} connected")
