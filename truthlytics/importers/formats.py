"""The formats that can be imported, with their readers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.utils.module_loading import import_string

from truthlytics.importers.ghost.reader import Ghost
from truthlytics.importers.jsonl import JsonLines
from truthlytics.importers.sources import Options, Source
from truthlytics.importers.substack.reader import Substack
from truthlytics.importers.wordpress.reader import WordPress
from truthlytics.web import plugins


@dataclass(frozen=True, slots=True)
class Format:
    """A format of exports: its name in the interface, and the reader of its files."""

    label: str
    reader: Callable[[Sequence[Path], Options], Source]


# By the name in the command, in the order of the interface.
READERS: dict[str, Format] = {
    "wordpress": Format("WordPress", WordPress),
    "ghost": Format("Ghost", Ghost),
    "substack": Format("Substack", Substack),
    "jsonl": Format("JSON Lines", JsonLines),
}


def import_formats() -> dict[str, Format]:
    """Return `READERS` and the formats of plug-ins."""
    return READERS | {name: Format(label, partial(_read_with, path)) for name, label, path in plugins.import_formats()}


def _read_with(path: str, files: Sequence[Path], options: Options) -> Source:
    source: Source = import_string(path)(files, options)
    return source
