"""`/healthz` and `/readyz` for monitoring: they accept any host. The reason they give contains no internals."""

import logging
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.cache import cache, caches
from django.core.files.storage import FileSystemStorage, storages
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from truthlytics.backups import schedule
from truthlytics.jobs.last_runs import last_runs, late_groups
from truthlytics.jobs.models import JobProblem
from truthlytics.server import probe
from truthlytics.web import tasks
from truthlytics.web.redis_counters import RedisCounters

logger = logging.getLogger(__name__)

HEALTHZ, READYZ = "/healthz", "/readyz"
PATHS = frozenset({HEALTHZ, READYZ})
# Seconds for all checks together, in case the database hangs.
TIMEOUT = 2
NO_RESPONSE = "the database or the cache does not respond"
DISK_FULL, READ_ONLY = "the disk is almost full", "a folder is not writable"
PROCESS_ENDS, JOBS_FAIL, JOBS_LATE = "a process keeps ending", "periodic jobs are failing", "periodic jobs are late"
PAGES_FAIL = "the front page or the newest article is an error"
# Seconds between two requests for pages, which take Django longer than all else, and for how long others know of a
# failed check.
PAGES_PERIOD, REMEMBERED = 60, 300
# In bytes.
MIN_FREE = 256 * 1024 * 1024


class HealthMiddleware:
    """The first middleware, so that health checks need no session, host or HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.pages = Pages(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PATHS or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        problem = "" if request.path_info == HEALTHZ else "; ".join(current_problems(self.pages.find_problem))
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        text, status = (f"not ready: {problem}", 503) if problem else ("ok", 200)
        return HttpResponse(text, status=status, content_type="text/plain", headers=headers)


class Pages:
    """Asks this process for the front page and an article, at most once a minute, however often `/readyz` is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.asked_at = -math.inf
        self.found = ("", "")

    def find_problem(self) -> tuple[str, str]:
        """Return which of the pages was an error, or empty strings."""
        if self.asked_at + PAGES_PERIOD <= (now := time.monotonic()):
            self.asked_at = now
            statuses = {path: self.status_of(path) for path in probe.paths()}
            errors = [f"{path} answers with {status}" for path, status in statuses.items() if status >= 500]
            self.found = (PAGES_FAIL, "; ".join(errors)) if errors else ("", "")
        return self.found

    def status_of(self, path: str) -> int:
        response = self.get_response(WSGIRequest(probe.environ_of(path)))
        response.close()
        return response.status_code


def current_problems(find_page_problem: Callable[[], tuple[str, str]]) -> list[str]:
    """Return all that keeps the site from being ready. The log has the details.

    Problems count once two checks in a row on this machine have found one: a single slow answer is no outage. Takes at
    most `TIMEOUT` seconds. A check that hangs continues in the background, and no other is started until it ends.
    """
    global _running, _failed_before
    if _running is None or _running.done():
        _running = _executor.submit(find_problems_in_new_connection, find_page_problem)
    try:
        problems = _running.result(timeout=TIMEOUT)
    except TimeoutError:
        problems = [(NO_RESPONSE, f"no answer within {TIMEOUT} s")]
    again = _failed_before or has_another_failed()
    _failed_before = bool(problems)
    tell_others(failed=_failed_before)
    for problem, details in problems:
        logger.warning("%s: %s (%s).", "Not ready" if again else "One check failed", problem, details)
    return [problem for problem, _details in problems] if again else []


def failed_check() -> Path:
    """Return the file that is there while the last check of any process on this machine has found a problem."""
    path: Path = settings.PAGE_CACHE_FILE.parent / "failed-check"
    return path


def has_another_failed() -> bool:
    try:
        return time.time() - failed_check().stat().st_mtime < REMEMBERED
    except OSError:
        return False


def tell_others(*, failed: bool) -> None:
    """Without it, as on a full disk, each process counts its own checks."""
    with suppress(OSError):
        if failed:
            failed_check().touch()
        else:
            failed_check().unlink(missing_ok=True)


def find_problems(find_page_problem: Callable[[], tuple[str, str]] = lambda: ("", "")) -> list[tuple[str, str]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.get("readyz")
        if isinstance(counters := caches["default"], RedisCounters):
            counters.ping()
        now = timezone.now()
        found = [*tasks.find_problems(now), find_disk_problem(), schedule.find_problem(now)]
        found += [find_process_problem(), find_job_problem(), find_late_jobs(now), find_page_problem()]
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


def find_late_jobs(now: datetime) -> tuple[str, str]:
    """Return which groups of periodic jobs have not run in time, or empty strings.

    After a start with an empty cache it is not known when they last ran; the time counts from the first question.
    """
    global _unknown_since
    runs = last_runs()
    unknown = [name for name, at in runs.items() if at is None]
    _unknown_since = {name: _unknown_since.get(name, now) for name in unknown}
    late = late_groups(runs | _unknown_since, now)
    return (f"{JOBS_LATE} ({', '.join(late)})", "is `start`, or the timer, running?") if late else ("", "")


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


def find_problems_in_new_connection(find_page_problem: Callable[[], tuple[str, str]]) -> list[tuple[str, str]]:
    """Run `find_problems`, and close the connection, so that the next check opens a new one."""
    try:
        return find_problems(find_page_problem)
    finally:
        connection.close()


_executor = ThreadPoolExecutor(1, thread_name_prefix="health")
_running: Future[list[tuple[str, str]]] | None = None
# Whether the last check of this process found a problem.
_failed_before = False
# Since when this process does not know when a group of jobs last ran.
_unknown_since: dict[str, datetime] = {}
