"""Own templates and static files, used before those of the site (docs/themes.md)."""

import difflib
import shutil
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import reverse

from subscriptions.access import NOBODY
from truthlytics.env import BASE_DIR
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import samples_of
from truthlytics.tools.styleguide.views import components
from truthlytics.web.fragments import bypass_fragment_cache

SITE = BASE_DIR / "templates"


class Command(BaseCommand):
    help = "Copy a template of the site to THEME_DIR to change it there, or check those that were changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True, help="what to do")
        copy = commands.add_parser("copy", help="copy templates of the site, with a copy to compare with later")
        copy.add_argument("names", nargs="+", metavar="NAME", help="such as articles/_byline.html")
        commands.add_parser("check", help="render all samples of the style guide, and tell what has changed since")

    def handle(self, *args: object, command: str, names: list[str] | None = None, **options: object) -> None:
        if not settings.THEME_DIR:
            raise CommandError("Set THEME_DIR to the folder of your theme. See docs/themes.md.")
        self.templates, self.originals = settings.THEME_DIR / "templates", settings.THEME_DIR / "originals"
        if command == "copy":
            for name in names or ():
                self.copy(name)
            return
        broken = list(self.broken())
        problems = [*broken, *(change for name in self.names() for change in self.changes(name))]
        for problem in problems:
            self.stdout.write(problem)
        number = len(self.names())
        self.stdout.write(f"{number} templates of the theme checked, {len(problems)} to look at.")
        if broken:
            raise CommandError("Pages of the site would fail with this theme. Mend its templates first.")

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.templates)) for path in self.templates.rglob("*.html"))

    def copy(self, name: str) -> None:
        source, target = SITE / name, self.templates / name
        if not source.resolve().is_relative_to(SITE) or not source.is_file():
            raise CommandError(f"The site has no template “{name}”.")
        if target.exists():
            raise CommandError(f"{target} exists. Delete it to begin again.")
        for path in (target, self.originals / name):
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, path)
        self.stdout.write(f"Change {target}. Restart the server to see it.")

    def broken(self) -> Iterator[str]:
        """Yield what cannot be shown with the theme."""
        for name in self.names():
            try:
                get_template(name)
            except TemplateSyntaxError as error:
                yield f"{name}: {error}"
        request = RequestFactory().get("/")
        request.user, request.access = AnonymousUser(), NOBODY  # type: ignore[attr-defined]
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        with bypass_fragment_cache():
            for sample in (sample for component in components() for sample in samples_of(component)):
                yield from _failure(sample, request)

    def changes(self, name: str) -> Iterator[str]:
        """Yield what was changed in the site's own template since it was copied."""
        known, current = self.originals / name, SITE / name
        if not current.is_file():
            yield f"{name}: the site has no template of this name (any more). Nothing uses it but your own templates."
        elif not known.is_file():
            yield f"{name}: it was not copied with “theme copy”, so that changes of the site's own cannot be told."
        elif (old := _lines(known)) != (new := _lines(current)):
            difference = "\n".join(difflib.unified_diff(old, new, "when you copied it", "now", lineterm="", n=2))
            yield (
                f"{name} has changed in the site. Make the same changes in yours, then copy {current} over {known}.\n"
                f"{difference}"
            )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _failure(sample: Sample, request: Any) -> Iterator[str]:
    try:
        sample.render(request, count(1))
    except Exception as error:  # noqa: BLE001 - a template can raise anything
        yield f"{sample.template}, “{sample.title}” ({reverse('styles')}): {type(error).__name__}: {error}"
