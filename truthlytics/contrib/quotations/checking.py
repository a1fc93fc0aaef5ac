"""The answer to the question whether a quotation is in a published text, for a reader with certain rights."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal
from urllib.parse import quote

from django.http import Http404

from articles.access import Access, decide
from articles.presenters.history import ArticleKind, DossierKind, History, ItemKind, PageKind, PublicVersion, history_of
from articles.revisions.diff import Part
from truthlytics.contrib.quotations.fingerprints import MIN_WORDS, WINDOW
from truthlytics.contrib.quotations.lookup import Candidate, candidates
from truthlytics.contrib.quotations.matching import Passage, find, find_similar
from truthlytics.contrib.quotations.passages import readable
from truthlytics.web.types import Content

# Characters of a quotation: an address with it is shorter than what servers and programs accept.
MAX_LENGTH = 600
# Texts that are compared with a quotation, and versions of each that are read in search of it.
MAX_TEXTS, MAX_VERSIONS = 4, 24
# Versions of each that are compared for similar words.
MAX_COMPARED = 6
# Words at both ends of a passage that lead a browser to it.
LINK_WORDS = 4
KINDS: dict[str, ItemKind] = {"article": ArticleKind(), "page": PageKind(), "dossier": DossierKind()}

Result = Literal["current", "earlier", "similar", "none"]


class TooShortError(Exception):
    """The quotation has fewer than MIN_WORDS words."""


@dataclass(slots=True)
class Match:
    """A text with the quotation word for word in the versions `first` to `last`, or with a similar passage in these.

    `passage` is what the text says in `last`. `parts` is what differs: of a similar passage from the quotation, else
    of the quotation from what `changed` says, the version after `last`; empty if it has nothing like it. `share` is
    that of the quotation's words which are in the text.
    """

    result: Result
    history: History
    first: PublicVersion
    last: PublicVersion
    passage: Passage
    changed: PublicVersion | None = None
    parts: list[Part] = field(default_factory=list)
    share: float = 1.0

    @property
    def is_current(self) -> bool:
        return self.last == self.history.current

    @property
    def url(self) -> str:
        """The path to the passage, which most browsers then show."""
        history = self.history
        return _at_passage(history.url if self.is_current else history.version_url(self.last.number), self.passage)

    @property
    def comparison_url(self) -> str:
        """The path to what changed, if a later version has other words."""
        return self.history.comparison_url(self.last.number, self.changed.number) if self.changed else ""


@dataclass(slots=True)
class Answer:
    """`match` is the best one, and `others` are more texts with the quotation word for word."""

    match: Match | None = None
    others: list[Match] = field(default_factory=list)

    @property
    def result(self) -> Result:
        return self.match.result if self.match else "none"


def check(quotation: str, access: Access, now: datetime) -> Answer:
    """Return where the words of `quotation` are published, as far as a reader with `access` may read it.

    Raises TooShortError.
    """
    wanted = Passage.of(quotation)
    if len(wanted.words) < MIN_WORDS:
        raise TooShortError
    keys = [word.key for word in wanted.words]
    matches = []
    for candidate in candidates(keys, access.level, now, MAX_TEXTS):
        if match := _match(wanted, candidate, access, now):
            matches.append(match)
    order: list[Result] = ["current", "earlier", "similar"]
    matches.sort(key=lambda match: (order.index(match.result), -match.share))
    exact = [match for match in matches[1:] if match.result != "similar"]
    return Answer(matches[0], exact) if matches else Answer()


class _Versions:
    """The versions of a text that readers can see, as far as one with `access` may read them. Each is read once."""

    def __init__(self, name: str, history: History, access: Access) -> None:
        self.kind, self.history, self.access = KINDS[name], history, access
        self.read: dict[int, list[Passage]] = {}

    @cached_property
    def current(self) -> Content | None:
        current = self.history.current
        return self.kind.contents([current])[current.pk]

    def passages(self, number: int) -> list[Passage]:
        if number not in self.read:
            version = self.history.get(number)
            strictest = self.history.strictest(version)
            is_current = version == self.history.current
            content = self.current if is_current else self.kind.contents([version])[version.pk]
            texts: list[str] = []
            if content is not None:
                found = readable(content, self.current, strictest.required_level)
                texts = found.all if decide(strictest, self.access).allowed else found.free
            self.read[number] = [Passage.of(text) for text in texts]
        return self.read[number]


def _match(wanted: Passage, candidate: Candidate, access: Access, now: datetime) -> Match | None:
    """Return how a text has the quotation, or None if it has too little of it."""
    name, slug = candidate.text.item
    try:
        history = history_of(KINDS[name], slug, now)
    except Http404:  # it was withdrawn in this moment
        return None
    versions = _Versions(name, history, access)
    counts = {version.number: candidate.count(version.number) for version in history.versions}
    most = max(counts.values())
    # Which hashes a text stores depends, at both ends of a quotation, on the words beside it.
    likely = [number for number, count in sorted(counts.items(), reverse=True) if count >= max(1, most - 2 * WINDOW)]

    def in_version(number: int) -> Passage | None:
        return find(wanted, versions.passages(number))

    for number in likely[:MAX_VERSIONS]:
        if passage := in_version(number):
            return _exact(wanted, versions, number, passage, lambda other: in_version(other) is not None)
    found = [
        (similar.share, number, similar)
        for number in likely[:MAX_COMPARED]
        if (similar := find_similar(wanted, versions.passages(number)))
    ]
    if not found:
        return None
    share, best, similar = max(found, key=lambda each: each[:2])
    version = history.get(best)
    return Match("similar", history, version, version, similar.passage, None, similar.parts, share)


def _exact(wanted: Passage, versions: _Versions, last: int, passage: Passage, has: Callable[[int], bool]) -> Match:
    """Return the match of a quotation that is in version `last`, but in no later one."""
    history = versions.history
    first, version = history.get(_first(last, has)), history.get(last)
    if version == history.current:
        return Match("current", history, first, version, passage)
    changed = history.get(last + 1)
    later = find_similar(wanted, versions.passages(changed.number))
    return Match("earlier", history, first, version, passage, changed, later.parts if later else [])


def _first(last: int, has: Callable[[int], bool]) -> int:
    """Return the first of the versions up to `last` that have the quotation without a gap.

    After MAX_VERSIONS, by halves: of hundreds of versions not all are read.
    """
    first = last
    while first > 1 and last - first < MAX_VERSIONS:
        if not has(first - 1):
            return first
        first -= 1
    low = 0  # a version without it, or none
    while first - low > 1:
        middle = (low + first) // 2
        low, first = (low, middle) if has(middle) else (middle, first)
    return first


def _at_passage(path: str, passage: Passage) -> str:
    """Return `path` with a text fragment: the first and the last words of the passage."""
    count = len(passage.words)
    if count <= 2 * LINK_WORDS:
        ends = [passage.part(0, count)]
    else:
        ends = [passage.part(0, LINK_WORDS), passage.part(count - LINK_WORDS, count)]
    texts = [part.text[part.words[0].start : part.words[-1].end] for part in ends]
    return f"{path}#:~:text={','.join(quote(text, safe='').replace('-', '%2D') for text in texts)}"
