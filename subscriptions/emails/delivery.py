"""Emails that the worker renders, so that the time of a response does not tell which of them is sent."""

from datetime import timedelta

from django.tasks import task
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from truthlytics.web.mail import PRIORITY, Undeliverable, send_email


@task(priority=PRIORITY)
def send_later(template: str, to: str, context: dict[str, str], expires: str) -> None:
    """Render an email and queue it, in the worker."""
    expiry = parse_datetime(expires)
    if expiry is None or (left := expiry - timezone.now()) <= timedelta():
        raise Undeliverable(f"It expired at {expires}.")
    send_email(template, to=to, context=context, lifetime=left)
