"""What was moved, once for each contract, so that it can be continued, compared and undone."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ContractRun(models.Model):
    """An application of a plan. One that was interrupted is continued; another one begins after it has finished.

    `shop_off_at` is when the operator stated that the old shop charges no more.
    """

    source = models.CharField(max_length=200, help_text=_("Where the list comes from."))
    started_at = models.DateTimeField(default=timezone.now)
    shop_off_at = models.DateTimeField(null=True, blank=True)
    # Why contracts at Stripe that could be ours were left alone, by their ids.
    refused = models.JSONField(default=dict, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "truthlytics_contractrun"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Case(models.When(finished_at=None, then=1)),
                name="one_contract_run_at_a_time",
                violation_error_message=_("Another run has not finished. Continue it first."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.started_at:%Y-%m-%d %H:%M}"


class MovedContractQuerySet(models.QuerySet["MovedContract"]):
    def done(self) -> Self:
        return self.filter(done_at__isnull=False, undone_at=None)


class MovedContract(models.Model):
    """A contract of the old system, before, while and after it is moved.

    `key` is its name there. The row is written before Stripe is asked, so that a repetition asks for the same: with
    the same `order_uuid`, price and first charge. `facts` has what was planned, and what it was like before.
    """

    class Action(models.TextChoices):
        ADOPT = "adopt", _("Attach")
        CREATE = "create", _("Create")
        ACCESS = "access", _("Access until")

    run = models.ForeignKey(ContractRun, models.DO_NOTHING, related_name="contracts")
    key = models.CharField(max_length=200)
    action = models.CharField(max_length=6, choices=Action)
    order_uuid = models.UUIDField(default=uuid.uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, blank=True, related_name="+")
    subscription = models.ForeignKey(
        "subscriptions.Subscription", models.DB_SET_NULL, null=True, blank=True, related_name="+"
    )
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = MovedContractQuerySet.as_manager()

    class Meta:
        db_table = "truthlytics_movedcontract"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="one_contract_per_run_and_key"),
            models.UniqueConstraint(fields=["key"], condition=Q(undone_at=None), name="moved_once"),
        ]

    def __str__(self) -> str:
        return self.key


class SignedYear(models.Model):
    """A rehearsal of twelve months that was signed off, for the comparison with what is charged then.

    `digest` is the SHA-256 of the CSV file that was shown. `charges` has the rows of it that say what is charged here,
    without the addresses of readers: contract, day, amount and currency.
    """

    signed_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64)
    charges = models.JSONField(default=list)

    class Meta:
        db_table = "truthlytics_signedyear"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.signed_at:%Y-%m-%d %H:%M}"


class LinkEmail(models.Model):
    """The one email with their personal link to readers who paid in another account, as an editor wrote it.

    `SentEmail` has who got it. While `sending_since` is set, a worker sends it to those who have not.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"), max_length=5000)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, blank=True, related_name="+")
    sending_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "truthlytics_linkemail"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_link_email")]

    def __str__(self) -> str:
        return self.subject
