"""Comparing everything else that a site publishes of its texts with the record: sitemaps, feeds, titles, copies, lists.

Words count here, not their order on a list or their layout.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from html import unescape
from typing import Any
from xml.etree import ElementTree

from truthlytics.transparency.outside.expected import moment, says, squeezed
from truthlytics.transparency.outside.html import APART, Element, parse, read
from truthlytics.transparency.outside.items import Checked
from truthlytics.transparency.outside.labels import AI_LABELS, EMBED_LABELS, HEADINGS, NO_NOTES, odd_beside_note
from truthlytics.transparency.outside.meaning import passages
from truthlytics.transparency.outside.record import Row
from truthlytics.transparency.outside.rules import Fault, seconds
from truthlytics.transparency.outside.shape import problems_of_list
from truthlytics.transparency.outside.site import Unreadable
from truthlytics.transparency.outside.summary import counted
from truthlytics.transparency.outside.texts import NONSENSE, Texts

FEEDS = ("/feeds/rss.xml", "/feeds/atom.xml", "/feeds/feed.json")
FRONTS = ("/", "/latest/")
# Kinds of changes that /corrections/ lists.
LISTED = ("correction", "clarification", "note", "retraction")
_TEXT = re.compile(r"/(articles|dossiers|pages)/[^/]+/")
_WORD = re.compile(r"\w+")
# Signs of Markdown, and what stands in it beside the words: numbers of notes, and where links lead.
_SIGNS = re.compile(r"[*_`~^\\]")
_BESIDE_WORDS = re.compile(
    r"\[\^[0-9]+\]:?|\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?: \"[^\"]*\")?\)|<https?://[^>]*>"
    r"|(?m:^[> ]*[0-9]+\. )"
)
# Tables that Markdown does not have, and words that are set high or low, are HTML in it.
_TAG = re.compile(r"(?<!\\)</?([a-z][a-z0-9]*)(?: [^<>]*)?>")


def words_of(text: str) -> list[str]:
    return _WORD.findall(_SIGNS.sub("", text).casefold())


def copy_problem(shown: str, recorded: str, others: Iterable[str] = ()) -> str:
    """Return how the words of a copy differ from those that are `recorded`, or "".

    All of these must be there, in their order, and no others than these and `others`, as often as they are recorded.
    """
    copy, needed = words_of(shown), words_of(recorded)
    extra = Counter(copy) - Counter([*needed, *(word for text in others for word in words_of(text))])
    if extra:
        return f"It has words that are not in the record: “{' '.join(list(extra.elements())[:12])}”."
    rest = iter(copy)
    missing = next((word for word in needed if word not in rest), None)
    return f"It lacks words of the record, or has them in another order: “{missing}”." if missing else ""


class Published:
    """What a site publishes, checked against the `texts` that were read and found to be those of the record."""

    def __init__(self, texts: Texts) -> None:
        self.texts, self.read = texts, texts.read
        self.urls = {row["url"] for row in self.read.rows if "url" in row}
        self.checked = 0
        states = self.read.log.ledger.items
        self.withdrawals = [uuid for uuid, state in states.items() if state.was_withdrawn]
        self.once_withdrawn = {row["url"] for row in self.read.rows if "url" in row and row["uuid"] in self.withdrawals}

    @property
    def site(self) -> str:
        return self.read.site

    def get(self, path: str) -> str:
        return self.texts.get(urllib.parse.urljoin(self.site, path)).decode("utf-8", "replace")

    def check(self) -> Iterator[Fault | str]:
        """Yield what is wrong with each address, and go on."""
        steps: list[tuple[str, Callable[[], Iterator[str]]]] = [
            ("/sitemap.xml", self._sitemaps),
            ("/corrections/", self._corrections),
        ]
        steps += [(path, partial(self._feed, path)) for path in FEEDS]
        steps += [(path, partial(self._links, path)) for path in FRONTS]
        steps += [(path, partial(self._copies, path, checked)) for path, checked in self.texts.newest.items()]
        faults = 0
        for path, step in steps:
            try:
                for sentence in step():
                    faults += 1
                    yield Fault("published", -1, f"{path}: {sentence}")
            except Unreadable as error:
                faults += 1
                yield Fault("published", -1, f"{path} cannot be read: {error}")
            except (*NONSENSE, ElementTree.ParseError) as error:
                faults += 1
                yield Fault("published", -1, f"{path} is not what it should be: {error!r}")
        if not faults:
            yield (
                "Titles, descriptions and structured data of the pages, their copies as Markdown and JSON, the lists "
                "of versions and of corrections, the feeds and the sitemaps say what is in the record, as far as it "
                f"is free: {counted(self.checked, 'address', 'addresses')}."
            )

    def _unknown(self, addresses: Iterable[str]) -> Iterator[str]:
        """Yield the addresses of texts that the record lacks."""
        for address in dict.fromkeys(addresses):
            path = urllib.parse.urlsplit(address).path
            if _TEXT.fullmatch(path) and path not in self.urls:
                yield f"It names {path}, which is not in the record."

    def _links(self, path: str) -> Iterator[str]:
        self.checked += 1
        yield from self._unknown(link.get("href").split("#")[0] for link in parse(self.get(path)).all("a"))

    # --- Lists of the site ------------------------------------------------------------------------------------------
    def _sitemaps(self) -> Iterator[str]:
        names = re.findall(r"(?im)^sitemap:\s*(\S+)", self.get("/robots.txt")) or ["/sitemap.xml"]
        read: set[str] = set()
        while names:
            path = urllib.parse.urlsplit(names.pop(0)).path
            if path in read:
                continue
            read.add(path)
            root = ElementTree.fromstring(self.get(path))  # noqa: S314 (no entities: nothing is expanded outside)
            found = [(node.text or "").strip() for node in root.iter() if node.tag.endswith("}loc")]
            self.checked += 1
            if root.tag.endswith("sitemapindex"):
                names += found
            else:
                yield from self._unknown(found)
                yield from self._sitemap_titles(root)

    def _sitemap_titles(self, root: ElementTree.Element) -> Iterator[str]:
        for node in root:
            address = next((one.text or "" for one in node if one.tag.endswith("}loc")), "")
            for title in (one.text or "" for one in node.iter() if one.tag.endswith("}title")):
                yield from self._title(address, title)

    def _title(self, address: str, title: str) -> Iterator[str]:
        content = self._content(urllib.parse.urlsplit(address).path)
        if content is not None and squeezed(title) not in _titles(content):
            yield f"It calls {address} “{squeezed(title)}”. In the record: “{_titles(content)[0]}”."

    def _content(self, path: str) -> Row | None:
        checked = self.texts.newest.get(path)
        return checked.content if checked is not None else None

    def _feed(self, path: str) -> Iterator[str]:
        text = self.get(path)
        self.checked += 1
        for entry in _entries_of_json(text) if path.endswith(".json") else _entries_of_xml(text):
            address = entry.get("url", "")
            yield from self._unknown([address])
            yield from self._title(address, entry.get("title", ""))
            content = self._content(urllib.parse.urlsplit(address).path)
            if content is None:
                continue
            summary = squeezed(entry.get("summary", ""))
            if summary and not any(_begins(summary, text) or text in summary for text in _descriptions(content)):
                yield f"{address}: Its summary is “{summary}”, which is not in the record."
            if problem := _copied(content, entry.get("text", "")):
                yield f"{address}: {problem}"

    def _list(self, path: str) -> tuple[Element, list[str]]:
        """Return the main part of a list of the site, and what an honest one does not have."""
        root, oddities = read(self.get(path))
        self.checked += 1
        problems = [*oddities, *problems_of_list(root, urllib.parse.urljoin(self.site, path))]
        return root.all("main")[0], [f"{path} has what no honest page has: {problem}." for problem in problems[:5]]

    def _corrections(self) -> Iterator[str]:
        main, problems = self._list("/corrections/")
        yield from problems
        unknown = list(self._unknown(link.get("href").split("#")[0] for link in main.all("a")))
        # It names articles that were withdrawn, which the record does not.
        yield from unknown[len([uuid for uuid in self.withdrawals if self.read.log.ledger.items[uuid].withdrawn]) :]
        shown = {}
        for entry in main.all(".correction"):
            note = squeezed(" ".join(part.words() for part in entry.all(".correction__sentence")))
            dates = [moment(time.get("datetime")) for time in entry.all("time")]
            shown[note] = entry, dates[:1], [label.words() for label in entry.all("b")]
        years = {time.get("datetime")[:4] for time in main.all("time")}
        known = set()
        for path, checked in self.texts.newest.items():
            for row in checked.history:
                kind, note = row.get("correction", {}).get("kind"), squeezed(row.get("note", ""))
                if kind not in LISTED:
                    continue
                known.add(note)
                if note not in shown:
                    if row["public_from"][:4] in years or not years:
                        yield f"It lacks the note of {path}: “{note}”."
                    continue
                _entry, dates, labels = shown[note]
                if dates != [seconds(row["public_from"])] or not set(labels) & set(HEADINGS[kind]):
                    yield f"It has another date or kind of the note “{note}” than the record."
        if len(self.texts.newest) == len(self.urls):
            foreign = [note for note in shown if note not in known and not self._is_gone(shown[note][0])]
            yield from (f"It has a note that is not in the record: “{note}”." for note in foreign)

    def _is_gone(self, entry: Element) -> bool:
        """Return whether an entry is about an article that was once withdrawn, with notes that no record shows."""
        links = [link.get("href").split("#")[0] for link in entry.all("a")]
        return any(link in self.once_withdrawn or link not in self.urls for link in links) and bool(self.withdrawals)

    # --- Copies of a text -------------------------------------------------------------------------------------------
    def _copies(self, path: str, checked: Checked) -> Iterator[str]:
        yield from self._history(path, checked)
        if checked.content is None or checked.page is None:
            return
        yield from self._head(checked.content, checked.page.root)
        if path.startswith("/articles/"):
            bare = path.rstrip("/")
            yield from self._json(checked.content, f"{bare}.json")
            markdown = self.get(f"{bare}.md")
            self.checked += 1
            _front, _line, text = markdown.removeprefix("---\n").partition("\n---\n")
            if problem := _copied(checked.content, _words_of_markdown(text)):
                yield f"{bare}.md: {problem}"
            yield from self._front_matter(checked.content, _front, f"{bare}.md")

    def _json(self, content: Row, path: str) -> Iterator[str]:
        data = json.loads(self.get(path))
        self.checked += 1
        yield from (f"{path}: {said}" for said in self._facts(content, data))
        if problem := _copied(content, _text_of(data["html"])):
            yield f"{path}: {problem}"

    def _front_matter(self, content: Row, front: str, path: str) -> Iterator[str]:
        data = {}
        for line in front.split("\n"):
            name, colon, value = line.partition(": ")
            if colon:
                data[name] = json.loads(value)
        yield from (f"{path}: {said}" for said in self._facts(content, data))

    def _facts(self, content: Row, data: Mapping[str, Any]) -> Iterator[str]:
        """Yield how what a copy says of a text differs from the record."""
        own = [row for row in self.read.rows if row["uuid"] == content["uuid"]]
        history = self.texts.newest[own[-1]["url"]].history
        noted = [row["note"] for row in history if row.get("correction", {}).get("kind") in LISTED]
        wanted = {
            "id": content["uuid"], "headline": content["headline"], "standfirst": content.get("standfirst", ""),
            "kind": content.get("kind", ""), "ai_uses": list(content.get("ai_uses", ())), "version": len(own),
            "authors": [byline["name"] for byline in content.get("bylines", ())],
            "digest": own[-1]["digest"], "public_from": own[-1]["public_from"],
        }  # fmt: skip
        for name, value in wanted.items():
            if data.get(name, type(value)()) != value:
                yield f"Its {name} is “{data.get(name)}”. In the record: “{value}”."
        shown = [one["note"] for one in data.get("corrections", ())]
        if any(note and note not in shown for note in noted) or len(shown) > len(history):
            yield "It lacks a note of the record, or has one more."

    def _history(self, path: str, checked: Checked) -> Iterator[str]:
        main, problems = self._list(f"{path}history/")
        yield from problems
        shown = [row for row in checked.history if "public_from" in row]
        entries = main.all(".history__version")
        times = [moment(entry.all("time")[0].get("datetime")) for entry in entries]
        if times != [seconds(row["public_from"]) for row in reversed(shown)]:
            yield f"{path}history/ has other versions, or other dates of them, than the record."
            return
        for place, (entry, row) in enumerate(zip(entries, reversed(shown))):
            if not says(entry.all("time")[0].words(), entry.all("time")[0].get("datetime")):
                yield f"{path}history/ says “{entry.all('time')[0].words()}” for {row['public_from']}."
            notes = entry.all(".history__note")
            marks = ([one.words() for part in notes for one in part.all(tag)] for tag in ("b", "em"))
            for words in odd_beside_note(*marks):
                yield f"{path}history/ says “{words}” beside a note."
            note = " ".join(part.words("b", "em", ".changed-facts") for part in notes)
            own = squeezed(row["note"])
            is_bare_first = place == len(shown) - 1 and not own and not row.get("correction")
            if note not in (NO_NOTES[:2] if is_bare_first else (own,)):
                yield f"{path}history/ has the note “{note}” on version {row['number']}. In the record: “{own}”."

    def _head(self, content: Row, root: Element) -> Iterator[str]:
        for kind, value in _head_texts(root):
            known = _titles(content) if kind == "title" else _descriptions(content)
            if not any(text and _begins(value, text) for text in known):
                yield f"Its {kind} for search engines and shared links is “{value}”, which is not in the record."


def _begins(value: str, text: str) -> bool:
    """Return whether a value is a text, perhaps cut, or with the name of the publication behind it."""
    cut = value.rstrip("…").rstrip()
    return value == text or (value.endswith("…") and text.startswith(cut)) or value.startswith(f"{text} · ")


def _head_texts(root: Element) -> Iterator[tuple[str, str]]:
    for title in root.all("title"):
        yield "title", squeezed(title.words())
    for meta in root.all("meta"):
        name = meta.get("name") or meta.get("property")
        kind = {"description": "description", "og:title": "title", "og:description": "description"}.get(name)
        if kind is not None:
            yield kind, squeezed(meta.get("content"))
    for script in root.all("script"):
        if script.get("type") == "application/ld+json":
            data = json.loads("".join(child for child in script.children if isinstance(child, str)))
            for name, kind in (("headline", "title"), ("description", "description")):
                if isinstance(data, Mapping) and name in data:
                    yield kind, squeezed(data[name])


def _titles(content: Row) -> list[str]:
    own = [content.get("seo", {}).get("title"), (content.get("social") or {}).get("title")]
    return [squeezed(text) for text in (content.get("headline") or content.get("title"), *own) if text]


def _descriptions(content: Row) -> list[str]:
    body = parse(content.get("body") or content.get("summary") or "").words()
    own = [content.get("seo", {}).get("description"), content.get("standfirst"), body]
    return [squeezed(text) for text in own if text]


def _copied(content: Row, shown: str) -> str:
    """Return how a copy of the whole text differs, or "". Without words, it is none."""
    if not shown.strip() or "whole" in content:
        return ""
    body = parse(content.get("body") or content.get("summary") or "")
    return copy_problem(shown, body.words("figure"), _others(content, body))


def _others(content: Row, body: Element) -> Iterator[str]:
    kind = "dossier" if "entries" in content else "article"
    yield from passages(kind, {**content, "body": ""} if kind == "article" else content)
    yield from (label for use in content.get("ai_uses", ()) for label in AI_LABELS.get(use, ()))
    for note in body.all("[data-footnote]"):
        yield note.get("data-footnote")
    pictures = content.get("pictures", {})
    shown = [element.get("data-image") for element in body.all("[data-image]")]
    # The same picture can be shown several times.
    for uuid in [*shown, *pictures]:
        picture = pictures.get(uuid, {})
        yield f"{picture.get('alt', '')} {picture.get('caption', '')} {picture.get('credit', '')}"
    for figure in body.all("figure"):
        yield figure.words()
    for embed in body.all("[data-embed]"):
        yield f"{embed.get('data-title')} {embed.get('data-embed')}"
        yield from EMBED_LABELS
    for aside in body.all("aside"):
        yield aside.get("data-by")
    for link in body.all("a"):
        yield link.get("title")


def _entries_of_json(text: str) -> Iterator[dict[str, str]]:
    for item in json.loads(text)["items"]:
        html = item.get("content_html", "")
        yield {
            "url": item["url"], "title": item["title"], "summary": item.get("summary", ""),
            "text": _text_of(html) or item.get("content_text", ""),
        }  # fmt: skip


def _entries_of_xml(text: str) -> Iterator[dict[str, str]]:
    root = ElementTree.fromstring(text)  # noqa: S314
    for entry in [node for node in root.iter() if node.tag.split("}")[-1] in ("item", "entry")]:
        found: dict[str, str] = {}
        for node in entry:
            name = node.tag.split("}")[-1]
            if name == "link":
                found["url"] = node.get("href") or (node.text or "").strip()
            elif name == "title":
                found["title"] = node.text or ""
            elif name in ("description", "summary"):
                found["summary"] = node.text or ""
            elif name in ("encoded", "content") and node.text:
                found["text"] = _text_of(node.text)
        yield found


def _words_of_markdown(text: str) -> str:
    text = _TAG.sub(lambda tag: " " if tag[1] in APART else "", _BESIDE_WORDS.sub(" ", text))
    return re.sub(r"&#?\w+;", lambda entity: unescape(entity[0]), text)


def _text_of(html: str) -> str:
    """Return the words of a copy without the numbers of its notes."""
    return parse(html).words("figure", replace=lambda element: " " if _is_cite(element) else None)


def _is_cite(element: Element) -> bool:
    return element.tag == "sup" and any("#note-" in link.get("href") for link in element.all("a"))


def check_published(texts: Texts) -> Iterator[Fault | str]:
    yield from Published(texts).check()
