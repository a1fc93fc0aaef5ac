"""JSON-LD of the pages that are no article: where a page stands, who writes, who publishes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from articles.media.renditions import picture_of
from articles.models import Author, Page, Purpose, Series, Version
from articles.seo.meta import CONTEXT, absolute, language_tag, our_picture, publisher
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragments import fragment


def breadcrumbs(*steps: tuple[str, str]) -> dict[str, Any]:
    """The way from the front page over `steps`, (name, path) each, to this page."""
    way = [(settings.PUBLICATION["name"], reverse("articles:front")), *steps]
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": {"@id": absolute(path)}}
        for position, (name, path) in enumerate(way, start=1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}


def way_to(version: Version) -> dict[str, Any]:
    """The breadcrumbs of an article: over its section, where it has one."""
    here = (version.headline, version.article.get_absolute_url())
    if section := version.head["section"]:
        return breadcrumbs((section["name"], reverse("articles:section", args=[section["slug"]])), here)
    return breadcrumbs(here)


def collection(title: str, path: str, description: str, links: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A page that lists pieces, `links` as (headline, path) each in the order that is shown."""
    items = [
        {"@type": "ListItem", "position": position, "name": headline, "url": absolute(url)}
        for position, (headline, url) in enumerate(links, start=1)
    ]
    address = absolute(path)
    return {
        "@context": CONTEXT,
        "@type": "CollectionPage",
        "@id": address,
        "url": address,
        "name": title,
        "description": description,
        "inLanguage": language_tag(),
        "publisher": publisher(),
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }


def person(author: Author) -> dict[str, Any]:
    """An author as their own page tells of them; the portrait's renditions are read."""
    address = absolute(author.get_absolute_url())
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Person",
        "@id": address,
        "url": address,
        "name": author.name,
        "worksFor": publisher(),
    }
    if author.role:
        data["jobTitle"] = author.role
    if author.bio:
        data["description"] = author.bio
    if knows := author.fields_of_expertise:
        data["knowsAbout"] = knows
    if links := author.elsewhere:
        data["sameAs"] = [link.address for link in links]
    if author.portrait and (portrait := picture_of(author.portrait).largest):
        data["image"] = absolute(portrait)
    return data


def series_of_parts(series: Series) -> dict[str, Any]:
    """A series as its own page tells of it."""
    address = absolute(series.get_absolute_url())
    data: dict[str, Any] = {"@context": CONTEXT, "@type": "CreativeWorkSeries", "@id": address, "url": address}
    data |= {"name": series.name, "publisher": publisher()}
    return data | {"description": series.intro} if series.intro else data


def page_of_words(page: Page, title: str, description: str, *, since: datetime, changed: datetime) -> dict[str, Any]:
    """A page on which the publication speaks of itself; what it is for by the word that machines have for it."""
    address = absolute(page.get_absolute_url())
    purpose = Purpose(page.purpose) if page.purpose else None
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": purpose.value if purpose and not purpose.of_the_publication else "WebPage",
        "@id": address,
        "url": address,
        "name": title,
        "description": description,
        "inLanguage": language_tag(),
        "datePublished": since.isoformat(timespec="seconds"),
        "dateModified": changed.isoformat(timespec="seconds"),
        "publisher": publisher(),
    }
    return data | {"about": publisher()} if purpose == Purpose.ABOUT else data


def policies() -> dict[str, str]:
    """Where the publication says by what rules it works: addresses by schema.org's names for such pages."""
    return dict(fragment("policies", make=_policies, tags=["pages"]))


_public_policies: CompiledObjectQuery[Page] = CompiledObjectQuery(Page.objects.policies, "now")


def _policies() -> tuple[tuple[str, str], ...]:
    public = [(page.purpose, absolute(page.get_absolute_url())) for page in _public_policies(timezone.now())]
    return tuple((purpose, address) for purpose, address in public if Purpose(purpose).of_the_publication)


def organisation() -> dict[str, Any]:
    """The publication itself."""
    return policies() | {
        "@context": CONTEXT,
        **publisher(),
        "@id": absolute("/#publisher"),
        "description": settings.PUBLICATION["description"],
        "slogan": settings.PUBLICATION["tagline"],
        "logo": {"@type": "ImageObject", "url": absolute(static("img/wordmark.svg")), "width": 429, "height": 118},
        "image": our_picture().address,
    }


def website() -> dict[str, Any]:
    """The site, which `organisation` publishes."""
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "@id": absolute("/#site"),
        "url": absolute("/"),
        "name": settings.PUBLICATION["name"],
        "description": settings.PUBLICATION["description"],
        "inLanguage": language_tag(),
        "publisher": {"@id": absolute("/#publisher")},
    }
