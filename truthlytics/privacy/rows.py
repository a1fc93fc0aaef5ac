"""Rows of the export of a reader’s data."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from subscriptions.models import User

Rows = list[dict[str, object]]


def rows_of(rows: Iterable[models.Model], *columns: str) -> Rows:
    return [{column: getattr(row, column) for column in columns} for row in rows]


def url_of(row: Any) -> str:
    return f"{settings.SITE_URL}{row.get_absolute_url()}"


def with_address_of(user: User) -> Q:
    """Return the condition for what was written on public pages with the reader's address, once it is confirmed."""
    return Q(email__iexact=user.email) if user.verified_at else Q(pk__in=[])
