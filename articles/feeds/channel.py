"""What a feed says, before any format: the newest pieces of a place, as everybody may read them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from articles.media.audio import TYPES
from articles.models import Author, Section, Topic, Version
from articles.richtext.vocabulary import parse, serialise
from articles.seo.meta import SocialImage, absolute, person_address, picture_of_lead
from truthlytics.web.cursor_pagination import EPOCH
from truthlytics.web.markup import HtmlElement

SIZE = 30
# What a program that shows text without our style sheet can use.
_ATTRIBUTES = {"href", "src", "alt", "width", "height", "title", "lang", "dir", "colspan", "rowspan", "scope", "start"}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The piece read aloud. `size` in bytes, `seconds` of it."""

    address: str
    type: str
    size: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Item:
    """One piece in its served version. `id` and `published` never change, `updated` with every version."""

    id: str
    address: str
    title: str
    summary: str
    html: str
    published: datetime
    updated: datetime
    authors: list[Person]
    tags: list[str]
    image: SocialImage | None
    audio: Enclosure | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """`home` is the page whose pieces these are; `address` that of this very feed. Both are whole."""

    id: str
    title: str
    description: str
    home: str
    address: str
    items: list[Item] = field(default_factory=list)

    @property
    def updated(self) -> datetime:
        """When something here last changed. A feed without a piece has no such moment: the beginning of time."""
        return max((item.updated for item in self.items), default=EPOCH)


def channel(place: Section | Topic | Author | None, home: str, file: str, versions: Iterable[Version]) -> Channel:
    """The feed `file` of `place` (None: of everything), whose page stands at `home`.

    `versions` are served ones that know their article and have `free_html`, newest first.
    """
    name = settings.PUBLICATION["name"]
    return Channel(
        id=f"urn:uuid:{place.uuid}" if place else absolute(home),
        title=sound(f"{name}: {place}" if place else name),
        description=sound(_described(place) or settings.PUBLICATION["description"]),
        home=absolute(home),
        address=absolute(f"{home}feeds/{file}"),
        items=[item(version) for version in versions],
    )


def item(version: Version) -> Item:
    head, article = version.head, version.article
    address = absolute(article.get_absolute_url())
    published: Any = article.published_at
    return Item(
        id=f"urn:uuid:{article.uuid}",
        address=address,
        title=sound(version.headline),
        summary=sound(version.standfirst),
        html=sound(_free_part(version, address)),
        published=published,
        updated=max(published, version.public_from),
        authors=[Person(sound(byline["name"]), person_address(byline)) for byline in head["bylines"]],
        tags=[sound(one["name"]) for one in (head["section"], *head["topics"]) if one],
        image=picture_of_lead(version),
        audio=_read_aloud(version),
    )


def _read_aloud(version: Version) -> Enclosure | None:
    """The recording of what everybody may read; a feed's reader could not fetch another."""
    audio = version.head.get("audio")
    if not audio or version.required_level:
        return None
    path = reverse("articles:audio", args=[version.article.slug, audio["format"]])
    return Enclosure(absolute(path), TYPES[audio["format"]], audio["bytes"], audio["seconds"])


def sound(text: str) -> str:
    """`text` without the characters that no XML document may hold."""
    return _NOT_IN_XML.sub("", text)


def _described(place: Section | Topic | Author | None) -> str:
    if isinstance(place, Author):
        return place.bio or place.role
    return place.intro if place else ""


def _free_part(version: Version, address: str) -> str:
    """The free part in plain marks: no margin notes, every address whole, each picture in one size."""
    root = parse(version.free_html)
    for extra in list(root.iter("small", "source")):
        if extra.tag == "source" or "sidenote" in extra.get("class", ""):
            extra.drop_tree()
    for wrapper in list(root.iter("picture")):
        wrapper.drop_tag()
    for element in root.iter("*"):
        _simplify(element, address)
    html = serialise(root)
    if version.required_level:
        html += f'<p><a href="{address}">Read on at {settings.PUBLICATION["name"]}</a></p>'
    return html


def _simplify(element: HtmlElement, address: str) -> None:
    if element.tag == "aside":  # a pull quote
        element.tag = "blockquote"
    for name in set(element.attrib) - _ATTRIBUTES:
        del element.attrib[name]
    for name in ("href", "src"):
        if name in element.attrib:
            element.set(name, _whole(element.get(name), address))


def _whole(link: str, address: str) -> str:
    try:
        return urljoin(address, link)
    except ValueError:  # no address at all, such as `http://[`: left as the newsroom wrote it
        return link
