"""Verify the digests of all published versions."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from articles.integrity import faults
from articles.models.chains import CHAINED, Chain, chains
from articles.services.denormalise import rederive, served_versions


class Command(BaseCommand):
    help = (
        "Compute the digests of all versions and corrections of articles, pages and dossiers again and compare them "
        "with the stored ones. Exits with 1 and names the first version that fails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--served", action="store_true", help="Also check that what readers get matches the contents."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, checked = timezone.now(), Counter[str]()
        for name in CHAINED:
            checked[name] = 0
            for chain in chains(name):
                if problem := problem_in(chain, now):
                    raise CommandError(f"{problem} Valid until then: {listed(checked)}.")
                checked[name] += 1
                checked[f"{name} version"] += len(chain.versions)
                checked["correction"] += sum(version.change is not None for version in chain.versions)
                checked["removed text"] += sum(version.content is None for version in chain.versions)
                if options["verbosity"] > 1:
                    self.stdout.write(f"{name} {chain.item.uuid}: {len(chain.versions)}")
        self.stdout.write(f"Verified: {listed(checked)}.")
        if options["served"]:
            self.compare_served()

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


def problem_in(chain: Chain, now: datetime) -> str:
    """Return a sentence on the first version that fails, or ""."""
    subject = f"{chain.name} {chain.item.uuid} (“{chain.title}”)"
    for fault in faults(chain.item.uuid, chain.versions):
        return f"Version {fault.number} of {subject} failed: {fault.reason}."
    public = chain.until_newest_public(now)
    if chain.name == "article" and public and chain.item.served_id(now) != public[-1].pk:
        return f"Readers of {subject} get another version than {public[-1].number}, the newest one."
    return ""


def listed(checked: Counter[str]) -> str:
    """Return the counts as text, such as “2 articles, 1 article version”."""
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in checked.items())
