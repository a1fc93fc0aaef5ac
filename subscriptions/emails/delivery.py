"""Emails that the worker chooses and renders, so that the time of a response does not tell which of them is sent."""

from datetime import timedelta

from allauth.account import app_settings
from django.conf import settings
from django.db.models import Q
from django.tasks import task
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import int_to_base36

from subscriptions.models import User
from truthlytics.publication.mail import URGENT, send_email
from truthlytics.web.budgets import may_write_to_stranger
from truthlytics.web.known_devices import GOOGLE, PROTON, link_for, mailbox
from truthlytics.web.mail_errors import Undeliverable


@task(priority=URGENT)
def send_later(template: str, to: str, context: dict[str, str], expires: str) -> None:
    """Render an email and queue it, in the worker."""
    if template == "unknown_account" and not _may_tell(to):
        return
    context |= {"browser_url": link_for(to)}
    send_email(template, to=to, context=context, lifetime=_time_left(expires), priority=URGENT)


@task(priority=URGENT)
def send_sign_up(to: str, code: str, expires: str, again: bool) -> None:
    """Email the code of a sign-up, or that the address has an account. The latter is not sent `again`."""
    if not User.objects.filter(email=to).exists():
        send_email("confirm_email", to=to, context={"code": code}, lifetime=_time_left(expires), priority=URGENT)
    elif not again:
        send_email("account_exists", to=to, context={}, priority=URGENT)


@task(priority=URGENT)
def send_password_reset(to: str) -> None:
    """Email a link that resets the password, or that no account has the address."""
    user = User.objects.filter(email=to, is_active=True).first()
    if user is None:
        if _may_tell(to):
            send_email("unknown_account", to=to, context={"browser_url": link_for(to)}, priority=URGENT)
        return
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": int_to_base36(user.pk), "key": token})
    context = {"password_reset_url": f"{settings.SITE_URL}{path}", "browser_url": link_for(to)}
    send_email("password_reset", to=to, context=context, priority=URGENT)


def _may_tell(address: str) -> bool:
    """Return whether to tell that no account uses the address: to readers always, to others as often as the site may.

    It has used up an email of the mailbox, in which someone with another of its addresses finds the way to log in.
    """
    return may_write_to_stranger() or _is_mailbox_of_reader(address)


def _is_mailbox_of_reader(address: str) -> bool:
    """Return whether an account may use the mailbox: also if that is not certain."""
    box = mailbox(address)
    name, _at, domain = box.rpartition("@")
    if domain in GOOGLE + PROTON or "xn--" in domain or '"' in address:
        return True
    tagged = Q(email__istartswith=f"{name}+", email__iendswith=f"@{domain}")
    return User.objects.filter(Q(email__iexact=box) | tagged).exists()


def _time_left(expires: str) -> timedelta:
    """Return the time until `expires`. Raises Undeliverable if it is over."""
    expiry = parse_datetime(expires)
    if expiry is None or (left := expiry - timezone.now()) <= timedelta():
        raise Undeliverable(f"It expired at {expires}.")
    return left
