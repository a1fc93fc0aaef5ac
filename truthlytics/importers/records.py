"""What every reader gives and the writer takes: one article of a source, and what could not be taken over."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal, Self

BodyFormat = Literal["markdown", "html"]

# What the codes of a loss mean, in the order in which a summary names them.
CODES = {
    "line": "lines left out, because they hold no article that could be read",
    "repeated": "records left out, because an earlier one has the same id",
    "refused": "records left out, because the database refused them",
    "edited": "articles kept as they are, because they were edited here since",
    "draft": "articles kept as drafts",
    "date": "dates that differ from the source",
    "shortened": "headlines, standfirsts, names and notes shortened",
    "address": "old addresses that cannot lead on",
    "picture": "pictures not included",
    "frame": "embedded pages that became links or were left out",
    "tag": "template tags dropped",
    "script": "scripts, styles and drawings dropped",
    "words": "texts of which words are lost, because they were nested too deeply",
    "mark-up": "pieces of mark-up that we have no form for; their words stay",
    "link": "links that lead nowhere any more; their words stay",
    "braces": "code samples in which braces or tags are written apart",
    "note": "footnotes that nothing in the text refers to",
    "characters": "texts with control characters, which were left out",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that did not come over exactly: `what` it was, and of which record (`line` counts from 1)."""

    code: str
    what: str
    line: int = 0
    source: str = ""
    source_id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One article of a source, its fields checked and its body as it came.

    `published_at` is in UTC, None where the source gives no valid one. `level` is None where the source asks for a
    kind of access that we do not know: then it must not become public. `paths` are its old addresses in the form
    of `Redirect.normal`; `base` is the old site ("https://example.org"), if known. `losses` are what the reader
    saw already, each as (code, what).
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


@dataclass
class Report:
    """Every loss, counted; written line by line as JSON to `file`, so that none has to be kept in memory."""

    file: IO[str] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Loss]] = field(default_factory=dict)

    EXAMPLES = 3
    # A line that was left out is named in full: nothing else tells of it.
    EXAMPLES_OF_LINES = 50

    def add(self, loss: Loss) -> None:
        self.counts[loss.code] += 1
        kept = self.examples.setdefault(loss.code, [])
        if len(kept) < (self.EXAMPLES_OF_LINES if loss.code in {"line", "repeated", "refused"} else self.EXAMPLES):
            kept.append(loss)
        if self.file is not None:
            self.file.write(json.dumps(asdict(loss), ensure_ascii=False) + "\n")

    def of(self, record: Record) -> Callable[[str, str], None]:
        """A function (code, what) that adds a loss of `record`."""

        title = " ".join(record.title.split())[:200]

        def add(code: str, what: str) -> None:
            self.add(Loss(code, " ".join(what.split())[:300], record.line, record.source, record.source_id, title))

        return add

    def __iter__(self) -> Iterator[tuple[str, int, list[Loss]]]:
        """(code, how many, examples) in the order of CODES."""
        for code in CODES:
            if self.counts[code]:
                yield code, self.counts[code], self.examples[code]

    @classmethod
    def to(cls, path: Path | None) -> Self:
        """Raises OSError where `path` cannot be written."""
        return cls(path.open("w", encoding="utf-8") if path else None)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


Lost = Callable[[str, str], None]
Fields = dict[str, Any]
