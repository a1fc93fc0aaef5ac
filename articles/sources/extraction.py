"""Find the sources that the text of an article cites. Pure.

A footnote with an address is a source unless it is marked with `data-source="no"`. A link, or a footnote without an
address, is one if it is marked with `data-source`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from articles.richtext.rendering import split_at_gate
from articles.richtext.vocabulary import parse
from articles.sources.addresses import ADDRESS, key_of, short_address
from truthlytics.web.markup import HtmlElement

MAX_TITLE_LENGTH = 300
MAX_URL_LENGTH = 2000
# Characters between a title and its address in a footnote.
_EDGES = " \t\n.,;:–—-|()[]<>"
_DOCUMENT = re.compile(r"/media/([0-9a-f]{64})\.[a-z]{3,4}")
_INTERVIEW = re.compile(r"\b(?:interview|conversation|gespräch)\b", re.IGNORECASE)
_DATA = re.compile(r"\.(?:csv|xlsx?|ods|json)(?:\?|$)|//data\.", re.IGNORECASE)
_LAW = re.compile(
    r"//(?:www\.)?(?:legislation\.gov\.|eur-lex\.europa\.eu|gesetze-im-internet\.de|(?:law|uscode)\.)", re.IGNORECASE
)
_REPORT = re.compile(r"//(?:dx\.)?doi\.org/|//arxiv\.org/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A source that the text cites. `is_gated` if it is cited in the gated part only."""

    key: str
    url: str
    title: str
    is_gated: bool

    @property
    def likely_kind(self) -> str:
        """The kind that the address or the title suggests (see `Source.Kind`)."""
        if not self.url:
            return "interview" if _INTERVIEW.search(self.title) else "other"
        if self.document_sha256:
            return "data" if _DATA.search(self.url) else "document"
        for kind, pattern in (("data", _DATA), ("law", _LAW), ("report", _REPORT)):
            if pattern.search(self.url):
                return kind
        return "document" if self.url.lower().endswith(".pdf") else "other"

    @property
    def document_sha256(self) -> str:
        """The digest of the document in the library, if the URL is that of one; else ""."""
        document = _DOCUMENT.fullmatch(self.url)
        return document[1] if document else ""


def cited_sources(body: str, *, gated: bool) -> list[CitedSource]:
    """Return the sources in a sanitised body, each once, in the order of their first citations.

    `gated` is whether the article has a gated part.
    """
    if not body:
        return []
    found: dict[str, CitedSource] = {}
    for blocks, is_gated in zip(split_at_gate(parse(body), gated=gated), (False, True), strict=True):
        for block in blocks:
            for url, title in _citations(block):
                key = key_of(url, title)
                found.setdefault(key, CitedSource(key, url, title[:MAX_TITLE_LENGTH].rstrip(), is_gated))
    return list(found.values())


def _citations(block: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield the address and the title of each citation in `block`."""
    for element in block.iter("a", "sup"):
        mark = element.get("data-source")
        if element.tag == "a":
            url, text = element.get("href", ""), " ".join(element.text_content().split())
            if mark is not None and url.startswith(("https://", "http://", "/")) and len(url) <= MAX_URL_LENGTH:
                yield url, text or short_address(url)
        elif (note := element.get("data-footnote")) and mark != "no":
            yield from _in_footnote(" ".join(note.split()), marked=mark is not None)


def _in_footnote(note: str, *, marked: bool) -> Iterator[tuple[str, str]]:
    """Yield the URLs in a footnote, each with the text before it; without URLs, the whole text if it is marked."""
    addresses = [address for address in ADDRESS.finditer(note) if len(address[0]) <= MAX_URL_LENGTH]
    if not addresses:
        if marked and note.strip(_EDGES):
            yield "", note
        return
    starts = [0, *(address.end() for address in addresses)]
    ends = [*(address.start() for address in addresses), len(note)]
    texts = [note[start:end].strip(_EDGES) for start, end in zip(starts, ends, strict=True)]
    for number, address in enumerate(addresses):
        is_last = number == len(addresses) - 1
        yield address[0], texts[number] or (texts[-1] if is_last else "") or short_address(address[0])
