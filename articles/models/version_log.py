"""The public versions of an article, as readers see them listed."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from articles.models.corrections import LISTED, PROMINENT, ChangeKind, fact_sentences

# What an entry is read from, after its number.
COLUMNS = (
    "public_from",
    "note",
    Coalesce("correction__kind", Value("")),
    "correction__superseded_by__made_at",
    Coalesce("correction__changed_facts", Value("")),
)


@dataclass(frozen=True, slots=True)
class VersionLogEntry:
    """`kind` is a ChangeKind, or "" where none was said; `superseded_at` is when another took the note’s place.

    `changed_facts` are those of `Correction`.
    """

    number: int
    public_from: datetime
    note: str
    kind: str = ""
    superseded_at: datetime | None = None
    changed_facts: str = ""

    @property
    def facts(self) -> str:
        """Sentences about the facts that changed in what the editor called a minor edit."""
        return fact_sentences(self.changed_facts)

    @property
    def kind_label(self) -> str:
        return str(ChangeKind(self.kind).label) if self.kind else ""

    @property
    def previous_number(self) -> int:
        return self.number - 1


class Changes(NamedTuple):
    """A list of changes under a heading. With `kind` "", they are of different kinds, which each entry names."""

    kind: str
    heading: str
    entries: list[VersionLogEntry]


@dataclass(frozen=True, slots=True)
class VersionLog:
    """The public versions of an article, oldest first, numbered as readers count them."""

    entries: tuple[VersionLogEntry, ...]

    @property
    def number(self) -> int:
        """The number of the newest version."""
        return len(self.entries)

    @property
    def noted(self) -> list[VersionLogEntry]:
        """The later versions that have a note, newest first."""
        return [entry for entry in reversed(self.entries[1:]) if entry.note]

    @property
    def corrections(self) -> list[Changes]:
        """Retractions, then corrections, each newest first. They are above the text."""
        entries = {
            kind: [entry for entry in self.noted if entry.kind == kind]
            for kind in (ChangeKind.RETRACTION, ChangeKind.CORRECTION)
        }
        return [Changes(kind, kind.heading(len(found)), found) for kind, found in entries.items() if found]

    @property
    def other_changes(self) -> Changes | None:
        """The other notes, newest first, or None. They are below the text."""
        entries = [entry for entry in self.noted if entry.kind not in PROMINENT]
        kinds = {entry.kind for entry in entries}
        if len(kinds) == 1 and (kind := kinds.pop()) not in {"", ChangeKind.MINOR}:
            return Changes(kind, ChangeKind(kind).heading(len(entries)), entries)
        return Changes("", _("Changes"), entries) if entries else None

    @property
    def in_effect(self) -> list[VersionLogEntry]:
        """What structured data lists: corrections, clarifications and the like that nothing supersedes."""
        return [entry for entry in self.noted if entry.kind in LISTED and entry.superseded_at is None]
