"""Make the search index anew."""

from datetime import datetime
from itertools import batched
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from articles import search
from articles.models import Article, SearchEntry, Version

BATCH = 100


class Command(BaseCommand):
    help = (
        "Make the search index anew from what is and will be served, newest first: while it runs, readers miss older "
        "pieces only. Safe to break off and run again; articles published meanwhile are found."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count the articles.")
        parser.add_argument(
            "--resume", action="store_true", help="Go on where it was broken off: only what is not in the index yet."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Article.objects.exclude(live=None, upcoming=None).order_by("-published_at", "-pk")
        if options["resume"]:
            wanted = wanted.exclude(pk__in=SearchEntry.objects.values("article"))
        found = list(wanted.values_list("pk", flat=True))
        if options["dry_run"]:
            self.stdout.write(f"{len(found)} articles would be indexed.")
            return
        if not options["resume"]:
            search.clear()
        known_words: set[tuple[int, str]] = set()
        done = 0
        for batch in batched(found, BATCH):
            self.index(batch, known_words)
            done += len(batch)
            self.progress(done, len(found), options["verbosity"])
        search.optimise()
        self.stdout.write(f"{done} articles indexed.")

    @transaction.atomic
    def index(self, batch: tuple[int, ...], known_words: set[tuple[int, str]]) -> None:
        """Locked, so that none of them is published between being read and being written."""
        locked = Article.objects.select_for_update(of=("self",)).filter(pk__in=batch).order_by("pk")
        lines: list[tuple[Version, datetime | None]] = []
        for article in locked.select_related("live", "upcoming").defer("body"):
            for version, until in (article.live, article.upcoming_at), (article.upcoming, None):
                if version is not None:
                    version.article = article
                    lines.append((version, until))
        search.index_many(lines, known_words)

    def progress(self, done: int, total: int, verbosity: int) -> None:
        if verbosity and self.stdout.isatty():
            self.stdout.write(f"\r{done} of {total}", ending="" if done < total else "\n")
            self.stdout.flush()
        elif verbosity and (done % (BATCH * 10) == 0):
            self.stdout.write(f"{done} of {total}")
