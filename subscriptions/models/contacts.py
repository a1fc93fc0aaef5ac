"""What the publication keeps about a reader beside payments.

Emails sent, notes, changed addresses, trials and provider accounts.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.web.dates import local_date


class SentEmail(models.Model):
    """An email about a subscription, or about the correction of an article that the reader knows.

    The row is created before the email is queued, so that none is sent twice.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_emails")
    # The template, such as "receipt", and what it is about, such as the payment's id or the end of a period.
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_email_per_kind_and_key")]

    def __str__(self) -> str:
        return self.subject or self.kind


class AccountNote(models.Model):
    """A note that the newsroom keeps about a reader's account."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_notes")
    text = models.TextField(max_length=2000)
    by = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]


class EmailChange(models.Model):
    """A change of the address of an account, which the owner of the old address can undo for some days."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["changed_at", "pk"]

    def __str__(self) -> str:
        return local_date(self.changed_at, "j M Y")


class TrialUse(models.Model):
    """A free trial that was started. Kept when the account is deleted, as a keyed hash of the email address."""

    fingerprint = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return local_date(self.started_at, "j M Y")


class ProviderCustomer(models.Model):
    """A reader's customer id at a payment provider."""

    provider = models.CharField(max_length=20)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provider_customers")
    ref = models.CharField(_("reference"), max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "user"], name="one_customer_per_reader"),
            models.UniqueConstraint(fields=["provider", "ref"], name="one_reader_per_customer"),
        ]

    def __str__(self) -> str:
        return self.ref
