"""Tell the CDN which pages have changed. A task does so, so that no change waits for the CDN, or fails with it.

Each change is sent twice: at once, and again after all machines are sure to know of it. A page that another machine
sent to the CDN in between may have been the old one.
"""

import http.client
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import batched
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from truthlytics.cache.edge import MAX_DELAY
from truthlytics.cache.models import CdnPurge
from truthlytics.web.fragments import EVERY_PAGE

FASTLY, CLOUDFLARE = "https://api.fastly.com", "https://api.cloudflare.com/client/v4"
# Tags in one request. Fastly accepts 256, Cloudflare 30 on all plans; for Varnish they must fit into a header.
BATCHES = {"varnish": 60, "fastly": 256, "cloudflare": 30}
# Above this number of tags, everything is purged.
MANY_TAGS = 600
AGAIN_AFTER = timedelta(seconds=MAX_DELAY + 2)
# Seconds for one request.
TIMEOUT = 10
# Between login codes and other emails (truthlytics/publication/mail.py).
PRIORITY = 55


class PurgeError(Exception):
    """The CDN did not accept a purge. The message has its answer."""


def announce(tags: Iterable[str]) -> None:
    """Let the CDN purge `tags` once the current transaction is committed. Nothing is lost if it is unreachable then."""
    CdnPurge.objects.create(tags=" ".join(tags))
    transaction.on_commit(_enqueue)


def _enqueue() -> None:
    """Start the task, unless one is about to start anyway."""
    now = timezone.now()
    # Tasks without a time have one in the far future.
    at_once = Q(run_after__lte=now) | Q(run_after__gt=now + timedelta(days=1))
    waiting = DBTaskResult.objects.filter(task_path=send.module_path, status=TaskResultStatus.READY, started_at=None)
    if not waiting.filter(at_once).exists():
        send.enqueue()


@task(priority=PRIORITY)
def send() -> None:
    send_waiting(timezone.now())


def send_waiting(now: datetime) -> int:
    """Send the changes that are due to the CDN. Safe to run twice and concurrently. Returns the number of changes.

    Raises PurgeError if the CDN does not accept them; they are kept for the next attempt.
    """
    if not settings.CDN:
        return CdnPurge.objects.all().delete()[0]
    due = Q(sent_at=None) | Q(sent_at__lte=now - AGAIN_AFTER)
    rows = list(CdnPurge.objects.filter(due))
    if not rows:
        return 0
    purge(tag for row in rows for tag in row.tags.split())
    again = [row.pk for row in rows if row.sent_at is None]
    CdnPurge.objects.filter(pk__in=[row.pk for row in rows if row.sent_at]).delete()
    if CdnPurge.objects.filter(pk__in=again).update(sent_at=now):
        send.using(run_after=now + AGAIN_AFTER).enqueue()
    return len(rows)


def purge(tags: Iterable[str]) -> None:
    """Let the CDN drop all pages with one of `tags`. Raises PurgeError."""
    unique = sorted(set(tags))
    if len(unique) > MANY_TAGS:
        unique = [EVERY_PAGE]
    provider = settings.CDN["provider"]
    for batch in batched(unique, BATCHES[provider]):
        for method, url, headers, body in REQUESTS[provider](batch):
            _request(method, url, headers, body)


Request = tuple[str, str, dict[str, str], str]


def _varnish(tags: tuple[str, ...]) -> Iterator[Request]:
    for server in settings.CDN["target"].split(","):
        yield "PURGE", f"http://{server}/", {"Surrogate-Key": " ".join(tags)}, ""


def _fastly(tags: tuple[str, ...]) -> Iterator[Request]:
    headers = {"Fastly-Key": settings.CDN["token"], "Surrogate-Key": " ".join(tags), "Accept": "application/json"}
    yield "POST", f"{FASTLY}/service/{settings.CDN['target']}/purge", headers, ""


def _cloudflare(tags: tuple[str, ...]) -> Iterator[Request]:
    headers = {"Authorization": f"Bearer {settings.CDN['token']}", "Content-Type": "application/json"}
    yield "POST", f"{CLOUDFLARE}/zones/{settings.CDN['target']}/purge_cache", headers, json.dumps({"tags": tags})


REQUESTS: dict[str, Callable[[tuple[str, ...]], Iterator[Request]]] = {
    "varnish": _varnish,
    "fastly": _fastly,
    "cloudflare": _cloudflare,
}


def _request(method: str, url: str, headers: dict[str, str], body: str) -> None:
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    client = make(parts.netloc, timeout=TIMEOUT)
    try:
        client.request(method, parts.path, body.encode(), headers)
        response = client.getresponse()
        text = response.read(300).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise PurgeError(f"{parts.netloc} does not answer ({error}).") from error
    finally:
        client.close()
    if response.status != http.HTTPStatus.OK:
        raise PurgeError(f"{parts.netloc} refused a purge with {response.status}: {' '.join(text.split())}")
