"""Verify the digests of all published versions."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.integrity import faults
from articles.models import PageVersion, Version
from articles.services.denormalise import rederive, served_versions

BATCH = 500


class Command(BaseCommand):
    help = (
        "Compute the digests of all versions and corrections of articles and pages again and compare them with the "
        "stored ones. "
        "Exits with 1 and names the first version that fails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--served", action="store_true", help="Also check that what readers get matches the contents."
        )

    corrections = 0

    def handle(self, *args: Any, **options: Any) -> None:
        articles, count = self.verify(self.versions(), "article", options["verbosity"])
        pages, more = self.verify(self.page_versions(), "page", options["verbosity"])
        of_pages = f" and {more} of {pages} pages" if pages else ""
        said = f", with {self.corrections} kinds of change" if self.corrections else ""
        self.stdout.write(f"Verified: {count} versions of {articles} articles{of_pages}{said}.")
        if options["served"]:
            self.compare_served()

    def verify(self, versions: Iterator[Any], kind: str, verbosity: int) -> tuple[int, int]:
        """Return the number of chains and of versions. Raises CommandError for the first version that fails."""
        chains = count = 0
        for uuid, group in groupby(versions, key=attrgetter(f"{kind}.uuid")):
            chain = list(group)
            for fault in faults(uuid, chain):
                raise CommandError(
                    f"Version {fault.number} of {kind} {fault.article} (“{title_of(chain[0])}”) failed: "
                    f"{fault.reason}. {count} versions before it are valid."
                )
            chains += 1
            count += len(chain)
            self.corrections += sum(version.change is not None for version in chain)
            if verbosity > 1:
                self.stdout.write(f"{uuid}: {len(chain)}")
        return chains, count

    def compare_served(self) -> None:
        """Render every served version again, and compare it with the stored columns. Writes nothing."""
        served = list(served_versions().order_by("pk").values_list("pk", "number", "article__uuid"))
        for pk, number, uuid in served:
            if rederive(pk, dry_run=True):
                raise CommandError(
                    f"What readers get of version {number} of article {uuid} does not match its content. "
                    f"Unless the renderer has changed, the database was modified. `manage.py rerender` repairs it."
                )
        self.stdout.write(f"Served as recorded: {len(served)} versions.")

    def versions(self) -> Iterator[Version]:
        """Yield all versions by article, oldest first, with only a batch in memory."""
        columns = ("number", "public_from", "created_at", "note", "content", "content_digest", "digest", "headline")
        corrections = ("kind", "made_at", "digest", "supersedes__version__number")
        versions = Version.objects.select_related("article", "correction__supersedes__version").only(
            *columns, "article__uuid", *(f"correction__{column}" for column in corrections)
        )
        return versions.order_by("article", "number").iterator(BATCH)

    def page_versions(self) -> Iterator[PageVersion]:
        return PageVersion.objects.select_related("page").order_by("page", "number").iterator(BATCH)


def title_of(version: Any) -> str:
    return str(version.page if isinstance(version, PageVersion) else version.headline)
