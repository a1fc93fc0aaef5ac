"""What records of a site refer to: authors, categories, files and reusable blocks. Collected in a first pass."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from articles.models import Redirect
from truthlytics.contrib.importers.records import MediaRecord, OldPath, TermRecord
from truthlytics.contrib.importers.wordpress import elements, php
from truthlytics.contrib.importers.wordpress.elements import first, line_of_text
from truthlytics.contrib.importers.wordpress.guards import field_signs
from truthlytics.contrib.importers.wordpress.items import Channel, local_name
from truthlytics.contrib.importers.wordpress.known_rules import is_rule_type
from truthlytics.publication.slugs import make_slug

MAX_PATH_LENGTH = 500
# Of categories in others. Addresses of deeper ones would be too long anyway.
MAX_ANCESTORS = 100
# Appended to the names of files by WordPress: sizes, edits, rotations and scaled originals.
_DERIVED = re.compile(r"(?:-\d+x\d+|-scaled|-rotated|-e\d{10,})+(?=\.[A-Za-z0-9]+$)")
_UPLOADS = re.compile(r"/(?:wp-content/uploads(?:/sites/\d+)?|wp-content/blogs\.dir/\d+/files|files)/(.+)$")
_PHOTON = re.compile(r"^(?:https?:)?//i\d\.wp\.com/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Category:
    slug: str
    name: str
    parent: str
    description: str
    number: str


@dataclass
class Site:
    """The declarations of one site, of all files that come from it."""

    name: str
    base: str = ""
    path: str = ""
    title: str = ""
    language: str = ""
    exported: str = ""
    authors: dict[str, tuple[str, str]] = field(default_factory=dict)  # display name and number by login
    categories: dict[str, Category] = field(default_factory=dict)
    tags: dict[str, Category] = field(default_factory=dict)
    media: dict[str, MediaRecord] = field(default_factory=dict)
    reusable: dict[str, str] = field(default_factory=dict)
    # Signs of access rules: of terms, by taxonomy and slug, and types of records that are rules for other texts.
    term_signs: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    rule_types: set[str] = field(default_factory=set)
    _uploads: dict[str, list[str]] = field(default_factory=dict)  # ids of files by the id of their article
    _files: dict[str, str] = field(default_factory=dict)  # ids of files by path and by name, without additions

    # --- Collecting ---------------------------------------------------------------------------------
    def declare(self, element: Element) -> None:
        """Note what the file says about an author, category, tag or other term."""
        name = local_name(element)
        if name in {"author", "wp_author"}:
            login = elements.field(element, "author_login")
            shown = line_of_text(elements.field(element, "author_display_name"))
            if login:
                self.authors[login.casefold()] = (without_host(shown or login), elements.field(element, "author_id"))
            return
        taxonomy = {"category": "category", "tag": "post_tag"}.get(name) or elements.field(element, "term_taxonomy")
        term = _term(element, {"category": "category_nicename", "tag": "tag_slug"}.get(name, "term_slug"))
        if signs := tuple(f"term “{term.name}”: {sign}" for sign in _term_signs(element)):
            self.term_signs[taxonomy, term.slug] = signs
        if taxonomy in {"category", "post_tag"} and term.slug:
            (self.categories if taxonomy == "category" else self.tags).setdefault(term.slug, term)

    def collect(self, item: Element, post_type: str, line: int) -> None:
        """Note an item that others refer to: a file, a reusable block, an author without a login, an access rule."""
        if post_type == "attachment":
            self._add_media(item, line)
        elif post_type == "wp_block":
            # Others were not shown, or only to some readers.
            if elements.field(item, "status") == "publish" and not elements.field(item, "post_password"):
                self.reusable[elements.field(item, "post_id")] = elements.encoded_field(item, "/content/")
        elif is_rule_type(post_type):
            if elements.field(item, "status") not in {"trash", "auto-draft", "draft"}:
                self.rule_types.add(post_type)
        elif post_type == "guest-author":
            values = elements.meta(item)
            login = first(values, "cap-user_login") or elements.field(item, "post_name").removeprefix("cap-")
            shown = line_of_text(first(values, "cap-display_name"))
            self.authors.setdefault(login.casefold(), (without_host(shown or login), ""))

    def _add_media(self, item: Element, line: int) -> None:
        media = media_record(item, self, line)
        self.media[media.source_id] = media
        parent = elements.field(item, "post_parent")
        if parent not in {"", "0"}:
            self._uploads.setdefault(parent, []).append(media.source_id)
        for key in exact_keys(media.path or media.url):
            self._files[key] = media.source_id
        for key in file_keys(media.path or media.url):
            self._files.setdefault(key, media.source_id)

    # --- Looking up ---------------------------------------------------------------------------------
    def author_name(self, login: str) -> str:
        return self.authors.get(login.casefold(), (without_host(login), ""))[0]

    def uploads_of(self, source_id: str) -> list[MediaRecord]:
        """Return the files that were uploaded to this article or page."""
        return [self.media[media_id] for media_id in self._uploads.get(source_id, ())]

    def find_media(self, url: str, media_id: str = "") -> MediaRecord | None:
        """Return the file with this id, or the one that `url` is a size of, on any host of the site."""
        if media_id in self.media:
            return self.media[media_id]
        ids = (self._files.get(key) for key in (*exact_keys(url), *file_keys(url)))
        return next((self.media[found] for found in ids if found), None)

    def depth(self, slug: str) -> int:
        """Return how many categories are above this one. Categories that are above themselves have no end."""
        return len(self._ancestors(slug))

    def _ancestors(self, slug: str) -> list[str]:
        above: list[str] = []
        category = self.categories.get(slug)
        while category is not None and category.parent and category.parent not in {slug, *above}:
            if len(above) == MAX_ANCESTORS:
                break
            above.append(category.parent)
            category = self.categories.get(category.parent)
        return above

    def terms(self) -> Iterable[TermRecord]:
        """Yield sections, topics and authors with their old addresses. A category may have become a topic."""
        for category in self.categories.values():
            path = "/".join([*reversed(self._ancestors(category.slug)), category.slug])
            paths = self._paths(f"category/{path}", f"category/{category.slug}", query=("cat", category.number))
            for kind in ("section", "topic"):
                yield TermRecord(kind, category.name, category.slug, category.description, paths)
        for tag in self.tags.values():
            paths = self._paths(f"tag/{tag.slug}", query=("tag_id", tag.number))
            yield TermRecord("topic", tag.name, tag.slug, tag.description, paths)
        for login, (name, number) in self.authors.items():
            # WordPress never had an email address in an address.
            slugs = [_author_slug(login)] if "@" in login else [login, _author_slug(login)]
            paths = self._paths(*(f"author/{slug}" for slug in slugs if slug), query=("author", number))
            yield TermRecord("author", name, without_host(login), "", paths)

    def _paths(self, *paths: str, query: tuple[str, str]) -> tuple[OldPath, ...]:
        found = [old_path(f"{self.path}/{path}") for path in paths]
        if query[1].isdecimal():
            found.append(self.numbered(*query))
        return tuple(dict.fromkeys(path for path in found if path is not None))

    def numbered(self, parameter: str, number: str) -> OldPath:
        return OldPath(Redirect.normalise(self.path), f"{parameter}={number}")


def without_host(name: str) -> str:
    """Return the part of an email address before “@”; other names unchanged."""
    local, at, host = name.strip().rpartition("@")
    return local if at and local and "." in host and " " not in name.strip() else name


def _author_slug(login: str) -> str:
    """Return the slug that WordPress made of a login: `jane-doe` of `Jane Doe` or `jane.doe`."""
    # English, because WordPress does not spell by language, and parsers ask no database.
    return make_slug(login[:50].replace(".", "-"), "en")


def old_path(path: str) -> OldPath | None:
    """Return `path`, which may be percent-encoded, as it is stored; None for that of the front page."""
    normal = Redirect.normalise(Redirect.decoded(path).replace("\0", ""))
    return OldPath(normal) if normal != "/" and len(normal) <= MAX_PATH_LENGTH else None


def _term(element: Element, slug_name: str) -> Category:
    slug = unquote(elements.field(element, slug_name))
    name = _first(element, "cat_name", "tag_name", "term_name")
    parent = _first(element, "category_parent", "term_parent")
    intro = line_of_text(_first(element, "category_description", "tag_description", "term_description"))
    return Category(slug, line_of_text(name) or slug, unquote(parent), intro[:300], elements.field(element, "term_id"))


def _first(element: Element, *names: str) -> str:
    return next(filter(None, (elements.field(element, name) for name in names)), "")


def _term_signs(element: Element) -> Iterable[str]:
    for key, values in elements.meta(element, "termmeta").items():
        for value in values:
            yield from field_signs(key, value)


def exact_keys(url: str) -> list[str]:
    """Return the path of a file below the uploads, as it is: some originals have names that end like sizes."""
    try:
        path = unquote(urlsplit(_PHOTON.sub("//", url.strip())).path)
    except ValueError:
        return []
    match = _UPLOADS.search(path)
    below = match[1] if match else path.lstrip("/")
    return [below.lower()] if below else []


def file_keys(url: str) -> list[str]:
    """Return the names by which a file is found: its path below the uploads, then its name, both without sizes.

    Sizes that WordPress made are not stored by name in an export, and rounding has changed over time.
    """
    below = _DERIVED.sub("", "".join(exact_keys(url)))
    return list(dict.fromkeys(key for key in (below, below.rpartition("/")[2]) if key))


def media_record(item: Element, site: Site, line: int) -> MediaRecord:
    values = elements.meta(item)
    source_id = elements.field(item, "post_id")
    link = _link_path(elements.plain_field(item, "link"), site)
    numbered = site.numbered("attachment_id", source_id) if source_id.isdecimal() else None
    paths = tuple(path for path in (link, numbered) if path is not None)
    return MediaRecord(
        line=line,
        source=site.name,
        source_id=source_id,
        url=elements.field(item, "attachment_url") or elements.plain_field(item, "guid").strip(),
        path=first(values, "_wp_attached_file"),
        title=line_of_text(elements.plain_field(item, "title")),
        alt=line_of_text(first(values, "_wp_attachment_image_alt")),
        caption=line_of_text(elements.encoded_field(item, "/excerpt/")),
        credit=_credit(first(values, "_wp_attachment_metadata")),
        paths=paths,
    )


def _credit(metadata: str) -> str:
    """Return the credit in the metadata of an image; "" if there is none, or if they are damaged."""
    try:
        value = php.read_value(metadata) if metadata else None
    except php.InvalidValue:
        return ""
    details = value.get("image_meta") if isinstance(value, dict) else None
    credit = details.get("credit") if isinstance(details, dict) else ""
    return line_of_text(credit) if isinstance(credit, str) else ""


def _link_path(link: str, site: Site) -> OldPath | None:
    """Return the path of `link`; None if that has none, or is on another site."""
    try:
        parts, own = urlsplit(link.strip()), urlsplit(site.base).hostname
        host = parts.hostname
    except ValueError:
        return None
    if host and own and host.removeprefix("www.") != own.removeprefix("www."):
        return None
    return old_path(parts.path) if parts.path.strip("/") and not parts.query else None


def link_paths(link: str, site: Site) -> list[OldPath]:
    """Return the old address in `link`, which has a path or the number of a page."""
    path = _link_path(link, site)
    return [path] if path is not None and path.path != Redirect.normalise(site.path) else []


def site_of(channel: Channel, sites: dict[str, Site]) -> Site:
    """Return the site that a file comes from, and note what its channel says."""
    texts = channel.texts
    base = texts.get("base_blog_url") or texts.get("link") or texts.get("base_site_url") or ""
    try:
        parts = urlsplit(base.strip())
        host, path, scheme = (parts.hostname or ""), parts.path.rstrip("/"), parts.scheme
    except ValueError:
        host, path, scheme = "", "", ""
    name = f"{host.removeprefix('www.')}{path}"[:200] or "wordpress"
    site = sites.setdefault(name, Site(name))
    if host and scheme in {"http", "https"}:
        site.base, site.path = f"{scheme}://{host}", path
    site.title = site.title or line_of_text(texts.get("title", ""))
    site.language = site.language or texts.get("language", "")
    site.exported = site.exported or texts.get("pubDate", "")
    return site
