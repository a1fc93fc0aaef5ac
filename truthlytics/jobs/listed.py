"""All periodic jobs, in groups that wait for nothing but themselves."""

import logging
from collections.abc import Iterable

from articles.services import error_reports, link_checks, log_entries
from articles.services.media import make_missing_renditions
from articles.services.scheduling import promote_all_due
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
from truthlytics.crawlers import directories
from truthlytics.events.services import telling
from truthlytics.jobs.groups import LIMIT, LIMIT_OF_BACKUPS, LIMIT_OF_MANY, LIMIT_OUTSIDE, Group, Job
from truthlytics.monitoring import proxy, strangers
from truthlytics.newsroom.readership import weekly_email
from truthlytics.statistics import services as sums
from truthlytics.transparency.timestamps import asking as timestamps
from truthlytics.transparency.witnesses import asking as witnesses
from truthlytics.web import counter_cache, tasks
from truthlytics.web.plugins import periodic_jobs

logger = logging.getLogger(__name__)

# Named in `groups.NAMES`, too.
OWN_GROUPS = (
    Group(
        "publication",
        (
            Job("scheduled versions published", promote_all_due),
            Job("entries added to the transparency log", log_entries.add_due),
            Job("events told to other programs", telling.tell_due),
            Job("changes sent to the CDN", purges.send_waiting),
        ),
    ),
    Group(
        "money",
        (
            Job("orders settled", stale_orders.settle_open),
            Job("replaced checkouts closed", stale_orders.close_replaced),
            Job("subscriptions updated", sync.sync_due),
            Job("cancellations confirmed", provider_requests.repeat),
            Job("refunds settled", refunds.repeat_requested),
            Job("renewals postponed", gifts.repeat_postponements),
            Job("gifts sent", gifts.deliver_due),
            Job("new prices applied", lifecycle.start_next_prices),
            Job("subscriptions ended", lifecycle.end_due),
            Job("reminders sent", reminders.send_due),
        ),
    ),
    # Of tasks are the emails with codes.
    Group(
        "tasks",
        (
            Job("interrupted tasks retried", tasks.retry_interrupted),
            Job("finished tasks deleted", tasks.delete_finished),
            Job("expired sessions deleted", delete_expired_sessions),
            Job("expired counters deleted", counter_cache.delete_expired),
            Job("rows of strangers above their ceilings deleted", strangers.shrink_due),
        ),
    ),
    Group(
        "readers",
        (
            Job("emails to moderators sent", moderator_emails.send_due),
            Job("writers emailed about decisions", email_writers),
            Job("error reports closed", error_reports.close_settled),
            Job("names of reporting readers deleted", error_reports.delete_personal_data),
            Job("former addresses deleted", email_changes.delete_old),
            Job("old carts deleted", delete_expired),
            Job("helpful counts changed", votes.count_changed),
            Job("read counts aggregated", sums.merge_old),
            Job("old notifications deleted", notification_emails.delete_old),
            Job("cache invalidations deleted", remote_invalidation.delete_old),
            Job("old events deleted", telling.delete_old),
            # Late, because there may be thousands of readers.
            Job(
                "emails about comments sent",
                lambda now: notification_emails.send_due(now, access_for=access_for),
                LIMIT_OF_MANY,
            ),
            Job("emails with statistics sent", weekly_email.send_due),
        ),
    ),
    Group("images", (Job("images processed", make_missing_renditions),)),
    # What strangers send, and other servers that may be slow.
    Group(
        "outside",
        (
            Job("checkpoints confirmed by witnesses", witnesses.offer_due, LIMIT_OUTSIDE),
            Job("time stamps made", timestamps.stamp_due, LIMIT_OUTSIDE),
            Job("keys of signed agents fetched", directories.fetch_due, LIMIT_OUTSIDE),
            Job("sources checked", link_checks.check_due, LIMIT_OUTSIDE),
            Job("proxy checked", proxy.check_due, LIMIT_OUTSIDE),
        ),
    ),
    # It runs beside that of another machine: the database lets only one process make the backup of a day.
    Group("backups", (Job("backups made", schedule.make_due, LIMIT_OF_BACKUPS),)),
)


def with_extensions(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups with the jobs of features and plug-ins, which come last. A job without a group is logged."""
    more: dict[str, list[Job]] = {group.name: [] for group in groups}
    for job in periodic_jobs():
        if job.group in more:
            more[job.group].append(Job(str(job.label), job.run, job.seconds or LIMIT))
        else:
            logger.error("The job “%s” is in the group “%s”, which does not exist.", job.label, job.group)
    return tuple(group._replace(jobs=(*group.jobs, *more[group.name])) for group in groups)


GROUPS = with_extensions(OWN_GROUPS)
