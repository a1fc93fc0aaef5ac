"""Declarations by which readers end a contract: withdrawals within 14 days, and cancellations on the public page."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from subscriptions.models.orders import Order
from subscriptions.models.subscription import Subscription

SATURDAY = 5


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    def waiting(self) -> Self:
        """Declarations that need an editor: a refund is due, or it is not known which contract they are about."""
        return self.filter(handled_at=None)

    def withdrawals(self) -> Self:
        return self.filter(kind=Declaration.Kind.WITHDRAWAL)

    def in_force(self) -> Self:
        """Declarations that their reader has not undone."""
        return self.filter(undone_at=None)

    def from_unknown_senders(self) -> Self:
        """Declarations that change nothing yet, because anyone may have sent them."""
        return self.waiting().filter(sender_known_at=None)

    def of(self, user: object) -> Self:
        """Those of `user`: declared in the account, with its address, or with the reference of one of its orders."""
        return self.filter(user=user)


class Declaration(models.Model):
    """What a reader declared, as received. It counts from `declared_at`, even if it is applied later.

    It is applied once the sender is known. `order` is then the contract that a withdrawal has ended, `subscription` the
    one that was cancelled; both are empty before.
    """

    # How the sender became known, unless an editor decided: then it is their name.
    BY_EMAIL, IN_ACCOUNT = "email", "account"

    class Kind(models.TextChoices):
        WITHDRAWAL = "withdrawal", pgettext_lazy("declaration", "Withdrawal")
        CANCELLATION = "cancellation", _("Cancellation")

    kind = models.CharField(max_length=12, choices=Kind)
    declared_at = models.DateTimeField(_("received"))
    # As typed, or those of the account in which it was declared. These four are erased with the account.
    name = models.CharField(_("name"), max_length=100, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    contract = models.CharField(_("contract"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    ends_on = models.DateField(_("wished end"), null=True, blank=True)
    in_account = models.BooleanField(_("declared in the account"), default=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="declarations"
    )
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="declarations")
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="declarations"
    )
    # When and how the sender became known: by the link in the confirmation, a login, or an editor’s decision.
    sender_known_at = models.DateTimeField(_("sender known"), null=True, blank=True)
    sender_known_by = models.CharField(_("sender known by"), max_length=60, blank=True, default="", db_default="")
    # When the contract ends, which decides what is paid back.
    effective_at = models.DateTimeField(_("ends the contract on"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone by the reader"), null=True, blank=True)
    # What a withdrawal changed, so that it can be undone: see `services.undoing`.
    changed_rows = models.JSONField(null=True, blank=True, editable=False)
    # Whether the refund of this withdrawal is reduced by the days until then.
    deducts_use = models.BooleanField(_("days are deducted"), default=False)
    note = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed by email"), null=True, blank=True)
    handled_at = models.DateTimeField(_("done"), null=True, blank=True)
    handled_by = models.CharField(_("done by"), max_length=60, blank=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        ordering = ["-declared_at", "-pk"]
        indexes = [models.Index(fields=["handled_at", "declared_at"], name="declaration_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(kind="withdrawal", undone_at=None),
                name="one_withdrawal_per_order",
                violation_error_message=_("The reader has already withdrawn from this order."),
            ),
            # Of those with an effect. Declared again, a cancellation has none.
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(kind="cancellation", undone_at=None, effective_at__isnull=False),
                name="one_cancellation_per_subscription",
                violation_error_message=_("The reader has already cancelled this subscription."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.name or self.email}"

    @property
    def is_withdrawal(self) -> bool:
        return self.kind == self.Kind.WITHDRAWAL

    @property
    def is_applied(self) -> bool:
        """Whether it has ended a contract, or will at a date that is fixed."""
        return self.order_id is not None or self.subscription_id is not None

    @property
    def is_from_unknown_sender(self) -> bool:
        return self.sender_known_at is None and self.handled_at is None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it has waited for a decision about its sender for more than a working day."""
        day = timezone.localdate(self.declared_at) + timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return self.is_from_unknown_sender and timezone.localdate(now) > day
