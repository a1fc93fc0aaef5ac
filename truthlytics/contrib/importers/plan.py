"""First pass over a source: assign a slug to each record, so that links between records can be resolved."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import batched, count
from typing import cast
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.http import QueryDict
from django.urls import reverse

from articles.models import Article, Page, Redirect
from articles.services.standard_pages import untouched_standard_pages
from truthlytics.contrib.importers.access_signs import MAX_SIGNS, without_value
from truthlytics.contrib.importers.markdown import plain_text
from truthlytics.contrib.importers.models import ImportedObject
from truthlytics.contrib.importers.records import (
    BECOMES_ARTICLE,
    Entry,
    MediaRecord,
    OldPath,
    Record,
    Target,
    TermRecord,
)
from truthlytics.publication.slugs import make_slug
from truthlytics.web.text import strip_control_characters

BATCH_SIZE = 500
MODELS: dict[str, type[Article] | type[Page]] = {"article": Article, "page": Page}
MAX_SLUG_LENGTH = cast(int, Article._meta.get_field("slug").max_length)  # that of pages is the same
_FILE_SUFFIX = re.compile(r"\.(?:html?|php|aspx?)$", re.IGNORECASE)
_DATE_SUFFIX_LENGTH = len("-2014-05-06")

# Source, kind there, and id of a record.
Key = tuple[str, str, str]


@dataclass
class Plan:
    """The slugs of a source's records, lookups by old URL and file, and its sections, topics and authors.

    Takes some 500 bytes of memory per record. `lines` has the first line of each record, `positions` its position;
    `sectionless` is the number of articles without a section; `public_sections` are the lower-case names of sections
    that public articles are in; `media` are the files by source and id; `bases` are the old sites by source; `signs`
    counts the texts with each sign of an access rule; `templates` are the slugs of template pages whose place a record
    takes.
    """

    slugs: dict[Key, str] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    positions: dict[Key, int] = field(default_factory=dict)
    # New URLs by key of the old one, and by name of the source file.
    paths: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    terms: list[TermRecord] = field(default_factory=list)
    media: dict[tuple[str, str], MediaRecord] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    sectionless: int = 0
    public_sections: set[str] = field(default_factory=set)
    signs: Counter[str] = field(default_factory=Counter)
    templates: set[str] = field(default_factory=set)
    _assigned: set[tuple[str, str]] = field(default_factory=set)
    # The last number that was added to a slug, so that many equal titles don't take quadratic time.
    _numbers: Counter[tuple[str, str]] = field(default_factory=Counter)

    def is_own_host(self, host: str) -> bool:
        return _without_www(host) in self.hosts

    def resolve(self, href: str, record: Record) -> str | None:
        """Return the new URL for the link `href` in `record`: what was imported, or an absolute URL.

        Returns None if the target is unknown.
        """
        href = href.strip()
        try:
            if href.startswith("file:"):
                return self._resolve_file(href.removeprefix("file:").lstrip(), record)
            parts = urlsplit(urljoin(record.url, href) if record.url else href)
        except ValueError:
            return None
        if parts.scheme not in {"", "http", "https"}:
            return href if parts.scheme == "mailto" else None
        if parts.netloc and _without_www(parts.netloc) not in self.hosts:
            return href
        path = Redirect.normalise(strip_control_characters(Redirect.decoded(parts.path)))
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        for old in (OldPath(path, page_query(parts.query)), OldPath(path)):
            if url := self.paths.get(_path_key(parts.netloc, old)) or _previously_imported_url(old):
                return url + fragment
        if parts.netloc:
            return parts.geturl()
        return href if href.startswith("/") else None

    def _resolve_file(self, name: str, record: Record) -> str | None:
        """Resolve the name of a source file ("2014-05-06-name.md"), or a path on the old site."""
        name, _, fragment = name.partition("#")
        if url := self.files.get(_stem(name)):
            return url + (f"#{fragment}" if fragment else "")
        if name.startswith("/"):
            return self.resolve(name.removesuffix("_index.md").removesuffix(".md"), record)
        return None


def page_query(query: str) -> str:
    """Return what `Redirect.page_query` returns for the query of a URL."""
    if not query:
        return ""
    parameters = QueryDict(mutable=True)
    for name, value in parse_qsl(query):
        parameters[name] = value
    return Redirect.page_query(parameters)


def make_plan(entries: Iterable[Entry]) -> Plan:
    """Read a whole source and assign slugs. Records imported earlier keep theirs, and stay articles or pages."""
    plan, templates = Plan(), _template_slugs()
    for batch in batched(_records(entries, plan), BATCH_SIZE):
        new = [record for record in batch if _is_first(record, plan)]
        imported = imported_objects(new)
        new = [as_imported(record, imported.get(record.key)) for record in new]
        preferred = {record.position: preferred_slug(record) for record in new}
        existing = {key: item_of(row).slug for key, row in imported.items()}
        taken = {target: _taken(target, new, preferred) for target in MODELS}
        for record in new:
            offered = templates if record.target == "page" and record.is_public else set()
            slug = existing.get(record.key) or _free_slug(
                preferred[record.position], record, plan, taken[record.target] - offered
            )
            if slug in offered or _waits(imported.get(record.key)):
                plan.templates.add(slug)
            _add(plan, slug, record)
    return plan


def _template_slugs() -> set[str]:
    """Return the slugs of standard pages that only have the text of their template. An imported page may have them."""
    imported = ImportedObject.objects.filter(page__isnull=False).values("page")
    return set(untouched_standard_pages().exclude(pk__in=imported).values_list("slug", flat=True))


def _waits(imported: ImportedObject | None) -> bool:
    """Return whether a record was imported as a page with a purpose that no one has published yet."""
    page = imported.page if imported is not None else None
    return page is not None and bool(page.purpose) and page.published_at is None


def _is_first(record: Record, plan: Plan) -> bool:
    """Return whether no earlier record has the same key, and note where it is."""
    plan.lines.setdefault(record.key, record.line)
    return plan.positions.setdefault(record.key, record.position) == record.position


def _records(entries: Iterable[Entry], plan: Plan) -> Iterable[Record]:
    for entry in entries:
        if isinstance(entry, TermRecord):
            plan.terms.append(entry)
        elif isinstance(entry, MediaRecord):
            plan.media.setdefault((entry.source, entry.source_id), entry)
        elif isinstance(entry, Record):
            _count_signs(plan.signs, entry)
            yield entry


def _count_signs(counts: Counter[str], record: Record) -> None:
    for sign in record.signs:
        known = sign in counts or len(counts) < MAX_SIGNS
        counts[sign if known else without_value(sign)] += 1


def _taken(target: str, records: Iterable[Record], preferred: dict[int, str]) -> set[str]:
    slugs = {preferred[record.position] for record in records if record.target == target}
    slugs |= {_with_date(preferred[record.position], record) for record in records if record.target == target}
    return (
        set(MODELS[target]._default_manager.filter(slug__in=slugs).values_list("slug", flat=True)) if slugs else set()
    )


def imported_objects(records: Iterable[Record]) -> dict[Key, ImportedObject]:
    """Return the earlier imports of `records`, by key, in one query."""
    keys = {record.key for record in records}
    rows = ImportedObject.objects.filter(
        source__in={source for source, _, _ in keys},
        kind__in={kind for _, kind, _ in keys},
        source_id__in={source_id for _, _, source_id in keys},
    ).select_related("article", "page")
    return {key: row for row in rows if (key := (row.source, row.kind, row.source_id)) in keys}


def item_of(imported: ImportedObject) -> Article | Page:
    """Return the article or page that a record was imported as."""
    item: object = imported.article or imported.page
    return cast(Article | Page, item)


def as_imported(record: Record, imported: ImportedObject | None) -> Record:
    """Return `record` with the target of its first import, so that its address and its kind here stay the same.

    A page that got its first comments later stays a page, without them.
    """
    target: Target = record.target if imported is None else "page" if imported.page_id else "article"
    if target == record.target:
        return record
    if target == "article":
        return replace(record, target=target)
    left_out = ("comment", f"{len(record.comments)}, because it was imported as a page before it had comments")
    losses = (*(loss for loss in record.losses if loss != BECOMES_ARTICLE), left_out)
    return replace(record, target=target, comments=(), losses=losses)


def _add(plan: Plan, slug: str, record: Record) -> None:
    plan.slugs[record.key] = slug
    plan._assigned.add((record.target, slug))
    plan.sectionless += record.target == "article" and not record.section
    host = urlsplit(record.base).netloc
    if record.base:
        plan.hosts.add(_without_www(host))
        plan.bases.setdefault(record.source, record.base)
    if record.is_public:
        if record.target == "article":
            plan.public_sections.add(record.section.casefold())
        url = new_url(record.target, slug)
        for path in record.paths:
            plan.paths.setdefault(_path_key(host, path), url)
        if record.file:
            plan.files.setdefault(_stem(record.file), url)


def new_url(target: Target, slug: str) -> str:
    return reverse(f"articles:{target}", args=[slug])


def preferred_slug(record: Record) -> str:
    """Return the slug that the record gets if it is free."""
    slug = make_slug(_FILE_SUFFIX.sub("", record.slug))[:MAX_SLUG_LENGTH].strip("-_")
    title = record.title if record.is_plain else plain_text(record.title)
    return slug or make_slug(title)[: MAX_SLUG_LENGTH - 40].strip("-_") or record.target


def _with_date(slug: str, record: Record) -> str:
    date = f"-{record.published_at:%Y-%m-%d}" if record.published_at else ""
    return slug[: MAX_SLUG_LENGTH - _DATE_SUFFIX_LENGTH] + date


def _free_slug(preferred: str, record: Record, plan: Plan, taken: set[str]) -> str:
    dated = _with_date(preferred, record)
    for slug in (preferred, dated):
        if slug not in taken and (record.target, slug) not in plan._assigned:
            return slug
    rows = MODELS[record.target]._default_manager
    for number in count(max(2, plan._numbers[record.target, dated] + 1)):
        plan._numbers[record.target, dated] = number
        slug = f"{dated[: MAX_SLUG_LENGTH - 5]}-{number}"
        if (record.target, slug) not in plan._assigned and not rows.filter(slug=slug).exists():
            return slug
    raise AssertionError("unreachable")


@lru_cache(maxsize=10_000)
def _previously_imported_url(old: OldPath) -> str | None:
    if old == OldPath("/"):
        return None
    redirect = Redirect.objects.to_public().filter(path=old.path, query=old.query).first()
    return redirect.target_url or None if redirect else None


def clear_redirect_cache() -> None:
    """Call at the start of a run."""
    _previously_imported_url.cache_clear()


def _without_www(host: str) -> str:
    return host.lower().removeprefix("www.")


def _path_key(host: str, path: OldPath) -> str:
    return f"{_without_www(host)} {path}"


def _stem(file: str) -> str:
    return posixpath.basename(file.strip().rstrip("/")).removesuffix(".md").removesuffix(".html")
