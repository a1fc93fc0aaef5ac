"""Feed content, independent of the format: the newest articles of a list, as every reader may see them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from articles.media.audio import CONTENT_TYPES
from articles.models import Article, Author, Section, Topic, Version
from articles.richtext.vocabulary import parse, serialise
from articles.seo.meta import SocialImage, absolute_url, author_url, lead_image
from truthlytics.publication import get_publication
from truthlytics.publication.language import language_tag
from truthlytics.web.markup import HtmlElement
from truthlytics.web.text import strip_invalid_xml

SIZE = 30
# Attributes that are useful without the site's style sheet.
_ATTRIBUTES = {"href", "src", "alt", "width", "height", "title", "lang", "dir", "colspan", "rowspan", "scope", "start"}


@dataclass(frozen=True, slots=True)
class FeedAuthor:
    """`url` is "" for authors without a page."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class AudioEnclosure:
    """The recording of an article. `size` is in bytes."""

    url: str
    type: str
    size: int
    seconds: int


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An article in its served version. `id` and `published` never change; `updated` does if words do.

    Minor edits do not count.
    """

    id: str
    url: str
    title: str
    summary: str
    html: str
    published: datetime
    updated: datetime
    authors: list[FeedAuthor]
    tags: list[str]
    image: SocialImage | None
    audio: AudioEnclosure | None = None
    # As a BCP 47 tag; "" for the publication's.
    language: str = ""


@dataclass(frozen=True, slots=True)
class FeedChannel:
    """A feed. `home` is the URL of the page that lists the same articles, `url` that of the feed; both are absolute."""

    id: str
    title: str
    description: str
    home: str
    url: str
    items: list[FeedItem] = field(default_factory=list)

    @property
    def updated(self) -> datetime:
        """The time of the last change; for an empty feed, when the publication began."""
        return max((item.updated for item in self.items), default=None) or publication_start()


def publication_start() -> datetime:
    """Return when the first article was published. If there is none, when the settings were last saved."""
    dates = Article.objects.published().order_by("published_at").values_list("published_at", flat=True)
    return dates.first() or get_publication().updated_at or timezone.now()


def build_channel(
    place: Section | Topic | Author | None, home: str, file: str, versions: Iterable[Version]
) -> FeedChannel:
    """Build the feed `file` of the list at the path `home`. `place` is None for the feed of all articles.

    `versions` must be served versions with their articles and `free_html`, newest first.
    """
    publication = get_publication()
    name = publication.name
    return FeedChannel(
        id=f"urn:uuid:{place.uuid}" if place else absolute_url(home),
        title=strip_invalid_xml(f"{name}: {place}" if place else name),
        description=strip_invalid_xml(_description(place) or publication.summary),
        home=absolute_url(home),
        url=absolute_url(f"{home}feeds/{file}"),
        items=[build_item(version) for version in versions],
    )


def build_item(version: Version) -> FeedItem:
    head, article = version.head, version.article
    url = absolute_url(article.get_absolute_url())
    published: Any = article.published_at
    return FeedItem(
        id=f"urn:uuid:{article.uuid}",
        url=url,
        title=strip_invalid_xml(version.headline),
        summary=strip_invalid_xml(version.standfirst),
        html=strip_invalid_xml(_free_html(version, url)),
        published=published,
        updated=max(published, version.changed_at),
        authors=[FeedAuthor(strip_invalid_xml(byline["name"]), author_url(byline)) for byline in head["bylines"]],
        tags=[strip_invalid_xml(place["name"]) for place in (head["section"], *head["topics"]) if place],
        image=lead_image(version),
        audio=_enclosure(version),
        language=language_tag(version.language) if version.language else "",
    )


def _enclosure(version: Version) -> AudioEnclosure | None:
    """Return the recording if it is free: feed readers cannot log in."""
    audio = version.head.get("audio")
    if not audio or version.required_level:
        return None
    path = reverse("articles:audio", args=[version.article.slug, audio["format"]])
    return AudioEnclosure(absolute_url(path), CONTENT_TYPES[audio["format"]], audio["bytes"], audio["seconds"])


def _description(place: Section | Topic | Author | None) -> str:
    if isinstance(place, Author):
        return place.bio or place.role
    return place.intro if place else ""


def _free_html(version: Version, url: str) -> str:
    """Return the free part in simple markup: no margin notes, absolute URLs, one size per image."""
    root = parse(version.free_html)
    for note in list(root.iter("small")):
        if "sidenote" in note.get("class", ""):
            note.drop_tree()
    # The parser nests what follows a `<source>` in it: the image must survive.
    for element in list(root.iter("picture", "source")):
        element.drop_tag()
    for element in root.iter("*"):
        _simplify(element, url)
    html = serialise(root)
    if version.required_level:
        label = escape(_("Continue reading at %(site)s") % {"site": get_publication().name})
        html += f'<p><a href="{url}">{label}</a></p>'
    return html


def _simplify(element: HtmlElement, url: str) -> None:
    if element.tag == "aside":  # a pull quote or a callout
        element.tag = "blockquote"
    for name in set(element.attrib) - _ATTRIBUTES:
        del element.attrib[name]
    for name in ("href", "src"):
        if name in element.attrib:
            element.set(name, _resolve(element.get(name), url))


def _resolve(link: str, url: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:  # an invalid URL, such as `http://[`: leave it as written
        return link
