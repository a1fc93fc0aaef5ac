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
from truthlytics.jobs.models import JobProblem
from truthlytics.web import tasks
from truthlytics.web.redis_counters import RedisCounters

logger = logging.getLogger(__name__)

HEALTHZ, READYZ = "/healthz", "/readyz"
PATHS = frozenset({HEALTHZ, READYZ})
# Seconds for all checks together, in case the database hangs.
TIMEOUT = 2
NO_RESPONSE = "the database or the cache does not respond"
DISK_FULL, READ_ONLY = "the disk is almost full", "a folder is not writable"
PROCESS_ENDS, JOBS_FAIL = "a process keeps ending", "periodic jobs are failing"
# In bytes.
MIN_FREE = 256 * 1024 * 1024


class HealthMiddleware:
    """The first middleware, so that health checks need no session, host or HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PATHS or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        problem = "" if request.path_info == HEALTHZ else "; ".join(current_problems())
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        text, status = (f"not ready: {problem}", 503) if problem else ("ok", 200)
        return HttpResponse(text, status=status, content_type="text/plain", headers=headers)


def current_problems() -> list[str]:
    """Return all that keeps the site from being ready. The log has the details.

    Problems count once two checks in a row have found one: a single slow answer is no outage. Takes at most `TIMEOUT`
    seconds. A check that hangs continues in the background, and no other is started until it ends.
    """
    global _running, _failed_before
    if _running is None or _running.done():
        _running = _executor.submit(find_problems_in_new_connection)
    try:
        problems = _running.result(timeout=TIMEOUT)
    except TimeoutError:
        problems = [(NO_RESPONSE, f"no answer within {TIMEOUT} s")]
    again, _failed_before = _failed_before, bool(problems)
    for problem, details in problems:
        logger.warning("%s: %s (%s).", "Not ready" if again else "One check failed", problem, details)
    return [problem for problem, _details in problems] if again else []


def find_problems() -> list[tuple[str, str]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.get("readyz")
        if isinstance(counters := caches["default"], RedisCounters):
            counters.ping()
        now = timezone.now()
        found = [*tasks.find_problems(now), find_disk_problem(), schedule.find_problem(now)]
        found += [find_process_problem(), find_job_problem()]
    except Exception as error:  # noqa: BLE001 - any failure means that the site is not ready
        found = [(NO_RESPONSE, f"{type(error).__name__}: {error}"), find_disk_problem(), find_process_problem()]
    return [(problem, details) for problem, details in found if problem]


def process_problems() -> Path:
    """Return the file in which the supervisor says which processes keep ending. There is none if all run."""
    path: Path = settings.PAGE_CACHE_FILE.parent / "failing-processes"
    return path


def find_process_problem() -> tuple[str, str]:
    """Return which process keeps ending, or empty strings."""
    try:
        return PROCESS_ENDS, process_problems().read_text().replace("\n", "; ")
    except OSError:
        return "", ""


def find_job_problem() -> tuple[str, str]:
    """Return the periodic jobs that keep failing, or empty strings."""
    failing = list(JobProblem.objects.lasting())
    return (JOBS_FAIL, "; ".join(map(str, failing))) if failing else ("", "")


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


def find_problems_in_new_connection() -> list[tuple[str, str]]:
    """Run `find_problems`, and close the connection, so that the next check opens a new one."""
    try:
        return find_problems()
    finally:
        connection.close()


_executor = ThreadPoolExecutor(1, thread_name_prefix="health")
_running: Future[list[tuple[str, str]]] | None = None
# Whether the last check of this process found a problem.
_failed_before = False
