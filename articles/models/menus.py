"""The menus in the masthead and the footer."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet
from truthlytics.web.types import Content


class MenuEditionQuerySet(AppendOnlyQuerySet["MenuEdition"]):
    def newest(self) -> "MenuEdition | None":
        """Return the edition that readers see, or None before the first one."""
        return self.order_by("-number").first()


class MenuEdition(AppendOnly):
    """All menus as they were saved once; the newest edition is served. See `presenters/menus.py`.

    The unique number keeps two editors from overwriting each other.
    """

    number = models.PositiveIntegerField(unique=True)
    content: "models.JSONField[Content]" = models.JSONField(editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MenuEditionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("menus")
        verbose_name_plural = _("menus")

    def __str__(self) -> str:
        return gettext("Menus, version %(number)s") % {"number": self.number}
