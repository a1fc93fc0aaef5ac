"""Records that parsers yield and the writer stores, and the report of what could not be imported exactly."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import IO, Literal, NamedTuple, Self

from django.utils.translation import gettext_noop as _

from truthlytics.web.types import JsonObject

# What a record is in its source, and what it becomes here.
Target = Literal["article", "page"]
# `closed` was for few people, as a private or password-protected post: here it stays a draft.
Status = Literal["published", "scheduled", "draft", "closed"]
BodyFormat = Literal["markdown", "html"]
Fields = JsonObject
# Called with the code of a loss and what was lost.
ReportLoss = Callable[[str, str], None]

# Summary lines by code, in the order of the summary. The page translates them.
LOSS_MESSAGES = {
    "line": _("lines skipped because they contain no readable article"),
    "repeated": _("records skipped because an earlier record has the same id"),
    "refused": _("records skipped because the database rejected them"),
    "edited": _("articles and pages not updated because they were edited here"),
    "draft": _("articles and pages imported as drafts"),
    "public": _("articles and pages that are still public here, although they would be imported as drafts now"),
    "unread": _("texts that a stranger could not read whole on the old site"),
    "freed": _("signs of access rules in public texts, and hidden words, that you called harmless"),
    "section": _("drafts without their section, because nothing public is in it"),
    "repair": _("places at which the file is damaged"),
    "left out": _("records of the source that are not imported"),
    "date": _("dates that differ from the source"),
    "untitled": _("articles and pages without a title"),
    "shortened": _("headlines, standfirsts, names and footnotes shortened"),
    "address": _("old URLs that cannot be redirected"),
    "image": _("images not included"),
    "description": _("Descriptions of images that have another one here"),
    "media": _("files of the media library not included"),
    "frame": _("embedded pages replaced by links or removed"),
    "tag": _("template tags removed"),
    "shortcode": _("shortcodes without a counterpart here"),
    "block": _("blocks left out because their content is not in the file"),
    "words": _("words of the source that are not in the text"),
    "added": _("texts with words that are not in the text of the source, such as titles and reusable blocks"),
    "script": _("scripts, styles and drawings removed"),
    "formula": _("formulas replaced by their source"),
    "widget": _("forms, buttons and polls of the old system removed"),
    "mark-up": _("unsupported elements removed; their text was kept"),
    "link": _("links without a known target; their text was kept"),
    "braces": _("code samples in which braces or tags were separated by a space"),
    "note": _("footnotes without a reference in the text"),
    "characters": _("texts with control characters, which were removed"),
    "comment": _("comments not imported"),
    "setting": _("settings without a counterpart here"),
    "value": _("unreadable values left out"),
    "email": _("rows without a usable email address, which were skipped"),
    "ragged": _("rows with more cells than there are columns, which were skipped"),
    "twice": _("rows with the address of an earlier row, which were skipped"),
    "deletion": _("readers who want to be deleted"),
    "account": _("accounts here that are left as they are"),
    "left": _("readers who were not signed up, because they have left the newsletter here"),
    "name": _("names that readers may not have here, which were left out"),
}


# The section of pages that become articles, because they have comments.
PAGES = "Pages"
# The loss that a parser reports when a page with comments becomes an article.
BECOMES_ARTICLE = ("setting", "Pages have no comments here, so it becomes an article.")


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was not imported exactly. `line` counts from 1."""

    code: str
    what: str
    line: int = 0
    source: str = ""
    source_id: str = ""
    title: str = ""


class OldPath(NamedTuple):
    """An address on the old site: the path as `Redirect.normalise` returns it, and a query such as `p=7`."""

    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


class State(NamedTuple):
    """What a record was in its source, since when it was public, and why it stays a draft here: a sentence, or ""."""

    status: Status
    published_at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """A file of the source's media library. `path` is that in its folder of uploads, such as `2014/05/bridge.jpg`."""

    line: int
    source: str
    source_id: str
    url: str
    path: str = ""
    title: str = ""
    alt: str = ""
    caption: str = ""
    credit: str = ""
    paths: tuple[OldPath, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A comment. `parent` is the id of the one it answers, "" for none. `text` is cleaned plain text.

    `status` is "visible" or "waiting". The web address of its writer is kept for formats that need it; nothing here
    shows it. Its email address is "" unless the user chose to keep them.
    """

    source_id: str
    parent: str
    name: str
    written_at: datetime
    text: str
    url: str = ""
    status: Literal["visible", "waiting"] = "visible"
    email: str = ""


@dataclass(frozen=True, slots=True)
class TermRecord:
    """A section, topic or author of the source. Articles name it; this adds its slug, intro and old addresses."""

    kind: Literal["section", "topic", "author"]
    name: str
    slug: str = ""
    intro: str = ""
    paths: tuple[OldPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """An article or page of a source, with validated fields and its original body.

    `origin` is what it is in the source, `target` what it becomes. `published_at` is in UTC, or None if the source has
    no valid date. `level` is None if the source requires an unknown kind of access; the article must then stay a draft.
    `reason` says why a record is a draft, as a sentence. `paths` are its old URLs; `base` is the old site
    ("https://example.org"), if known. `is_plain`: title and standfirst are plain text, and nothing has template tags.
    `comments` has parents before their replies. `losses` are the (code, what) pairs that the parser found. `signs` are
    all that may be access rules, also those that a person called harmless.
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
    paths: tuple[OldPath, ...]
    file: str
    losses: tuple[tuple[str, str], ...] = ()
    number: int = 0
    origin: Target = "article"
    target: Target = "article"
    status: Status = "published"
    reason: str = ""
    is_plain: bool = False
    lead: MediaRecord | None = None
    comments: tuple[CommentRecord, ...] = ()
    comments_open: bool = True
    seo_title: str = ""
    seo_description: str = ""
    language: str = ""
    signs: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.origin, self.source_id

    @property
    def position(self) -> int:
        """A number that no other record of the source has: `number`, or for sources of one file the line."""
        return self.number or self.line

    @property
    def is_public(self) -> bool:
        """Whether readers of the old site could see it, or will at its date."""
        return self.status in {"published", "scheduled"} and self.published_at is not None and self.level is not None


# What the parser of a format yields.
Entry = Record | MediaRecord | TermRecord | Loss


@dataclass
class Report:
    """Counts losses and writes each to `file` as a line of JSON. Only a few examples are kept in memory."""

    file: IO[str] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Loss]] = field(default_factory=dict)
    # How often the file had each line when it was opened to go on with it, by digest. They are not written again.
    written: Counter[bytes] = field(default_factory=Counter)

    MAX_EXAMPLES = 3
    # More for skipped records, which leave no other trace.
    MAX_SKIPPED_EXAMPLES = 50

    def add(self, loss: Loss) -> None:
        line = json.dumps(asdict(loss), ensure_ascii=False) + "\n" if self.file is not None else ""
        if self.written and self.written[digest := _digest(line)] > 0:
            self.written[digest] -= 1
            return
        self.counts[loss.code] += 1
        examples = self.examples.setdefault(loss.code, [])
        skipped = loss.code in {"line", "repeated", "refused"}
        if len(examples) < (self.MAX_SKIPPED_EXAMPLES if skipped else self.MAX_EXAMPLES):
            examples.append(loss)
        if self.file is not None:
            self.file.write(line)

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
    def open(cls, path: Path | None, *, goes_on: bool = False) -> Self:
        """Write to `path`, if any; go on with the report of an interrupted run. Raises OSError."""
        if path is None:
            return cls()
        if not goes_on or not path.exists():
            # By lines, so that a run that is killed has reported what it has written.
            file = path.open("w", encoding="utf-8", buffering=1)
            # It has passages of unpublished texts.
            path.chmod(0o600)
            return cls(file)
        file = path.open("r+", encoding="utf-8", buffering=1)
        report, end = cls(file), 0
        while (line := file.readline()).endswith("\n"):
            end = file.tell()
            report.written[_digest(line)] += 1
            report.counts[json.loads(line)["code"]] += 1
        file.seek(end)
        file.truncate()
        return report

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def _digest(line: str) -> bytes:
    return blake2b(line.encode("utf-8", "surrogatepass"), digest_size=8).digest()
