"""The formats that can be imported, with their parsers."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from django.utils.module_loading import import_string
from django.utils.translation import gettext

from truthlytics.contrib.importers.ghost.parser import Ghost
from truthlytics.contrib.importers.jsonl import JsonLines
from truthlytics.contrib.importers.records import Entry, MediaRecord, Record, ReportLoss
from truthlytics.contrib.importers.sources import Options, Source, UnreadableFile
from truthlytics.contrib.importers.substack.parser import Substack
from truthlytics.contrib.importers.wordpress.parser import WordPress
from truthlytics.web import plugins

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of exports: its name in the interface, and the parser of its files."""

    label: str
    parser: Callable[[Sequence[Path], Options], Source]


# By the name in the command, in the order of the interface.
PARSERS: dict[str, Format] = {
    "wordpress": Format("WordPress", WordPress),
    "ghost": Format("Ghost", Ghost),
    "substack": Format("Substack", Substack),
    "jsonl": Format("JSON Lines", JsonLines),
}


def import_formats() -> dict[str, Format]:
    """Return `PARSERS` and the formats of plug-ins."""
    return PARSERS | {name: Format(label, partial(_read_with, path)) for name, label, path in plugins.import_formats()}


def _read_with(path: str, files: Sequence[Path], options: Options) -> Source:
    return _SourceOfPlugin(path, files, options)


class _SourceOfPlugin(Source):
    """A format of a plug-in. Whatever fails in it refuses the file, and is named."""

    def __init__(self, path: str, files: Sequence[Path], options: Options) -> None:
        self.path = path
        with self._named():
            self.source: Source = import_string(path)(files, options)
            self.has_authors = bool(self.source.has_authors)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (UnreadableFile, OSError, GeneratorExit):
            raise
        except Exception as error:
            logger.exception("The format %s of a plug-in failed.", self.path)
            text = gettext("The format “%(path)s” of a plug-in failed: %(error)s. Tell who runs the site.")
            raise UnreadableFile(text % {"path": self.path, "error": type(error).__name__}) from error

    def read(self) -> Iterator[Entry]:
        with self._named():
            for entry in self.source.read():
                if not isinstance(entry, Entry):
                    raise TypeError(f"It read {type(entry).__name__}, and no record or loss.")
                yield entry

    def with_html(self, record: Record, report_loss: ReportLoss) -> Record:
        with self._named():
            found = self.source.with_html(record, report_loss)
            if not isinstance(found, Record):
                raise TypeError(f"with_html returned {type(found).__name__}, and no record.")
            return found

    def open_media(self, media: MediaRecord) -> IO[bytes] | None:
        with self._named():
            return self.source.open_media(media)
