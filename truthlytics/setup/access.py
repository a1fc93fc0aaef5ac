"""Access to the setup page: needs the token that `serve` prints, and ends with the first staff account."""

import secrets

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from subscriptions.models import User
from truthlytics.audit.log import AuditEntry

LENGTH = 32


def is_set_up() -> bool:
    return User.objects.filter(is_staff=True).exists()


def make_token() -> str:
    """Return the token. It is stored nowhere, and another one after each logged action, the first of which is setup."""
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    return salted_hmac("truthlytics.setup", str(last or 0), algorithm="sha256").hexdigest()[:LENGTH]


def is_valid(token: str) -> bool:
    return secrets.compare_digest(token.encode(), make_token().encode())


def setup_url() -> str:
    return f"{settings.SITE_URL}{reverse('newsroom_setup')}?token={make_token()}"
