"""What a dry run finds out besides losses: names to map, counts by kind, and texts before and after."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from truthlytics.contrib.importers.records import Entry, MediaRecord, Record
from truthlytics.web.types import JsonObject

SAMPLES = 10
# Characters of a text before and after that are shown.
MAX_SAMPLE = 20_000
# Names in the forms that map them, most frequent first.
MAX_NAMES = 200
_SHORTCODE_NAME = re.compile(r"\[/?([\w-]+)")


@dataclass
class Findings:
    """`kinds` counts records by what they become and their status; `authors` and `sections` by name in the source."""

    kinds: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)
    sections: Counter[str] = field(default_factory=Counter)
    records: list[Record] = field(default_factory=list)
    samples: list[dict[str, str]] = field(default_factory=list)
    _seen: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - the same samples each time

    def observe(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield `entries`, and note what they are."""
        for entry in entries:
            if isinstance(entry, MediaRecord):
                self.kinds["media"] += 1
            elif isinstance(entry, Record):
                self._note(entry)
            yield entry

    def _note(self, record: Record) -> None:
        self.kinds[f"{record.target} {record.status}"] += 1
        self.kinds["comments"] += len(record.comments)
        if record.target == "article":
            self.authors.update(record.authors or ("",))
            self.sections[record.section] += 1
        if not record.body.strip():
            return
        # Each text has the same chance to be a sample.
        self._seen += 1
        if len(self.records) < SAMPLES:
            self.records.append(record)
        elif (place := self._random.randrange(self._seen)) < SAMPLES:
            self.records[place] = record

    def add_sample(self, record: Record, before: str, title: str, after: str, state: str) -> None:
        """Add a text with its `before`, as it is in the source, and `after`, as it would be stored."""
        sample = {"title": title, "before": before[:MAX_SAMPLE], "after": after[:MAX_SAMPLE], "state": state}
        self.samples.append(sample | {"line": str(record.line), "kind": record.target})

    def save(
        self, path: Path, counts: Counter[str], created: Counter[str], losses: Counter[str], signs: Counter[str]
    ) -> None:
        """Write everything as JSON, with the counts of the writer and of the signs of access rules."""
        found: JsonObject = {
            "kinds": self.kinds,
            "authors": self.authors.most_common(MAX_NAMES),
            "sections": self.sections.most_common(MAX_NAMES),
            "samples": self.samples,
            "counts": counts,
            "created": created,
            "losses": losses,
            "signs": signs.most_common(),
        }
        path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def shortcode_name(what: str) -> str:
    match = _SHORTCODE_NAME.match(what)
    return match[1].lower() if match else what[:60]
