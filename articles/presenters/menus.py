"""The site's menus as readers see them: the saved links, without those that are not public or no longer exist.

The content of an edition is `{"main": [item…], "columns": [{"title": "…", "items": [item…]}…]}`. An item is
`{"kind": …, "target": …, "label": …}`: a section, topic, dossier or page by UUID, a built-in page by name, a web page
by URL, or all sections in masthead order. An empty label means the current name of the target.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from articles.models import DossierVersion, MenuEdition, Page, PageVersion, Purpose, Section, Topic
from articles.models.pages import IN_FOOTER
from articles.presenters.pages import render_page
from articles.richtext.rendering import plain_text
from truthlytics.web.fragments import add_tags, fragment
from truthlytics.web.types import Content

Item = Mapping[str, str]
# Built-in pages: label and URL name.
PLACES = {
    "front": (_("Front page"), "articles:front"),
    "latest": (_("Latest"), "articles:latest"),
    "archive": (_("Archive"), "articles:archive"),
    "topics": (_("Topics"), "articles:topic_list"),
    "series": (pgettext_lazy("plural", "Series"), "articles:series_list"),
    "dossiers": (_("Dossiers"), "articles:dossier_list"),
    "authors": (_("Authors"), "articles:author_list"),
    "search": (_("Search"), "articles:search"),
    "contact": (_("Contact"), "contact"),
    "rss": (_("RSS feed"), "articles:rss"),
    "subscribe": (_("Subscribe"), "subscriptions:plans"),
    "give": (_("Give a subscription"), "subscriptions:give"),
    "account": (_("Account"), "subscriptions:account"),
    "cancel": (_("Cancel subscription"), "subscriptions:cancel"),
    "withdraw": (_("Withdraw from a contract"), "subscriptions:withdraw"),
}
ALL_SECTIONS = "sections"


def place(name: str) -> dict[str, str]:
    return {"kind": "place", "target": name, "label": ""}


# Served until an editor saves menus.
DEFAULT: Content = {
    "main": [{"kind": ALL_SECTIONS, "target": "", "label": ""}, place("latest")],
    "columns": [
        {
            "title": gettext_noop("Read"),
            "items": [place(name) for name in ("latest", "topics", "series", "dossiers", "authors", "archive", "rss")],
        },
        {
            "title": gettext_noop("Your subscription"),
            "items": [place(name) for name in ("subscribe", "give", "account", "cancel")],
        },
        {"title": gettext_noop("About"), "items": [place("contact")]},
    ],
}
# Column titles that are translated; editors may have saved them with other changes.
DEFAULT_TITLES = {column["title"] for column in DEFAULT["columns"]}


class Link(NamedTuple):
    """A menu link. `key` marks the current page (`current_section`); `sections` makes it links to all sections."""

    label: str = ""
    url: str = ""
    key: str = ""
    sections: bool = False


class Column(NamedTuple):
    title: str
    links: tuple[Link, ...]


class Menus(NamedTuple):
    """The links that editors chose, and those that the footer adds: to pages that readers must be able to find."""

    main: tuple[Link, ...]
    columns: tuple[Column, ...]
    added: tuple[Link, ...] = ()


def served_menus(now: datetime) -> Menus:
    """Return the menus of the newest edition at `now`. One query, one for legal pages, and one per kind of target."""
    newest = MenuEdition.objects.order_by("-number").first()
    menus = resolve(newest.content if newest else DEFAULT, now)
    urls = {link.url for group in (menus.main, *(column.links for column in menus.columns)) for link in group}
    return menus._replace(added=tuple(link for link in _required() if link.url not in urls))


def resolve(content: Content, now: datetime) -> Menus:
    """Resolve `content` to links with current names and URLs. Columns without any public link are left out.

    Links that the footer adds are not among them: see `served_menus`.
    """
    links_by_target = _links(
        [*content["main"], *(item for column in content["columns"] for item in column["items"])], now
    )

    def links(items: Iterable[Item]) -> tuple[Link, ...]:
        pairs = ((item, links_by_target.get((item["kind"], item["target"]))) for item in items)
        return tuple(link._replace(label=item["label"] or link.label) for item, link in pairs if link)

    columns = tuple(Column(_title(column["title"]), links(column["items"])) for column in content["columns"])
    return Menus(links(content["main"]), tuple(column for column in columns if column.links))


def _required() -> list[Link]:
    """Return the links that no menu may lack: to the legal pages, and to cancel and to withdraw."""
    places = [Link(str(PLACES[name][0]), reverse(PLACES[name][1]), name) for name in ("cancel", "withdraw")]
    return [*(Link(label, url) for label, url in legal_links()), *places]


def _title(title: str) -> str:
    return gettext(title) if title in DEFAULT_TITLES else title


def _links(items: Iterable[Item], now: datetime) -> dict[tuple[str, str], Link]:
    """Return a link for each target of `items` that is public at `now`, by kind and target."""
    links: dict[tuple[str, str], Link] = {}
    targets_by_kind: dict[str, set[str]] = {}
    for item in items:
        kind, target = item["kind"], item["target"]
        if kind == ALL_SECTIONS:
            add_tags("sections")
            links[kind, target] = Link(sections=True)
        elif kind == "web":
            links[kind, target] = Link(target, target)
        elif kind == "place" and target in PLACES:
            label, name = PLACES[target]
            links[kind, target] = Link(str(label), reverse(name), target)
        elif kind in LOOKUPS:
            targets_by_kind.setdefault(kind, set()).add(target)
    for kind, targets in targets_by_kind.items():
        add_tags(f"{kind}s")
        links |= {(kind, target): link for target, link in LOOKUPS[kind](targets, now).items()}
    return links


def _sections(uuids: set[str], now: datetime) -> dict[str, Link]:
    sections = Section.objects.filter(uuid__in=uuids)
    return {str(section.uuid): Link(section.name, section.get_absolute_url(), section.slug) for section in sections}


def _topics(uuids: set[str], now: datetime) -> dict[str, Link]:
    topics = Topic.objects.filter(uuid__in=uuids).select_related("merged_into")
    return {str(topic.uuid): Link(topic.survivor.name, topic.survivor.get_absolute_url()) for topic in topics}


def _dossiers(uuids: set[str], now: datetime) -> dict[str, Link]:
    versions = DossierVersion.objects.served(now).filter(dossier__uuid__in=uuids).select_related("dossier")
    return {
        str(version.dossier.uuid): Link(
            version.content["title"], reverse("articles:dossier", args=[version.dossier.slug])
        )
        for version in versions
    }


def _pages(uuids: set[str], now: datetime) -> dict[str, Link]:
    """Return links labelled with the published title, not the title of the draft."""
    versions = PageVersion.objects.served(now).filter(page__uuid__in=uuids).select_related("page").defer("page__body")
    return {
        str(version.page.uuid): Link(
            json.loads(version.content)["headline"], version.page.get_absolute_url(), f"page {version.page.slug}"
        )
        for version in versions
    }


LOOKUPS: dict[str, Callable[[set[str], datetime], dict[str, Link]]] = {
    "section": _sections, "topic": _topics, "dossier": _dossiers, "page": _pages,
}  # fmt: skip


# What readers agree to, or should know, when they order, and when they sign up.
FOR_ORDERS = (Purpose.TERMS, Purpose.WITHDRAWAL, Purpose.PRIVACY)
FOR_ACCOUNTS = (Purpose.TERMS, Purpose.PRIVACY, Purpose.COMMENT_RULES)
FOR_EMAILS = (Purpose.IMPRINT, Purpose.PRIVACY)


def legal_links(purposes: tuple[Purpose, ...] = IN_FOOTER) -> list[tuple[str, str]]:
    """Return the labels and paths of the public pages with these purposes, in their order."""
    paths = dict(fragment("legal pages", make=_paths, tags=["policies"]))
    return [(str(purpose.label), paths[purpose]) for purpose in purposes if purpose in paths]


def _paths() -> tuple[tuple[str, str], ...]:
    pages = Page.objects.policies(timezone.now()).filter(purpose__in=IN_FOOTER)
    return tuple((page.purpose, page.get_absolute_url()) for page in pages)


class LegalText(NamedTuple):
    """A version of a page. `since` is when it became public; `plain` is the text without markup."""

    title: str
    html: SafeString
    plain: str
    since: datetime


def legal_text(version: PageVersion) -> LegalText | None:
    """Return the text of `version`, None if it was removed from the record."""
    if version.content is None:
        return None
    content = json.loads(version.content)
    rendered = render_page(content)
    # Safe: rendered from a sanitised body.
    html = mark_safe(rendered.free_html)  # noqa: S308
    return LegalText(content["headline"], html, plain_text(rendered.free_html), version.public_from)
