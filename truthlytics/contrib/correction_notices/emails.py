"""The emails about corrections, as readers choose them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from subscriptions.models import EmailGroup


class Kind(TextChoices):
    CORRECTIONS = "corrections", _("Corrections, clarifications, retractions and withdrawals of these articles")


GROUP = EmailGroup(
    _("Emails about articles that you saved, gave to others or commented on"),
    (Kind.CORRECTIONS,),
    _("One email for each."),
    is_opt_in=True,
)
