"""Structured data (JSON-LD) of schema.org types, including the paywall markup that search engines require.

Contains only text that every reader may see, never the article text.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.media.renditions import responsive_image
from articles.models import Article, Author, Kind, Page, Purpose, Series, Version
from articles.models.version_log import VersionLog, VersionLogEntry
from articles.seo.meta import (
    Translation,
    absolute_url,
    audio,
    author_url,
    citation,
    default_social_image,
    image_object,
    lead_image,
    made_by_ai,
    meta_description,
    picture,
    reviewed_page,
)
from truthlytics.publication import get_publication
from truthlytics.publication.language import language_tag
from truthlytics.publication.models import Publication
from truthlytics.web.fragments import fragment
from truthlytics.web.types import JsonObject

CONTEXT = "https://schema.org"
# schema.org has subtypes for some kinds of journalism.
SUBTYPES = {
    Kind.ANALYSIS: "AnalysisNewsArticle",
    Kind.REPORT: "ReportageNewsArticle",
    Kind.OPINION: "OpinionNewsArticle",
    Kind.EXPLAINER: "BackgroundNewsArticle",
    Kind.REVIEW: "ReviewNewsArticle",
}


def to_script(data: object) -> SafeString:
    """Serialise `data` as JSON that is safe inside a `<script>` element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S308


def news_article(
    article: Article, version: Version, log: VersionLog, translations: Sequence[Translation] = ()
) -> dict[str, object]:
    """Describe `version`, which is the newest in `log`. The same for every reader."""
    url = absolute_url(article.get_absolute_url())
    published: Any = article.published_at
    data: dict[str, object] = {
        "@context": CONTEXT,
        "@type": ["NewsArticle", SUBTYPES[Kind(version.kind)]] if version.kind in SUBTYPES else "NewsArticle",
        "@id": url,
        "mainEntityOfPage": reviewed_page(url, version.head),
        "url": url,
        "headline": version.headline,
        "description": meta_description(version),
        "inLanguage": language_tag(version.language),
        "image": [picture((lead_image(version) or default_social_image()).url, version.head)],
        "datePublished": published.isoformat(timespec="seconds"),
        "dateModified": version.changed_at.isoformat(timespec="seconds"),
        "version": log.number,
        "wordCount": version.words_all,
        "author": [_byline(byline) for byline in version.head["bylines"]],
        "publisher": publisher() | principles(),
        "isAccessibleForFree": version.required_level == 0,
    }
    details = _details(article, version, log, translations)
    return data | {name: value for name, value in details.items() if value}


def _details(
    article: Article, version: Version, log: VersionLog, translations: Sequence[Translation]
) -> dict[str, object]:
    """Return the properties that not every article has. Empty ones are left out."""
    head, series, answers = version.head, version.head.get("series"), version.head.get("how_we_know", {})
    paywall = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".article__paid"}
    return {
        "articleSection": head["section"] and head["section"]["name"],
        "workTranslation": [_translation(other) for other in translations if not other.is_this],
        "keywords": [topic["name"] for topic in head["topics"]],
        "isPartOf": series and _series(series),
        "position": series and series["part"],
        "audio": None if version.required_level else audio(article, head),
        **made_by_ai(head),
        "backstory": " ".join(answers[name] for name in ("why_written", "how_known") if name in answers),
        "correction": [_correction(entry) for entry in log.in_effect],
        "citation": [citation(source) for source in version.free_sources],
        "hasPart": paywall if version.required_level else None,
    }


def _translation(other: Translation) -> dict[str, object]:
    return {
        "@type": "NewsArticle",
        "@id": other.url,
        "url": other.url,
        "headline": other.headline,
        "inLanguage": other.tag,
    }


def _series(part: dict[str, object]) -> dict[str, object]:
    url = absolute_url(reverse("articles:series", args=[part["slug"]]))
    return {"@type": "CreativeWorkSeries", "@id": url, "url": url, "name": part["name"]}


def _correction(entry: VersionLogEntry) -> dict[str, object]:
    return {
        "@type": "CorrectionComment",
        "name": entry.kind_label,
        "text": entry.note,
        "datePublished": entry.public_from.isoformat(timespec="seconds"),
    }


def _byline(byline: dict[str, str]) -> dict[str, str]:
    author = {"@type": "Person", "name": byline["name"]}
    if url := author_url(byline):
        author["url"] = url
    return author


def breadcrumbs(*steps: tuple[str, str]) -> JsonObject:
    """Describe the path from the front page to this page through `steps`, each a (name, path) pair."""
    all_steps = [(get_publication().name, reverse("articles:front")), *steps]
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": {"@id": absolute_url(path)}}
        for position, (name, path) in enumerate(all_steps, start=1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}


def article_breadcrumbs(version: Version) -> dict[str, object]:
    """Describe the path to an article through its section, if it has one."""
    article = (version.headline, version.article.get_absolute_url())
    if section := version.head["section"]:
        return breadcrumbs((section["name"], reverse("articles:section", args=[section["slug"]])), article)
    return breadcrumbs(article)


def collection_page(title: str, path: str, description: str, links: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Describe a page that lists articles. `links` are (headline, path) pairs in the order shown."""
    items = [
        {"@type": "ListItem", "position": position, "name": headline, "url": absolute_url(link)}
        for position, (headline, link) in enumerate(links, start=1)
    ]
    url = absolute_url(path)
    return {
        "@context": CONTEXT,
        "@type": "CollectionPage",
        "@id": url,
        "url": url,
        "name": title,
        "description": description,
        "inLanguage": language_tag(),
        "publisher": publisher(),
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }


def person(author: Author) -> dict[str, object]:
    """Describe an author for their own page. Reads the renditions of the portrait."""
    url = absolute_url(author.get_absolute_url())
    data: dict[str, object] = {
        "@context": CONTEXT,
        "@type": "Person",
        "@id": url,
        "url": url,
        "name": author.name,
        "worksFor": publisher(),
    }
    if author.role:
        data["jobTitle"] = author.role
    if author.bio:
        data["description"] = author.bio
    if expertise := author.fields_of_expertise:
        data["knowsAbout"] = expertise
    if links := author.profile_links:
        data["sameAs"] = [link.url for link in links]
    if author.portrait and (portrait := responsive_image(author.portrait).largest):
        data["image"] = image_object(absolute_url(portrait), author.portrait.ai_use, author.portrait.credit)
    return data


def creative_work_series(series: Series) -> dict[str, object]:
    """Describe a series for its own page."""
    url = absolute_url(series.get_absolute_url())
    data: dict[str, object] = {"@context": CONTEXT, "@type": "CreativeWorkSeries", "@id": url, "url": url}
    data |= {"name": series.name, "publisher": publisher()}
    return data | {"description": series.intro} if series.intro else data


def web_page(page: Page, title: str, description: str, *, published: datetime, modified: datetime) -> dict[str, object]:
    """Describe a page of the publication, with the schema.org type of its purpose, if there is one."""
    url = absolute_url(page.get_absolute_url())
    purpose = Purpose(page.purpose) if page.purpose else None
    data: JsonObject = {
        "@context": CONTEXT,
        "@type": purpose.value if purpose and purpose.is_type_of_page else "WebPage",
        "@id": url,
        "url": url,
        "name": title,
        "description": description,
        "inLanguage": language_tag(),
        "datePublished": published.isoformat(timespec="seconds"),
        "dateModified": modified.isoformat(timespec="seconds"),
        "publisher": publisher(),
    }
    return data | {"about": publisher()} if purpose == Purpose.ABOUT else data


def publisher() -> dict[str, object]:
    """Describe the publication briefly, as part of other objects. The front page has the full description."""
    publication = get_publication()
    data: dict[str, object] = {"@type": "NewsMediaOrganization", "name": publication.name, "url": absolute_url("/")}
    if publication.profile_urls:
        data["sameAs"] = publication.profile_urls
    return data | {"logo": _logo(publication)}


def _logo(publication: Publication) -> dict[str, object]:
    if logo := publication.logo:
        return {"@type": "ImageObject", "url": absolute_url(logo.url), "width": logo.width, "height": logo.height}
    return {"@type": "ImageObject", "url": absolute_url(publication.icons["512"]), "width": 512, "height": 512}


def organisation() -> dict[str, object]:
    """Describe the publication in full."""
    publication = get_publication()
    known = {
        "description": publication.description,
        "slogan": publication.tagline,
        "legalName": publication.publisher,
        "address": ", ".join(publication.legal_address.splitlines()),
        "email": publication.contact_email,
    }
    return policies() | {
        "@context": CONTEXT,
        **publisher(),
        "@id": absolute_url("/#publisher"),
        "image": default_social_image().url,
        **{name: value for name, value in known.items() if value},
    }


def website() -> dict[str, object]:
    """Describe the site, published by `organisation`."""
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "@id": absolute_url("/#site"),
        "url": absolute_url("/"),
        "name": get_publication().name,
        "description": get_publication().summary,
        "inLanguage": language_tag(),
        "publisher": {"@id": absolute_url("/#publisher")},
    }


def policies() -> dict[str, str]:
    """Return the URLs of the publication's public policy pages by their schema.org properties."""
    return dict(fragment("policies", make=_policies, tags=["policies"]))


def principles() -> dict[str, str]:
    """Return the URLs of the pages about publishing principles and ownership, of those that there are."""
    known = policies()
    return {purpose.value: known[purpose] for purpose in (Purpose.PRINCIPLES, Purpose.FUNDING) if purpose in known}


def _policies() -> tuple[tuple[str, str], ...]:
    public = [(page.purpose, absolute_url(page.get_absolute_url())) for page in Page.objects.policies(timezone.now())]
    return tuple((purpose, url) for purpose, url in public if Purpose(purpose).of_the_publication)
