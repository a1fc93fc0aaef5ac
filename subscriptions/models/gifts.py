"""Gift subscriptions: a term paid by one reader and redeemed by another."""

import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from subscriptions.models.catalog import Price
from subscriptions.models.orders import Order


def new_code() -> str:
    return secrets.token_urlsafe(16)


class GiftQuerySet(models.QuerySet["Gift"]):
    def paid(self) -> Self:
        return self.filter(order__status=Order.Status.PAID)

    def of(self, user: object) -> Self:
        """Return the paid gifts that `user` bought, newest first."""
        return self.paid().filter(order__user=user).select_related("order", "price__plan").order_by("-pk")

    def due(self, now: datetime) -> Self:
        """Paid gifts with an email to the recipient that is due and not sent."""
        undelivered = self.paid().filter(delivered_at=None, refunded_at=None, redeemed_at=None)
        return undelivered.exclude(recipient_email="").filter(deliver_at__lte=now)


class Gift(models.Model):
    """A gift; `code` is the last part of the address where it is redeemed, once."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="gift")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="gifts")
    code = models.CharField(max_length=32, unique=True, default=new_code, editable=False)
    giver_name = models.CharField(max_length=60, blank=True)
    recipient_name = models.CharField(max_length=60, blank=True)
    # Blank if the giver wants to hand over the code.
    recipient_email = models.EmailField(blank=True)
    message = models.TextField(max_length=500, blank=True)
    deliver_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    redeem_by = models.DateTimeField(_("can be redeemed until"))
    redeemed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="gifts_redeemed"
    )
    redeemed_at = models.DateTimeField(null=True, blank=True)
    # The end of the gift, until the provider of the reader's own subscription has confirmed to charge only then.
    postpone_to = models.DateTimeField(null=True, blank=True, editable=False)
    refunded_at = models.DateTimeField(null=True, blank=True)

    objects = GiftQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(redeemed_by=None, redeemed_at=None)
                | Q(redeemed_by__isnull=False, redeemed_at__isnull=False),
                name="redeemed_gift_has_reader_and_date",
            ),
            models.CheckConstraint(
                condition=Q(refunded_at=None) | Q(redeemed_at=None), name="gift_not_redeemed_and_refunded"
            ),
        ]

    def __str__(self) -> str:
        return gettext("Gift from %(order)s") % {"order": self.order}

    def get_absolute_url(self) -> str:
        return reverse("subscriptions:redeem", args=[self.code])

    @property
    def is_usable(self) -> bool:
        """Whether the gift has been neither redeemed nor refunded."""
        return self.redeemed_at is None and self.refunded_at is None
