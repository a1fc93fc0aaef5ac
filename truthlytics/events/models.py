"""Events, the endpoints that receive them, and every attempt to deliver one.

An event is written in the transaction of what it tells. Later, one process at a time tells the endpoints: each gets a
delivery with the next number, and its deliveries are sent in the order of these numbers.
"""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.web.plugins import event_kinds
from truthlytics.web.types import JsonObject

# Bytes of a secret, and the prefix that the specification of Standard Webhooks gives its text.
SECRET_BYTES, SECRET_PREFIX = 32, "whsec_"
# After a rotation, both secrets sign for this time.
OVERLAP = timedelta(days=1)


class EventQuerySet(models.QuerySet["Event"]):
    def untold(self) -> Self:
        return self.filter(told_at=None)

    def due(self, now: datetime) -> Self:
        """Return the events to be told by `now`, in their order."""
        return self.untold().filter(due_at__lte=now).order_by("due_at", "pk")


class Event(models.Model):
    """Something that has happened, or will at `due_at` unless the row is deleted before."""

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    # A `Kind`, without `choices`, so that a new one needs no migration.
    kind = models.CharField(_("kind"), max_length=30)
    # Of what happens once only, such as "article <uuid> 3".
    key = models.CharField(max_length=100, null=True, blank=True)
    # Public identifiers and addresses, without personal data. `reader` is the id of an account.
    data: models.JSONField[JsonObject] = models.JSONField(default=dict)
    due_at = models.DateTimeField(_("time"))
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    told_at = models.DateTimeField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_event_per_key")]
        indexes = [models.Index(fields=["due_at"], condition=Q(told_at=None), name="untold_event_by_time")]

    def __str__(self) -> str:
        return self.kind

    @property
    def label(self) -> str:
        """The name of its kind for people, in the language of now."""
        return label_of(self.kind)

    @property
    def message_id(self) -> str:
        """What receivers recognise a repeated delivery by."""
        return f"evt_{self.uuid.hex}"


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def listed(self) -> Self:
        return self.filter(removed_at=None)

    def active(self) -> Self:
        return self.listed().filter(disabled_at=None)

    def free(self, now: datetime) -> Self:
        """Return those to which something can be sent, because no other process does so at `now`."""
        return self.active().filter(Q(busy_until=None) | Q(busy_until__lte=now))

    def due(self, now: datetime) -> Self:
        """Return those of `free` to which something is to be sent by `now`."""
        waiting = Delivery.objects.waiting().filter(endpoint=OuterRef("pk"))
        return self.free(now).filter(Exists(waiting), next_attempt_at__lte=now)


class Endpoint(models.Model):
    """An address that receives events of some kinds."""

    class Format(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook for a program")
        CHAT = "chat", _("Message in Slack, Mattermost or Matrix")

    class Disabled(models.TextChoices):
        BY_HAND = "hand", _("Switched off here.")
        GONE = "gone", _("It answered that it is gone for ever (410).")
        FAILING = "failing", _("Every attempt of two days failed.")

    description = models.CharField(_("description"), max_length=100)
    url = models.CharField(_("address"), max_length=500)
    format = models.CharField(_("format"), max_length=10, choices=Format, default=Format.WEBHOOK)
    kinds: models.JSONField[list[str]] = models.JSONField(_("events"), default=list)
    with_emails = models.BooleanField(_("with the email addresses of readers"), default=False)
    secret = models.CharField(max_length=100, default=new_secret, editable=False)
    former_secret = models.CharField(max_length=100, blank=True, editable=False)
    former_secret_until = models.DateTimeField(null=True, editable=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_because = models.CharField(max_length=10, choices=Disabled, blank=True, editable=False)
    # The number of its newest delivery.
    last_number = models.PositiveBigIntegerField(default=0, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    next_attempt_at = models.DateTimeField(default=timezone.now, editable=False)
    # A process sends to it until then.
    busy_until = models.DateTimeField(null=True, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["description", "pk"]

    def __str__(self) -> str:
        return self.description

    def wants(self, event: Event) -> bool:
        return event.kind in self.kinds

    def rotate_secret(self, now: datetime) -> str:
        """Make a new secret and return it. Until `OVERLAP` has passed, both sign."""
        self.former_secret, self.former_secret_until = self.secret, now + OVERLAP
        self.secret = new_secret()
        self.save(update_fields=["secret", "former_secret", "former_secret_until"])
        return self.secret

    def secrets_at(self, now: datetime) -> list[str]:
        """Return the secrets that sign at `now`, the newest first."""
        still_signs = self.former_secret_until is not None and now < self.former_secret_until
        return [self.secret, self.former_secret] if still_signs else [self.secret]

    def disable(self, because: str, now: datetime) -> None:
        self.disabled_at, self.disabled_because = now, because
        self.save(update_fields=["disabled_at", "disabled_because"])

    def enable(self, now: datetime) -> None:
        """Send again, beginning with what has waited."""
        self.disabled_at, self.disabled_because = None, ""
        self.failures, self.failing_since, self.next_attempt_at = 0, None, now
        self.save(update_fields=["disabled_at", "disabled_because", "failures", "failing_since", "next_attempt_at"])

    def remove(self, now: datetime) -> None:
        self.removed_at = now
        self.save(update_fields=["removed_at"])


class EventDeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        return self.filter(delivered_at=None, given_up_at=None)


class Delivery(models.Model):
    """An event for an endpoint. `number` has no gaps, so that a receiver notices what it has missed."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    number = models.PositiveBigIntegerField()
    first_attempt_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = EventDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "number"], name="one_delivery_per_number"),
            models.UniqueConstraint(fields=["endpoint", "event"], name="one_delivery_per_event"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "number"],
                condition=Q(delivered_at=None, given_up_at=None),
                name="waiting_delivery",
            )
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.number}"

    def send_again(self) -> None:
        """Send it again, before what has a higher number."""
        self.first_attempt_at = self.delivered_at = self.given_up_at = None
        self.save(update_fields=["first_attempt_at", "delivered_at", "given_up_at"])


class Attempt(models.Model):
    """One request to an endpoint. What its server answered beyond the status is not kept."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    # Of the answer; 0 if there was none.
    status = models.PositiveSmallIntegerField(default=0)
    milliseconds = models.PositiveIntegerField()
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status}"


class Kind(models.TextChoices):
    ARTICLE_PUBLISHED = "article.published", _("Article published")
    ARTICLE_UPDATED = "article.updated", _("Article updated")
    ARTICLE_CORRECTED = "article.corrected", _("Article corrected")
    ARTICLE_WITHDRAWN = "article.withdrawn", _("Article withdrawn")
    ARTICLE_RESTORED = "article.restored", _("Article restored")
    ARTICLE_REDACTED = "article.redacted", _("Text of an article removed")
    DOSSIER_PUBLISHED = "dossier.published", _("Dossier published")
    DOSSIER_UPDATED = "dossier.updated", _("Dossier updated")
    DOSSIER_WITHDRAWN = "dossier.withdrawn", _("Dossier withdrawn")
    DOSSIER_RESTORED = "dossier.restored", _("Dossier restored")
    DOSSIER_REDACTED = "dossier.redacted", _("Text of a dossier removed")
    PAGE_PUBLISHED = "page.published", _("Page published")
    PAGE_UPDATED = "page.updated", _("Page updated")
    PAGE_WITHDRAWN = "page.withdrawn", _("Page withdrawn")
    PAGE_RESTORED = "page.restored", _("Page restored")
    PAGE_REDACTED = "page.redacted", _("Text of a page removed")
    COMMENT_WAITING = "comment.waiting", _("Comment waits for moderation")
    COMMENT_SHOWN = "comment.shown", _("Comment shown")
    COMMENT_REMOVED = "comment.removed", _("Comment removed")
    ERROR_REPORT_RECEIVED = "error_report.received", _("Error reported")
    ERROR_REPORT_ANSWERED = "error_report.answered", _("Error report answered")
    READER_CREATED = "reader.created", _("Account created")
    READER_CONFIRMED = "reader.confirmed", _("Email address confirmed")
    READER_DELETED = "reader.deleted", _("Account deleted")
    SUBSCRIPTION_STARTED = "subscription.started", _("Subscription started")
    SUBSCRIPTION_RENEWED = "subscription.renewed", _("Subscription renewed")
    SUBSCRIPTION_CHANGED = "subscription.changed", _("Subscription changed")
    SUBSCRIPTION_PAST_DUE = "subscription.past_due", _("Subscription past due")
    SUBSCRIPTION_CANCELLED = "subscription.cancelled", _("Subscription cancelled")
    SUBSCRIPTION_ENDED = "subscription.ended", _("Subscription ended")
    PAYMENT_RECEIVED = "payment.received", _("Payment received")
    PAYMENT_REFUNDED = "payment.refunded", _("Payment refunded")
    GIFT_BOUGHT = "gift.bought", _("Gift bought")
    GIFT_REDEEMED = "gift.redeemed", _("Gift redeemed")
    TEST = "test", _("Test")


def choices() -> list[tuple[str, str]]:
    """Return what can be chosen. A test goes to the endpoint that asked for it."""
    return [(kind.value, str(kind.label)) for kind in _every_kind() if kind != Kind.TEST]


def known(kind: str) -> models.TextChoices:
    """Return `kind`, of the site, a feature or a plug-in, as its class has it. Raises ValueError if there is none."""
    for found in _every_kind():
        if found.value == kind:
            return found
    raise ValueError(f"There is no event “{kind}”. docs/events.md lists those that there are.")


def label_of(kind: str) -> str:
    """Return the name of a kind for people; its own if it does not exist any more."""
    try:
        return str(known(kind).label)
    except ValueError:
        return kind


def _every_kind() -> list[models.TextChoices]:
    return [*Kind, *(kind for kinds in event_kinds() for kind in kinds if kind.value not in Kind)]
