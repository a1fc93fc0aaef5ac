"""Display names awaiting a moderator's decision."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscriptions.display_names import NAME_LENGTH


class NameChange(models.Model):
    """A new display name of a reader who has written comments. Deleted once it is approved or declined."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="name_change",
        error_messages={"unique": _("This reader already has a name under review.")},
    )
    name = models.CharField(_("new name"), max_length=NAME_LENGTH)
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)

    class Meta:
        ordering = ["requested_at", "pk"]
        permissions = [("review_namechange", _("Can approve and decline new display names"))]
        verbose_name = _("new display name")
        verbose_name_plural = _("new display names")

    def __str__(self) -> str:
        return self.name
