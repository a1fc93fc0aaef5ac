"""The kinds of events that newsletters send. None is renamed or reused."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    NEWSLETTER_SENT = "newsletter.sent", _("Newsletter issue sent")
