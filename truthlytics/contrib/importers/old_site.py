"""Compare the texts of an export with what a stranger can read on the old site, before they are imported.

An export cannot say what plugins keep in tables of their own. So each address is fetched there without a login and
without cookies, and what a stranger could not read there stays a draft here. What could not be fetched is not known.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import IO, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import slugify

from articles.access import Level
from truthlytics.contrib.importers import markdown
from truthlytics.contrib.importers.media.web import MediaHosts
from truthlytics.contrib.importers.records import Entry, MediaRecord, Record
from truthlytics.contrib.importers.sources import Source
from truthlytics.contrib.importers.tags import MarkedText
from truthlytics.contrib.importers.wrappers import VOID, how_hidden
from truthlytics.web.text import word_set

Outcome = Literal["whole", "part", "none", "unreachable"]
# Texts that are fetched ahead, so that others can be read meanwhile.
AHEAD = 20
MAX_PAGE = 8 * 1024 * 1024
ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
# In seconds. What was read is not fetched again for a day; what was not, is.
FRESH = 24 * 3600
# Of a text that counts as read whole, this part and this many words may be missing: places at which the old site shows
# other words than the export has, such as the name of a player. Words in a row are a part of the text.
SLACK, FEW, IN_A_ROW = 0.02, 3, 6
_WORD = re.compile(r"\w+")
_URL = re.compile(r"https?://\S+")
_SHOWN_NOWHERE = word_set("script style template noscript svg textarea head")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a stranger could read of a text: how many of its words were at its old address."""

    outcome: Outcome
    words: int = 0
    found: int = 0
    url: str = ""
    problem: str = ""

    @property
    def reason(self) -> str:
        """Why the text is a draft; "" if it was read whole."""
        match self.outcome:
            case "whole":
                return ""
            case "unreachable":
                return (
                    f"It could not be compared with the old site ({self.problem}), so who could read it is not known."
                )
        return (
            f"A stranger could read {self.found} of its {self.words} words on the old site."
            if self.found
            else "A stranger could not read it on the old site."
        )


@dataclass
class ComparedSource(Source):
    """A source with public texts that are compared with the site at `address`. `counts` are those of the outcomes."""

    source: Source
    address: str
    hosts: MediaHosts
    counts: Counter[str] = field(default_factory=Counter)
    now: Callable[[], float] = time.time
    _known: dict[str, Comparison] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.has_authors = self.source.has_authors

    def read(self) -> Iterator[Entry]:
        """Yield what the source does, with drafts instead of what a stranger could not read. Fetches each text once."""
        self._load()
        self.counts.clear()
        entries = self.source.read()
        while batch := list(islice(entries, AHEAD)):
            compared = self._compared(batch)
            for number, entry in enumerate(batch):
                yield self._with_outcome(entry, compared[number]) if isinstance(entry, Record) else entry

    def with_html(self, record: Record, report_loss: Callable[[str, str], None]) -> Record:
        return self.source.with_html(record, report_loss)

    def open_media(self, media: MediaRecord) -> IO[bytes] | None:
        return self.source.open_media(media)

    def _with_outcome(self, record: Record, found: Comparison | None) -> Record:
        if found is None:
            return record
        self.counts[found.outcome] += 1
        if not found.reason:
            return record
        losses = (*record.losses, ("unread", f"{found.reason} {found.url}".strip()))
        return replace(record, status="closed", level=None, reason=found.reason, losses=losses)

    def _compared(self, batch: Iterable[Entry]) -> dict[int, Comparison | None]:
        """Return what a stranger could read of each public text in `batch`, by its number there."""
        found: dict[int, Comparison | None] = {}
        wanted: dict[str, tuple[int, str, list[str]]] = {}
        for number, entry in enumerate(batch):
            found[number] = None
            if not isinstance(entry, Record) or not entry.is_public or entry.level != Level.EVERYONE:
                continue
            url, words = self._url(entry), self._words(entry)
            key = blake2b(f"{url} {' '.join(words)}".encode(), digest_size=12).hexdigest()
            known = self._known.get(key)
            if entry.status == "scheduled":
                found[number] = Comparison("unreachable", url=url, problem="it was not yet published there")
            elif not url:
                found[number] = Comparison("unreachable", problem="the export does not say its address")
            elif known is not None:
                found[number] = known
            else:
                wanted[key] = number, url, words
        pages = self.hosts.fetch_all(((key, [url]) for key, (_, url, _) in wanted.items()), lambda: None)
        for key, fetched in pages:
            number, url, words = wanted[key]
            if fetched.file is None:
                # For this run: the next one asks again.
                found[number] = self._known[key] = Comparison("unreachable", len(words), 0, url, fetched.reason)
                continue
            with fetched.file as file:
                found[number] = self._known[key] = compare(words, words_on_page(file.read()), url)
            self._store(key, self._known[key])
        return found

    def _url(self, record: Record) -> str:
        """Return the address of `record` on the site that is compared; "" if the export does not say one."""
        try:
            parts = urlsplit(record.url)
        except ValueError:
            return ""
        path = parts.path or "/"
        if record.url and (path != "/" or parts.query):
            return f"{self.address}{path}{f'?{parts.query}' if parts.query else ''}"
        own = next(iter(record.paths), None)
        if own is None:
            return ""
        return f"{self.address}{own}" if own.query else f"{self.address}{own.path}/"

    def _words(self, record: Record) -> list[str]:
        ready = self.source.with_html(record, lambda code, what: None)
        html = ready.body
        if ready.body_format == "markdown":
            marked = MarkedText(html, has_tags=not ready.is_plain)
            html = marked.plain(markdown.render(marked.text, lambda code, what: None))
        # Addresses alone on their line become players there.
        return words_in(_URL.sub(" ", text_of(html)))

    # --- What was read before -------------------------------------------------------------------------------------
    @property
    def _file(self) -> Path:
        return Path(settings.IMPORT_WORK_DIR) / ".compared" / f"{slugify(urlsplit(self.address).netloc)}.jsonl"

    def _load(self) -> None:
        """Read what was compared in the last day. Half a line, of a process that was killed, is left out."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                row = json.loads(line)
                if row["at"] > self.now() - FRESH:
                    self._known[row["key"]] = Comparison(**row["found"])
            except (ValueError, TypeError, KeyError):
                continue

    def _store(self, key: str, found: Comparison) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": self.now(), "key": key, "found": asdict(found)}) + "\n")


def compare(words: list[str], page: list[str], url: str) -> Comparison:
    """Return how many of a text's `words` are on a page. Those that are there in another order count as missing."""
    there = set(zip(page, page[1:], page[2:], strict=False))
    seen = [False] * len(words)
    for number, three in enumerate(zip(words, words[1:], words[2:], strict=False)):
        if three in there:
            seen[number : number + 3] = [True] * 3
    if len(words) < 3:
        seen = [word in page for word in words]
    missing = row = longest = 0
    for is_seen in seen:
        row = 0 if is_seen else row + 1
        longest, missing = max(longest, row), missing + (not is_seen)
    found = len(words) - missing
    if missing <= max(FEW, SLACK * len(words)) and longest < IN_A_ROW and (found or not words):
        return Comparison("whole", len(words), found, url)
    return Comparison("part" if found else "none", len(words), found, url)


def words_in(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def words_on_page(data: bytes) -> list[str]:
    """Return the words that a browser shows of a page, in any encoding that it may have."""
    match = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", data[:4096], re.IGNORECASE)
    try:
        text = data.decode(match[1].decode("ascii") if match else "utf-8", errors="replace")
    except LookupError:
        text = data.decode("utf-8", errors="replace")
    return words_in(text_of(text))


def text_of(html: str) -> str:
    """Return the text that a browser shows of `html`: without scripts and hidden elements."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    # Marks at which words may be divided are no part of them.
    return re.sub("[\xad\u200b\u2060\ufeff]", "", "".join(reader.parts))


_INLINE = word_set("a abbr b big cite code em font i ins mark q s small span strong sub sup u wbr")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")
        if tag in VOID:
            return
        if tag == "body":
            self._hidden.clear()
        if self._hidden or tag in _SHOWN_NOWHERE or how_hidden(dict(attrs)):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)
