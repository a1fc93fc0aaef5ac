"""Authors, topics and sections by the names that a source has for them; made where they are missing."""

import csv
import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from django.db import models
from django.db.models import Max, Model
from django.utils.text import slugify

from articles.models import Author, Section, Topic

Made = TypeVar("Made", Author, Section, Topic)


class Display(NamedTuple):
    """How an author of the source is called here; an empty slug is made from the name."""

    name: str
    slug: str


def read_author_map(path: Path) -> dict[str, Display]:
    """`source,name[,slug]` a line; the source's name is compared without regard to case, and may be empty.

    Raises ValueError with a sentence, OSError where the file cannot be read.
    """
    known: dict[str, Display] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                cells = [" ".join(cell.replace("\x00", "").split()) for cell in row]
                if not any(cells) or (number == 1 and [cell.lower() for cell in cells[:2]] == ["source", "name"]):
                    continue
                if len(cells) < 2 or len(cells) > 3 or not cells[1]:
                    raise ValueError(f"Line {number} of {path.name} must be: name in the source, name here, slug.")
                slug = cells[2] if len(cells) == 3 else ""
                if slug and slug != slugify(slug):
                    raise ValueError(f"Line {number} of {path.name}: “{slug}” is no slug (small letters, digits, -).")
                known[cells[0].casefold()] = Display(cells[1], slug)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path.name} is no CSV file in UTF-8.") from error
    return known


class Names:
    """Each name is looked up once. In a dry run nothing is saved: `made` counts what would be."""

    def __init__(self, authors: Mapping[str, Display], *, dry_run: bool) -> None:
        self.map, self.dry_run = authors, dry_run
        self.made: Counter[str] = Counter()
        self._found: dict[tuple[type[Model], str, str], Author | Section | Topic] = {}

    def authors(self, names: tuple[str, ...]) -> list[Author]:
        """The byline, nobody twice; for a record without names, what the map has for the empty name."""
        if not names and "" in self.map:
            names = ("",)
        displays = (self.map.get(name.casefold(), Display(name, "")) for name in names)
        found = [self._get(Author, display.name, display.slug) for display in displays]
        return list({author.slug: author for author in found}.values())

    def topics(self, names: tuple[str, ...]) -> list[Topic]:
        found = (self._get(Topic, name, "").survivor for name in names)
        return list({topic.slug: topic for topic in found}.values())

    def section(self, name: str, *, slug: str = "") -> Section:
        return self._get(Section, name, slug)

    def _get(self, model: type[Made], name: str, slug: str) -> Made:
        """By slug where one is given, else by name without regard to case, else (not for people) by its slug."""
        name = _shortened(model, name)
        keys: list[tuple[type[Model], str, str]] = [] if slug else [(model, "name", name.casefold())]
        if slug or model is not Author:
            keys.append((model, "slug", slug or slugify(name) or name))
        for key in keys:
            if isinstance(found := self._found.get(key), model):
                return found
        made = self._look_up(model, name, slug) or self._make(model, name, slug)
        for key in keys:
            self._found[key] = made
        return made

    def _look_up(self, model: type[Made], name: str, slug: str) -> Made | None:
        rows = model._default_manager.order_by("pk")
        if slug:
            return rows.filter(slug=slug).first()
        if (found := rows.filter(name__iexact=name).first()) or model is Author or not slugify(name):
            return found
        return rows.filter(slug=slugify(name)).first()

    def _make(self, model: type[Made], name: str, slug: str) -> Made:
        self.made[str(model._meta.verbose_name_plural)] += 1
        words = {"name": _title(name) if model is Section else name}
        made = model(slug=slug or self._free_slug(model, name), **words)
        if isinstance(made, Section):
            last = Section.objects.aggregate(last=Max("position"))["last"]
            made.position = 0 if last is None else min(last + 1, 32767)
        if not self.dry_run:
            made.save()
        return made

    def _free_slug(self, model: type[Made], name: str) -> str:
        longest = model._meta.get_field("slug").max_length or 80
        # A name in another script has no letters that an address could carry.
        base = slugify(name)[: longest - 5].strip("-_") or hashlib.sha256(name.encode()).hexdigest()[:8]
        slug, number = base, 2
        while model._default_manager.filter(slug=slug).exists():
            slug, number = f"{base}-{number}", number + 1
        return slug


def _shortened(model: type[Model], name: str) -> str:
    name = " ".join(name.split())
    field = cast("models.Field[str, str]", model._meta.get_field("name"))
    return name[: field.max_length].strip()


def _title(name: str) -> str:
    """A section that was named by its slug ("world-affairs") gets a name that can stand in the masthead."""
    return name.replace("-", " ").capitalize() if name == slugify(name) else name
