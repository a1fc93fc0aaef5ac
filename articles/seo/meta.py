"""Absolute URLs, descriptions and images for meta tags, feeds, sitemaps and JSON-LD.

Uses only text that every reader may see: headlines, standfirsts, names and the free part. What JSON-LD says of the use
of AI, of reviews, translations and cited sources is here, too.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import get_language_info

from articles.media.audio import CONTENT_TYPES
from articles.media.html import ResponsiveImage
from articles.models import Article, Source, Version
from articles.models.reviews import reviewer_label
from articles.responsibility import (
    NEEDED,
    AILabel,
    AIUse,
    ImageAIUse,
    Judgement,
    has_ai_pictures,
    image_label,
    label_sentences,
)
from articles.richtext.struck import without_struck
from truthlytics.publication import get_publication
from truthlytics.publication.language import content_language, language_tag
from truthlytics.web.fragments import add_tags
from truthlytics.web.types import Content, JsonObject


@dataclass(frozen=True, slots=True)
class SocialImage:
    """The image of a link preview. `url` is absolute; the size is in px."""

    url: str
    width: int
    height: int
    alt: str


def absolute_url(path: str) -> str:
    """Return `path` on the site's own host. URLs that are absolute already are returned unchanged."""
    return urljoin(f"{settings.SITE_URL}/", path)


def article_slug(url: str) -> str:
    """Return the slug in the address of an article of this site; "" for other addresses."""
    try:
        parts = urlsplit(url)
        match = resolve(parts.path)
    except (ValueError, Resolver404):
        return ""
    is_article = parts.netloc == urlsplit(settings.SITE_URL).netloc and match.view_name == "articles:article"
    return str(match.kwargs["slug"]) if is_article else ""


def meta_description(version: Version) -> str:
    """Return the SEO description, else the standfirst, the first words of the free part or the headline."""
    if chosen := version.head["seo"]["description"] or version.standfirst:
        return str(chosen)
    words = without_struck(version.plain_free).split()
    return " ".join(words[:30]) + ("…" if len(words) > 30 else "") or version.headline


def lead_image(version: Version) -> SocialImage | None:
    """Return the lead image of `version` at its largest size, or None if it has no renditions."""
    return _largest(version.head["lead"])


def _largest(image: JsonObject | None) -> SocialImage | None:
    files = ResponsiveImage.from_json(image).sources.get("jpeg") if image else None
    if image is None or not files:
        return None
    url, width = files[-1]
    return SocialImage(absolute_url(url), width, round(image["height"] * width / image["width"]), image["alt"])


def social_lead_image(version: Version) -> SocialImage | None:
    """Return the image for shared links, else the lead image, cropped or, if the crop does not exist yet, uncropped."""
    for image in (version.head.get("social", {}).get("image"), version.head["lead"]):
        if image and "social" in image:
            url, width, height = image["social"]
            return SocialImage(absolute_url(url), width, height, image["alt"])
        if found := _largest(image):
            return found
    return None


def default_social_image() -> SocialImage:
    """Return the image for link previews of pages without one."""
    publication = get_publication()
    return SocialImage(absolute_url(publication.social_image_url), 1200, 630, publication.name)


def author_url(byline: dict[str, str]) -> str:
    """Return the absolute URL of the author's page, or "" if they no longer have one."""
    return absolute_url(reverse("articles:author", args=[byline["slug"]])) if byline["slug"] else ""


class Translation(NamedTuple):
    """`name` is the name of the language in that language; `url` is absolute."""

    tag: str
    name: str
    path: str
    url: str
    headline: str
    is_this: bool


def translations_of(article: Article, version: Version, now: datetime) -> list[Translation]:
    """Return the article and its public translations, oldest first; nothing if it has none. At most one query."""
    if article.translation_group is None:
        return []
    add_tags(f"translations:{article.translation_group}")
    others = Article.objects.listed(now).filter(translation_group=article.translation_group).exclude(pk=article.pk)
    versions = [other.as_served(now) for other in others.order_by("published_at", "pk")]
    if not versions:
        return []
    add_tags(*(other.teaser_tag for other in versions))
    return [_translation(version, article, is_this=True), *(_translation(other, other.article) for other in versions)]


def _translation(version: Version, article: Article, *, is_this: bool = False) -> Translation:
    path = article.get_absolute_url()
    return Translation(
        tag=language_tag(version.language),
        name=language_name(version.language),
        path=path,
        url=absolute_url(path),
        headline=version.headline,
        is_this=is_this,
    )


def default_of(translations: list[Translation]) -> str:
    """Return the URL for readers of any other language: the article in the publication's language, else the first."""
    home = language_tag()
    return next((shown.url for shown in translations if shown.tag == home), translations[0].url) if translations else ""


def language_name(code: str) -> str:
    """Return the name of the language `code`, "" for the publication's, in that language: “Deutsch”."""
    name = str(get_language_info(content_language(code))["name_local"])
    return name[:1].upper() + name[1:]


# The terms of IPTC, as schema.org has them.
MADE = {"@id": "https://schema.org/TrainedAlgorithmicMediaDigitalSource"}
PARTLY_MADE = {"@id": "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"}

PICTURES = {ImageAIUse.MADE: MADE, ImageAIUse.CHANGED: PARTLY_MADE}


def made_by_ai(head: JsonObject) -> JsonObject:
    """Return the properties of a text that needs a label."""
    labels = set(Judgement.of(head).labels)
    whole = bool(labels & {AILabel.TRANSLATED, AILabel.WRITTEN})
    source = MADE if whole else PARTLY_MADE if AILabel.PARTS in labels else None
    return {"digitalSourceType": source, "creditText": " ".join(label_sentences(head))}


def picture(url: str, head: JsonObject) -> JsonObject | str:
    """Return the address of the lead image, with the source if it, or some picture of the article, was made by AI."""
    lead = head.get("lead") or {}
    if lead.get("ai_use"):
        return image_object(url, lead["ai_use"], lead["credit"])
    if AIUse.PICTURES not in head.get("ai_uses", ()) or has_ai_pictures(head):
        return url
    text = f"{lead.get('credit', '')} {AILabel.PICTURES.label}".strip()
    return {"@type": "ImageObject", "url": url, "digitalSourceType": MADE, "creditText": text}


def image_object(url: str, ai_use: str, credit: str) -> JsonObject | str:
    """Return the address of an image of the library, with its source if it was made or changed by AI."""
    if not ai_use:
        return url
    text = " · ".join(filter(None, (credit, image_label(ai_use))))
    return {"@type": "ImageObject", "url": url, "digitalSourceType": PICTURES[ImageAIUse(ai_use)], "creditText": text}


def audio(article: Article, head: JsonObject) -> JsonObject | None:
    recording = head.get("audio")
    if not recording:
        return None
    is_made = AILabel.SOUND in Judgement.of(head).labels
    return {
        "@type": "AudioObject",
        "contentUrl": absolute_url(reverse("articles:audio", args=[article.slug, recording["format"]])),
        "encodingFormat": CONTENT_TYPES[recording["format"]],
        "duration": f"PT{recording['seconds']}S",
        **({"digitalSourceType": MADE} if is_made else {}),
    }


def reviewed_page(url: str, head: JsonObject) -> JsonObject | str:
    """Return the address of the page, with who has checked facts and sources of the text as it is."""
    reviewed = _reviewed(head)
    return {"@type": "WebPage", "@id": url, **reviewed} if reviewed else url


def stated_of_page(head: JsonObject) -> JsonObject:
    """Return the properties of a page that is no article: those of a text that needs a label, and reviews."""
    return {name: value for name, value in made_by_ai(head).items() if value} | _reviewed(head)


def _reviewed(head: JsonObject) -> JsonObject:
    reviews = [
        review for review in head.get("reviews", ()) if review["of_this_text"] and set(review["checked"]) >= NEEDED
    ]
    if not reviews:
        return {}
    return {
        "lastReviewed": max(review["at"] for review in reviews)[:10],
        "reviewedBy": [{"@type": "Person", "name": _name(review)} for review in reviews],
    }


def _name(review: JsonObject) -> str:
    return str(review["name"] or reviewer_label("", review["role"], review["reviewer"]))


# The types of the other kinds would need details that sources lack, such as the description of a data set.
CITED_TYPES = {Source.Kind.DOCUMENT: "DigitalDocument", Source.Kind.REPORT: "Report", Source.Kind.LAW: "Legislation"}


def citation(source: Content) -> JsonObject:
    """Describe an entry of `Version.free_sources`."""
    data: JsonObject = {"@type": CITED_TYPES.get(source["kind"], "CreativeWork"), "name": source["title"]}
    if source.get("url"):
        data["url"] = absolute_url(source["url"])
    if source["archived_url"]:
        data["archivedAt"] = absolute_url(source["archived_url"])
    if source.get("author"):
        data["author"] = {"@type": "Person", "name": source["author"]}
    if source.get("publisher"):
        data["publisher"] = {"@type": "Organization", "name": source["publisher"]}
    if source.get("published_on"):
        data["datePublished"] = source["published_on"]
    return data
