"""Feed content, independent of the format: the newest articles of a list, as every reader may see them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from articles.media.audio import CONTENT_TYPES
from articles.models import Article, Author, Section, Topic, Version
from articles.responsibility import label_sentences
from articles.richtext.simple import simple_html
from articles.seo.meta import SocialImage, absolute_url, author_url, lead_image
from truthlytics.publication import get_publication
from truthlytics.publication.language import language_tag
from truthlytics.web.text import strip_invalid_xml

SIZE = 30


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
    labels = "".join(f"<p><strong>{escape(sentence)}</strong></p>" for sentence in label_sentences(version.head))
    html = labels + simple_html(version.free_html, url)
    if version.required_level:
        label = escape(_("Continue reading at %(site)s") % {"site": get_publication().name})
        html += f'<p><a href="{url}">{label}</a></p>'
    return html
