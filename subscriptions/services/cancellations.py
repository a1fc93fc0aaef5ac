"""Cancelling by a link sent to the reader's email address, and the reason that readers may give afterwards."""

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.tasks import task
from django.urls import reverse

from subscriptions import emails
from subscriptions.models import AccountNote, Subscription, User
from truthlytics.publication.mail import PRIORITY

LIFETIME = timedelta(hours=1)
SALT = "subscriptions.cancellation"
# Who wrote the note with the reason.
READER = "reader"


@task(priority=PRIORITY)
def send_cancellation_link(address: str) -> None:
    """Email a link to the subscriber with this address.

    In the worker, so that the time of a response does not tell whether the address is known.
    """
    user = User.objects.filter(email__iexact=address, is_active=True).first()
    if user is None:
        return
    subscription = Subscription.objects.live_of(user)
    if subscription is None or subscription.is_gift:
        emails.nothing_to_cancel(user, gift=subscription)
    else:
        emails.cancellation_link(user, reverse("subscriptions:cancel_by_link", args=[token_for(subscription)]))


def token_for(subscription: Subscription) -> str:
    """Return a token with which the subscription can be cancelled once, for an hour."""
    return signing.dumps([subscription.uuid.hex, _times_undone(subscription)], salt=SALT)


def subscription_for(token: str) -> Subscription | None:
    """Return the subscription that `token` was made for, None if it is invalid or too old.

    Also None once the reader has undone a cancellation: then the link was used, and must not cancel again.
    """
    try:
        value, times_undone = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError):
        return None
    found = Subscription.objects.filter(uuid=UUID(value), user__is_active=True).select_related("price__plan", "user")
    subscription = found.first()
    return subscription if subscription and _times_undone(subscription) == times_undone else None


def _times_undone(subscription: Subscription) -> int:
    return subscription.changes.filter(event="cancel_undone").count()


def note_reason(subscription: Subscription, text: str) -> None:
    """Store the reader's reason for cancelling, for the newsroom. A later reason replaces it."""
    since = subscription.changes.filter(event__in=["cancel_requested", "cancel_reached"]).last()
    notes = AccountNote.objects.filter(user=subscription.user, by=READER)
    earlier = notes.filter(created_at__gte=since.at).first() if since else None
    note = earlier or AccountNote(user=subscription.user, by=READER)
    note.text = text
    note.save()
