"""What machines read of an article: JSON-LD after schema.org and the paywall rules of the search engines.

Only words that every reader may see go in: headline, standfirst, names. Never the text.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import to_locale

from articles.media.audio import TYPES
from articles.media.html import Picture
from articles.models import Article, Kind, Version

CONTEXT = "https://schema.org"
# schema.org knows subtypes for some kinds of journalism.
SUBTYPES = {
    Kind.ANALYSIS: "AnalysisNewsArticle",
    Kind.REPORT: "ReportageNewsArticle",
    Kind.OPINION: "OpinionNewsArticle",
    Kind.EXPLAINER: "BackgroundNewsArticle",
    Kind.REVIEW: "ReviewNewsArticle",
}


@dataclass(frozen=True, slots=True)
class SocialImage:
    """The picture that stands beside a shared link. `address` is whole; the size is in px."""

    address: str
    width: int
    height: int
    alt: str


def absolute(path: str) -> str:
    """`path` behind the site's own address; an address that is whole already stays as it is."""
    return urljoin(f"{settings.SITE_URL}/", path)


def language_tag() -> str:
    """The publication's language as BCP 47 writes it, such as `en-GB`."""
    return to_locale(settings.LANGUAGE_CODE).replace("_", "-")


def json_ld(article: Article, version: Version) -> dict[str, Any]:
    """The NewsArticle of `version`, the same for every reader."""
    address = absolute(article.get_absolute_url())
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": ["NewsArticle", SUBTYPES[Kind(version.kind)]] if version.kind in SUBTYPES else "NewsArticle",
        "@id": address,
        "mainEntityOfPage": address,
        "url": address,
        "headline": version.headline,
        "description": description(version),
        "inLanguage": language_tag(),
        "image": [(picture_of_lead(version) or our_picture()).address],
        "datePublished": _moment(article.published_at),
        "dateModified": _moment(version.public_from),
        "version": version.number,
        "wordCount": version.words_all,
        "author": [_person(byline) for byline in version.head["bylines"]],
        "publisher": publisher(),
        "isAccessibleForFree": version.required_level == 0,
    }
    if version.head["section"]:
        data["articleSection"] = version.head["section"]["name"]
    if version.head["topics"]:
        data["keywords"] = [topic["name"] for topic in version.head["topics"]]
    if series := version.head.get("series"):
        home = absolute(reverse("articles:series", args=[series["slug"]]))
        data["isPartOf"] = {"@type": "CreativeWorkSeries", "@id": home, "url": home, "name": series["name"]}
        data["position"] = series["part"]
    if (audio := version.head.get("audio")) and not version.required_level:
        path = reverse("articles:audio", args=[article.slug, audio["format"]])
        data["audio"] = {"@type": "AudioObject", "contentUrl": absolute(path), "encodingFormat": TYPES[audio["format"]]}
        data["audio"]["duration"] = f"PT{audio['seconds']}S"
    if version.required_level:
        data["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".article__paid"}
    return data


def publisher() -> dict[str, Any]:
    """The publication as others name it; the front page says more."""
    return {"@type": "NewsMediaOrganization", "name": settings.PUBLICATION["name"], "url": absolute("/")}


def description(version: Version) -> str:
    """One or two sentences for search engines and shared links, from what everybody may read."""
    if chosen := version.head["seo"]["description"] or version.standfirst:
        return str(chosen)
    words = version.plain_free.split()
    return " ".join(words[:30]) + ("…" if len(words) > 30 else "")


def picture_of_lead(version: Version) -> SocialImage | None:
    """The lead picture of `version` at its widest; None where there is none, or none made yet."""
    lead = version.head["lead"]
    files = Picture.from_json(lead).sources.get("jpeg") if lead else None
    if not files:
        return None
    address, width = files[-1]
    return SocialImage(absolute(address), width, round(lead["height"] * width / lead["width"]), lead["alt"])


def social_of_lead(version: Version) -> SocialImage | None:
    """The lead picture as services show it beside a link: cut round its focal point, whole while it is not cut yet."""
    lead = version.head["lead"]
    if not lead or "social" not in lead:
        return picture_of_lead(version)
    address, width, height = lead["social"]
    return SocialImage(absolute(address), width, height, lead["alt"])


def our_picture() -> SocialImage:
    """What stands beside a shared link to a page that has no picture of its own."""
    return SocialImage(absolute(static("img/social.png")), 1200, 630, settings.PUBLICATION["name"])


def person_address(byline: dict[str, str]) -> str:
    """The whole address of a byline's page; "" for somebody who has none any more."""
    return absolute(reverse("articles:author", args=[byline["slug"]])) if byline["slug"] else ""


def script_json(data: Any) -> SafeString:
    """`data` as JSON that can stand inside a `<script>` element whatever it holds."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S308


def _person(byline: dict[str, str]) -> dict[str, str]:
    person = {"@type": "Person", "name": byline["name"]}
    if address := person_address(byline):
        person["url"] = address
    return person


def _moment(moment: Any) -> str:
    return str(moment.isoformat(timespec="seconds"))
