"""Keys of readers."""

from django.db import transaction

from subscriptions.models import User
from truthlytics.contrib.api.models import Key

MAX_KEYS = 5


class CannotIssue(Exception):
    """The reader has as many keys as they may have, or the account was closed meanwhile."""


@transaction.atomic
def issue_to_reader(*, reader: User, name: str) -> str:
    """Make a key of `reader` and return it: at most five work at a time. Raises CannotIssue."""
    locked = User.objects.select_for_update(no_key=True).get(pk=reader.pk)
    if not locked.is_active or Key.objects.of_reader(locked).count() >= MAX_KEYS:
        raise CannotIssue
    return Key.objects.issue(name=name, reader=locked)[1]
