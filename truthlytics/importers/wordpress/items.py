"""Yield the elements of an export one at a time, in little memory."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from truthlytics.importers.records import Loss
from truthlytics.importers.sources import UnreadableFile
from truthlytics.importers.wordpress.archives import DAMAGED, open_parts
from truthlytics.importers.wordpress.cleaning import CleanStream

MAX_DEPTH = 100
# Elements of the channel that are kept until they are complete, besides items.
DECLARATIONS = {"author", "wp_author", "category", "tag", "term"}
# Elements of the channel that are only text.
TEXTS = {"title", "link", "language", "pubDate", "wxr_version", "base_site_url", "base_blog_url"}


@dataclass
class Channel:
    """The texts of a file's channel by name; more arrive while the file is read."""

    name: str
    texts: dict[str, str] = field(default_factory=dict)


def read_file(path: Path) -> Iterator[tuple[Channel, Element | Loss]]:
    """Yield the items and declarations of `path`, and a Loss for each repair and for damage that ends the reading.

    An element is valid only until the next one. Raises OSError and UnreadableFile.
    """
    with open_parts(path) as parts:
        try:
            for name, stream in parts:
                channel, source = Channel(name), CleanStream(stream, name)
                try:
                    for element in _elements(source, channel):
                        yield channel, element
                except (ET.ParseError, *DAMAGED) as error:
                    yield channel, _damage(error, name)
                for repair, number in source.repairs.items():
                    yield channel, Loss("repair", f"{name}: {repair} ({number})")
                if not channel.texts.get("wxr_version"):
                    yield channel, Loss("repair", f"{name}: it does not say which version of the format it has.")
        except DAMAGED as error:
            yield Channel(path.name), _damage(error, path.name)


def _damage(error: Exception, name: str) -> Loss:
    line = error.position[0] if isinstance(error, ET.ParseError) else 0
    return Loss("line", f"{name} is damaged or ends too early here ({error}). Nothing after this was read.", line)


def _elements(source: CleanStream, channel: Channel) -> Iterator[Element]:
    depth = 0
    above: list[Element] = []
    # Expat limits the growth of entities itself, and CleanStream refuses files that declare any.
    for event, element in ET.iterparse(source, events=("start", "end")):  # noqa: S314
        if event == "start":
            depth += 1
            above.append(element)
            if depth > MAX_DEPTH:
                raise UnreadableFile(f"{channel.name} has elements nested more than {MAX_DEPTH} levels deep.")
            continue
        depth -= 1
        above.pop()
        if not above or local_name(above[-1]) != "channel":
            continue
        name = local_name(element)
        if name == "item" or name in DECLARATIONS:
            yield element
        elif name in TEXTS:
            channel.texts.setdefault(name, (element.text or "").strip())
        source.item_size = 0
        above[-1].clear()


def local_name(element: Element) -> str:
    """Return the name without its namespace: files declare different ones, or none."""
    return element.tag.rpartition("}")[2]


def is_wordpress(element: Element) -> bool:
    return "wordpress.org/export/" in element.tag and "/excerpt/" not in element.tag
