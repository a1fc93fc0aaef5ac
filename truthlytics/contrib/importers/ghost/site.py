"""What posts of a site refer to: authors, tags, tiers, comments and settings. Collected in a first pass."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truthlytics.contrib.importers.ghost.addresses import Address, Permalinks
from truthlytics.contrib.importers.ghost.redirects import Redirects, Rule, Thing
from truthlytics.contrib.importers.ghost.text import is_true, line_of, text_of
from truthlytics.contrib.importers.records import OldPath, TermRecord
from truthlytics.web.text import split_words
from truthlytics.web.types import JsonObject

# Tables that are not imported.
LEFT_OUT = split_words("members newsletters offers snippets recommendations integrations webhooks")


# What is kept of a comment in memory.
COMMENT = ("id", "member_id", "parent_id", "in_reply_to_id", "status", "html", "comment", "created_at")


class Tag(NamedTuple):
    name: str
    slug: str
    is_public: bool
    intro: str


class Author(NamedTuple):
    name: str
    slug: str


class Tier(NamedTuple):
    name: str
    is_free: bool
    is_active: bool


class Post(NamedTuple):
    """What other parts of an export need to know of a post."""

    post_id: str
    kind: Literal["article", "page"]
    slug: str
    published_at: datetime | None


@dataclass
class Site:
    """The declarations in one file. `zone` is the site's, in which its addresses have dates."""

    permalinks: Permalinks
    name: str = ""
    base: str = ""
    title: str = ""
    authors: dict[str, Author] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    tiers: dict[str, Tier] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    # Names, and email addresses if the user chose to keep them, by id.
    members: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    keeps_emails: bool = False
    posts: list[Post] = field(default_factory=list)
    comments: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    redirects: list[Rule] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    # Further addresses of posts and of tags and authors, by their id.
    more_paths: dict[tuple[str, str], list[OldPath]] = field(default_factory=dict)
    _details: dict[str, dict[str, object]] = field(default_factory=dict)
    _tags_of: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    _authors_of: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    _tiers_of: dict[str, list[str]] = field(default_factory=dict)

    # --- Collecting ---------------------------------------------------------------------------------
    def collect(self, table: str, row: dict[str, object]) -> None:
        row_id, post_id = text_of(row, "id"), text_of(row, "post_id")
        match table:
            case "users":
                self.authors[row_id] = author_of(row)
            case "tags":
                self.tags[row_id] = tag_of(row)
            case "products" | "tiers":
                # The first versions with tiers had no free one.
                is_active = is_true(row.get("active", True))
                self.tiers[row_id] = Tier(line_of(row, "name"), text_of(row, "type") == "free", is_active)
            case "posts_tags":
                self._tags_of.setdefault(post_id, []).append((_order(row), text_of(row, "tag_id")))
            case "posts_authors":
                self._authors_of.setdefault(post_id, []).append((_order(row), text_of(row, "author_id")))
            case "posts_products":
                self._tiers_of.setdefault(post_id, []).append(text_of(row, "product_id"))
            case "posts_meta":
                self._details[post_id] = {name: value for name, value in row.items() if value}
            case "settings":
                self.settings[text_of(row, "key")] = text_of(row, "value").strip()
            case "comments":
                self.comments.setdefault(post_id, []).append({name: row.get(name) for name in COMMENT})
            case "redirects":
                self.redirects.append(Rule(text_of(row, "from"), text_of(row, "to")))
        if table == "members":
            self.members[row_id] = line_of(row, "name")
            if self.keeps_emails:
                self.emails[row_id] = line_of(row, "email")
        if table in LEFT_OUT:
            self.left_out[table] = self.left_out.get(table, 0) + 1

    def finish(self, site_url: str) -> None:
        """Call when all rows were collected. `site_url` is the address of the site, "" if it is unknown."""
        self.title = line_of(self.settings, "title")
        self.base = site_url or _base(self.settings.get("url", ""))
        # Not its address, which only some runs may be told: what was imported before is found by this name.
        self.name = self.title[:200] or "Ghost"
        self.permalinks.use_setting(self.settings.get("permalinks", ""), self.zone)

    @property
    def zone(self) -> tzinfo | None:
        try:
            name = self.settings.get("timezone") or self.settings.get("activeTimezone") or ""
            return ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None

    @property
    def is_private(self) -> bool:
        """Whether the whole site asked for a password."""
        return is_true(self.settings.get("is_private"))

    def add_redirects(self, rules: list[Rule]) -> list[Rule]:
        """Add the addresses that redirected to those of this site. Return the rules that lead to none."""
        if not rules and not self.redirects:
            return []
        known: dict[str, Thing] = {}
        for post in self.posts:
            for path in self.paths_of(post):
                known.setdefault(path.path, ("post", post.post_id))
        for tag_id, tag in self.tags.items():
            for path in self.permalinks.of_term("tag", tag.slug) if tag.is_public else ():
                known.setdefault(path.path, ("tag", tag_id))
        for author_id, author in self.authors.items():
            for path in self.permalinks.of_term("author", author.slug):
                known.setdefault(path.path, ("author", author_id))
        dates = {
            post.post_id: post.published_at.astimezone(self.permalinks.zone) for post in self.posts if post.published_at
        }
        own = Redirects(self.redirects, self.hosts, known, dates)
        own.resolve()
        redirects = Redirects(rules, self.hosts, known, dates, own.found)
        left = redirects.resolve()
        self.more_paths = redirects.found
        return left

    @property
    def hosts(self) -> set[str]:
        host = urlsplit(self.base).hostname or ""
        return {host.removeprefix("www.")} if host else set()

    def paths_of(self, post: Post) -> list[OldPath]:
        """Return the addresses that a post had by its permalink."""
        if post.kind == "page":
            return list(self.permalinks.of_page(post.slug))
        row = {"id": post.post_id}
        authors, tags = self.authors_of(row), [tag for tag in self.tags_of(row) if tag.is_public]
        author, tag = authors[0].slug if authors else "", tags[0].slug if tags else ""
        return list(self.permalinks.of_post(Address(post.slug, post.post_id, post.published_at, author, tag)))

    # --- Looking up ---------------------------------------------------------------------------------
    def details_of(self, row: JsonObject) -> JsonObject:
        """Return the fields of a post that are in a table of their own since version 3, and before were its own."""
        return row | self._details.get(text_of(row, "id"), {})

    def tags_of(self, row: JsonObject) -> list[Tag]:
        """Return the tags of a post in their order, the first one of which was shown above its title."""
        own = row.get("tags")
        if isinstance(own, list):
            return [tag_of(tag) for tag in map(_unwrapped, own) if tag]
        rows = sorted(self._tags_of.get(text_of(row, "id"), ()), key=lambda pair: pair[0])
        return [self.tags[tag_id] for _, tag_id in rows if tag_id in self.tags]

    def authors_of(self, row: JsonObject) -> list[Author]:
        own = row.get("authors") or row.get("author")
        if own and not isinstance(own, str):
            people = own if isinstance(own, list) else [own]
            return [author_of(person) for person in map(_unwrapped, people) if person]
        rows = sorted(self._authors_of.get(text_of(row, "id"), ()), key=lambda pair: pair[0])
        ids = [author_id for _, author_id in rows] or [text_of(row, "author_id", "author")]
        return [self.authors[author_id] for author_id in ids if author_id in self.authors]

    def tiers_of(self, row: dict[str, object]) -> list[Tier]:
        own = row.get("tiers")
        if isinstance(own, list):
            rows = [tier for tier in own if isinstance(tier, dict)]
            return [Tier(line_of(tier, "name"), text_of(tier, "type") == "free", True) for tier in rows]
        return [self.tiers[tier_id] for tier_id in self._tiers_of.get(text_of(row, "id"), ()) if tier_id in self.tiers]

    def terms(self) -> Iterable[TermRecord]:
        """Yield sections, topics and authors with their old addresses."""
        for tag_id, tag in self.tags.items():
            if tag.is_public and tag.name:
                paths = (*self.permalinks.of_term("tag", tag.slug), *self.more_paths.get(("tag", tag_id), ()))
                for kind in ("section", "topic"):
                    yield TermRecord(kind, tag.name, tag.slug, tag.intro, tuple(dict.fromkeys(paths)))
        for author_id, author in self.authors.items():
            if author.name:
                paths = (
                    *self.permalinks.of_term("author", author.slug),
                    *self.more_paths.get(("author", author_id), ()),
                )
                yield TermRecord("author", author.name, author.slug, "", tuple(dict.fromkeys(paths)))


def _base(url: str) -> str:
    """Return the scheme and host of an address; "" if it has none."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}" if parts.scheme in {"http", "https"} and parts.hostname else ""
    except ValueError:
        return ""


def tag_of(row: dict[str, object]) -> Tag:
    name, visibility = line_of(row, "name"), text_of(row, "visibility")
    is_public = not name.startswith("#") and visibility in {"", "public"} and not is_true(row.get("hidden"))
    return Tag(name, text_of(row, "slug"), is_public, line_of(row, "description")[:300])


def author_of(row: dict[str, object]) -> Author:
    """Return an author. Those who have an email address as their name are called by what is before its “@”."""
    name = line_of(row, "name")
    local, at, host = name.rpartition("@")
    if at and local and "." in host and " " not in name:
        name = local
    return Author(name or text_of(row, "slug"), text_of(row, "slug"))


def _unwrapped(value: object) -> dict[str, object]:
    """Return an object, which some tools put inside another one together with its address."""
    if not isinstance(value, dict):
        return {"name": value} if isinstance(value, str) else {}
    inner = value.get("data")
    return inner if isinstance(inner, dict) else value


def _order(row: dict[str, object]) -> float:
    text = text_of(row, "sort_order")
    return float(text) if re.fullmatch(r"-?\d{1,9}(?:\.\d+)?", text) else 0.0
