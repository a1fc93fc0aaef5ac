"""`/healthz` and `/readyz` for monitoring: they accept any host and answer only yes or no."""

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

HEALTHZ, READYZ = "/healthz", "/readyz"
PATHS = frozenset({HEALTHZ, READYZ})
# Seconds for all checks together, in case the database hangs.
TIMEOUT = 2
# A task that has waited longer means that no worker is running.
MAX_TASK_WAIT = timedelta(minutes=15)


class HealthMiddleware:
    """The first middleware, so that health checks need no session, host or HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PATHS or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        ok = request.path_info == HEALTHZ or is_ready()
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        text, status = ("ok", 200) if ok else ("not ready", 503)
        return HttpResponse(text, status=status, content_type="text/plain", headers=headers)


def is_ready() -> bool:
    """Return whether database, cache and task worker are available; problems are logged.

    Takes at most `TIMEOUT` seconds. A check that hangs continues in the background, and no other is started until it
    ends.
    """
    global _running
    if _running is None or _running.done():
        _running = _executor.submit(find_problem_in_new_connection)
    try:
        problem = _running.result(timeout=TIMEOUT)
    except TimeoutError:
        problem = "the database or the cache does not respond"
    if problem:
        logger.warning("Not ready: %s.", problem)
    return not problem


def find_problem() -> str:
    """Return a description of the first problem, or an empty string."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.get("readyz")
        if tasks_waiting_since(timezone.now() - MAX_TASK_WAIT).exists():
            return "tasks are waiting for a worker"
    except Exception as error:  # noqa: BLE001 - any failure means that the site is not ready
        return f"{type(error).__name__}: {error}"
    return ""


def find_problem_in_new_connection() -> str:
    """Run `find_problem`, and close the connection, so that the next check opens a new one."""
    try:
        return find_problem()
    finally:
        connection.close()


def tasks_waiting_since(time: datetime) -> QuerySet[DBTaskResult]:
    """Return tasks that could have started by `time` (UTC). Without a start time they have the latest date possible."""
    ready = DBTaskResult.objects.ready()
    return ready.filter(Q(run_after__lt=time) | Q(run_after__gt=timezone.now(), enqueued_at__lt=time))


_executor = ThreadPoolExecutor(1, thread_name_prefix="health")
_running: Future[str] | None = None
