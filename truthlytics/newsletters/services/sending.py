"""Submit a prepared issue to the mail server, one email after the other.

Each email is marked before and after it is submitted. A process that dies between the two leaves one email
that may have been accepted or not: it becomes `uncertain`, and is never submitted again automatically.

Providers get one email per request too. Several in one request would be faster, and all of them would be uncertain.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article
from truthlytics.events.services.adding import add_events, new_event
from truthlytics.newsletters.kinds import Kind
from truthlytics.newsletters.models import Address, Delivery, Issue, IssueArticle, SignUp, Variant
from truthlytics.newsletters.rendering import Personal, message_for
from truthlytics.newsletters.services import leases
from truthlytics.newsletters.services.levels import with_variant
from truthlytics.publication.language import site_language
from truthlytics.web.mail_errors import ConnectionLost, EmailError, MailServerError, TemporarilyRefused, Undeliverable
from truthlytics.web.mail_server import MailConnection
from truthlytics.web.power_failures import safe_from_power_failures

logger = logging.getLogger(__name__)

# Emails that are claimed at once. Claimed emails of a dead process wait for the end of its lease.
# With a slow rate, fewer: a claim must end before the lease.
CLAIM_SIZE, CLAIM_SECONDS = 100, 20
# Sending pauses automatically when more than this share of at least FIRST emails is rejected or uncertain.
FIRST, MAX_FAILED = 100, 0.05
# An email that is refused for now is tried again later, this often, with these waiting times.
MAX_ATTEMPTS = 5
RETRY_AFTER = timedelta(minutes=10)
# How long nothing is submitted if the mail server is unreachable or asks to slow down, unless it says how long.
SERVER_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)
# How many seconds a process tries to store the outcome of an email if the database is unreachable or its disk is full.
STORE_SECONDS, STORE_INTERVAL = 600, 1.0

State = Delivery.State


class Outcome(NamedTuple):
    """The outcome of a delivery."""

    delivery: Delivery
    state: str
    answer: str = ""


class _Claimed(NamedTuple):
    delivery: Delivery
    address: Address


def submit(issue: Issue, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> bool:
    """Submit emails of `issue` for at most `seconds`. This process must have the lease.

    Returns whether more must follow: False if everything is submitted, or it was paused, stopped or taken over.
    """
    until = clock() + seconds
    _recover(issue)
    with site_language(), safe_from_power_failures(), MailConnection("newsletters") as server:
        pace = _Pace(settings.NEWSLETTER_RATE, clock, until)
        while not pace.is_over():
            now = timezone.now()
            if not leases.extend(issue, now):
                return False
            if _has_too_many_failed(issue):
                pause(issue, _("More than 5 % were rejected or are uncertain."))
                return False
            if reason := _obstacle(issue, now):
                pause(issue, reason)
                return False
            if (wait := _seconds_to_wait(issue, now)) > until - clock():
                return False
            if wait:
                time.sleep(wait)
                continue
            claimed = _claim(issue, now, size=pace.in_seconds(CLAIM_SECONDS, at_most=_left_today(now)))
            if not claimed:
                return _finish_or_wait(issue, now)
            try:
                _submit_all(issue, claimed, server, pace)
            except MailServerError as error:
                _give_back(issue)
                _wait(issue, str(error), error.retry_after)
    return True


def _recover(issue: Issue) -> None:
    """Settle what a process that had the lease before has left."""
    left = Delivery.objects.filter(issue=issue).exclude(sender=issue.sender)
    left.filter(state=State.CLAIMED).update(state=State.QUEUED, sender=None)
    left.filter(state=State.SUBMITTING).update(
        state=State.UNCERTAIN, answer=_("The process that submitted it was interrupted.")
    )


def _give_back(issue: Issue) -> None:
    """Let emails that are claimed be claimed again."""
    Delivery.objects.filter(issue=issue, state=State.CLAIMED).update(state=State.QUEUED, sender=None)


@transaction.atomic
def _claim(issue: Issue, now: datetime, size: int) -> list[_Claimed]:
    """Claim the next emails and decide again what each reader may get. Returns those that are to be submitted."""
    ready = Delivery.objects.filter(Q(retry_at=None) | Q(retry_at__lte=now), issue=issue, state=State.QUEUED)
    ids = list(ready.order_by("pk").values_list("pk", flat=True)[:size])
    Delivery.objects.filter(pk__in=ids, state=State.QUEUED).update(state=State.CLAIMED, sender=issue.sender)
    rows = list(Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, sender=issue.sender).order_by("pk"))
    wanted = _wanted(issue, [row.address_id for row in rows if row.address_id], now)
    claimed, skipped = [], []
    for row in rows:
        address = wanted.get(row.address_id or 0)
        if address is None:
            skipped.append(row.pk)
            continue
        if address.variant < row.level:  # type: ignore[attr-defined]
            row.level = address.variant  # type: ignore[attr-defined]
            Delivery.objects.filter(pk=row.pk).update(level=row.level)
        claimed.append(_Claimed(row, address))
    Delivery.objects.filter(pk__in=skipped).update(state=State.SKIPPED, answer=_("No longer signed up."))
    return claimed


def _wanted(issue: Issue, ids: list[int], now: datetime) -> dict[int, Address]:
    """Return those of the addresses `ids` that still get `issue`, each with the `variant` that it may read now."""
    rows = Address.objects.deliverable(now).filter(pk__in=ids)
    if not issue.corrects_id:
        active = SignUp.objects.active().filter(newsletter=issue.newsletter_id, address__in=ids)
        rows = rows.filter(pk__in=active.values("address"))
    levels = list(issue.variants.values_list("level", flat=True))
    return {address.pk: address for address in with_variant(rows, issue, levels, now)}


def _submit_all(issue: Issue, claimed: list[_Claimed], server: MailConnection, pace: "_Pace") -> None:
    """Submit `claimed`. The outcome of each is stored with the mark of the next. Raises MailServerError."""
    outcome: Outcome | None = None
    variants = {variant.level: variant for variant in issue.variants.all()}
    for delivery, address in claimed:
        if pace.is_over():
            # A slow server must not outlast the lease. The next turn claims the others.
            break
        try:
            if not _mark(outcome, delivery):
                return
        except (InterfaceError, OperationalError):
            # Nothing was submitted for this email, even if its mark was stored.
            _store_patiently(outcome, Outcome(delivery, State.QUEUED))
            raise
        pace.wait()
        outcome, error = _submit_one(variants[delivery.level], Personal(delivery, address), server)
        if error is not None:
            _store_patiently(outcome)
            raise error
    _store_patiently(outcome)


def _submit_one(variant: Variant, personal: Personal, server: MailConnection) -> tuple[Outcome, MailServerError | None]:
    """Submit an email. Returns its outcome, and why the other emails have to wait, if they have."""
    delivery, address = personal
    try:
        answer = server.send(message_for(variant, personal))
    except MailServerError as error:
        # The connection failed before the email was submitted.
        return Outcome(delivery, State.QUEUED), error
    except TemporarilyRefused as error:
        if isinstance(error, ConnectionLost):
            outcome = Outcome(delivery, State.UNCERTAIN, _without(address, error))
        else:
            outcome = _later(delivery, _without(address, error))
        return outcome, MailServerError(_without(address, error)) if error.is_closed else None
    except Undeliverable as error:
        return Outcome(delivery, State.REJECTED, _without(address, error)), None
    return Outcome(delivery, State.SUBMITTED, answer), None


@transaction.atomic
def _mark(outcome: Outcome | None, following: Delivery) -> bool:
    """Store `outcome`, and that `following` is being submitted now. Returns False if it is no longer ours."""
    if outcome is not None:
        _store(outcome)
    own = Delivery.objects.filter(pk=following.pk, state=State.CLAIMED, sender=following.sender)
    return bool(own.update(state=State.SUBMITTING, attempts=F("attempts") + 1))


def _store(outcome: Outcome) -> None:
    """Store the outcome of an email, also if another process thinks that this one is dead."""
    delivery, now = outcome.delivery, timezone.now()
    values: dict[str, object] = {"state": outcome.state, "answer": outcome.answer[:300]}
    if outcome.state == State.SUBMITTED:
        values |= {"submitted_at": now, "retry_at": None}
    elif outcome.state == State.QUEUED:
        # As before, if the server was unreachable: that says nothing about this email.
        values |= {"sender": None, "retry_at": delivery.retry_at, "attempts": delivery.attempts}
    mine = Delivery.objects.filter(
        pk=delivery.pk, sender=delivery.sender, state__in=[State.SUBMITTING, State.UNCERTAIN]
    )
    mine.update(**values)


def _store_patiently(*outcomes: Outcome | None) -> None:
    """Store `outcomes`, which only this process knows. If the database is unreachable or its disk full, wait for it."""
    until = time.monotonic() + STORE_SECONDS
    for outcome in filter(None, outcomes):
        while True:
            try:
                _store(outcome)
                break
            except (InterfaceError, OperationalError) as error:
                if time.monotonic() > until:
                    raise
                logger.warning("The outcome of an email could not be saved (%s). Trying again.", str(error).strip())
                time.sleep(STORE_INTERVAL)
                if not connection.in_atomic_block:
                    connection.close_if_unusable_or_obsolete()


def _later(delivery: Delivery, answer: str) -> Outcome:
    """Return that `delivery` is tried again later, or after several attempts that it is rejected."""
    delivery.attempts += 1
    if delivery.attempts >= MAX_ATTEMPTS:
        return Outcome(delivery, State.REJECTED, answer)
    delivery.retry_at = timezone.now() + RETRY_AFTER * 2 ** (delivery.attempts - 1)
    return Outcome(delivery, State.QUEUED, answer)


def _without(address: Address, error: EmailError) -> str:
    return " ".join(str(error).replace(address.email, "…").split())


def _has_too_many_failed(issue: Issue) -> bool:
    failed, submitted = _failed_and_submitted(issue)
    new = failed - issue.accepted_failures
    return failed + submitted >= FIRST and new > MAX_FAILED * (new + submitted)


def _failed_and_submitted(issue: Issue) -> tuple[int, int]:
    counts = Delivery.objects.filter(issue=issue).counts()
    return counts[State.REJECTED] + counts[State.UNCERTAIN], counts[State.SUBMITTED]


def _obstacle(issue: Issue, now: datetime) -> str:
    """Return why no more emails may be sent, as a sentence; "" if nothing is in the way. Two queries.

    The texts are those of the time when the issue was prepared, and may wait for hours.
    """
    public = {row.pk: row for row in Article.objects.listed(now).filter(newsletter_issues__issue=issue)}
    rows = IssueArticle.objects.filter(issue=issue).values_list(
        "article", "article__headline", "version__required_level"
    )
    for pk, headline, level in rows:
        article = public.get(pk)
        if article is None:
            return _("“%(article)s” is no longer public.") % {"article": headline}
        if issue.kind == Issue.Kind.ARTICLE and article.served(now).required_level > level:
            text = _("“%(article)s” is now for fewer readers, but these emails have the text from before.")
            return text % {"article": headline}
    return ""


def _seconds_to_wait(issue: Issue, now: datetime) -> float:
    """Return in how many seconds emails may be submitted, as the mail server asked or the limit of a day demands."""
    wait_until = Issue.objects.values_list("wait_until", flat=True).get(pk=issue.pk)
    if wait_until is not None and wait_until > now:
        return float((wait_until - now).total_seconds())
    return 0.0 if _left_today(now) else LONGEST_WAIT.total_seconds()


def _left_today(now: datetime) -> int:
    """Return how many emails the limit of a day leaves, at most CLAIM_SIZE."""
    if not settings.NEWSLETTER_PER_DAY:
        return CLAIM_SIZE
    day = Delivery.objects.filter(submitted_at__gt=now - timedelta(days=1)).count()
    return max(0, min(CLAIM_SIZE, settings.NEWSLETTER_PER_DAY - day))


def _wait(issue: Issue, reason: str, seconds: int | None) -> None:
    """Submit nothing for as long as the mail server says, at most a day."""
    wait = SERVER_WAIT if seconds is None else min(timedelta(seconds=max(seconds, 1)), LONGEST_WAIT)
    logger.warning("Newsletter “%s” waits: %s", issue, reason)
    Issue.objects.filter(pk=issue.pk).update(wait_until=timezone.now() + wait, pause_reason=reason[:300])


def _finish_or_wait(issue: Issue, now: datetime) -> bool:
    """End `issue` if nothing is left to submit. Returns False."""
    open_states = [State.QUEUED, State.CLAIMED, State.SUBMITTING]
    with transaction.atomic():
        if not Delivery.objects.filter(issue=issue, state__in=open_states).exists():
            own = Issue.objects.filter(pk=issue.pk, state=Issue.State.SENDING, sender=issue.sender)
            if own.update(state=Issue.State.SENT, finished_at=now, wait_until=None, pause_reason=""):
                add_events(
                    new_event(Kind.NEWSLETTER_SENT, key=str(issue.pk), id=issue.pk, path=issue.get_absolute_url())
                )
    return False


@transaction.atomic
def pause(issue: Issue, reason: str = "") -> bool:
    """Submit no more emails of `issue` until it is resumed. Returns False if it is not being sent."""
    sending = Issue.objects.filter(pk=issue.pk, state=Issue.State.SENDING)
    if not sending.update(state=Issue.State.PAUSED, pause_reason=reason[:300]):
        return False
    # At once, and not when all that were claimed are submitted.
    _give_back(issue)
    return True


def resume(issue: Issue) -> bool:
    """Continue a paused issue and accept what has failed until now. Returns False if it is not paused."""
    failed, _submitted = _failed_and_submitted(issue)
    paused = Issue.objects.filter(pk=issue.pk, state=Issue.State.PAUSED)
    return bool(paused.update(state=Issue.State.SENDING, pause_reason="", wait_until=None, accepted_failures=failed))


@transaction.atomic
def stop(issue: Issue) -> bool:
    """End `issue` for good: what is not submitted yet is never sent. Returns False if it is over already."""
    states = [Issue.State.PREPARING, Issue.State.SENDING, Issue.State.PAUSED]
    if not Issue.objects.filter(pk=issue.pk, state__in=states).update(
        state=Issue.State.STOPPED, finished_at=timezone.now()
    ):
        return False
    waiting = Delivery.objects.filter(issue=issue, state__in=[State.QUEUED, State.CLAIMED])
    waiting.update(state=State.SKIPPED, sender=None, answer=_("The issue was stopped."))
    return True


class _Pace:
    """Lets at most `rate` emails a second pass, until the time `until` of `clock`; 0 means any number."""

    def __init__(self, rate: float, clock: Callable[[], float], until: float) -> None:
        self.interval, self.clock, self.until = (1 / rate if rate else 0.0), clock, until
        self.next = clock()

    def is_over(self) -> bool:
        return self.clock() >= self.until

    def in_seconds(self, seconds: float, *, at_most: int) -> int:
        """Return how many emails pass in `seconds`: at least one."""
        return max(1, min(at_most, int(seconds / self.interval))) if self.interval else at_most

    def wait(self) -> None:
        if self.interval:
            now = self.clock()
            if now < self.next:
                time.sleep(self.next - now)
            self.next = max(self.next, now) + self.interval
