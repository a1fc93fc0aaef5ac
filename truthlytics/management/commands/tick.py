"""Run all due periodic tasks."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.models import ReadCount
from articles.services import error_reports, link_checks, log_entries
from articles.services.media import make_missing_renditions
from articles.services.publishing import promote_all_due
from comments.services import email_writers, moderator_emails, notification_emails, votes
from subscriptions.services import (
    email_changes,
    gifts,
    lifecycle,
    provider_requests,
    refunds,
    reminders,
    stale_orders,
    sync,
)
from subscriptions.services.access import access_for
from subscriptions.services.cart import delete_expired
from subscriptions.services.sessions import delete_expired_sessions
from truthlytics.backups import schedule
from truthlytics.cache import purges, remote_invalidation
from truthlytics.correction_notices import services as correction_notices
from truthlytics.importers import uploads
from truthlytics.newsletters.services import bounces, digests, followed_emails
from truthlytics.newsletters.services import scheduling as newsletters
from truthlytics.publication.language import site_language
from truthlytics.transparency.timestamps import asking as timestamps
from truthlytics.transparency.witnesses import asking as witnesses
from truthlytics.web import counter_cache, tasks

logger = logging.getLogger(__name__)

# Label and function. Each function returns a count, and is safe to run twice, concurrently or late. What readers pay
# for comes first, then emails, and last what may take long.
Tasks = tuple[tuple[str, Callable[[datetime], int]], ...]
TASKS: Tasks = (
    ("scheduled versions published", promote_all_due),
    ("entries added to the transparency log", log_entries.add_due),
    ("orders settled", stale_orders.settle_open),
    ("replaced checkouts closed", stale_orders.close_replaced),
    ("subscriptions updated", sync.sync_due),
    ("cancellations confirmed", provider_requests.repeat),
    ("refunds settled", refunds.repeat_requested),
    ("renewals postponed", gifts.repeat_postponements),
    ("gifts sent", gifts.deliver_due),
    ("new prices applied", lifecycle.start_next_prices),
    ("subscriptions ended", lifecycle.end_due),
    ("reminders sent", reminders.send_due),
    ("interrupted tasks retried", tasks.retry_interrupted),
    ("emails to moderators sent", moderator_emails.send_due),
    ("writers emailed about decisions", email_writers),
    ("error reports closed", error_reports.close_settled),
    ("names of reporting readers deleted", error_reports.delete_personal_data),
    ("finished tasks deleted", tasks.delete_finished),
    ("expired sessions deleted", delete_expired_sessions),
    ("former addresses deleted", email_changes.delete_old),
    ("expired counters deleted", counter_cache.delete_expired),
    ("old carts deleted", delete_expired),
    ("helpful counts changed", votes.count_changed),
    ("read counts aggregated", lambda now: ReadCount.objects.merge_months(timezone.localdate(now))),
    ("old notifications deleted", notification_emails.delete_old),
    ("cache invalidations deleted", remote_invalidation.delete_old),
    ("uploaded exports deleted", uploads.delete_expired),
    ("changes sent to the CDN", purges.send_waiting),
    # Late, because there may be thousands of readers.
    ("emails about comments sent", lambda now: notification_emails.send_due(now, access_for=access_for)),
    ("emails about corrections sent", correction_notices.send_due),
    ("digests made", digests.create_due),
    ("newsletters begun or continued", newsletters.start_due),
    ("delivery reports read", bounces.fetch),
    ("emails about followed authors and topics sent", followed_emails.send_due),
    ("old records of these emails deleted", followed_emails.delete_old),
    ("images processed", make_missing_renditions),
    # Last, because other servers may be slow.
    ("checkpoints confirmed by witnesses", witnesses.offer_due),
    ("time stamps made", timestamps.stamp_due),
    ("sources checked", link_checks.check_due),
)
# It runs beside the next `tick`: the database lets only one process make the backup of a day.
BACKUPS: Tasks = (("backups made", schedule.make_due),)


@contextmanager
def only_one() -> Iterator[bool]:
    """Lock `tick` on this machine. Yields False if another process has the lock, which ends with that process."""
    folder = settings.PAGE_CACHE_FILE.parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tick.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def run_due(is_stopping: Callable[[], bool] = lambda: False, chosen: Tasks | None = None) -> list[str]:
    """Run all tasks that are `chosen` (by default TASKS), until `is_stopping`. Return what failed."""
    now = timezone.now()
    errors = []
    with site_language():
        for label, task in TASKS if chosen is None else chosen:
            if is_stopping():
                break
            try:
                count = task(now)
                logger.log(logging.INFO if count else logging.DEBUG, "%s: %d", label, count)
            except Exception as error:  # run the other tasks anyway
                logger.exception("Periodic task failed: %s", label)
                errors.append(f"{label} ({error})")
    return errors


class Command(BaseCommand):
    help = "Run all due periodic tasks once. Safe to run twice or a week late. Does nothing while another one runs."

    def handle(self, *args: Any, **options: Any) -> None:
        errors: list[str] = []
        with only_one() as is_free:
            if is_free:
                errors = run_due()
            else:
                self.stdout.write("Another tick is still running.")
        # Without the lock, because a backup may take long.
        errors += run_due(chosen=BACKUPS)
        if errors:
            raise CommandError("Some tasks failed: " + "; ".join(errors))
