"""Signing up with an email address, confirming it, and leaving.

Nothing is stored of an address before its owner confirms it: the link in the email holds what was asked for.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.tasks import task
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import User
from truthlytics.newsletters.models import Address, Issue, Newsletter, SignUp, Suppression
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services.events import resume
from truthlytics.web.mail import URGENT, send_email

LIFETIME = timedelta(days=3)
CODE_LIFETIME = timedelta(minutes=15)
SALT = "truthlytics.newsletters.sign_up"


class Request(NamedTuple):
    """What an address asked for. `asked_at` is in seconds since 1970."""

    email: str
    newsletters: tuple[int, ...]
    source: str
    asked_at: float

    @property
    def token(self) -> str:
        return signing.dumps(list(self), salt=SALT)


def read_request(token: str) -> Request | None:
    """Return what `token` stands for; None if it is invalid or expired."""
    try:
        email, newsletters, source, asked_at = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return Request(email, tuple(newsletters), source, asked_at)


def ask(*, email: str, newsletters: Iterable[Newsletter], source: str, code: str) -> Request:
    """Send an email that asks the owner of `email` to confirm, with a link and `code`.

    The worker decides what the email says, so that neither the response nor its time tells who is signed up.
    """
    request = Request(email.strip().lower(), tuple(row.pk for row in newsletters), source, timezone.now().timestamp())
    transaction.on_commit(partial(send_confirmation.enqueue, request=list(request), code=code))
    return request


@task(priority=URGENT)
def send_confirmation(request: list[Any], code: str) -> None:
    """Email the link and the code, or what the address already gets."""
    asked = Request(request[0], tuple(request[1]), *request[2:])
    newsletters = Newsletter.objects.filter(pk__in=asked.newsletters)
    address = Address.objects.filter(email=asked.email).first()
    active = set(address.sign_ups.active().values_list("newsletter", flat=True)) if address else set()
    context: dict[str, object] = {"newsletters": newsletters}
    if address is not None and active.issuperset(asked.newsletters):
        path = reverse("newsletters:choices", args=[token_of(address.uuid.hex)])
        send_email(
            "newsletters_already", to=asked.email, context=context | {"choices_url": f"{settings.SITE_URL}{path}"}
        )
        return
    path = reverse("newsletters:confirm", args=[asked.token])
    context |= {"confirm_url": f"{settings.SITE_URL}{path}", "code": code}
    send_email("confirm_newsletters", to=asked.email, context=context, lifetime=LIFETIME, priority=URGENT)


@transaction.atomic
def sign_up(request: Request, now: datetime) -> Address:
    """Sign up a confirmed address for what it asked for. Safe to repeat.

    A confirmation ends a suppression because of bounces: the address has just received an email.
    """
    address = address_for(request.email)
    if address.suppression == Suppression.BOUNCE:
        resume(address)
    asked_at = datetime.fromtimestamp(request.asked_at, tz=now.tzinfo)
    for newsletter in Newsletter.objects.filter(pk__in=request.newsletters):
        row, created = SignUp.objects.get_or_create(
            address=address,
            newsletter=newsletter,
            defaults={"source": request.source, "asked_at": asked_at, "confirmed_at": now},
        )
        if not created and row.ended_at is not None and row.ended_at < asked_at:
            row.source, row.asked_at, row.confirmed_at = request.source, asked_at, now
            row.ended_at, row.ended_by = None, None
            row.save()
    return address


def address_for(email: str) -> Address:
    """Return the row of `email`, with the account that has this confirmed address."""
    user = User.objects.filter(email=email, verified_at__isnull=False, is_active=True).first()
    address, _created = Address.objects.get_or_create(email=email)
    if user is not None and address.user_id is None and not hasattr(user, "newsletter_address"):
        address.user = user
        address.save(update_fields=["user"])
    return address


def leave(*, address: Address, newsletters: Collection[int], issue_id: int | None = None) -> int:
    """End these sign-ups of `address`. Returns how many. Safe to repeat.

    `issue_id` is the issue whose link was used.
    """
    active = address.sign_ups.active().filter(newsletter__in=newsletters)
    by = issue_id if issue_id and Issue.objects.filter(pk=issue_id).exists() else None
    return int(active.update(ended_at=timezone.now(), ended_by=by))


def come_back(*, address: Address, newsletters: Collection[int]) -> int:
    """Undo `leave`. Returns how many sign-ups are active again. Safe to repeat."""
    ended = address.sign_ups.filter(newsletter__in=newsletters, ended_at__isnull=False)
    return int(ended.update(ended_at=None, ended_by=None))
