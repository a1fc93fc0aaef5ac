"""Email addresses that get newsletters, and what they signed up for."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

DIGEST_SALT = "truthlytics.newsletters.deleted_address"


class Suppression(models.TextChoices):
    """Why an address gets no newsletters, even those that it signed up for."""

    BOUNCE = "bounce", _("Emails could not be delivered")
    COMPLAINT = "complaint", _("An email was reported as spam")
    NEWSROOM = "newsroom", _("The newsroom turned it off")


class AddressQuerySet(models.QuerySet["Address"]):
    def with_email(self, email: str) -> Self:
        """Return the row of `email`, ignoring case, by the index."""
        return self.alias(lower_email=Lower("email")).filter(lower_email=email.strip().lower())

    def deliverable(self, now: datetime) -> Self:
        """Return the addresses that newsletters may be sent to."""
        paused = Q(paused_until__gt=now)
        return self.filter(~paused, suppressed_at=None)


class Address(models.Model):
    """A confirmed address that gets newsletters, with or without an account.

    It is the address of `user` if they have one; when the account changes its address, this one follows.
    """

    class Frequency(models.TextChoices):
        AT_ONCE = "at_once", _("At once, an email for each article")
        DAILY = "daily", _("One email a day")
        WEEKLY = "weekly", _("One email a week")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("email address"), max_length=254)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="newsletter_address"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # How soon articles of what is followed arrive, up to when those published have been sent, and when the reader
    # turned these emails off. What they follow stays, so that this can be undone.
    frequency = models.CharField(max_length=8, choices=Frequency, default=Frequency.DAILY)
    followed_until = models.DateTimeField(null=True, blank=True, editable=False)
    follows_stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    suppression = models.CharField(max_length=10, choices=Suppression, blank=True, editable=False)
    suppressed_at = models.DateTimeField(null=True, blank=True, editable=False)
    suppression_detail = models.CharField(max_length=300, blank=True, editable=False)
    # After several emails in a short time that could not be delivered for now.
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader of newsletters")
        verbose_name_plural = _("readers of newsletters")
        permissions = [("export_address", _("Can export the readers of newsletters"))]
        indexes = [
            models.Index(
                fields=["frequency", "followed_until"],
                condition=Q(followed_until__isnull=False),
                name="address_by_followed_until",
            )
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_newsletter_address_per_email"),
            models.CheckConstraint(
                condition=Q(suppression="", suppressed_at=None) | (~Q(suppression="") & Q(suppressed_at__isnull=False)),
                name="suppression_has_a_reason_and_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)


class DeletedAddressQuerySet(models.QuerySet["DeletedAddress"]):
    def of(self, email: str) -> Self:
        return self.filter(digest__in=digests_of(email))


class DeletedAddress(models.Model):
    """That an address was deleted at its reader's request, without the address.

    So that an import, or a confirmation that was asked for before, does not bring it back.
    """

    digest = models.CharField(max_length=64, unique=True, editable=False)
    deleted_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DeletedAddressQuerySet.as_manager()

    def __str__(self) -> str:
        return self.digest


def digests_of(email: str) -> list[str]:
    """Return the digests of an address with the site's secret keys, the current one first.

    Without a key, addresses could be tried by anyone who reads the database.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    text = email.strip().lower()
    return [salted_hmac(DIGEST_SALT, text, secret=key, algorithm="sha256").hexdigest() for key in keys]


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)


class SignUp(models.Model):
    """What an address signed up for. The row stays when it has left, as the proof of consent and of its end."""

    class Source(models.TextChoices):
        ARTICLE = "article", _("Below an article")
        FOOTER = "footer", _("Foot of a page")
        PAGE = "page", _("Page of newsletters")
        ACCOUNT = "account", _("Account")
        REGISTRATION = "registration", _("Registration")
        CART = "cart", _("Cart")
        IMPORT = "import", _("Import")

    address = models.ForeignKey(Address, models.CASCADE, related_name="sign_ups")
    newsletter = models.ForeignKey("newsletters.Newsletter", models.CASCADE, related_name="sign_ups")
    source = models.CharField(max_length=12, choices=Source)
    # Where an imported consent comes from, as the newsroom stated it.
    origin = models.CharField(_("origin of the consent"), max_length=300, blank=True, default="", db_default="")
    # When the address asked for it, and when the link or code in the email was used. The same for a reader who is
    # logged in, since their address was confirmed before.
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The issue with the link that was used to leave.
    ended_by = models.ForeignKey("newsletters.Issue", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = SignUpQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "newsletter"], name="one_sign_up_per_newsletter")]
        indexes = [models.Index(fields=["newsletter", "address"], name="sign_up_by_newsletter")]

    def __str__(self) -> str:
        return f"{self.address}: {self.newsletter}"
