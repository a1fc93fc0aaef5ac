"""The menus as readers see them: what was saved, without what is not public or not there any more.

The content of an edition is `{"main": [item…], "columns": [{"title": "…", "items": [item…]}…]}`. An item is
`{"kind": …, "target": …, "label": …}`: a section, topic, dossier or page by its uuid, a place of the site by its name,
a page of the web by its address, or all sections in their order. An empty label is what it is called today.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.urls import reverse

from articles.models import DossierVersion, MenuEdition, PageVersion, Section, Topic
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragments import mention

Item = Mapping[str, str]
Content = Mapping[str, Any]
# Places of the site that always are: what they are called, and the name of their address.
PLACES = {
    "front": ("Front page", "articles:front"),
    "latest": ("Latest", "articles:latest"),
    "archive": ("Archive", "articles:archive"),
    "search": ("Search", "articles:search"),
    "rss": ("RSS feed", "articles:rss"),
    "subscribe": ("Subscribe", "subscriptions:plans"),
    "account": ("Account", "subscriptions:account"),
    "cancel": ("Cancel a subscription", "subscriptions:account"),
}
ALL_SECTIONS = "sections"


def place(name: str) -> dict[str, str]:
    return {"kind": "place", "target": name, "label": ""}


# What stands there until somebody arranges it.
DEFAULT: Content = {
    "main": [{"kind": ALL_SECTIONS, "target": "", "label": ""}, place("latest")],
    "columns": [
        {"title": "Reading", "items": [place(name) for name in ("latest", "archive", "subscribe", "rss")]},
        {"title": "Your subscription", "items": [place(name) for name in ("account", "cancel")]},
    ],
}


class Link(NamedTuple):
    """`key` is what a page calls itself where it is the one that is open; with `sections` all of them stand here."""

    label: str = ""
    url: str = ""
    key: str = ""
    sections: bool = False


class Column(NamedTuple):
    title: str
    links: tuple[Link, ...]


class Menus(NamedTuple):
    main: tuple[Link, ...]
    columns: tuple[Column, ...]


def served(now: datetime) -> Menus:
    """The menus of the newest edition at `now`: one query, and one more for each kind of thing that they name."""
    newest = _newest()
    return drawn(newest[0].content if newest else DEFAULT, now)


_newest: CompiledObjectQuery[MenuEdition] = CompiledObjectQuery(lambda: MenuEdition.objects.order_by("-number")[:1])


def drawn(content: Content, now: datetime) -> Menus:
    """`content` with the names and addresses of today; a column without a link is left out."""
    found = _found([*content["main"], *(item for column in content["columns"] for item in column["items"])], now)

    def links(items: Iterable[Item]) -> tuple[Link, ...]:
        made = ((item, found.get((item["kind"], item["target"]))) for item in items)
        return tuple(link._replace(label=item["label"] or link.label) for item, link in made if link)

    columns = tuple(Column(column["title"], links(column["items"])) for column in content["columns"])
    return Menus(links(content["main"]), tuple(column for column in columns if column.links))


def _found(items: Iterable[Item], now: datetime) -> dict[tuple[str, str], Link]:
    """What the items lead to, where it is public at `now`."""
    found: dict[tuple[str, str], Link] = {}
    named: dict[str, set[str]] = {}
    for item in items:
        kind, target = item["kind"], item["target"]
        if kind == ALL_SECTIONS:
            mention("sections")
            found[kind, target] = Link(sections=True)
        elif kind == "web":
            found[kind, target] = Link(target, target)
        elif kind == "place" and target in PLACES:
            label, name = PLACES[target]
            found[kind, target] = Link(label, reverse(name), target)
        elif kind in KINDS:
            named.setdefault(kind, set()).add(target)
    for kind, targets in named.items():
        mention(f"{kind}s")
        found |= {(kind, target): link for target, link in KINDS[kind](targets, now).items()}
    return found


def _sections(uuids: set[str], now: datetime) -> dict[str, Link]:
    sections = Section.objects.filter(uuid__in=uuids)
    return {str(one.uuid): Link(one.name, one.get_absolute_url(), one.slug) for one in sections}


def _topics(uuids: set[str], now: datetime) -> dict[str, Link]:
    topics = Topic.objects.filter(uuid__in=uuids).select_related("merged_into")
    return {str(one.uuid): Link(one.survivor.name, one.survivor.get_absolute_url()) for one in topics}


def _dossiers(uuids: set[str], now: datetime) -> dict[str, Link]:
    made = DossierVersion.objects.served(now).filter(dossier__uuid__in=uuids).select_related("dossier")
    return {
        str(one.dossier.uuid): Link(one.content["title"], reverse("articles:dossier", args=[one.dossier.slug]))
        for one in made
    }


def _pages(uuids: set[str], now: datetime) -> dict[str, Link]:
    """By the title that was published, not by the one that is being written."""
    made = PageVersion.objects.served(now).filter(page__uuid__in=uuids).select_related("page").defer("page__body")
    return {
        str(one.page.uuid): Link(
            json.loads(one.content)["headline"], one.page.get_absolute_url(), f"page {one.page.slug}"
        )
        for one in made
    }


KINDS: dict[str, Callable[[set[str], datetime], dict[str, Link]]] = {
    "section": _sections, "topic": _topics, "dossier": _dossiers, "page": _pages,
}  # fmt: skip
