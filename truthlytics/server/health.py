"""`/healthz` and `/readyz`, for whoever watches over the site: no host is looked at, nothing is told but yes or no."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

ALIVE, READY = "/healthz", "/readyz"
PROBES = frozenset({ALIVE, READY})
# Seconds for all checks: a database that hangs must not make who asks hang too.
PATIENCE = 2
# A letter that has waited longer than this says that no worker runs.
LONGEST_WAIT = timedelta(minutes=15)


class HealthMiddleware:
    """Stands before all others, so that an answer needs no session, no host and no https."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PROBES or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        well = request.path_info == ALIVE or is_ready()
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        words = "ok" if well else "not ready"
        return HttpResponse(words, status=200 if well else 503, content_type="text/plain", headers=headers)


def is_ready() -> bool:
    """True where database, cache and worker do what they should; the log tells what does not. Never slower than
    `PATIENCE` seconds: a check that hangs goes on alone, and until it ends nobody starts another."""
    global _running
    if _running is None or _running.done():
        _running = _checker.submit(looked_at_once)
    try:
        wrong = _running.result(timeout=PATIENCE)
    except TimeoutError:
        wrong = "the database or the cache does not answer"
    if wrong:
        logger.warning("Not ready: %s.", wrong)
    return not wrong


def what_is_wrong() -> str:
    """The first thing that is not as it should be, in words; empty where all is well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.get("readyz")
        if waiting_since(timezone.now() - LONGEST_WAIT).exists():
            return "tasks wait for a worker"
    except Exception as error:  # noqa: BLE001 - whatever it is, the site is not ready
        return f"{type(error).__name__}: {error}"
    return ""


def looked_at_once() -> str:
    """`what_is_wrong` over a connection of its own: an old one would tell of the past."""
    try:
        return what_is_wrong()
    finally:
        connection.close()


def waiting_since(moment: datetime) -> QuerySet[DBTaskResult]:
    """Tasks that could have been begun at `moment` (UTC). Those for at once carry the last date there is."""
    waiting = DBTaskResult.objects.ready()
    return waiting.filter(Q(run_after__lt=moment) | Q(run_after__gt=timezone.now(), enqueued_at__lt=moment))


_checker = ThreadPoolExecutor(1, thread_name_prefix="health")
_running: Future[str] | None = None
