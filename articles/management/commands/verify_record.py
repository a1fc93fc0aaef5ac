"""Verify the digests of all published versions."""

import hashlib
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from articles.integrity import faults
from articles.models import Article, Image, Rendition, ReplacedFile
from articles.models.chains import CHAINED, Chain, chains
from articles.presenters.record import differences_from
from articles.services.denormalise import differs_from_content, served_versions
from articles.services.item_types.base import recomputed
from articles.services.log_comparison import first_mismatch
from truthlytics.transparency.models import Log
from truthlytics.transparency.outside.summary import events
from truthlytics.transparency.verification import LogFault, verify

LIMITS = (
    "If the transparency log was computed again too, only a comparison with an earlier copy shows it: keep copies of "
    "/.well-known/record.json and of /record/log/checkpoint elsewhere, and give one of the former with --against FILE."
)

NO_LOG = "What was published is not in the transparency log yet. `manage.py tick` adds it."


class Command(BaseCommand):
    help = (
        "Compute the digests of all versions and corrections of articles, pages and dossiers again and compare them "
        "with the stored ones, and so what follows from them: whether an article is marked as corrected, the date of "
        "its last change, which versions appeared, and whether an article is withdrawn. Then compute the transparency "
        "log again, with its checkpoints and keys, and compare it with what was published. Exits with 1 and names the "
        "first version or entry that fails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--served", action="store_true", help="Also check that what readers get matches the contents."
        )
        parser.add_argument(
            "--files", action="store_true", help="Also read all images: the originals, and the sizes that readers get."
        )
        parser.add_argument(
            "--against",
            action="append",
            default=[],
            metavar="FILE",
            help="Also compare with an earlier copy of /.well-known/record.json. May be given several times.",
        )

        parser.add_argument(
            "--restored",
            action="store_true",
            help="Allow for a restored backup: do not compare the transparency log with the checkpoint beside the key.",
        )

    def handle(
        self,
        *args: object,
        restored: bool,
        served: bool,
        files: bool,
        against: list[str],
        verbosity: int,
        **options: object,
    ) -> None:
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
                if verbosity > 1:
                    self.stdout.write(f"{name} {chain.item.uuid}: {len(chain.versions)}")
        if article := Article.objects.with_unrecorded_withdrawal().first():
            raise CommandError(
                f"The withdrawal of article {article.uuid} (“{article}”) is not the one on the page of corrections."
            )
        self.stdout.write(f"Verified: {listed(checked)}.")
        self.verify_log(now, is_restored=restored)
        if served:
            self.compare_served()
        if files:
            self.compare_files()
        for path in against:
            self.compare_copy(path, now)
        if not against:
            self.stdout.write(LIMITS)

    def verify_log(self, now: datetime, *, is_restored: bool) -> None:
        """Compute the transparency log again, and compare it with what was published."""
        # A backup of an older version has no such table before `migrate`.
        has_table = Log._meta.db_table in connection.introspection.table_names()
        logs = list(Log.objects.order_by("number")) if has_table else []
        entries = checkpoints = waiting = 0
        ledger = None
        for log in logs:
            try:
                verified = verify(log, now, is_restored=is_restored, former=ledger)
            except LogFault as error:
                raise CommandError(f"The transparency log {log.origin} failed: {error}") from error
            entries, checkpoints = entries + verified.entries, checkpoints + verified.checkpoints
            waiting, ledger = waiting + verified.waiting, verified.ledger
        if ledger is None or logs[-1].archive_added_at is None:
            self.stdout.write(NO_LOG)
            return
        # A second look, because something may have been published between two queries of the first.
        if first_mismatch(logs[-1], now) and (mismatch := first_mismatch(logs[-1], now)):
            raise CommandError(f"The transparency log {logs[-1].origin} does not fit what was published: {mismatch}")
        self.stdout.write(f"Verified the transparency log. Entries: {entries}, checkpoints: {checkpoints}.")
        for sentence in events(ledger):
            self.stdout.write(sentence)
        if waiting:
            self.stdout.write(f"Entries that wait for their place in it: {waiting}. `manage.py tick` adds them.")

    def compare_served(self) -> None:
        """Render every served version again, and compare it with the stored columns. Writes nothing."""
        served = list(served_versions().order_by("pk").values_list("pk", "number", "article__uuid"))
        for pk, number, uuid in served:
            if differs_from_content(pk):
                raise CommandError(
                    f"What readers get of version {number} of article {uuid} does not match its content. "
                    f"Unless the renderer has changed, the database was modified. `manage.py rerender` repairs it."
                )
        self.stdout.write(f"Served as recorded: {len(served)} versions.")

    def compare_files(self) -> None:
        """Compute the digests of all image files again."""
        count = 0
        for model in (Image, ReplacedFile, Rendition):
            for row in model._default_manager.order_by("pk").only("file", "sha256").iterator():
                try:
                    with row.file.open("rb") as file:
                        digest = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError as error:
                    raise CommandError(f"The image file {row.file.name} cannot be read: {error}") from error
                if digest != row.sha256:
                    raise CommandError(f"The image file {row.file.name} was replaced: it has another digest.")
                count += 1
        self.stdout.write(f"Images as recorded: {count} files.")

    def compare_copy(self, path: str, now: datetime) -> None:
        """Name all that differs from an older copy of the published digests."""
        try:
            differences = list(differences_from(json.loads(Path(path).read_text(encoding="utf-8")), now))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{path} is no copy of /.well-known/record.json.") from error
        if differences:
            raise CommandError("\n".join([f"The record differs from {path}:", *differences]))
        self.stdout.write(f"Agrees with {path}.")


def problem_in(chain: Chain, now: datetime) -> str:
    """Return a sentence on the first version that fails, or ""."""
    subject = f"{chain.name} {chain.item.uuid} (“{chain.title}”)"
    for fault in faults(chain.item.uuid, chain.versions):
        return f"Version {fault.number} of {subject} failed: {fault.reason}."
    if chain.name != "article":
        return ""
    for version, possible in recomputed(chain.versions):
        for column in ("is_corrected", "is_retracted", "changed_at"):
            stored, expected = getattr(version, column), [getattr(columns, column) for columns in possible]
            if stored not in expected:
                return f"Version {version.number} of {subject} has {column} {stored}; by the chain it is {expected[0]}."
    public = chain.until_newest_public(now)
    if public and chain.item.served_id(now) != public[-1].pk:
        return f"Readers of {subject} get another version than {public[-1].number}, the newest one."
    first = next((version.public_from for version in chain.versions if version.superseded_at is None), None)
    if chain.item.published_at != first:
        return f"The date of {subject} is {chain.item.published_at}; by the chain it is {first}."
    return ""


def listed(checked: Counter[str]) -> str:
    """Return the counts as text, such as “2 articles, 1 article version”."""
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in checked.items())
