"""Old addresses of Ghost: permalinks, and what files of redirects add to them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Self
from urllib.parse import urlsplit

from articles.models import Redirect
from truthlytics.contrib.importers.records import OldPath

MAX_PATH_LENGTH = 500
DEFAULT = "/{slug}/"
_COLON = re.compile(r":(slug|year|month|day|id|author|primary_author|primary_tag)\b")
# A collection of the posts with one tag.
_ONE_TAG = re.compile(r"(?:primary_)?tags?[:.]'?([\w-]+)'?")
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Address:
    """What the address of a post may consist of."""

    slug: str
    post_id: str = ""
    published_at: datetime | None = None
    author: str = ""
    tag: str = ""


@dataclass
class Permalinks:
    """How a site made its addresses. Several templates, because each collection of posts has its own."""

    posts: list[str] = field(default_factory=list)
    tag: str = "/tag/{slug}/"
    author: str = "/author/{slug}/"
    zone: tzinfo = UTC

    # What the page of a collection showed: paths by the slug of the tag.
    collections: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_routes(cls, routes: dict[str, object]) -> Self:
        """Return what a file of routes says. What it does not say is as in every site."""
        permalinks = cls()
        collections, taxonomies = routes.get("collections"), routes.get("taxonomies")
        for path, collection in collections.items() if isinstance(collections, dict) else ():
            if not isinstance(collection, dict):
                continue
            if isinstance(template := collection.get("permalink"), str):
                permalinks.posts.append(_COLON.sub(r"{\1}", template))
            if match := _ONE_TAG.fullmatch(str(collection.get("filter") or collection.get("data") or "")):
                permalinks.collections[match[1]] = path
        for name, template in taxonomies.items() if isinstance(taxonomies, dict) else ():
            if name in {"tag", "author"} and isinstance(template, str):
                setattr(permalinks, name, _COLON.sub(r"{\1}", template))
        return permalinks

    def use_setting(self, template: str, zone: tzinfo | None) -> None:
        """Use the setting of versions before 2, unless a file of routes says more."""
        self.zone = zone or self.zone
        self.posts = list(dict.fromkeys(self.posts)) or [
            _COLON.sub(r"{\1}", template) if template.strip("/") else DEFAULT
        ]

    def of_post(self, address: Address) -> Iterator[OldPath]:
        for template in self.posts:
            if path := old_path(_filled(template, self._values(address))):
                yield path

    def of_page(self, slug: str) -> Iterator[OldPath]:
        if slug and (path := old_path(f"/{slug}/")):
            yield path

    def of_term(self, kind: str, slug: str) -> Iterator[OldPath]:
        template = self.tag if kind == "tag" else self.author
        if path := old_path(_filled(template, {"slug": slug})):
            yield path
        if kind == "tag" and (path := old_path(self.collections.get(slug, ""))):
            yield path

    def _values(self, address: Address) -> dict[str, str]:
        date = address.published_at.astimezone(self.zone) if address.published_at else None
        return {
            "slug": address.slug,
            "id": address.post_id,
            "author": address.author,
            "primary_author": address.author,
            "primary_tag": address.tag or "all",
            **({"year": f"{date:%Y}", "month": f"{date:%m}", "day": f"{date:%d}"} if date else {}),
        }


def _filled(template: str, values: dict[str, str]) -> str:
    """Return the template with its values; "" if one is missing."""
    if any(not values.get(name) for name in _VARIABLE.findall(template)):
        return ""
    return _VARIABLE.sub(lambda match: values[match[1]], template)


def old_path(path: str) -> OldPath | None:
    """Return `path`, which may be percent-encoded, as it is stored; None if it cannot be."""
    normal = Redirect.normalise(Redirect.decoded(path).replace("\0", ""))
    return OldPath(normal) if normal != "/" and len(normal) <= MAX_PATH_LENGTH else None


def path_in(url: str, hosts: Iterable[str]) -> str | None:
    """Return the path of an address on the site itself, as it is stored; None for one on another site."""
    try:
        parts = urlsplit(url.replace("__GHOST_URL__", "").strip())
    except ValueError:
        return None
    if parts.scheme and parts.scheme not in {"http", "https"}:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    if host and host not in hosts:
        return None
    return Redirect.normalise(Redirect.decoded(parts.path))
