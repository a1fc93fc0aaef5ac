"""Records that readers yield and the writer stores, and the report of what could not be imported exactly."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal, Self

BodyFormat = Literal["markdown", "html"]
Fields = dict[str, Any]
# Called with the code of a loss and what was lost.
ReportLoss = Callable[[str, str], None]

# Summary lines by code, in the order of the summary.
LOSS_MESSAGES = {
    "line": "lines skipped because they contain no readable article",
    "repeated": "records skipped because an earlier record has the same id",
    "refused": "records skipped because the database rejected them",
    "edited": "articles not updated because they were edited here",
    "draft": "articles imported as drafts",
    "date": "dates that differ from the source",
    "shortened": "headlines, standfirsts, names and footnotes shortened",
    "address": "old URLs that cannot be redirected",
    "image": "images not included",
    "frame": "embedded pages replaced by links or removed",
    "tag": "template tags removed",
    "script": "scripts, styles and drawings removed",
    "mark-up": "unsupported elements removed; their text was kept",
    "link": "links without a known target; their text was kept",
    "braces": "code samples in which braces or tags were separated by a space",
    "note": "footnotes without a reference in the text",
    "characters": "texts with control characters, which were removed",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was not imported exactly. `line` counts from 1."""

    code: str
    what: str
    line: int = 0
    source: str = ""
    source_id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """An article of a source, with validated fields and its original body.

    `published_at` is in UTC, or None if the source has no valid date. `level` is None if the source requires an
    unknown kind of access; the article must then stay a draft. `paths` are its old URLs as `Redirect.normalise` returns
    them; `base` is the old site ("https://example.org"), if known. `losses` are the (code, what) pairs that the reader
    found.
    """

    line: int
    source: str
    source_id: str
    digest: str
    title: str
    standfirst: str
    body: str
    body_format: BodyFormat
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    section: str
    kind: str
    published_at: datetime | None
    level: int | None
    slug: str
    url: str
    base: str
    paths: tuple[str, ...]
    file: str
    losses: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.source_id


@dataclass
class Report:
    """Counts losses and writes each to `file` as a line of JSON. Only a few examples are kept in memory."""

    file: IO[str] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Loss]] = field(default_factory=dict)

    MAX_EXAMPLES = 3
    # More for skipped records, which leave no other trace.
    MAX_SKIPPED_EXAMPLES = 50

    def add(self, loss: Loss) -> None:
        self.counts[loss.code] += 1
        examples = self.examples.setdefault(loss.code, [])
        skipped = loss.code in {"line", "repeated", "refused"}
        if len(examples) < (self.MAX_SKIPPED_EXAMPLES if skipped else self.MAX_EXAMPLES):
            examples.append(loss)
        if self.file is not None:
            self.file.write(json.dumps(asdict(loss), ensure_ascii=False) + "\n")

    def for_record(self, record: Record) -> ReportLoss:
        """Return a function (code, what) that adds a loss of `record`."""

        title = " ".join(record.title.split())[:200]

        def add(code: str, what: str) -> None:
            self.add(Loss(code, " ".join(what.split())[:300], record.line, record.source, record.source_id, title))

        return add

    def __iter__(self) -> Iterator[tuple[str, int, list[Loss]]]:
        """Yield (code, count, examples) in the order of LOSS_MESSAGES."""
        for code in LOSS_MESSAGES:
            if self.counts[code]:
                yield code, self.counts[code], self.examples[code]

    @classmethod
    def open(cls, path: Path | None) -> Self:
        """Raises OSError if `path` cannot be written."""
        return cls(path.open("w", encoding="utf-8") if path else None)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
