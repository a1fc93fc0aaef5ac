"""Emails about new articles of what readers follow: at once, daily or weekly, and never the same article twice.

Each address has a time up to which articles have been sent. It is moved forward under a lock, in one transaction with
the rows of what is sent, so that two processes never send the same email.
"""

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock_time
from itertools import batched
from typing import NamedTuple
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, DossierVersion, Version
from truthlytics.newsletters.models import KINDS, Address, Followed, FollowedEmail, names_of
from truthlytics.newsletters.rendering import token_of
from truthlytics.publication.mail import RenderedEmail, render_email, send_rendered, unsubscribe_headers

# When emails with the articles of a day or week are sent, in the publication's time zone.
SENT_AT, WEEKDAY = clock_time(7), 6
# An article must have been public for so long: another transaction may be about to publish one that is older.
DELAY = timedelta(minutes=2)
# Older articles are no news, for instance after the site was down.
WINDOW = timedelta(days=14)
MAX_ARTICLES = 20
# How long delivery is retried.
LIFETIME = timedelta(days=1)
KEPT_FOR = timedelta(days=90)
BATCH_SIZE = 500
# How many readers are claimed in one transaction: so many may miss an email if the process dies right after it.
CLAIM_SIZE = 20
# After so many seconds the next `tick` continues, so that others get their turn.
MAX_SECONDS = 60.0


# Names of what is followed, by the id of the article that belongs to it.
Reasons = dict[int, list[str]]


class Item(NamedTuple):
    """An article in an email."""

    version: Version
    url: str


class Recent(NamedTuple):
    """The articles of the last days that may be sent: since when each belongs to what is followed, and its name."""

    joined: dict[Followed, dict[int, datetime]]
    names: dict[Followed, str]

    def for_address(self, address: Address) -> Reasons:
        """Return what `address` has not got yet, the newest first, with what it follows that has each."""
        found: dict[int, datetime] = {}
        reasons: Reasons = {}
        for follow in address.follows.all():
            since = max(follow.since, address.followed_until or follow.since)
            for article_id, at in self.joined.get(follow.followed, {}).items():
                if at > since:
                    found[article_id] = max(at, found.get(article_id, at))
                    reasons.setdefault(article_id, []).append(self.names[follow.followed])
        newest = sorted(found, key=lambda pk: (found[pk], pk), reverse=True)[:MAX_ARTICLES]
        return {pk: reasons[pk] for pk in newest}


def send_due(now: datetime, seconds: float = MAX_SECONDS) -> int:
    """Send the emails about new articles that are due, for about so many seconds. Returns how many.

    Safe to run twice, concurrently or late: a transaction for each reader claims what is sent.
    """
    deadline = time.monotonic() + seconds
    return sum(_send_all(frequency, due_until(frequency, now), now, deadline) for frequency in Address.Frequency)


def delete_old(now: datetime) -> int:
    """Delete the record of what was sent long ago, which is no longer needed to send nothing twice."""
    return FollowedEmail.objects.filter(sent_at__lt=now - KEPT_FOR).delete()[0]


def due_until(frequency: str, now: datetime) -> datetime:
    """Return up to when articles must have been published to be sent at `now`."""
    latest = now - DELAY
    if frequency == Address.Frequency.AT_ONCE:
        return latest
    local = timezone.localtime(latest)
    day = local.date() - timedelta(days=local.time() < SENT_AT)
    if frequency == Address.Frequency.WEEKLY:
        day -= timedelta(days=(day.weekday() - WEEKDAY) % 7)
    return timezone.make_aware(datetime.combine(day, SENT_AT))


def _send_all(frequency: str, until: datetime, now: datetime, deadline: float) -> int:
    """Send the emails of a frequency until `deadline`, a time of the monotonic clock. Returns how many."""
    newest_at = _newest_at(until, now)
    if newest_at is None:
        return 0
    due = Address.objects.deliverable(now).filter(
        frequency=frequency, followed_until__lt=newest_at, follows_stopped_at=None
    )
    recent, sent = None, 0
    for batch in _batches(due):
        recent = recent or _recent(until, now)
        found = {address.pk: recent.for_address(address) for address in batch}
        versions = _versions({pk for articles in found.values() for pk in articles}, now)
        without = [address.pk for address in batch if not found[address.pk]]
        Address.objects.filter(pk__in=without, followed_until__lt=until).update(followed_until=until)
        letters = _Letters(versions)
        for addresses in batched((address for address in batch if found[address.pk]), CLAIM_SIZE):
            if time.monotonic() >= deadline:
                return sent
            sent += _send(addresses, found, letters, until, now)
    return sent


def _newest_at(until: datetime, now: datetime) -> datetime | None:
    """Return when an article was published last, or a dossier that it may have joined, in the WINDOW before `until`."""
    articles = Article.objects.published(now).filter(published_at__gt=until - WINDOW, published_at__lte=until)
    newest = articles.order_by("-published_at", "-id").values_list("published_at", flat=True).first()
    dossiers = DossierVersion.objects.was_public(now).filter(public_from__gt=until - WINDOW, public_from__lte=until)
    changed = dossiers.order_by("-public_from").values_list("public_from", flat=True).first()
    return max(filter(None, (newest, changed)), default=None)


def _batches(due: QuerySet[Address]) -> Iterator[list[Address]]:
    """Yield the addresses in the order of their ids, with what they follow."""
    rows, last = due.order_by("pk").prefetch_related("follows"), 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH_SIZE]):
        yield batch
        last = batch[-1].pk


def _recent(until: datetime, now: datetime) -> Recent:
    """Load the articles that joined what can be followed in the WINDOW before `until`."""
    joined: dict[Followed, dict[int, datetime]] = {}
    for name, kind in KINDS.items():
        for row in kind.joined(until - WINDOW, until, now):
            joined.setdefault((name, row.followed_id), {})[row.article_id] = row.at
    return Recent(joined, names_of(joined, now))


def _versions(article_ids: Iterable[int], now: datetime) -> dict[int, Version]:
    """Return what readers get of these articles in lists: no text, so nothing that only some may read."""
    return {article.pk: article.as_served(now) for article in Article.objects.listed(now).filter(pk__in=article_ids)}


@dataclass
class _Letters:
    """The emails about the articles of `versions`: each text is rendered once for all who get the same."""

    versions: dict[int, Version]
    # A placeholder for each reader's token. It cannot be guessed, so that no text can get a token.
    mark: str = field(default_factory=lambda: f"reader-{uuid4().hex}")
    rendered: dict[tuple[tuple[int, ...], tuple[str, ...]], RenderedEmail] = field(default_factory=dict)

    def send(self, address: Address, articles: tuple[int, ...], names: tuple[str, ...]) -> None:
        """Email `address` about `articles`, which belong to what has these `names`."""
        key = (articles, names)
        if key not in self.rendered:
            self.rendered[key] = self._render(articles, names)
        token = token_of(address.uuid.hex)
        headers = unsubscribe_headers(_url("stop_at_once", token))
        send_rendered(
            self.rendered[key].replace(self.mark, token), to=address.email, lifetime=LIFETIME, headers=headers
        )

    def _render(self, articles: tuple[int, ...], names: tuple[str, ...]) -> RenderedEmail:
        versions = [self.versions[pk] for pk in articles]
        context = {
            "items": [Item(row, f"{settings.SITE_URL}{row.article.get_absolute_url()}") for row in versions],
            "names": names,
            "stop_url": _url("stop", self.mark),
            "choices_url": _url("choices", self.mark),
        }
        return render_email("followed", context)


def _url(view: str, token: str) -> str:
    return f"{settings.SITE_URL}{reverse(f'newsletters:{view}', args=[token])}"


@transaction.atomic
def _send(
    addresses: Collection[Address], found: dict[int, Reasons], letters: _Letters, until: datetime, now: datetime
) -> int:
    """Email each of `addresses` about those of the articles `found` for it that it has not got. Returns how many.

    Those that another process has sent to meanwhile, or whose choices have changed, are left out.
    """
    known = {address.pk: (address.followed_until, address.frequency) for address in addresses}
    free = Address.objects.deliverable(now).filter(pk__in=known, follows_stopped_at=None).select_for_update()
    claimed = {pk for pk, *state in free.values_list("pk", "followed_until", "frequency") if tuple(state) == known[pk]}
    Address.objects.filter(pk__in=claimed).update(followed_until=until)
    got = set(FollowedEmail.objects.filter(address__in=claimed).values_list("address", "article"))
    rows = []
    for address in addresses:
        reasons = found[address.pk] if address.pk in claimed else {}
        new = tuple(pk for pk in reasons if (address.pk, pk) not in got and pk in letters.versions)
        if new:
            rows += [FollowedEmail(address=address, article_id=pk, sent_at=now) for pk in new]
            names = {name for pk in new for name in reasons[pk]}
            letters.send(address, new, tuple(sorted(names, key=str.casefold)))
    FollowedEmail.objects.bulk_create(rows)
    return len({row.address_id for row in rows})
