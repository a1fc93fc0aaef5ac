"""Find authors, topics and sections by their names in the source, or create them."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from django.db import models
from django.db.models import Max, Model

from articles.models import Author, Section, Topic
from truthlytics.contrib.importers.records import PAGES, TermRecord
from truthlytics.publication.slugs import make_slug

Named = TypeVar("Named", Author, Section, Topic)
_MODELS: dict[str, Any] = {"author": Author, "section": Section, "topic": Topic}
_KINDS: dict[Any, str] = {model: kind for kind, model in _MODELS.items()}
# The model, "name" or "slug", and its value.
CacheKey = tuple[type[Model], str, str]


class NameHere(NamedTuple):
    """The name and slug of an author or section on this site. An empty slug is derived from the name."""

    name: str
    slug: str


def read_name_map(path: Path) -> dict[str, NameHere]:
    """Read a CSV file of `source,name[,slug]`. Returns the names by lower-case name in the source, which may be empty.

    Raises ValueError with a message for the user, or OSError.
    """
    names: dict[str, NameHere] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                cells = [" ".join(cell.replace("\x00", "").split()) for cell in row]
                if not any(cells) or (number == 1 and [cell.lower() for cell in cells[:2]] == ["source", "name"]):
                    continue
                if len(cells) < 2 or len(cells) > 3 or not cells[1]:
                    raise ValueError(f"Line {number} of {path.name} must be: name in the source, name here, slug.")
                slug = cells[2] if len(cells) == 3 else ""
                if slug and slug != make_slug(slug):
                    raise ValueError(
                        f"Line {number} of {path.name}: “{slug}” is not a slug (lower-case letters, digits, hyphens)."
                    )
                names[cells[0].casefold()] = NameHere(cells[1], slug)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path.name} is not a CSV file in UTF-8.") from error
    return names


class Taxonomy:
    """Looks up each name once. In a dry run nothing is saved; `created` counts what would be."""

    def __init__(
        self,
        author_map: Mapping[str, NameHere],
        section_map: Mapping[str, NameHere] | None = None,
        *,
        dry_run: bool,
        terms: Iterable[TermRecord] = (),
    ) -> None:
        self.author_map, self.section_map, self.dry_run = author_map, section_map or {}, dry_run
        # What the source says about its sections, topics and authors, by kind and name.
        self._terms: dict[tuple[str, str], TermRecord] = {(term.kind, term.name.casefold()): term for term in terms}
        self.created: Counter[str] = Counter()
        # The ids of those that were saved, by kind.
        self.created_rows: dict[str, list[int]] = {}
        self._rows: dict[Any, dict[tuple[str, str], Any]] = {}
        self._cache: dict[CacheKey, Author | Section | Topic] = {}

    def authors(self, names: tuple[str, ...]) -> list[Author]:
        """Return the distinct authors. If there are no names, the map may have an entry for the empty name."""
        if not names and "" in self.author_map:
            names = ("",)
        mapped = (self.author_map.get(name.casefold(), NameHere(name, "")) for name in names)
        authors = [self._get(Author, author.name, author.slug) for author in mapped]
        return list({author.slug: author for author in authors}.values())

    def topics(self, names: tuple[str, ...]) -> list[Topic]:
        topics = (self._get(Topic, name, "").survivor for name in names)
        return list({topic.slug: topic for topic in topics}.values())

    def section(self, name: str) -> Section:
        """Return the section for this name in the source. The map may have an entry for the empty name."""
        return self._get(Section, *self._section_here(name))

    def section_with_slug(self, slug: str) -> Section:
        return self._get(Section, slug, slug)

    def existing_section(self, name: str) -> Section | None:
        """Return the section if there is one already."""
        name, slug = self._section_here(name)
        name = _truncated(Section, name)
        return self._cached(Section, _keys(Section, name, slug)) or self._look_up(Section, name, slug)

    def _section_here(self, name: str) -> NameHere:
        return self.section_map.get(" ".join(name.split()).casefold(), NameHere(name, ""))

    def used(self, term: TermRecord) -> Author | Section | Topic | None:
        """Return the row of `term` here, if anything that was imported now or before needed it."""
        model = _MODELS[term.kind]
        name, slug = term.name, ""
        if term.kind == "author":
            name, slug = self.author_map.get(name.casefold(), NameHere(name, ""))
        elif term.kind == "section":
            name, slug = self._section_here(name)
        name = _truncated(model, name)
        # By the same keys as `_get`, so that the next run, which finds it in the database, has nothing to add.
        row: Any = self._cached(model, _keys(model, name, slug)) or self._look_up(model, name, slug)
        return row.survivor if isinstance(row, Topic) else row

    def _get(self, model: type[Named], name: str, slug: str) -> Named:
        """Look up by slug if given, else by name ignoring case, else (except authors) by the slug of the name."""
        name = _truncated(model, name)
        keys = _keys(model, name, slug)
        row = self._cached(model, keys)
        if row is None:
            row = self._look_up(model, name, slug) or self._create(model, name, slug)
        for key in keys:
            self._cache.setdefault(key, row)
        # Another name may lead to a row by its slug.
        self._cache.setdefault((model, "slug", row.slug), row)
        return row

    def _cached(self, model: type[Named], keys: Iterable[CacheKey]) -> Named | None:
        return next((row for key in keys if isinstance(row := self._cache.get(key), model)), None)

    def _look_up(self, model: type[Named], name: str, slug: str) -> Named | None:
        known = self._rows.get(model)
        if known is None:
            known = self._rows[model] = {}
            for row in model._default_manager.order_by("-pk"):  # The oldest of several with the same name wins.
                known["name", row.name.casefold()] = known["slug", row.slug] = row
        if slug:
            return known.get(("slug", slug))
        by_name: Named | None = known.get(("name", name.casefold()))
        return by_name if by_name or model is Author else known.get(("slug", make_slug(name)))

    def _create(self, model: type[Named], name: str, slug: str) -> Named:
        self.created[str(model._meta.verbose_name_plural)] += 1
        name_here = _section_name(name) if model is Section else name
        term = self._terms.get((_KINDS[model], name.casefold()))
        row = model(slug=slug or self._free_slug(model, term.slug if term and term.slug else name), name=name_here)
        if term and term.intro and isinstance(row, Section | Topic):
            row.intro = term.intro
        if isinstance(row, Section):
            last = Section.objects.aggregate(last=Max("position"))["last"]
            row.position = 0 if last is None else min(last + 1, 32767)
            row.in_menu = False  # The old site may have had dozens.
            row.is_news = name != PAGES  # Pages that became articles because of their comments are no news.
        if not self.dry_run:
            row.save()
            self.created_rows.setdefault(_KINDS[model], []).append(row.pk)
        return row

    def _free_slug(self, model: type[Named], name: str) -> str:
        max_length = model._meta.get_field("slug").max_length or 80
        # Names in other scripts may have no characters that are allowed in a slug.
        base = make_slug(name)[: max_length - 5].strip("-_") or hashlib.sha256(name.encode()).hexdigest()[:8]
        slug, number = base, 2
        while model._default_manager.filter(slug=slug).exists():
            slug, number = f"{base}-{number}", number + 1
        return slug


def _keys(model: type[Model], name: str, slug: str) -> list[CacheKey]:
    keys: list[CacheKey] = [] if slug else [(model, "name", name.casefold())]
    if slug or model is not Author:
        keys.append((model, "slug", slug or make_slug(name) or name))
    return keys


def _truncated(model: type[Model], name: str) -> str:
    name = " ".join(name.split())
    field = cast("models.Field[str, str]", model._meta.get_field("name"))
    return name[: field.max_length].strip()


def _section_name(name: str) -> str:
    """Turn a slug ("world-affairs") into a readable name."""
    return name.replace("-", " ").capitalize() if name == make_slug(name) else name
