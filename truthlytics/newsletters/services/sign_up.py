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
from truthlytics.newsletters.models import (
    KINDS,
    Address,
    DeletedAddress,
    Followed,
    Issue,
    Newsletter,
    SignUp,
    Suppression,
    labels_of,
    names_of,
)
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services import events, follows
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import URGENT, send_email

LIFETIME = timedelta(days=3)
CODE_LIFETIME = timedelta(minutes=15)
SALT = "truthlytics.newsletters.sign_up"


class Request(NamedTuple):
    """What an address asked for: ids of newsletters, and what it wants to follow.

    `asked_at` is in seconds since 1970; `frequency` is one of Address.Frequency, or "" to leave it as it is.
    """

    email: str
    newsletters: tuple[int, ...]
    source: str
    asked_at: float
    followed: tuple[Followed, ...] = ()
    frequency: str = ""

    @property
    def token(self) -> str:
        return signing.dumps(list(self), salt=SALT)

    @property
    def labels(self) -> list[str]:
        """The names of the newsletters, and of what is to be followed."""
        names = Newsletter.objects.filter(pk__in=self.newsletters).values_list("name", flat=True)
        return [*names, *labels_of(names_of(self.followed, timezone.now())).values()]


def read_request(token: str) -> Request | None:
    """Return the request that `token` contains; None if it is invalid or expired."""
    try:
        return _request(signing.loads(token, salt=SALT, max_age=LIFETIME))
    except signing.BadSignature:
        return None


def _request(stored: list[Any]) -> Request:
    email, newsletters, source, asked_at, followed, frequency = stored
    pairs = tuple((kind, pk) for kind, pk in followed if kind in KINDS)
    return Request(email, tuple(newsletters), source, asked_at, pairs, frequency)


def ask(
    *,
    email: str,
    newsletters: Iterable[Newsletter] = (),
    followed: Iterable[Followed] = (),
    frequency: str = "",
    source: str,
    code: str,
) -> Request:
    """Send an email that asks the owner of `email` to confirm, with a link and `code`.

    The worker decides what the email says, so that neither the response nor its time tells who is signed up.
    """
    ids = tuple(row.pk for row in newsletters)
    request = Request(email.strip().lower(), ids, source, timezone.now().timestamp(), tuple(followed), frequency)
    transaction.on_commit(partial(send_confirmation.enqueue, request=list(request), code=code))
    return request


@task(priority=URGENT)
def send_confirmation(request: list[object], code: str) -> None:
    """Email the link and the code, or what the address already gets."""
    asked = _request(request)
    address = Address.objects.with_email(asked.email).first()
    with site_language():
        context: dict[str, object] = {"labels": asked.labels}
    if address is not None and _gets_all(address, asked):
        path = reverse("newsletters:choices", args=[token_of(address.uuid.hex)])
        send_email(
            "newsletters_already", to=asked.email, context=context | {"choices_url": f"{settings.SITE_URL}{path}"}
        )
        return
    path = reverse("newsletters:confirm", args=[asked.token])
    context |= {"confirm_url": f"{settings.SITE_URL}{path}", "code": code}
    send_email("confirm_newsletters", to=asked.email, context=context, lifetime=LIFETIME, priority=URGENT)


def _gets_all(address: Address, asked: Request) -> bool:
    """Return whether `address` already gets what it asks for."""
    if address.suppression or (asked.followed and address.follows_stopped_at is not None):
        return False
    active = set(address.sign_ups.active().values_list("newsletter", flat=True))
    follows_all = all(address.follows.filter(**{kind: pk}).exists() for kind, pk in asked.followed)
    return active.issuperset(asked.newsletters) and follows_all


@transaction.atomic
def sign_up(request: Request, now: datetime, *, by_email: bool = False) -> Address | None:
    """Sign up a confirmed address for what it asked for. Safe to repeat.

    Returns None, and stores nothing, if its reader has had the address deleted since then. No import brings it back.

    `by_email` means that the reader has just confirmed it by an email, which shows that they get emails and want them:
    it ends a suppression, unless the newsroom chose that.
    """
    asked_at = datetime.fromtimestamp(request.asked_at, tz=now.tzinfo)
    deleted = DeletedAddress.objects.of(request.email)
    if request.source != SignUp.Source.IMPORT:
        deleted = deleted.filter(deleted_at__gte=asked_at)
    if deleted.exists():
        return None
    address = address_for(request.email)
    if by_email and address.suppression in {Suppression.BOUNCE, Suppression.COMPLAINT}:
        events.resume(address)
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
    if address.follows_stopped_at is None or address.follows_stopped_at < asked_at:
        follows.follow(address=address, followed=request.followed, frequency=request.frequency, now=now)
    return address


def address_for(email: str) -> Address:
    """Return the row of `email`, with the account that has this confirmed address."""
    user = User.objects.filter(email__iexact=email, verified_at__isnull=False, is_active=True).first()
    address, _created = Address.objects.with_email(email).get_or_create(defaults={"email": email})
    if user is not None and address.user_id is None and not hasattr(user, "newsletter_address"):
        address.user = user
        address.save(update_fields=["user"])
    return address


def own_address(user: User) -> Address:
    """Return the row of an account with a confirmed address, made if it has none."""
    return Address.objects.filter(user=user).first() or address_for(user.email)


def leave(*, address: Address, newsletters: Collection[int], issue_id: int | None = None) -> None:
    """End these sign-ups of `address`; `issue_id` is the issue with the link that was used. Safe to repeat."""
    active = address.sign_ups.active().filter(newsletter__in=newsletters)
    by = issue_id if issue_id is not None and Issue.objects.filter(pk=issue_id).exists() else None
    active.update(ended_at=timezone.now(), ended_by=by)


def come_back(*, address: Address, newsletters: Collection[int]) -> int:
    """Undo `leave`. Returns how many sign-ups are active again. Safe to repeat."""
    ended = address.sign_ups.filter(newsletter__in=newsletters, ended_at__isnull=False)
    return int(ended.update(ended_at=None, ended_by=None))
