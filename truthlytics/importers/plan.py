"""First pass over a file: assign a slug to each record, so that links between records can be resolved."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import batched, count
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

from django.urls import reverse

from articles.models import Article, Redirect
from truthlytics.importers.markdown import plain_text
from truthlytics.importers.records import Loss, Record
from truthlytics.models import ImportedObject
from truthlytics.web.slugs import make_slug
from truthlytics.web.text import strip_control_characters

BATCH_SIZE = 500
MAX_SLUG_LENGTH = cast(int, Article._meta.get_field("slug").max_length)
_DATE_SUFFIX_LENGTH = len("-2014-05-06")

# Source and id of a record.
Key = tuple[str, str]


@dataclass
class Plan:
    """The slugs of a file's records and lookups by old URL and file. Takes some 500 bytes of memory per record.

    `lines` has the first line of each record; `sectionless` is the number of records without a section.
    """

    slugs: dict[Key, str] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    sectionless: int = 0
    _assigned: set[str] = field(default_factory=set)

    def resolve(self, href: str, record: Record) -> str | None:
        """Return the new URL for the link `href` in `record`: an imported article, or an absolute URL.

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
        path = Redirect.normalise(strip_control_characters(unquote(parts.path)))
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        if slug := self.paths.get(_path_key(parts.netloc, path)) or _previously_imported_slug(path):
            return reverse("articles:article", args=[slug]) + fragment
        if parts.netloc:
            return parts.geturl()
        return href if href.startswith("/") else None

    def _resolve_file(self, name: str, record: Record) -> str | None:
        """Resolve the name of a source file ("2014-05-06-name.md"), or a path on the old site."""
        name, _, fragment = name.partition("#")
        if slug := self.files.get(_stem(name)):
            return reverse("articles:article", args=[slug]) + (f"#{fragment}" if fragment else "")
        if name.startswith("/"):
            return self.resolve(name.removesuffix("_index.md").removesuffix(".md"), record)
        return None


def make_plan(entries: Iterable[Record | Loss]) -> Plan:
    """Read a whole file and assign slugs. Records imported earlier keep theirs."""
    plan = Plan()
    records = (entry for entry in entries if isinstance(entry, Record))
    for batch in batched(records, BATCH_SIZE):
        new = [record for record in batch if plan.lines.setdefault(record.key, record.line) == record.line]
        preferred = {record.line: _preferred_slug(record) for record in new}
        existing = {key: imported.article.slug for key, imported in imported_objects(new).items()}
        candidates = {
            slug for record in new for slug in (preferred[record.line], _with_date(preferred[record.line], record))
        }
        taken = set(Article.objects.filter(slug__in=candidates).values_list("slug", flat=True))
        for record in new:
            slug = existing.get(record.key) or _free_slug(preferred[record.line], record, plan, taken)
            _add(plan, slug, record)
    return plan


def imported_objects(records: Iterable[Record]) -> dict[Key, ImportedObject]:
    """Return the earlier imports of `records`, by key, in one query."""
    keys = {record.key for record in records}
    rows = ImportedObject.objects.filter(
        kind="article",
        source__in={source for source, _ in keys},
        source_id__in={source_id for _, source_id in keys},
    ).select_related("article")
    return {(row.source, row.source_id): row for row in rows if (row.source, row.source_id) in keys}


def _add(plan: Plan, slug: str, record: Record) -> None:
    plan.slugs[record.key] = slug
    plan._assigned.add(slug)
    plan.sectionless += not record.section
    host = urlsplit(record.base).netloc
    if record.base:
        plan.hosts.add(_without_www(host))
    if record.published_at is not None and record.level is not None:
        for path in record.paths:
            plan.paths.setdefault(_path_key(host, path), slug)
        if record.file:
            plan.files.setdefault(_stem(record.file), slug)


def _preferred_slug(record: Record) -> str:
    slug = make_slug(record.slug)[:MAX_SLUG_LENGTH].strip("-_")
    return slug or make_slug(plain_text(record.title))[: MAX_SLUG_LENGTH - 40].strip("-_") or "article"


def _with_date(slug: str, record: Record) -> str:
    date = f"-{record.published_at:%Y-%m-%d}" if record.published_at else ""
    return slug[: MAX_SLUG_LENGTH - _DATE_SUFFIX_LENGTH] + date


def _free_slug(preferred: str, record: Record, plan: Plan, taken: set[str]) -> str:
    dated = _with_date(preferred, record)
    for slug in (preferred, dated):
        if slug not in taken and slug not in plan._assigned:
            return slug
    for number in count(2):
        slug = f"{dated[: MAX_SLUG_LENGTH - 5]}-{number}"
        if slug not in plan._assigned and not Article.objects.filter(slug=slug).exists():
            return slug
    raise AssertionError("unreachable")


@lru_cache(maxsize=10_000)
def _previously_imported_slug(path: str) -> str | None:
    """Return the slug of the article that `path` redirects to, if any."""
    if path == "/":
        return None
    return Redirect.objects.to_public().filter(path=path).values_list("article__slug", flat=True).first()


def clear_redirect_cache() -> None:
    """Call at the start of a run."""
    _previously_imported_slug.cache_clear()


def _without_www(host: str) -> str:
    return host.lower().removeprefix("www.")


def _path_key(host: str, path: str) -> str:
    return f"{_without_www(host)} {path}"


def _stem(file: str) -> str:
    return posixpath.basename(file.strip().rstrip("/")).removesuffix(".md").removesuffix(".html")
