"""The menus of the site: what stands in the masthead and in the columns of the footer."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.versions import AppendOnlyError


class MenuEditionQuerySet(models.QuerySet["MenuEdition"]):
    def newest(self) -> "MenuEdition | None":
        """What readers see; None where nobody has arranged anything yet."""
        return self.order_by("-number").first()

    def update(self, **columns: Any) -> int:
        raise AppendOnlyError("What readers have seen is never changed: arrange the menus anew.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("What readers have seen is never deleted.")


class MenuEdition(models.Model):
    """All menus as somebody saved them; the newest edition is served. See `presenters/menus.py`.

    The number is what keeps two from saving over one another.
    """

    number = models.PositiveIntegerField(unique=True)
    content: "models.JSONField[Mapping[str, Any]]" = models.JSONField(editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MenuEditionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = "menus"
        verbose_name_plural = "menus"

    def __str__(self) -> str:
        return f"menus {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("What readers have seen is never changed: arrange the menus anew.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("What readers have seen is never deleted.")
