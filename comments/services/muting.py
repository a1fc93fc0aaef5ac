"""Turning off emails about comments from a link in the email, without a login."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction

from comments.models import Mute, Notification

SALT = "comments.muting"
KINDS = tuple(Notification.Kind.values)


@dataclass(frozen=True, slots=True)
class Emails:
    """The emails to a reader that a link turns off: these kinds, or with `article_id` all about that article."""

    user_id: int
    kinds: tuple[str, ...] = ()
    article_id: int | None = None

    @property
    def token(self) -> str:
        """The signed part of the link. Does not expire."""
        return signing.dumps([self.user_id, list(self.kinds), self.article_id], salt=SALT)

    @property
    def labels(self) -> list[str]:
        return [str(kind.label) for kind in Notification.Kind if kind.value in self.kinds]


def emails_of(token: str) -> Emails | None:
    """Return the emails that `token` is for; None if it is invalid or the account was deleted. One query."""
    try:
        user_id, kinds, article_id = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    if not get_user_model()._default_manager.filter(pk=user_id, is_active=True).exists():
        return None
    return Emails(user_id, tuple(kinds), article_id)


def are_muted(emails: Emails) -> bool:
    if emails.article_id is not None:
        return Mute.objects.filter(user=emails.user_id, article=emails.article_id).exists()
    off = set(_opt_outs(emails).values_list("kind", flat=True))
    return off.issuperset(emails.kinds)


@transaction.atomic
def mute(*, emails: Emails) -> Emails:
    """Turn `emails` off. Returns those that were on before, so that an undo changes nothing else. Safe to repeat."""
    if emails.article_id is not None:
        Mute.objects.get_or_create(user_id=emails.user_id, article_id=emails.article_id)
        return emails
    created = [kind for kind in emails.kinds if _opt_outs(emails).get_or_create(kind=kind)[1]]
    return Emails(emails.user_id, tuple(created)) if created else emails


@transaction.atomic
def unmute(*, emails: Emails) -> None:
    """Turn `emails` on again. Safe to repeat."""
    if emails.article_id is not None:
        Mute.objects.filter(user=emails.user_id, article=emails.article_id).delete()
    else:
        _opt_outs(emails).filter(kind__in=emails.kinds).delete()


def _opt_outs(emails: Emails) -> Any:
    """The manager of the reader's opt-outs. Their model is in the app of the user model."""
    user: Any = get_user_model()(pk=emails.user_id)
    return user.email_opt_outs
