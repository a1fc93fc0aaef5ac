"""Filters that several admins share."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DateSetFilter(admin.EmptyFieldListFilter):
    """Django's filter of empty columns, with words that say what a date in the column means. It shows no facets."""

    heading: str | Promise
    without_date: str | Promise
    with_date: str | Promise

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(self.heading)

    def choices(self, changelist: Any) -> Iterator[Any]:
        every, empty, filled = super().choices(changelist)
        yield every
        yield empty | {"display": self.without_date}
        yield filled | {"display": self.with_date}


class ArchivedFilter(DateSetFilter):
    heading, without_date, with_date = _("archive"), _("In use"), _("Archived")


class CancelledFilter(DateSetFilter):
    heading, without_date, with_date = _("cancellation"), _("Not cancelled"), _("Cancelled")


class RevokedFilter(DateSetFilter):
    heading, without_date, with_date = _("revocation"), _("Not revoked"), _("Revoked")
