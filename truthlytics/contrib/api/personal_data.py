"""The keys of a reader: for the file that they download, and deleted with their account."""

from datetime import datetime

from subscriptions.models import User
from truthlytics.contrib.api.models import Key
from truthlytics.privacy.rows import Rows, rows_of


def of_reader(user: User) -> Rows:
    keys = Key.objects.filter(reader=user).order_by("created_at", "pk")
    return rows_of(keys, "name", "created_at", "last_used_at", "revoked_at")


def delete(user: User, email: str, at: datetime) -> None:
    Key.objects.filter(reader=user).delete()
