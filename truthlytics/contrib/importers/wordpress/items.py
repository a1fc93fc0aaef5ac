"""Yield the elements of an export one at a time, in little memory, and go on after a damaged one."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import Element

from truthlytics.contrib.importers.records import Loss
from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.contrib.importers.wordpress.archives import DAMAGED, open_parts
from truthlytics.contrib.importers.wordpress.cleaning import CONVERTED, USUAL_ROOT, CleanStream

MAX_DEPTH = 100
# Elements of the channel that are kept until they are complete, besides items.
DECLARATIONS = {"author", "wp_author", "category", "tag", "term"}
# Elements of the channel that are only text.
TEXTS = {"title", "link", "language", "pubDate", "wxr_version", "base_site_url", "base_blog_url"}
_LINE = re.compile(rb'<item line="(\d+)">')


@dataclass
class Channel:
    """The texts of a file's channel by name; more arrive while the file is read."""

    name: str
    texts: dict[str, str] = field(default_factory=dict)


def read_file(path: Path) -> Iterator[tuple[Channel, Element | Loss]]:
    """Yield the items and declarations of `path`, and a Loss for each repair and each damaged item.

    An element is valid only until the next one. Raises OSError and UnreadableFile.
    """
    with open_parts(path) as parts:
        try:
            for name, stream in parts:
                channel, source = Channel(name), CleanStream(stream, name)
                try:
                    for entry in _elements(source, channel):
                        yield channel, entry
                except DAMAGED as error:
                    yield channel, _damage(error, name)
                for repair, number in source.repairs.items():
                    yield channel, Loss("repair", f"{name}: {repair} ({number})")
                if not channel.texts.get("wxr_version"):
                    yield channel, Loss("repair", f"{name}: it does not say which version of the format it has.")
        except DAMAGED as error:
            yield Channel(path.name), _damage(error, path.name)


def _damage(error: Exception, name: str) -> Loss:
    return Loss("line", f"{name} is damaged or ends too early ({error}). Nothing after this was read.")


def _elements(source: CleanStream, channel: Channel) -> Iterator[Element | Loss]:
    """Yield the items and declarations. After damage, go on with the next item: the parser cannot."""
    parser, line, is_broken, converted = _Parser(source, channel), 1, False, 0
    for starts_item, data in source.parts():
        if starts_item:
            if not is_broken and parser.is_in_item:
                yield Loss("line", f"{channel.name}: the record that begins here has no end. It was skipped.", line)
                is_broken = True
            if is_broken:
                parser, is_broken = _resumed(source, channel), False
                source.item_size = len(data)
            converted = 0
            match = _LINE.match(data)
            line = int(match[1]) if match else line
        if is_broken:
            source.item_size = 0  # It is not kept.
            continue
        converted += data.count(CONVERTED)
        try:
            for element in parser.elements(data.replace(CONVERTED, b"")):
                yield element
                if converted and local_name(element) == "item":
                    yield _converted(element, converted, line)
        except ET.ParseError as error:
            yield Loss("line", f"{channel.name} is damaged here ({error}). The record was skipped.", line)
            is_broken = True
    if not is_broken and not parser.is_complete:
        yield Loss("line", f"{channel.name} ends too early. What begins here was skipped.", line)


def _converted(item: Element, count: int, line: int) -> Loss:
    """Name a record that had bytes of Windows-1252. They are probably right, but a person should look."""
    texts = {local_name(child): " ".join((child.text or "").split()) for child in item}
    what = f"{count} {'character' if count == 1 else 'characters'} of Windows-1252 in a file of UTF-8 converted"
    return Loss("repair", what, line, source_id=texts.get("post_id", ""), title=texts.get("title", "")[:200])


def _resumed(source: CleanStream, channel: Channel) -> "_Parser":
    """Return a parser for what is left of a file. If the root element is damaged too, the usual one is around it."""
    try:
        return _Parser(source, channel, source.root + b"<channel>")
    except ET.ParseError:
        return _Parser(source, channel, USUAL_ROOT + b"<channel>")


class _Parser:
    """Parses one file, or what is left of it. `start` opens the elements around what is left."""

    def __init__(self, source: CleanStream, channel: Channel, start: bytes = b"") -> None:
        self.source, self.channel = source, channel
        self.above: list[Element] = []
        self.is_complete = False
        # Expat limits the growth of entities itself, and CleanStream refuses files that declare any.
        self.parser: ET.XMLPullParser[Element] = ET.XMLPullParser(("start", "end"))
        list(self.elements(start))

    @property
    def is_in_item(self) -> bool:
        """Whether an element below the channel is open."""
        return len(self.above) > 2

    def elements(self, data: bytes) -> Iterator[Element]:
        """Yield the items and declarations that end in `data`. Raises ET.ParseError and UnreadableFile."""
        self.parser.feed(data)
        yield from self._events()
        # Otherwise expat may wait for more before it reads the last tag. Python before 3.12.3 cannot ask for it.
        if hasattr(self.parser, "flush"):
            self.parser.flush()
            yield from self._events()

    def _events(self) -> Iterator[Element]:
        for event, element in cast(Iterator[tuple[str, Element]], self.parser.read_events()):
            if event == "start":
                self.above.append(element)
                if len(self.above) > MAX_DEPTH:
                    raise UnreadableFile(f"{self.channel.name} has elements nested more than {MAX_DEPTH} levels deep.")
                continue
            self.above.pop()
            self.is_complete = not self.above
            if self.above and local_name(self.above[-1]) == "channel":
                yield from self._complete(element)
                self.source.item_size = 0
                self.above[-1].clear()

    def _complete(self, element: Element) -> Iterator[Element]:
        name = local_name(element)
        if name == "item" or name in DECLARATIONS:
            yield element
        elif name in TEXTS:
            self.channel.texts.setdefault(name, (element.text or "").strip())


def local_name(element: Element) -> str:
    """Return the name without its namespace: files declare different ones, or none."""
    return element.tag.rpartition("}")[2]


def is_wordpress(element: Element) -> bool:
    return "wordpress.org/export/" in element.tag and "/excerpt/" not in element.tag
