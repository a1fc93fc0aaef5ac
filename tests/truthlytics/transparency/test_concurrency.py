"""Many processes add entries at once: no gap, no fork, no event twice."""

from itertools import count
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.budget import takes_longer
from tests.record_key import use_key
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from truthlytics.transparency.merkle import leaf_hash, root_of
from truthlytics.transparency.models import Checkpoint, Log, LogEntry
from truthlytics.transparency.services.entries import add, append_due, new_entry

THREADS = 50


class ConcurrencyTests(TransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        use_key(self)

    @takes_longer("Many threads use the database at once.")
    def test_many_publish_at_once(self) -> None:
        numbers, now = count(1), timezone.now()
        Log.objects.current()

        def publish() -> None:
            number = next(numbers)
            with transaction.atomic():
                add([new_entry("version", item="article", uuid=UUID(int=number), at=now, number=1)])

        self.assertEqual([result for result in at_once(publish, THREADS) if result is not None], [])
        append_due(timezone.now())
        log = Log.objects.current()
        entries = list(LogEntry.objects.order_by("position"))
        self.assertEqual([entry.position for entry in entries], list(range(THREADS)))
        hashes = [leaf_hash(entry.leaf.encode()) for entry in entries]
        self.assertEqual(log.head.root, root_of(hashes))
        for checkpoint in Checkpoint.objects.all():
            self.assertEqual(checkpoint.head.root, root_of(hashes[: checkpoint.size]))

    def test_one_event_at_once(self) -> None:
        now = timezone.now()
        Log.objects.current()

        def publish() -> None:
            with transaction.atomic():
                add([new_entry("version", item="article", uuid=UUID(int=1), at=now, number=1)])

        refused = [result for result in at_once(publish, 8) if result is not None]
        self.assertEqual([type(error) for error in refused], [IntegrityError] * 7)
        self.assertEqual(Log.objects.current().size, 1)
