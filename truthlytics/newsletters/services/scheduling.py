"""What `tick` does for newsletters: start what is due, and go on with what was interrupted."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.services.publishing import NotReadyError
from truthlytics.newsletters.models import Issue, IssueQuerySet
from truthlytics.newsletters.services import leases
from truthlytics.newsletters.services.preparing import Interrupted, prepare
from truthlytics.newsletters.services.sending import submit
from truthlytics.web.queues import NEWSLETTERS

logger = logging.getLogger(__name__)

# How long one task submits emails before the next one does, so that images and a stopping worker need not wait.
TURN = 20
# Later than the decision to send it, an issue is no news any more. It waits for a new decision.
TOO_LATE = timedelta(days=1)


def start_due(now: datetime) -> int:
    """Queue the issues that are due, and those that a dead process has left. Returns how many."""
    free = Q(sender=None) | Q(sender_until__lte=now)
    waits = Q(wait_until__gt=now)
    due = Issue.objects.due(now).values_list("pk", flat=True)
    left = Issue.objects.unfinished().filter(free).exclude(waits).values_list("pk", flat=True)
    ids = [*due, *left]
    for pk in ids:
        work_on.enqueue(issue_id=pk)
    return len(ids)


@task(queue_name=NEWSLETTERS)
def work_on(issue_id: int) -> None:
    """Prepare or submit an issue for some seconds, then queue the next turn. Leaves it to a process that does so."""
    now = timezone.now()
    due = Issue.objects.due(now).filter(pk=issue_id)
    _to_draft(due.filter(send_at__lt=now - TOO_LATE), _("It could not be sent at the chosen time. Choose another one."))
    due.update(state=Issue.State.PREPARING)
    issue = Issue.objects.unfinished().select_related("newsletter").filter(pk=issue_id).first()
    if issue is None or not leases.take(issue, now):
        return
    goes_on = False
    try:
        if issue.state == Issue.State.PREPARING:
            prepare(issue)
        goes_on = submit(issue, seconds=TURN)
    except Interrupted:
        logger.info("Newsletter %s is left to another process.", issue.pk)
    except NotReadyError as error:
        _to_draft(Issue.objects.filter(pk=issue.pk, state=Issue.State.PREPARING), str(error))
    finally:
        leases.release(issue)
    if goes_on:
        transaction.on_commit(partial(work_on.enqueue, issue_id=issue.pk))


def _to_draft(issues: IssueQuerySet, reason: str) -> None:
    """Let the newsroom decide again about `issues`; `reason` is a sentence that says why."""
    issues.update(state=Issue.State.DRAFT, send_at=None, pause_reason=reason[:300])
