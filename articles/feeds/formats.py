"""Feed formats: RSS 2.0 and Atom 1.0, built on Django's feed generators, and JSON Feed 1.1.

A browser shows RSS and Atom as a page, by a style sheet (css/feed.css) and links in XHTML, which feed readers ignore.
It is CSS, because browsers are giving up XSLT. They style `application/xml` only, and show feeds of the types
`application/rss+xml` and `application/atom+xml` as source text; feed readers accept both.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.templatetags.static import static
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed, rfc3339_date
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from articles.feeds.channel import FeedChannel, FeedItem
from articles.seo.meta import SocialImage, absolute_url
from truthlytics.publication import get_publication
from truthlytics.publication.language import language_tag
from truthlytics.web.text import strip_invalid_xml
from truthlytics.web.types import JsonObject

NAMESPACES = {"xmlns:media": "http://search.yahoo.com/mrss/", "xmlns:h": "http://www.w3.org/1999/xhtml"}


class RssFeed(Rss201rev2Feed):
    """RSS 2.0 with the full free text, several authors, modification times and images."""

    def rss_attributes(self) -> dict[str, str]:
        return (
            super().rss_attributes()
            | NAMESPACES
            | {
                "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
                "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            }
        )

    def latest_post_date(self) -> datetime:
        # Django's default for an empty feed is the current time, so that no two responses are the same.
        updated: datetime = self.feed["updated"]
        return updated

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        _explain(handler)

    def add_item_elements(self, handler: SimplerXMLGenerator, item: JsonObject) -> None:
        super().add_item_elements(handler, item)
        source: FeedItem = item["source"]
        _add_link(handler, source)
        for author in source.authors:
            handler.addQuickElement("dc:creator", author.name)
        handler.addQuickElement("atom:updated", rfc3339_date(source.updated))
        handler.addQuickElement("content:encoded", source.html)
        _add_image(handler, source.image)


class AtomFeed(Atom1Feed):
    """Atom 1.0 with the full free text, several authors and images."""

    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | NAMESPACES

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]
        return updated

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("icon", absolute_url(get_publication().icons["192"]))
        _explain(handler)

    def add_item_elements(self, handler: Any, item: JsonObject) -> None:
        source: FeedItem = item["source"]
        # Django would mark the summary as HTML.
        super().add_item_elements(handler, item | {"description": None})
        _add_link(handler, source)
        language = {"xml:lang": source.language} if source.language else {}
        if source.summary:
            handler.addQuickElement("summary", source.summary, language)
        for author in source.authors:
            handler.startElement("author", {})
            handler.addQuickElement("name", author.name)
            if author.url:
                handler.addQuickElement("uri", author.url)
            handler.endElement("author")
        handler.addQuickElement("content", source.html, {"type": "html"} | language)
        _add_image(handler, source.image)


def _explain(handler: SimplerXMLGenerator) -> None:
    """Tell readers who open the feed in a browser what it is for."""
    text = _("This is a feed. Copy the address of this page into a feed reader to get new articles there.")
    handler.addQuickElement("h:p", text)


def _add_link(handler: SimplerXMLGenerator, item: FeedItem) -> None:
    handler.addQuickElement("h:a", item.title, {"href": item.url})


def _add_image(handler: Any, image: SocialImage | None) -> None:
    if image is None:
        return
    attributes = {"url": image.url, "medium": "image", "type": "image/jpeg"}
    attributes |= {"width": str(image.width), "height": str(image.height)}
    handler.startElement("media:content", attributes)
    handler.addQuickElement("media:description", strip_invalid_xml(image.alt))
    handler.endElement("media:content")


def rss(channel: FeedChannel) -> bytes:
    return _serialise(RssFeed, channel)


def atom(channel: FeedChannel) -> bytes:
    return _serialise(AtomFeed, channel)


def _serialise(feed_class: type[SyndicationFeed], channel: FeedChannel) -> bytes:
    feed = feed_class(
        title=channel.title,
        link=channel.home,
        description=channel.description,
        subtitle=channel.description,
        language=language_tag(),
        author_name=get_publication().name,
        author_link=absolute_url("/"),
        feed_url=channel.url,
        feed_guid=channel.id,
        updated=channel.updated,
    )
    for item in channel.items:
        audio = item.audio
        feed.add_item(
            title=item.title,
            link=item.url,
            description=item.summary or None,  # type: ignore[arg-type]
            pubdate=item.published,
            updateddate=item.updated,
            unique_id=item.id,
            unique_id_is_permalink=False,
            categories=item.tags,
            enclosures=[Enclosure(audio.url, str(audio.size), audio.type)] if audio else [],
            source=item,
        )
    declaration, newline, rest = feed.writeString("utf-8").partition("\n")
    style = f'<?xml-stylesheet href="{static("css/feed.css")}" type="text/css"?>'
    return f"{declaration}{newline}{style}{newline}{rest}".encode()


def json_feed(channel: FeedChannel) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.home,
        "feed_url": channel.url,
        "language": language_tag(),
        "favicon": absolute_url(get_publication().icons["192"]),
        "authors": [{"name": get_publication().name, "url": absolute_url("/")}],
        "items": [_json_item(item) for item in channel.items],
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()


def _json_item(item: FeedItem) -> JsonObject:
    data = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.html,
        "date_published": rfc3339_date(item.published),
        "date_modified": rfc3339_date(item.updated),
        "authors": [
            {"name": author.name, "url": author.url} if author.url else {"name": author.name} for author in item.authors
        ],
        "tags": item.tags,
    }
    if item.summary:
        data["summary"] = item.summary
    if item.language:
        data["language"] = item.language
    if (audio := item.audio) is not None:
        attachment = {"url": audio.url, "mime_type": audio.type, "size_in_bytes": audio.size}
        data["attachments"] = [attachment | {"duration_in_seconds": audio.seconds}]
    if item.image:
        data["image"] = item.image.url
    return data


# File name to serialiser and content type.
FORMATS: dict[str, tuple[Callable[[FeedChannel], bytes], str]] = {
    "rss.xml": (rss, "application/xml; charset=utf-8"),
    "atom.xml": (atom, "application/xml; charset=utf-8"),
    "feed.json": (json_feed, "application/feed+json"),
}
