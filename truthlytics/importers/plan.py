"""The first pass over a file: which record gets which address, so that links can be written right the first time."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import batched, count
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

from django.urls import reverse
from django.utils.text import slugify

from articles.models import Article, Redirect
from truthlytics.importers.markdown import words_of
from truthlytics.importers.records import Loss, Record
from truthlytics.models import ImportedObject
from truthlytics.web.text import without_controls

BATCH = 500
LONGEST_SLUG = cast(int, Article._meta.get_field("slug").max_length)
_DATE_LENGTH = len("-2014-05-06")

Key = tuple[str, str]


@dataclass
class Plan:
    """The addresses of a file's records, some 500 bytes a record: the one thing that grows with the file.

    `lines` says on which line a record stood first; `sectionless` is how many name no section.
    """

    slugs: dict[Key, str] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    sectionless: int = 0
    _taken: set[str] = field(default_factory=set)

    def resolve(self, href: str, record: Record) -> str | None:
        """Where `href` of `record` leads now: to an imported article, else to the old site, else where it led."""
        href = href.strip()
        try:
            if href.startswith("file:"):
                return self._file(href.removeprefix("file:").lstrip(), record)
            parts = urlsplit(urljoin(record.url, href) if record.url else href)
        except ValueError:
            return None
        if parts.scheme not in {"", "http", "https"}:
            return href if parts.scheme == "mailto" else None
        if parts.netloc and _bare(parts.netloc) not in self.hosts:
            return href
        path = Redirect.normal(without_controls(unquote(parts.path)))
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        if slug := self.paths.get(_place(parts.netloc, path)) or _imported_before(path):
            return reverse("articles:article", args=[slug]) + fragment
        if parts.netloc:
            return parts.geturl()
        return href if href.startswith("/") else None

    def _file(self, name: str, record: Record) -> str | None:
        """A source's own file ("2014-05-06-name.md"), or a path on the old site written without its host."""
        name, _, fragment = name.partition("#")
        if slug := self.files.get(_stem(name)):
            return reverse("articles:article", args=[slug]) + (f"#{fragment}" if fragment else "")
        if name.startswith("/"):
            return self.resolve(name.removesuffix("_index.md").removesuffix(".md"), record)
        return None


def make_plan(found: Iterable[Record | Loss]) -> Plan:
    """Read a whole file once. Addresses that the database has already are kept, as are those of an earlier run."""
    plan = Plan()
    records = (each for each in found if isinstance(each, Record))
    for batch in batched(records, BATCH):
        new = [each for each in batch if plan.lines.setdefault((each.source, each.source_id), each.line) == each.line]
        wanted = {each.line: _wanted(each) for each in new}
        before = slugs_of(new)
        possible = {slug for each in new for slug in (wanted[each.line], _dated(wanted[each.line], each))}
        taken = set(Article.objects.filter(slug__in=possible).values_list("slug", flat=True))
        for record in new:
            key = (record.source, record.source_id)
            slug = before.get(key) or _free(wanted[record.line], record, plan, taken)
            _note(plan, key, slug, record)
    return plan


def slugs_of(records: Iterable[Record]) -> dict[Key, str]:
    """The addresses of those `records` that were imported before."""
    return {key: one.article.slug for key, one in imported(records).items()}


def imported(records: Iterable[Record]) -> dict[Key, ImportedObject]:
    """What the database knows of `records`, by source and id, in one query."""
    ids = {(each.source, each.source_id) for each in records}
    found = ImportedObject.objects.filter(
        kind="article", source__in={source for source, _ in ids}, source_id__in={each for _, each in ids}
    ).select_related("article")
    return {(one.source, one.source_id): one for one in found if (one.source, one.source_id) in ids}


def _note(plan: Plan, key: Key, slug: str, record: Record) -> None:
    plan.slugs[key] = slug
    plan._taken.add(slug)
    plan.sectionless += not record.section
    if record.base:
        plan.hosts.add(_bare(urlsplit(record.base).netloc))
    if record.published_at is not None and record.level is not None:
        for path in record.paths:
            plan.paths.setdefault(_place(urlsplit(record.base).netloc, path), slug)
        if record.file:
            plan.files.setdefault(_stem(record.file), slug)


def _wanted(record: Record) -> str:
    slug = slugify(record.slug)[:LONGEST_SLUG].strip("-_")
    return slug or slugify(words_of(record.title))[: LONGEST_SLUG - 40].strip("-_") or "article"


def _dated(slug: str, record: Record) -> str:
    date = f"-{record.published_at:%Y-%m-%d}" if record.published_at else ""
    return slug[: LONGEST_SLUG - _DATE_LENGTH] + date


def _free(wanted: str, record: Record, plan: Plan, taken: set[str]) -> str:
    dated = _dated(wanted, record)
    for slug in (wanted, dated):
        if slug not in taken and slug not in plan._taken:
            return slug
    for number in count(2):
        slug = f"{dated[: LONGEST_SLUG - 5]}-{number}"
        if slug not in plan._taken and not Article.objects.filter(slug=slug).exists():
            return slug
    raise AssertionError("unreachable")


@lru_cache(maxsize=10_000)
def _imported_before(path: str) -> str | None:
    """The article that `path` leads to since an earlier import, if any."""
    if path == "/":
        return None
    return Redirect.objects.leading_on().filter(path=path).values_list("article__slug", flat=True).first()


def forget_earlier() -> None:
    """Ask the database again: to be called when a run begins."""
    _imported_before.cache_clear()


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def _place(host: str, path: str) -> str:
    return f"{_bare(host)} {path}"


def _stem(file: str) -> str:
    return posixpath.basename(file.strip().rstrip("/")).removesuffix(".md").removesuffix(".html")
