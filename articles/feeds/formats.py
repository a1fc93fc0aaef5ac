"""How a feed is written: RSS 2.0, Atom 1.0 (RFC 4287), JSON Feed 1.1. Pure: a channel in, bytes out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.utils.http import http_date
from lxml import etree
from lxml.builder import ElementMaker

from articles.feeds.channel import Channel, Item, sound
from articles.seo.meta import SocialImage, absolute, language_tag

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_rss = ElementMaker(nsmap={"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA})
_atom = ElementMaker(namespace=ATOM, nsmap={None: ATOM, "media": MEDIA})
_in_atom = ElementMaker(namespace=ATOM)
_media = ElementMaker(namespace=MEDIA)


def rss(channel: Channel) -> bytes:
    """RSS 2.0 with the whole free text, authors, the time of the last change and the picture beside it."""
    self_link = _in_atom.link(href=channel.address, rel="self", type="application/rss+xml")
    head = _rss.channel(
        _rss.title(channel.title),
        _rss.link(channel.home),
        _rss.description(channel.description),
        self_link,
        _rss.language(language_tag()),
    )
    if channel.items:
        head.append(_rss.lastBuildDate(http_date(channel.updated.timestamp())))
    head.extend(_rss_item(item) for item in channel.items)
    return _document(_rss.rss(head, version="2.0"))


def _rss_item(item: Item) -> Any:
    made = _rss.item(_rss.title(item.title), _rss.link(item.address))
    if item.summary:
        made.append(_rss.description(item.summary))
    for author in item.authors:
        made.append(etree.Element(f"{{{DC}}}creator"))
        made[-1].text = author.name
    made.extend(_rss.category(tag) for tag in item.tags)
    made.append(_rss.guid(item.id, isPermaLink="false"))
    made.append(_rss.pubDate(http_date(item.published.timestamp())))
    made.append(_in_atom.updated(_moment(item.updated)))
    content = etree.SubElement(made, f"{{{CONTENT}}}encoded")
    content.text = item.html
    if item.audio:
        made.append(_rss.enclosure(url=item.audio.address, length=str(item.audio.size), type=item.audio.type))
    if item.image:
        made.append(_picture(item.image))
    return made


def atom(channel: Channel) -> bytes:
    """Atom 1.0. The publication is the author of what has none."""
    feed = _atom.feed(
        _in_atom.id(channel.id),
        _in_atom.title(channel.title),
        _in_atom.subtitle(channel.description),
        _in_atom.updated(_moment(channel.updated)),
        _in_atom.author(_in_atom.name(settings.PUBLICATION["name"]), _in_atom.uri(absolute("/"))),
        _in_atom.link(href=channel.home, rel="alternate", type="text/html"),
        _in_atom.link(href=channel.address, rel="self", type="application/atom+xml"),
        _in_atom.icon(absolute(static("img/favicon.svg"))),
    )
    feed.set(XML_LANG, language_tag())
    feed.extend(_atom_entry(item) for item in channel.items)
    return _document(feed)


def _atom_entry(item: Item) -> Any:
    entry = _in_atom.entry(
        _in_atom.id(item.id),
        _in_atom.title(item.title),
        _in_atom.link(href=item.address, rel="alternate", type="text/html"),
        _in_atom.published(_moment(item.published)),
        _in_atom.updated(_moment(item.updated)),
    )
    for author in item.authors:
        person = _in_atom.author(_in_atom.name(author.name))
        if author.address:
            person.append(_in_atom.uri(author.address))
        entry.append(person)
    entry.extend(_in_atom.category(term=tag) for tag in item.tags)
    if item.summary:
        entry.append(_in_atom.summary(item.summary))
    entry.append(_in_atom.content(item.html, type="html"))
    if (audio := item.audio) is not None:
        entry.append(_in_atom.link(href=audio.address, rel="enclosure", type=audio.type, length=str(audio.size)))
    if item.image:
        entry.append(_picture(item.image))
    return entry


def json_feed(channel: Channel) -> bytes:
    """JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.home,
        "feed_url": channel.address,
        "language": language_tag(),
        "favicon": absolute(static("img/favicon.svg")),
        "authors": [{"name": settings.PUBLICATION["name"], "url": absolute("/")}],
        "items": [_json_item(item) for item in channel.items],
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()


def _json_item(item: Item) -> dict[str, Any]:
    made = {
        "id": item.id,
        "url": item.address,
        "title": item.title,
        "content_html": item.html,
        "date_published": _moment(item.published),
        "date_modified": _moment(item.updated),
        "authors": [
            {"name": author.name, "url": author.address} if author.address else {"name": author.name}
            for author in item.authors
        ],
        "tags": item.tags,
    }
    if item.summary:
        made["summary"] = item.summary
    if (audio := item.audio) is not None:
        attached = {"url": audio.address, "mime_type": audio.type, "size_in_bytes": audio.size}
        made["attachments"] = [attached | {"duration_in_seconds": audio.seconds}]
    if item.image:
        made["image"] = item.image.address
    return made


def _picture(image: SocialImage) -> Any:
    size = {"width": str(image.width), "height": str(image.height)}
    return _media.content(
        _media.description(sound(image.alt)), url=image.address, medium="image", type="image/jpeg", **size
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _document(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


# By the end of its address: how it is written, what it is.
FORMATS: dict[str, tuple[Callable[[Channel], bytes], str]] = {
    "rss.xml": (rss, "application/rss+xml; charset=utf-8"),
    "atom.xml": (atom, "application/atom+xml; charset=utf-8"),
    "feed.json": (json_feed, "application/feed+json"),
}
