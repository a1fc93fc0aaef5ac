"""Walk the chain of every article's and every page's versions."""

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
        "Compute the digests of all published versions again and compare them with the record. "
        "Ends with 1 and names the first version that does not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--served", action="store_true", help="Also compare what readers are served with what the record holds."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        articles, count = self.walk(self.versions(), "article", options["verbosity"])
        pages, more = self.walk(self.page_versions(), "page", options["verbosity"])
        beside = f" and {more} of {pages} pages" if pages else ""
        self.stdout.write(f"The record holds: {count} versions of {articles} articles{beside}.")
        if options["served"]:
            self.compare_served()

    def walk(self, versions: Iterator[Any], kind: str, verbosity: int) -> tuple[int, int]:
        """How many chains of how many versions hold, all of them. Raises CommandError at the first that does not."""
        things = count = 0
        for uuid, found in groupby(versions, key=attrgetter(f"{kind}.uuid")):
            listed = list(found)
            for fault in faults(uuid, listed):
                raise CommandError(
                    f"Version {fault.number} of {kind} {fault.article} (“{name_of(listed[0])}”) does not hold: "
                    f"{fault.reason}. {count} versions before it hold."
                )
            things += 1
            count += len(listed)
            if verbosity > 1:
                self.stdout.write(f"{uuid}: {len(listed)}")
        return things, count

    def compare_served(self) -> None:
        """Every page is made again from its content; nothing is written."""
        served = list(served_versions().order_by("pk").values_list("pk", "number", "article__uuid"))
        for pk, number, uuid in served:
            if rederive(pk, dry_run=True):
                raise CommandError(
                    f"What readers get of version {number} of article {uuid} is not what the record holds. "
                    f"If no renderer has changed, somebody wrote into the database; `manage.py rerender` mends it."
                )
        self.stdout.write(f"Readers are served what it holds: {len(served)} versions.")

    def versions(self) -> Iterator[Version]:
        """Every version, article by article, oldest first; never more than a batch in memory."""
        columns = ("number", "public_from", "created_at", "note", "content", "content_digest", "digest", "headline")
        found = Version.objects.select_related("article").only(*columns, "article__uuid")
        return found.order_by("article", "number").iterator(BATCH)

    def page_versions(self) -> Iterator[PageVersion]:
        return PageVersion.objects.select_related("page").order_by("page", "number").iterator(BATCH)


def name_of(version: Any) -> str:
    return str(version.page if isinstance(version, PageVersion) else version.headline)
