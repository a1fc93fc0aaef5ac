"""The kinds of events: each is sent and documented, and no other can be sent."""

import re
from pathlib import Path
from typing import get_type_hints

from django.db.models import TextChoices
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from truthlytics.events.models import Event, Kind, choices
from truthlytics.events.services.adding import add_events, new_event

ROOT = Path(__file__).parents[3]
PRODUCT = ("articles", "comments", "subscriptions", "truthlytics")
SENDS = re.compile(r"\b(new_event|Event\.objects\.create)\(")


def written_where_events_are_sent():
    """Return the names of kinds in the modules that send events."""
    texts = (path.read_text(encoding="utf-8") for folder in PRODUCT for path in (ROOT / folder).rglob("*.py"))
    senders = [text for text in texts if SENDS.search(text) and "truthlytics.events.models import" in text]
    return set(re.findall(r"\bKind\.(\w+)", "".join(senders)))


def documented():
    """Return the events in the first column of the table in docs/events.md."""
    table = (ROOT / "docs/events.md").read_text(encoding="utf-8").partition("| Event | When |\n|---|---|\n")[2]
    rows = table.partition("\n\n")[0].splitlines()
    return [name for row in rows for name in re.findall(r"`(.+?)`", row.split("|")[1])]


class EveryKindTests(SimpleTestCase):
    def test_it_is_written_out_where_it_is_sent(self):
        self.assertEqual({kind.name for kind in Kind} - written_where_events_are_sent(), set())

    def test_the_documentation_has_it(self):
        own = [name for name in documented() if name in Kind.values]
        self.assertEqual(own, Kind.values, "Update the table in docs/events.md, in the order of kinds.py.")
        self.assertEqual({*documented()}, {name for name, _label in choices()} | {Kind.TEST.value})

    def test_a_new_one_needs_no_migration(self):
        column = Event._meta.get_field("kind")
        self.assertIsNone(column.choices)
        self.assertLessEqual(max(map(len, Kind.values)), column.max_length)


class UnknownKindTests(TestCase):
    def test_it_is_refused_and_nothing_is_stored(self):
        for kind in ("article.publishd", "harbour.tide", "ARTICLE_PUBLISHED", "", None):
            with self.subTest(kind), self.assertRaisesMessage(ValueError, f"There is no event “{kind}”."):
                new_event(kind, id=1)
        known, unknown = new_event(Kind.ARTICLE_PUBLISHED), Event(kind="harbour.tide", due_at=timezone.now())
        with self.assertRaisesMessage(ValueError, "There is no event “harbour.tide”."):
            add_events(known, unknown)
        self.assertFalse(Event.objects.exists())

    def test_types_refuse_a_text(self):
        self.assertIs(get_type_hints(new_event)["kind"], TextChoices)
