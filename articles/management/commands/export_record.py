"""Export the digest chains of the record."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from articles.presenters.record import exported_lines


class Command(BaseCommand):
    help = (
        "Write the digest chains of articles, pages and dossiers as JSON Lines, for outsiders to verify: see "
        "docs/record.md. Contains only what every reader can see, and the digests of the rest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="The file to write. Without it, write to standard output.")

    def handle(self, *args: object, file: str | None, **options: object) -> None:
        lines = exported_lines(timezone.now())
        if not file:
            for line in lines:
                self.stdout.write(line)
            return
        count = 0
        try:
            with Path(file).open("w", encoding="utf-8", newline="\n") as target:
                for line in lines:
                    target.write(f"{line}\n")
                    count += 1
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{count} versions written to {file}.")
