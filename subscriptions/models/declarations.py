"""Declarations by which readers end a contract: withdrawals within 14 days, and cancellations on the public page."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscriptions.models.orders import Order
from subscriptions.models.subscription import Subscription


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    def waiting(self) -> Self:
        """Declarations that need an editor: a refund is due, or it is not known which contract they are about."""
        return self.filter(handled_at=None)

    def withdrawals(self) -> Self:
        return self.filter(kind=Declaration.Kind.WITHDRAWAL)


class Declaration(models.Model):
    """What a reader declared, as received. It counts from `declared_at`, whatever happens with it later.

    `order` is the contract that a withdrawal is about, `subscription` the one that was cancelled; both are empty while
    that is not known.
    """

    class Kind(models.TextChoices):
        WITHDRAWAL = "withdrawal", _("Withdrawal")
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
    # Whether the refund of this withdrawal is reduced by the days until then.
    deducts_use = models.BooleanField(_("days are deducted"), default=False)
    note = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed by email"), null=True, blank=True)
    handled_at = models.DateTimeField(_("done"), null=True, blank=True)
    handled_by = models.CharField(_("done by"), max_length=60, blank=True)

    objects: ClassVar[DeclarationQuerySet] = DeclarationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-declared_at", "-pk"]
        indexes = [models.Index(fields=["handled_at", "declared_at"], name="declaration_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind="withdrawal"), name="one_withdrawal_per_order",
                violation_error_message=_("The reader has already withdrawn from this order."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.name or self.email}"

    @property
    def is_withdrawal(self) -> bool:
        return self.kind == self.Kind.WITHDRAWAL
