"""Checks of quotations in an archive of which each article has three versions."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from itertools import batched
from random import Random
from urllib.parse import quote
from uuid import uuid4

from django.db import connection
from django.urls import reverse

from articles.access import Level
from articles.models import Article, Version, VersionQuerySet
from truthlytics.contrib.quotations.checking import MAX_LENGTH
from truthlytics.contrib.quotations.models import Fingerprint, IndexedText
from truthlytics.contrib.quotations.services.indexing import runs_of
from truthlytics.tools.bench.corpus import BATCH, STEP, analyse, archive_text, copy_rows, vocabulary
from truthlytics.tools.bench.results import MeasurementError, Row, at_most, figure
from truthlytics.tools.bench.server import Server
from truthlytics.web.types import Content

VERSIONS, CHANGED_WORDS = 3, 3
# Less than the 60 for which one address may ask in five minutes; each kind of quotation asks a new server.
REPEAT, WARM = 50, 4
# Milliseconds of CPU.
LIMIT = 100
# No article has a text with this number.
UNKNOWN = 10**9
# Between the hash of an original and those of its copies.
DISTANCE = 20_000_000_000_000_000
# Of the most frequent words, so many are in the quotations of common words.
COMMON = 3
CHANGED = "one word changed"
FOUND, NOT_FOUND = {"current", "earlier"}, {"similar", "none"}
# The only right answers. A quotation with another word may be missed, and what others write may be similar by chance.
RESULTS = {"exact": FOUND, "longest": FOUND, CHANGED: NOT_FOUND, "unknown": NOT_FOUND, "gated": NOT_FOUND}
_RESULT = re.compile(rb"checked-quotation--(\w+)")
_COLUMNS = "hash bigint NOT NULL, text_id integer NOT NULL, first smallint NOT NULL, last smallint NOT NULL"
_ORIGINALS = """
    SELECT line.hash, line.text_id, line.first, line.last, shared.hash IS NOT NULL AS is_shared
    FROM quotations_fingerprint AS line LEFT JOIN shared ON shared.hash = line.hash
"""
# Towards zero, so that the numbers stay within 64 bits.
_COPY_LINES = """
    INSERT INTO quotations_fingerprint (hash, text_id, first, last)
    SELECT CASE WHEN is_shared THEN hash WHEN hash > 0 THEN hash - %s ELSE hash + %s END, text_id + %s, first, last
    FROM original
"""

Quotations = list[str]


def add_versions(progress: Callable[[str], None]) -> None:
    """Give each article of the archive two earlier versions with other words, and index all three.

    Those of the articles that were published are indexed as on a site. All others are copies of these: with the
    hashes that several texts have, and with other numbers for the hashes that only one text has. The digests of the
    added versions mean nothing, and no pages can be made of them: only contents are read here.
    """
    if Version.objects.filter(number=VERSIONS).exists():
        return
    live = Version.objects.filter(pk__lte=STEP).order_by("pk")
    with _without_index():
        for versions in batched(list(live), BATCH):
            articles = Article.objects.filter(pk__in=[row.article_id for row in versions])
            _add(versions, dict(articles.values_list("pk", "body")))
            progress(f"quotations until id {versions[-1].pk}")
        if copies := Version.objects.filter(pk__gt=STEP, number=1, live_in__isnull=False).count() // len(live):
            _copy(copies, progress)
    analyse()


def _copy(copies: int, progress: Callable[[str], None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_version SET number = %s WHERE number = 1 AND digest LIKE '%%-%%'", [VERSIONS])
        times = "public_from created_at changed_at"
        earlier = f"WHERE number < {VERSIONS}"
        copy_rows(cursor, "articles_version", ("id article_id", times, "digest", ""), copies, earlier)
        copy_rows(cursor, "quotations_indexedtext", ("id article_id", "", "", ""), copies)
        cursor.execute(
            "CREATE TEMPORARY TABLE shared AS SELECT hash FROM quotations_fingerprint"
            " GROUP BY hash HAVING count(DISTINCT text_id) > 1"
        )
        cursor.execute("CREATE UNIQUE INDEX shared_hash ON shared (hash)")
        cursor.execute(f"CREATE TEMPORARY TABLE original AS {_ORIGINALS}")
        for number in range(1, copies + 1):
            cursor.execute(_COPY_LINES, [number * DISTANCE, number * DISTANCE, number * STEP])
            progress(f"quotations of {number} of {copies} copies")


@contextmanager
def _without_index() -> Iterator[None]:
    """Replace the table of fingerprints by one without constraints, and build its indexes at the end.

    Written one by one, the entries of an index by hashes would be at random places of the disk.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("PRAGMA cache_size = -400000")
            cursor.execute("PRAGMA synchronous = OFF")
        Fingerprint.objects.all().delete()
        IndexedText.objects.all().delete()
        cursor.execute("DROP TABLE quotations_fingerprint")
        cursor.execute(f"CREATE TABLE quotations_fingerprint ({_COLUMNS})")
        yield
        cursor.execute("CREATE UNIQUE INDEX fingerprint_key ON quotations_fingerprint (hash, text_id, first)")
        cursor.execute("CREATE INDEX fingerprint_text ON quotations_fingerprint (text_id)")


def _add(versions: Sequence[Version], bodies: dict[int, str]) -> None:
    texts = IndexedText.objects.bulk_create(
        IndexedText(article_id=row.article_id, newest=VERSIONS, count=VERSIONS, is_free=not row.required_level)
        for row in versions
    )
    earlier, current, lines = [], [], []
    for row, text in zip(versions, texts, strict=True):
        contents = _contents(row, bodies[row.article_id])
        numbered = [(number, content, row.required_level) for number, content in enumerate(contents, 1)]
        found = runs_of(numbered, contents[-1])
        lines += [Fingerprint(hash=value, text=text, first=first, last=end) for (value, first), end in found.items()]
        current.append((VERSIONS, json.dumps(contents[-1]), row.pk))
        earlier += [_version(row, number, content) for number, content, _level in numbered[:-1]]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE articles_version SET number = %s, content = %s WHERE id = %s", current)
    Version.objects.bulk_create(earlier)
    Fingerprint.objects.bulk_create(lines, batch_size=BATCH)


def _contents(version: Version, body: str) -> list[Content]:
    """Return the contents of all versions, oldest first. In each of them, a few words are others."""
    random = Random(version.pk)  # noqa: S311
    words, sums = vocabulary()
    content = json.loads(version.content or "{}")
    contents = [content | {"headline": version.headline, "standfirst": version.standfirst, "body": body}]
    while len(contents) < VERSIONS:
        pieces = contents[0]["body"].split(" ")
        for place in random.sample(range(len(pieces)), CHANGED_WORDS):
            if "<" not in pieces[place]:
                pieces[place] = random.choices(words, cum_weights=sums)[0]
        contents.insert(0, contents[0] | {"body": " ".join(pieces)})
    return contents


def _version(current: Version, number: int, content: Content) -> Version:
    at = current.public_from - timedelta(hours=VERSIONS - number)
    same = {name: getattr(current, name) for name in ("article_id", "headline", "kind", "required_level")}
    times = dict.fromkeys(("public_from", "created_at", "changed_at"), at)
    digests = {"content_digest": uuid4().hex, "digest": uuid4().hex}
    return Version(number=number, content=json.dumps(content), **same, **times, **digests)


def measure(server: Callable[[], AbstractContextManager[Server]], quick: bool) -> Iterator[Row]:
    """Yield the figures, of a reader without an account. `server` starts one."""
    repeat = 2 if quick else REPEAT
    kinds = {**_honest(repeat), **_hostile(repeat)}
    for name, asked in kinds.items():
        with server() as running:
            for quotation in asked[repeat:]:
                _check(running, quotation)
            checks = [_check(running, quotation) for quotation in asked[:repeat]]
        results = [result for _cpu, _clock, result in checks]
        if not {*results} <= RESULTS.get(name, {*results}):
            raise MeasurementError(f"Wrong answers to quotations ({name}): {', '.join(results)}.")
        yield at_most(LIMIT, f"quotation, {name}: 95th percentile", _percentile(cpu for cpu, _clock, _result in checks))
        yield figure(f"quotation, {name}: the same by the clock", _percentile(clock for _cpu, clock, _result in checks))
        if name == CHANGED:
            yield figure("quotation, one word changed: recognised", 100 * results.count("similar") / repeat, "%")


def _check(server: Server, quotation: str) -> tuple[float, float, str]:
    """Return the milliseconds that a check took, of CPU and by the clock, and its result."""
    path = f"{reverse('check_quotation')}?q={quote(quotation)}"
    cpu, clock = server.cpu(), time.perf_counter()
    page = server.get(path)
    clock = time.perf_counter() - clock
    spent, match = server.cpu() - cpu, _RESULT.search(page)
    if match is None:
        raise MeasurementError("A quotation was not checked.")
    return 1000 * max(0, spent), 1000 * clock, match[1].decode()


def _percentile(times: Iterable[float]) -> float:
    ordered = sorted(times)
    return ordered[len(ordered) * 95 // 100]


def _honest(repeat: int) -> dict[str, Quotations]:
    random = Random(5)  # noqa: S311
    free = list(_published().filter(required_level=Level.EVERYONE).values_list("pk", flat=True))
    gated = list(_published().filter(required_level__gt=Level.EVERYONE).values_list("pk", flat=True))
    texts, others = (_texts(random.sample(pks, repeat + WARM)) for pks in (free, gated))
    exact = [_excerpt(text, random.randint(12, 25), random) for text in texts]
    return {
        "exact": exact,
        CHANGED: [_with_another_word(quotation, random) for quotation in exact],
        "unknown": [_excerpt(archive_text(UNKNOWN + number)[0], 20, random) for number in range(repeat + WARM)],
        "gated": [_excerpt(text[len(text) // 2 :], 20, random) for text in others],
        "longest": [_shortened(_excerpt(text, 150, random)) for text in texts],
    }


def _hostile(repeat: int) -> dict[str, Quotations]:
    random, common = Random(6), vocabulary()[0][:COMMON]  # noqa: S311
    texts = _texts(random.sample(list(_published().values_list("pk", flat=True)), 20))
    numbers = range(repeat + WARM)
    return {
        "common words": [_shortened(" ".join(random.choices(common, k=300))) for _number in numbers],
        "one word repeated": [_shortened(" ".join([vocabulary()[0][number]] * 300)) for number in numbers],
        "pieces of many texts": [
            _shortened(" ".join(_excerpt(random.choice(texts), 6, random) for _piece in range(30)))
            for _number in numbers
        ],
    }


def _published() -> VersionQuerySet:
    """Return all versions of articles that are no copies."""
    return Version.objects.filter(article__lte=STEP, number__lte=VERSIONS)


def _texts(pks: Sequence[int]) -> list[list[str]]:
    """Return the words of versions."""
    contents = Version.objects.filter(pk__in=pks).order_by("pk").values_list("content", flat=True)
    return [re.sub("<.*?>", " ", json.loads(content or "{}")["body"]).split() for content in contents]


def _excerpt(words: Sequence[str], count: int, random: Random) -> str:
    start = random.randrange(max(1, len(words) - count))
    return " ".join(words[start : start + count])


def _with_another_word(quotation: str, random: Random) -> str:
    words = quotation.split()
    words[random.randrange(len(words))] = "xylophone"
    return " ".join(words)


def _shortened(quotation: str) -> str:
    return quotation[:MAX_LENGTH].rpartition(" ")[0]
