"""`/healthz` and `/readyz` for monitoring: they accept any host. The reason they give contains no internals."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.core.cache import cache, caches
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from truthlytics.backups import schedule
from truthlytics.web import tasks
from truthlytics.web.redis_counters import RedisCounters

logger = logging.getLogger(__name__)

HEALTHZ, READYZ = "/healthz", "/readyz"
PATHS = frozenset({HEALTHZ, READYZ})
# Seconds for all checks together, in case the database hangs.
TIMEOUT = 2
NO_RESPONSE = "the database or the cache does not respond"
DISK_FULL, READ_ONLY = "the disk is almost full", "a folder is not writable"
# In bytes.
MIN_FREE = 256 * 1024 * 1024


class HealthMiddleware:
    """The first middleware, so that health checks need no session, host or HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PATHS or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        problem = "" if request.path_info == HEALTHZ else current_problem()
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        text, status = (f"not ready: {problem}", 503) if problem else ("ok", 200)
        return HttpResponse(text, status=status, content_type="text/plain", headers=headers)


def current_problem() -> str:
    """Return what keeps the site from being ready, or an empty string. The log has the details.

    A problem counts once two checks in a row have found one: a single slow answer is no outage. Takes at most `TIMEOUT`
    seconds. A check that hangs continues in the background, and no other is started until it ends.
    """
    global _running, _failed_before
    if _running is None or _running.done():
        _running = _executor.submit(find_problem_in_new_connection)
    try:
        problem, details = _running.result(timeout=TIMEOUT)
    except TimeoutError:
        problem, details = NO_RESPONSE, f"no answer within {TIMEOUT} s"
    again, _failed_before = _failed_before, bool(problem)
    if problem:
        logger.warning("%s: %s (%s).", "Not ready" if again else "One check failed", problem, details)
    return problem if again else ""


def find_problem() -> tuple[str, str]:
    """Return the first problem and its details, or empty strings."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.get("readyz")
        if isinstance(counters := caches["default"], RedisCounters):
            counters.ping()
        now = timezone.now()
        for problem in (tasks.find_problem(now), find_disk_problem(), schedule.find_problem(now)):
            if problem[0]:
                return problem
        return "", ""
    except Exception as error:  # noqa: BLE001 - any failure means that the site is not ready
        return NO_RESPONSE, f"{type(error).__name__}: {error}"


def find_disk_problem() -> tuple[str, str]:
    """Return what prevents writing to a folder of the site's data, or empty strings."""
    for folder in data_folders():
        path = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(path, os.W_OK):
            return READ_ONLY, str(path)
        if (free := shutil.disk_usage(path).free) < MIN_FREE:
            return DISK_FULL, f"{free // 1024**2} MB left in {path}"
    return "", ""


def data_folders() -> Iterator[Path]:
    """Yield the folders of the page cache, of the database if it is SQLite, and of files on the local disk."""
    yield settings.PAGE_CACHE_FILE.parent
    if connection.vendor == "sqlite":
        yield Path(connection.settings_dict["NAME"]).parent
    for alias in ("default", "originals"):
        if isinstance(storage := storages[alias], FileSystemStorage):
            yield Path(storage.location)


def find_problem_in_new_connection() -> tuple[str, str]:
    """Run `find_problem`, and close the connection, so that the next check opens a new one."""
    try:
        return find_problem()
    finally:
        connection.close()


_executor = ThreadPoolExecutor(1, thread_name_prefix="health")
_running: Future[tuple[str, str]] | None = None
# Whether the last check of this process found a problem.
_failed_before = False
