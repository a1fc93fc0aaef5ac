"""A list as somebody likes to see it, under a name of their own."""

from typing import Self

from django.conf import settings
from django.db import models

NAME_LENGTH, QUERY_LENGTH = 40, 500


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def for_user(self, user: object) -> Self:
        """Their own, by name. Nobody else sees them."""
        return self.filter(user=user).order_by("name", "pk")


class SavedFilter(models.Model):
    """What stands behind the question mark of the list's address, as the list itself writes it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="filter_named_once",
                violation_error_message="You have a filter of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
