"""What machines read of an article: JSON-LD after schema.org and the paywall rules of the search engines.

Only words that every reader may see go in: headline, standfirst, names. Never the text.
"""

import json
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article, Kind, Version
from articles.pictures import Picture

# schema.org knows subtypes for some kinds of journalism.
SUBTYPES = {
    Kind.ANALYSIS: "AnalysisNewsArticle",
    Kind.REPORT: "ReportageNewsArticle",
    Kind.OPINION: "OpinionNewsArticle",
    Kind.EXPLAINER: "BackgroundNewsArticle",
    Kind.REVIEW: "ReviewNewsArticle",
}


def absolute(path: str) -> str:
    """`path` behind the site's own address; an address that is whole already stays as it is."""
    return urljoin(f"{settings.SITE_URL}/", path)


def json_ld(article: Article, version: Version) -> dict[str, Any]:
    """The NewsArticle of `version`, the same for every reader."""
    address = absolute(article.get_absolute_url())
    publisher = {
        "@type": "NewsMediaOrganization",
        "name": settings.PUBLICATION["name"],
        "url": absolute("/"),
    }
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": ["NewsArticle", SUBTYPES[Kind(version.kind)]] if version.kind in SUBTYPES else "NewsArticle",
        "@id": address,
        "mainEntityOfPage": address,
        "url": address,
        "headline": version.headline,
        "description": description(version),
        "datePublished": _moment(article.published_at),
        "dateModified": _moment(version.public_from),
        "version": version.number,
        "wordCount": version.words_all,
        "author": [_person(byline) for byline in version.head["bylines"]],
        "publisher": publisher,
        "isAccessibleForFree": version.required_level == 0,
    }
    if version.head["section"]:
        data["articleSection"] = version.head["section"]["name"]
    if version.head["topics"]:
        data["keywords"] = [topic["name"] for topic in version.head["topics"]]
    if version.head["lead"] and (url := Picture.from_json(version.head["lead"]).largest):
        data["image"] = [absolute(url)]
    if version.required_level:
        data["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".article__paid"}
    return data


def description(version: Version) -> str:
    """One or two sentences for search engines and shared links, from what everybody may read."""
    if chosen := version.head["seo"]["description"] or version.standfirst:
        return str(chosen)
    words = version.plain_free.split()
    return " ".join(words[:30]) + ("…" if len(words) > 30 else "")


def script_json(data: Any) -> SafeString:
    """`data` as JSON that can stand inside a `<script>` element whatever it holds."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S308


def _person(byline: dict[str, str]) -> dict[str, str]:
    person = {"@type": "Person", "name": byline["name"]}
    if byline["slug"]:
        person["url"] = absolute(reverse("articles:author", args=[byline["slug"]]))
    return person


def _moment(moment: Any) -> str:
    return str(moment.isoformat(timespec="seconds"))
