"""Payments, refunds and the receipts issued for them."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from subscriptions.models.billing import BillingDetails, TaxFacts
from subscriptions.models.by_hand import settled_by_hand
from subscriptions.models.orders import Order
from subscriptions.models.subscription import Subscription
from subscriptions.money import Money
from subscriptions.tax import Kind, invoice


class PaymentQuerySet(models.QuerySet["Payment"]):
    def of(self, user: object) -> Self:
        """Return the payments of `user` that succeeded, newest first."""
        return self.filter(user=user, status=Payment.Status.SUCCEEDED).order_by("-paid_at", "-pk")

    def listed_for(self, user: object) -> Self:
        """Return the money that `user` paid, also if it was not owed, with its receipts in `own_receipts`."""
        paid = self.filter(user=user, status__in=[Payment.Status.SUCCEEDED, Payment.Status.SURPLUS])
        return paid.with_own_receipts()

    def with_own_receipts(self) -> Self:
        """Fetch the order, and into `own_receipts` the receipts of each payment, the newest first."""
        own_receipts = models.Prefetch("receipts", Receipt.objects.originals(), to_attr="own_receipts")
        return self.select_related("order").prefetch_related(own_receipts)

    def needing_attention(self) -> Self:
        """Payments that need attention: failed while the order is open, not owed and not refunded, or disputed."""
        failed = Q(status=Payment.Status.FAILED, order__status=Order.Status.OPEN)
        surplus = Q(status=Payment.Status.SURPLUS, refunded_minor__lt=F("minor"))
        return self.filter(failed | surplus | Q(dispute=Payment.Dispute.OPEN))


class Payment(BillingDetails, TaxFacts):
    """A payment reported by a provider. `surplus` payments were not owed and should be refunded.

    First payments belong to an order; renewals have only a subscription. The buyer's details and the tax are those of
    the day on which it succeeded.
    """

    class Status(models.TextChoices):
        PROCESSING = "processing", _("Processing")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        SURPLUS = "surplus", _("Surplus")

    class Dispute(models.TextChoices):
        OPEN = "open", _("Chargeback open")
        WON = "won", _("Chargeback won")
        LOST = "lost", _("Chargeback lost")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(_("provider reference"), max_length=100)
    # The provider's invoice that the payment settles, and its address there.
    invoice_ref = models.CharField(_("invoice reference"), max_length=100, blank=True)
    invoice_url = models.URLField(max_length=500, blank=True)
    description = models.CharField(max_length=120, blank=True)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status)
    minor = models.BigIntegerField(_("amount"), help_text=_("Enter minor units: 900 means €9.00 or ¥900."))
    refunded_minor = models.BigIntegerField(_("refunded"), default=0)
    # Set by `with_own_receipts`.
    own_receipts: "list[Receipt]"
    currency = models.CharField(max_length=3)
    method = models.CharField(_("payment method"), max_length=60, blank=True)
    dispute = models.CharField(_("chargeback"), max_length=4, choices=Dispute, blank=True)
    # When the bank opened the chargeback, as the provider says, and when the site heard that it was decided.
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute_decided_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    # The first day of the month of the payment, or of the failed attempt, in the publication's time zone.
    month = models.DateField(editable=False)
    note = models.CharField(max_length=200, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        permissions = [("refund_payment", _("Can refund payments")), ("view_revenue", _("Can view revenue"))]
        indexes = [
            models.Index(fields=["status", "currency", "month", "minor", "refunded_minor"], name="payment_by_month"),
            models.Index(fields=["dispute", "currency", "month"], name="payment_by_dispute"),
            # For the list in the newsroom: its order, its filters and its search.
            models.Index(fields=["recorded_at"], name="payment_by_date"),
            models.Index(fields=["month", "recorded_at"], name="payment_by_month_and_date"),
            models.Index(fields=["country", "recorded_at"], name="payment_by_country"),
            models.Index(fields=["provider", "recorded_at"], name="payment_by_provider"),
            models.Index(fields=["invoice_ref"], name="payment_by_invoice"),
            models.Index(fields=["company"], name="payment_by_company"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gte=0), name="payment_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("minor")),
                name="refunds_within_payment",
                violation_error_message=_("More than was paid can’t be refunded."),
            ),
            models.UniqueConstraint(fields=["provider", "provider_ref"], name="one_row_per_payment"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="succeeded"), name="one_settling_payment_per_order"
            ),
            models.UniqueConstraint(
                fields=["provider", "invoice_ref"],
                condition=Q(status="succeeded") & ~Q(invoice_ref=""),
                name="one_settling_payment_per_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.money}, {self.get_status_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.month = timezone.localdate(self.paid_at or self.recorded_at).replace(day=1)
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "month"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("subscriptions:receipt", args=[self.uuid])

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def gross(self) -> Money:
        return self.money

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What can still be refunded; nothing while the payment has not succeeded."""
        paid = self.status in (self.Status.SUCCEEDED, self.Status.SURPLUS)
        return Money(self.minor - self.refunded_minor if paid else 0, self.currency)

    @property
    def is_settled_by_hand(self) -> bool:
        """Whether an editor pays refunds out."""
        return self.provider in settled_by_hand()

    @property
    def is_refunded(self) -> bool:
        return self.minor > 0 and self.refunded_minor == self.minor


class RefundQuerySet(models.QuerySet["Refund"]):
    def awaiting_transfer(self) -> Self:
        """Refunds that an editor has to transfer."""
        return self.filter(status=Refund.Status.REQUESTED, payment__provider__in=settled_by_hand())


class Refund(models.Model):
    """Money paid back. Reserved on the payment before the provider is asked, so that it is never refunded twice.

    `key` makes repeated requests to the provider safe. `tick` repeats requests that the provider did not answer.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    provider_ref = models.CharField(_("provider reference"), max_length=100, null=True, blank=True, unique=True)
    minor = models.BigIntegerField(_("amount"))
    status = models.CharField(max_length=9, choices=Status, default=Status.REQUESTED)
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=60, blank=True)
    # Whether the reader keeps access and subscription although the whole payment is refunded.
    keeps_access = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(fields=["requested_at"], name="refund_by_date"),
            models.Index(fields=["status", "requested_at"], name="refund_by_status"),
            models.Index(fields=["done_at"], name="refund_by_day_done"),
        ]
        constraints = [models.CheckConstraint(condition=Q(minor__gt=0), name="refund_positive")]

    def __str__(self) -> str:
        return f"{self.money}, {self.get_status_display()}"

    @property
    def money(self) -> Money:
        return Money(self.minor, self.payment.currency)

    @property
    def awaits_transfer(self) -> bool:
        """Whether an editor has to transfer the money."""
        return self.status == self.Status.REQUESTED and self.payment.is_settled_by_hand


class ReceiptSeries(models.Model):
    """The last receipt number given in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def originals(self) -> Self:
        """Receipts, the newest of a payment first: the one that is in force, unless it was cancelled."""
        return self.filter(kind=Receipt.Kind.RECEIPT).order_by("-edition")


class Receipt(TaxFacts):
    """An invoice, also where nothing is said about tax, or a credit note, as issued: no column of a row ever changes.

    The code and the addresses call both a receipt; readers see the word invoice. A credit note `corrects` an invoice,
    by a refund or a lost chargeback, or cancels it because it was wrong; another `edition` is then issued for what
    remains paid. The amounts of credit notes are negative.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    class Reason(models.TextChoices):
        REFUND = "refund", _("Refund")
        CHARGEBACK = "chargeback", _("Lost chargeback")
        CANCELLATION = "cancellation", _("Wrong invoice cancelled")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.RECEIPT)
    # Why a credit note was issued.
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="receipts")
    refund = models.OneToOneField(Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="receipt")
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    edition = models.PositiveSmallIntegerField(default=1)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    # The first day of the month of `issued_at`, in the publication's time zone.
    month = models.DateField(editable=False)
    # The buyer's country, "" if none was known. The amount before tax is `gross_minor - tax_minor`.
    country = models.CharField(_("country"), max_length=2, blank=True)
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField(_("amount"))
    # Names, addresses, lines and amounts as text, as printed.
    snapshot = models.JSONField(default=dict)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-year", "-number"]
        indexes = [
            models.Index(fields=["month", "currency", "reason", "gross_minor", "payment"], name="receipt_by_month"),
            models.Index(fields=["country", "year", "number"], name="receipt_by_country"),
            models.Index(fields=["kind", "year", "number"], name="receipt_by_kind"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="one_receipt_per_number"),
            models.UniqueConstraint(
                fields=["payment", "edition"], condition=Q(kind="receipt"), name="one_receipt_per_edition"
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(reason="cancellation"), name="one_cancellation_per_receipt"
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(reason="chargeback"), name="one_chargeback_note_per_payment"
            ),
            models.CheckConstraint(
                condition=Q(kind="receipt", corrects=None, refund=None, reason="", gross_minor__gte=0)
                | Q(kind="credit_note", corrects__isnull=False, gross_minor__lte=0),
                name="receipt_or_credit_note",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new receipt. Raises ValidationError for one that was issued: it is cancelled, not changed."""
        if not self._state.adding:
            raise ValidationError(_("An invoice that was issued can’t be changed. Cancel it and issue it again."))
        self.month = timezone.localdate(self.issued_at).replace(day=1)
        super().save(*args, **kwargs)

    @property
    def code(self) -> str:
        """The number as printed, such as "R-2026-00042"."""
        return f"R-{self.year}-{self.number:05d}"

    @property
    def name(self) -> str:
        """What the document calls itself, in the current language."""
        return gettext("Credit note") if self.is_credit_note else gettext("Invoice")

    @property
    def title(self) -> str:
        """Name and number, such as "Invoice R-2026-00042"."""
        return f"{self.name} {self.code}"

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.currency)

    @property
    def is_credit_note(self) -> bool:
        return self.kind == self.Kind.CREDIT_NOTE

    @property
    def missing_fields(self) -> list[str]:
        """What the document lacks to be an invoice by European law. Not asked of those without tax settings."""
        if not self.tax_kind or self.tax_kind == Kind.PROVIDER:
            return []
        fields = invoice.required(
            gross_minor=self.gross_minor,
            is_company=bool(self.snapshot.get("company")),
            is_reverse_charge=self.tax_kind == Kind.REVERSE_CHARGE,
            is_credit_note=self.is_credit_note,
        )
        return invoice.missing(self.snapshot, fields)

    @property
    def cancelled_by(self) -> "Receipt | None":
        """The credit note that cancels an invoice which was wrong, None if none does. Reads `corrections`."""
        return next((note for note in self.corrections.all() if note.reason == self.Reason.CANCELLATION), None)
