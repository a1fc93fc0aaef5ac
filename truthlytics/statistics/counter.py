"""Counting the requests for articles that a process answers: as people, assistants, programs, or not at all."""

import os
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from functools import cache as once

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from articles.models import Article
from truthlytics.statistics import services
from truthlytics.statistics.models import NotCounted, SourceKind
from truthlytics.statistics.requests import HALF, SITE, STAFF, SUBSCRIBER, Request, Values, client_of, sender_of
from truthlytics.statistics.seen import SEEN, Answer, Seen
from truthlytics.statistics.services import Totals
from truthlytics.statistics.sources import source_of
from truthlytics.web.agents import Kind
from truthlytics.web.batches import BatchCounter

Reason = NotCounted.Reason
REASONS = {Answer.AGAIN: Reason.AGAIN, Answer.ADDRESS: Reason.ADDRESS, Answer.FULL: Reason.FULL}
# Sums kept while they cannot be saved. What comes then is lost.
MAX_TOTALS = 50_000


class Tally:
    """Adds requests to totals. Between two calls at most some seconds pass, so their time is that of the call."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def __call__(self, totals: Totals, batch: Iterable[Values]) -> None:
        requests = [request for values in batch if (request := Request(*values)).flag != SITE]
        now = timezone.localtime()
        with self.seen.on(now.date()):
            public = public_articles({request.article for request in requests if request.flag == HALF})
            if len(totals) < MAX_TOTALS:
                for request in requests:
                    if request.flag != HALF:
                        self.add_page(totals, request, now)
                    elif request.article in public:
                        self.add_half(totals, request, now)

    def add_page(self, totals: Totals, request: Request, now: datetime) -> None:
        sender = sender_of(request)
        if sender.kind is not Kind.PERSON:
            totals.agents[now.date(), sender.name, sender.kind] += 1
            add(totals, request, now, "assistants" if sender.kind is Kind.ASSISTANT else "programs")
        elif reason := self.why_not(request):
            totals.not_counted[now.date(), reason] += 1
            add(totals, request, now, "not_counted")
        else:
            self.add_person(totals, request, now)

    def why_not(self, request: Request) -> str:
        """Return why a person who has requested a page is not counted, or "" if they are. They are not another time."""
        if request.flag == STAFF:
            return Reason.STAFF
        if request.purpose:
            return Reason.PREFETCH
        answer = self.seen.open(client_of(request), request.agent, request.article)
        return "" if answer is Answer.NEW else REASONS[answer]

    def add_half(self, totals: Totals, request: Request, now: datetime) -> None:
        """Count a reader who has read to the half. If a CDN has answered, it is the first that is known of them."""
        if sender_of(request).kind is not Kind.PERSON:
            return
        key = client_of(request), request.agent, request.article
        answer = self.seen.open(*key)
        if answer is Answer.NEW:
            self.add_person(totals, request, now)
        if answer in {Answer.NEW, Answer.AGAIN} and self.seen.read_to_half(*key):
            totals.articles[now.date(), request.article, "halves"] += 1
            add_hour(totals, request, now, "halves")

    def add_person(self, totals: Totals, request: Request, now: datetime) -> None:
        add(totals, request, now, "people")
        add_hour(totals, request, now, "people")
        if request.flag == SUBSCRIBER:
            totals.articles[now.date(), request.article, "subscribers"] += 1
        kind, name = source_of(request.referrer, request.query)
        if name and not self.seen.brings_source(client_of(request), request.article):
            kind, name = SourceKind.DIRECT, ""
        totals.sources[now.date(), request.article, kind, name] += 1


def add(totals: Totals, request: Request, now: datetime, name: str) -> None:
    totals.articles[now.date(), request.article, name] += 1
    totals.hours[hour_of(now), name] += 1


def add_hour(totals: Totals, request: Request, now: datetime, name: str) -> None:
    if len(totals.article_hours) < MAX_TOTALS:
        totals.article_hours[hour_of(now), request.article, name] += 1


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def public_articles(ids: Collection[int]) -> set[int]:
    """Return those of `ids`, which a stranger may have made up, that are of public articles.

    None while the database does not answer, so that the requests for pages are kept.
    """
    if not ids:
        return set()
    try:
        return set(Article.objects.published().filter(pk__in=ids).values_list("pk", flat=True).order_by())
    except DatabaseError:
        return set()


# --- Several machines ------------------------------------------------------------------------------------------------
def seen_elsewhere(mark: bytes) -> bool:
    """Return whether another machine has seen a person today, and remember them for all machines until midnight."""
    return not cache.add(f"seen:{mark.hex()}", 1, seconds_to_midnight())


def shared_key(day: date) -> bytes:
    """Return the random key that all machines use on `day`."""
    name = f"seen-key:{day}"
    cache.add(name, os.urandom(32).hex(), seconds_to_midnight())
    return bytes.fromhex(cache.get(name) or os.urandom(32).hex())


def seconds_to_midnight() -> int:
    now = timezone.localtime()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - now).total_seconds()) + 1


@once
def tally() -> Tally:
    """Return that of this process. Made when it counts first, after the server has forked it."""
    text = os.environ.get(SEEN)
    descriptor = int(text) if text else None
    if settings.CACHES["default"]["BACKEND"].endswith("RedisCounters"):
        return Tally(Seen(descriptor, elsewhere=seen_elsewhere, shared_key=shared_key))
    return Tally(Seen(descriptor))


ReadCounter = BatchCounter[Values, Totals]


def read_counter(seen: Seen | None = None) -> ReadCounter:
    """Return a counter of requests that uses the memory of this machine, or for tests another one."""
    add_to = Tally(seen) if seen else lambda totals, batch: tally()(totals, batch)
    return BatchCounter(new=Totals, add=add_to, save=services.save)


# The counter of this process. wsgi.py enables it.
READ_COUNTER = read_counter()
