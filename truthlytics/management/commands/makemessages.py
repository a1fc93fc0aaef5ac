"""Django's command with the project's options: one line per string, no places, no guesses from similar strings."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management.base import CommandParser
from django.core.management.commands import makemessages

from truthlytics.newsroom import model_names


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(
            locale=["de"], ignore_patterns=[".venv", "var", "tests"], no_location=True, no_wrap=True, no_obsolete=True
        )

    def handle(self, *args: object, **options: object) -> None:
        """Write the names of models to a module that xgettext can read, as long as it does."""
        folder = Path(model_names.__file__).parent
        with NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix="model_name_", suffix=".py") as module:
            module.writelines(f'pgettext("model", "{name}")\n' for name in model_names.listed())
            module.flush()
            super().handle(*args, **options)

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Leave out the time of the run, which would change with each."""
        super().write_po_file(potfile, locale)
        path = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith('"POT-Creation-Date')), encoding="utf-8")
