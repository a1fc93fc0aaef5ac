"""Named filters of the article list."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

NAME_LENGTH, QUERY_LENGTH = 40, 500


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def for_user(self, user: object) -> Self:
        """Return the user's own filters by name. They are private."""
        return self.filter(user=user).order_by("name", "pk")


class SavedFilter(models.Model):
    """The query string of the list, as the list itself writes it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="saved_filter_name_unique",
                violation_error_message=_("You already have a filter with this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name
