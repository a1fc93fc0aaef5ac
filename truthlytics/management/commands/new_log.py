"""Begin a new transparency log, because the former one cannot be continued."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.services.log_entries import add_archive
from truthlytics.transparency.keys import KeyFileError, create_key, key_file
from truthlytics.transparency.models import Log
from truthlytics.transparency.services.checkpoints import obstacle
from truthlytics.transparency.services.entries import append_due
from truthlytics.transparency.services.rotation import RotationError, begin_log, finish_rotation, last_head


class Command(BaseCommand):
    help = (
        "Begin a new transparency log, after the key was lost or a backup was restored. Its first entry names the last "
        "known checkpoint of the former log, and all that was published follows. Stop the services before. Readers "
        "and witnesses see that there is a new log, so say on your site why."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--last",
            type=Path,
            metavar="FILE",
            help="A copy of /record/log/checkpoint that is newer than what the database and the file beside the key "
            "know, for example from a witness.",
        )
        parser.add_argument("--force", action="store_true", help="Begin one although the current log can be continued.")

    def handle(self, *args: object, last: Path | None, force: bool, **options: object) -> None:
        now, former = timezone.now(), Log.objects.current()
        try:
            finish_rotation()
            checkpoint = last.read_text(encoding="utf-8") if last else ""
            head = last_head(former, checkpoint)
            if head.size <= former.size and not obstacle() and not force:
                raise CommandError(f"The log {former.origin} can be continued. Use --force to begin another anyway.")
            if create_key():
                self.stdout.write(f"Made the key {key_file()}. Keep a copy elsewhere: backups do not have it.")
        except OSError as error:
            raise CommandError(f"{last} cannot be read: {error.strerror}") from error
        except (KeyFileError, RotationError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        log = begin_log(head, now)
        self.stdout.write(f"Began the log {log.origin}. The former one had {head.size} entries.")
        count = add_archive(now)
        append_due(now)
        self.stdout.write(f"Added {count} entries about what was published before.")
        if problem := obstacle():
            raise CommandError(problem)
