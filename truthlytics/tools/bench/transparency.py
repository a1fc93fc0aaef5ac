"""Adding entries to the transparency log and signing its state, with a large log."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched
from uuid import uuid4

from django.test.utils import override_settings
from django.utils import timezone

from truthlytics.env import VAR_DIR
from truthlytics.tools.bench.corpus import Corpus
from truthlytics.tools.bench.results import Row, at_most
from truthlytics.transparency import keys
from truthlytics.transparency.models import Log, LogEntry
from truthlytics.transparency.services.checkpoints import sign
from truthlytics.transparency.services.entries import add, append_due, new_entry
from truthlytics.transparency.tree import Tree

ENTRIES, QUICK_ENTRIES, REPEAT = 200_000, 500, 50
START = datetime(2020, 1, 1, tzinfo=UTC)


def transparency(corpus: Corpus, quick: bool) -> Iterator[Row]:
    count = QUICK_ENTRIES if quick else ENTRIES
    with override_settings(RECORD_KEY_FILE=VAR_DIR / "bench-record-key.pem"):
        keys.create_key()
        for batch in batched(range(count), 10_000):
            add(_entry(number) for number in batch)
            append_due(timezone.now())
        entry_ms, checkpoint_ms = [], []
        for number in range(count, count + REPEAT):
            add([_entry(number)])
            started = time.process_time()
            append_due(timezone.now())
            entry_ms.append((time.process_time() - started) * 1000)
            log = Log.objects.current()
            started = time.process_time()
            sign(log, log.head, timezone.now())
            checkpoint_ms.append((time.process_time() - started) * 1000)
        started, log = time.process_time(), Log.objects.current()
        Tree(log).inclusion_proof(count // 3, log.size)
        proof_ms = (time.process_time() - started) * 1000
    yield at_most(3, f"add an entry to a log of {count:,}", sorted(entry_ms)[REPEAT // 2], "ms")
    yield at_most(5, "sign a checkpoint", sorted(checkpoint_ms)[REPEAT // 2], "ms")
    yield at_most(20, "a proof that an entry is in it", proof_ms, "ms")


def _entry(number: int) -> LogEntry:
    at = START + timedelta(minutes=number)
    return new_entry("version", item="article", uuid=uuid4(), at=at, number=1, digest=f"{number:064x}")
