"""Rebuild the search index."""

from datetime import datetime
from itertools import batched

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from articles import search
from articles.models import Article, SearchEntry, Version

BATCH = 100


class Command(BaseCommand):
    help = (
        "Rebuild the search index from the served and scheduled versions, newest first, so that readers miss older "
        "articles only while it runs. Safe to interrupt and run again. Articles published in the meantime are indexed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count the articles.")
        parser.add_argument(
            "--resume", action="store_true", help="Continue after an interruption: only index what is missing."
        )

    def handle(self, *args: object, dry_run: bool, resume: bool, verbosity: int, **options: object) -> None:
        articles = Article.objects.exclude(live=None, upcoming=None).order_by("-published_at", "-pk")
        if resume:
            articles = articles.exclude(pk__in=SearchEntry.objects.values("article"))
        pks = list(articles.values_list("pk", flat=True))
        if dry_run:
            self.stdout.write(f"{len(pks)} articles would be indexed.")
            return
        if not resume:
            search.clear()
        known_words: set[tuple[int, str]] = set()
        done = 0
        for batch in batched(pks, BATCH):
            self.index(batch, known_words)
            done += len(batch)
            self.progress(done, len(pks), verbosity)
        search.optimise()
        self.stdout.write(f"{done} articles indexed.")

    @transaction.atomic
    def index(self, batch: tuple[int, ...], known_words: set[tuple[int, str]]) -> None:
        """Index a batch. The rows are locked, so that none is published between reading and writing."""
        locked = Article.objects.select_for_update(of=("self",)).filter(pk__in=batch).order_by("pk")
        versions: list[tuple[Version, datetime | None]] = []
        for article in locked.select_related("live", "upcoming").defer("body"):
            for version, until in (article.live, article.upcoming_at), (article.upcoming, None):
                if version is not None:
                    version.article = article
                    versions.append((version, until))
        search.index_many(versions, known_words)

    def progress(self, done: int, total: int, verbosity: int) -> None:
        if verbosity and self.stdout.isatty():
            self.stdout.write(f"\r{done} of {total}", ending="" if done < total else "\n")
            self.stdout.flush()
        elif verbosity and (done % (BATCH * 10) == 0):
            self.stdout.write(f"{done} of {total}")
