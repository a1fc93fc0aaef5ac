"""Absolute URLs, descriptions and images for meta tags, feeds, sitemaps and JSON-LD.

Uses only text that every reader may see: headlines, standfirsts, names and the free part.
"""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve, reverse

from articles.media.html import ResponsiveImage
from articles.models import Version
from articles.richtext.struck import without_struck
from truthlytics.publication import get_publication
from truthlytics.web.types import JsonObject


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
