"""Sending deliveries: to all endpoints side by side, to each in order, and again after growing delays."""

import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import connection, transaction
from django.dispatch import receiver
from django.tasks import TaskResultStatus, task
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from truthlytics.contrib.webhooks.messages import Message, message_for
from truthlytics.events.models import Attempt, Delivery, Endpoint, Event, Kind
from truthlytics.events.services.adding import events_added
from truthlytics.events.services.telling import tell_due
from truthlytics.publication.mail import send_email
from truthlytics.web.public_http import RequestError, post
from truthlytics.web.queues import NEWSLETTERS

logger = logging.getLogger(__name__)

# Sends a message to an address and returns the status of the answer. Raises RequestError.
Send = Callable[[str, Message], int]
# Seconds: for one request, and for one task, after which newsletters have their turn.
REQUEST_TIMEOUT, TURN = 10, 20
# A process that sends to an endpoint does so for a turn at most. One that was killed is waited for.
LEASE = timedelta(seconds=TURN + 3 * REQUEST_TIMEOUT)
# Between two looks for work, also if that fails.
PAUSE = 0.05
# How many endpoints are served at the same time.
SIDE_BY_SIDE = 8
# The delay after each attempt that fails, the last one for all further ones: together about three days.
DELAYS = [timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
DELAYS += [timedelta(hours=hours) for hours in (2, 5, 10, 14, 20)]
JITTER = 0.2
GIVE_UP_AFTER, DISABLE_AFTER = timedelta(days=3), timedelta(days=2)
GONE = 410
PERMISSION = "truthlytics.change_publication"


def send(url: str, message: Message) -> int:
    return post(
        url,
        message.body,
        content_type="application/json",
        user_agent=f"webhooks (+{settings.SITE_URL}/)",
        headers=message.headers,
        seconds=REQUEST_TIMEOUT,
        allow_local=settings.DEBUG or settings.TESTING,
    ).status


@receiver(events_added)
def deliver_soon(**kwargs: object) -> None:
    """Let a task tell and send what is due, unless one is about to start. Also called when events were added."""
    if not Endpoint.objects.active().exists():
        return
    waiting = DBTaskResult.objects.filter(task_path=deliver.module_path, status=TaskResultStatus.READY)
    if not waiting.filter(started_at=None).exists():
        deliver.enqueue()


@task(queue_name=NEWSLETTERS)
def deliver() -> None:
    if deliver_for(TURN):
        transaction.on_commit(deliver.enqueue)


def start_due(now: datetime) -> int:
    """Queue the task that sends what is due. Returns to how many endpoints. Run by `tick`."""
    count = Endpoint.objects.due(now).count()
    if count:
        deliver_soon()
    return count


@transaction.atomic
def tell_test(endpoint: Endpoint, now: datetime) -> Delivery:
    """Make a delivery of a test for `endpoint` alone."""
    locked = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    event = Event.objects.create(kind=Kind.TEST, due_at=now, told_at=now)
    locked.last_number += 1
    locked.save(update_fields=["last_number"])
    return Delivery.objects.create(endpoint=locked, event=event, number=locked.last_number)


def deliver_for(seconds: float) -> bool:
    """Tell and send what is due, for so many seconds. Returns whether there is more.

    A slow endpoint delays no other: each has a thread of its own.
    """
    deadline = time.monotonic() + seconds
    running: dict[int, Future[None]] = {}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        while time.monotonic() < deadline:
            now = timezone.now()
            tell_due(now)
            for pk in Endpoint.objects.due(now).values_list("pk", flat=True):
                if pk not in running:
                    running[pk] = pool.submit(_serve_in_thread, pk, deadline)
            if not running:
                return False
            wait(running.values(), timeout=0.5, return_when=FIRST_COMPLETED)
            time.sleep(PAUSE)
            running = {pk: future for pk, future in running.items() if not future.done()}
    return Endpoint.objects.due(timezone.now()).exists()


def _serve_in_thread(pk: int, deadline: float) -> None:
    try:
        serve(pk, deadline)
    except Exception:
        logger.exception("Deliveries to endpoint %d were interrupted. They go on later.", pk)
    finally:
        connection.close()


def serve(pk: int, deadline: float, send: Send = send) -> None:
    """Send to an endpoint what waits for it, until one attempt fails. Nothing if another process does so."""
    now = timezone.now()
    if not Endpoint.objects.free(now).filter(pk=pk).update(busy_until=now + LEASE):
        return
    try:
        while time.monotonic() < deadline and attempt_next(pk, timezone.now(), send):
            pass
    finally:
        Endpoint.objects.filter(pk=pk).update(busy_until=None)


def attempt_next(pk: int, now: datetime, send: Send = send) -> bool:
    """Send the delivery with the lowest number that waits. Returns whether the endpoint accepted it."""
    waiting = Delivery.objects.waiting().filter(endpoint=pk, endpoint__disabled_at=None, endpoint__removed_at=None)
    delivery = waiting.select_related("endpoint", "event").order_by("number").first()
    if delivery is None:
        return False
    started, status, problem = time.monotonic(), 0, ""
    try:
        status = send(delivery.endpoint.url, message_for(delivery, now))
    except RequestError as error:
        # Without the number of an error of the system.
        problem = str(error).rpartition("] ")[2][:200]
    milliseconds = round((time.monotonic() - started) * 1000)
    Attempt.objects.create(delivery=delivery, at=now, status=status, milliseconds=milliseconds, problem=problem)
    delivery.first_attempt_at = delivery.first_attempt_at or now
    if 200 <= status < 300:
        _accepted(delivery, now)
        return True
    _refused(delivery, status, now)
    return False


def _accepted(delivery: Delivery, now: datetime) -> None:
    delivery.delivered_at = now
    delivery.save(update_fields=["first_attempt_at", "delivered_at"])
    if delivery.endpoint.failures:
        Endpoint.objects.filter(pk=delivery.endpoint_id).update(failures=0, failing_since=None)


def _refused(delivery: Delivery, status: int, now: datetime) -> None:
    """Postpone the next attempt, or end those to the endpoint, or of this delivery."""
    endpoint, tried_since = delivery.endpoint, delivery.first_attempt_at or now
    if tried_since <= now - GIVE_UP_AFTER:
        delivery.given_up_at = now
    delivery.save(update_fields=["first_attempt_at", "given_up_at"])
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.next_attempt_at = now + delay(endpoint.failures)
    endpoint.failures += 1
    endpoint.save(update_fields=["failures", "failing_since", "next_attempt_at"])
    if status == GONE:
        _disable(endpoint, Endpoint.Disabled.GONE, now)
    elif endpoint.failing_since <= now - DISABLE_AFTER:
        _disable(endpoint, Endpoint.Disabled.FAILING, now)


def delay(failures: int) -> timedelta:
    """Return the time to the next attempt after so many earlier failures in a row, a little different each time."""
    base: timedelta = DELAYS[min(failures, len(DELAYS) - 1)]
    return base * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311


def _disable(endpoint: Endpoint, because: str, now: datetime) -> None:
    """Send nothing more, and tell those who can change that."""
    endpoint.disable(because, now)
    logger.error("Webhooks to “%s” were switched off: %s", endpoint, because)
    path = reverse("admin:webhook", args=[endpoint.pk])
    for person in ModelBackend().with_perm(PERMISSION).filter(is_staff=True).order_by("pk"):
        context = {"reader": person, "endpoint": endpoint, "url": f"{settings.SITE_URL}{path}"}
        send_email("endpoint_disabled", to=person.email, context=context)
