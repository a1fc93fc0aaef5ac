"""One process at a time prepares and submits an issue."""

import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from truthlytics.newsletters.models import Issue

# A process that has not extended its lease for so long is considered dead.
LEASE = timedelta(minutes=1)


def take(issue: Issue, now: datetime) -> bool:
    """Make this process the only one that works on `issue` until `now + LEASE`. Returns False if another one does."""
    free = Q(sender=None) | Q(sender_until__lte=now)
    sender = uuid.uuid4()
    taken = Issue.objects.filter(free, pk=issue.pk, state=issue.state).update(sender=sender, sender_until=now + LEASE)
    issue.sender = sender if taken else None
    return bool(taken)


def extend(issue: Issue, now: datetime) -> bool:
    """Keep the lease. Returns False if another process has taken over, or the issue is paused or stopped."""
    mine = Issue.objects.filter(pk=issue.pk, sender=issue.sender, state=issue.state)
    return bool(mine.update(sender_until=now + LEASE))


def release(issue: Issue) -> None:
    Issue.objects.filter(pk=issue.pk, sender=issue.sender).update(sender=None, sender_until=None)
