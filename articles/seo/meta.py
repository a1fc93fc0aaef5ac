"""Absolute URLs, descriptions and images for meta tags, feeds, sitemaps and JSON-LD.

Uses only text that every reader may see: headlines, standfirsts, names and the free part.
"""

from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import to_locale

from articles.media.html import ResponsiveImage
from articles.models import Version
from truthlytics.publication import get_publication


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


def language_tag() -> str:
    """Return the publication's language as a BCP 47 tag, such as `en-GB`."""
    return to_locale(settings.LANGUAGE_CODE).replace("_", "-")


def meta_description(version: Version) -> str:
    """Return the SEO description, else the standfirst, else the first words of the free part."""
    if chosen := version.head["seo"]["description"] or version.standfirst:
        return str(chosen)
    words = version.plain_free.split()
    return " ".join(words[:30]) + ("…" if len(words) > 30 else "")


def lead_image(version: Version) -> SocialImage | None:
    """Return the lead image of `version` at its largest size, or None if it has no renditions."""
    lead = version.head["lead"]
    files = ResponsiveImage.from_json(lead).sources.get("jpeg") if lead else None
    if not files:
        return None
    url, width = files[-1]
    return SocialImage(absolute_url(url), width, round(lead["height"] * width / lead["width"]), lead["alt"])


def social_lead_image(version: Version) -> SocialImage | None:
    """Return the lead image cropped for link previews, or uncropped if the crop does not exist yet."""
    lead = version.head["lead"]
    if not lead or "social" not in lead:
        return lead_image(version)
    url, width, height = lead["social"]
    return SocialImage(absolute_url(url), width, height, lead["alt"])


def default_social_image() -> SocialImage:
    """Return the image for link previews of pages without one."""
    return SocialImage(absolute_url(static("img/social.png")), 1200, 630, get_publication().name)


def author_url(byline: dict[str, str]) -> str:
    """Return the absolute URL of the author's page, or "" if they no longer have one."""
    return absolute_url(reverse("articles:author", args=[byline["slug"]])) if byline["slug"] else ""
