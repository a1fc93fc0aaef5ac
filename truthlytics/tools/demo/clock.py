"""Skip ahead in the demo: what is due next for a reader's subscription happens now.

Nothing that has happened changes: payments, receipts and periods keep their dates. What happens now is dated today, and
the next period begins where the last one ends, as if the reader had waited.
"""

from datetime import datetime, timedelta

from django.db import transaction

from subscriptions.models import Grant, LedgerContract, User
from subscriptions.services import reminders
from subscriptions.services.sync import sync_subscription
from truthlytics.tools.demo.provider import Demo


def skip_ahead(*, user: User, ref: str, now: datetime) -> None:
    """Send the reminders for the next date of the contract `ref`, and do what is due on it. Not atomic."""
    provider = Demo()
    contract = LedgerContract.objects.get(ref=ref)
    if (date := provider.next_date(contract)) is None:
        return
    reminders.send_due(max(now, date - timedelta(days=1)), user=user)
    provider.advance(ref, now, until=max(now, date))
    _end_access_with(ref, now)
    sync_subscription(provider.code, ref)


@transaction.atomic
def _end_access_with(ref: str, now: datetime) -> None:
    """End what the reader could still read, if the contract has ended: the time that was skipped is over."""
    if not LedgerContract.objects.filter(ref=ref, status=LedgerContract.Status.ENDED).exists():
        return
    left = Grant.objects.filter(subscription__provider_ref=ref, ends_at__gt=now)
    left.filter(starts_at__lte=now).update(ends_at=now)
    left.update(starts_at=now, ends_at=now)
