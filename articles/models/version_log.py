"""The public versions of an article, as readers see them listed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Value
from django.db.models.functions import Coalesce

from articles.models.corrections import LISTED, PROMINENT, ChangeKind

# What an entry is read from, after its number.
COLUMNS = ("public_from", "note", Coalesce("correction__kind", Value("")), "correction__superseded_by__made_at")


@dataclass(frozen=True, slots=True)
class VersionLogEntry:
    """`kind` is a ChangeKind, or "" where none was said; `superseded_at` is when another took the note’s place."""

    number: int
    public_from: datetime
    note: str
    kind: str = ""
    superseded_at: datetime | None = None

    @property
    def kind_label(self) -> str:
        return str(ChangeKind(self.kind).label) if self.kind else ""

    @property
    def previous_number(self) -> int:
        return self.number - 1


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
    def corrections(self) -> list[VersionLogEntry]:
        """Corrections and retractions, newest first. They are above the text."""
        return [entry for entry in self.noted if entry.kind in PROMINENT]

    @property
    def other_changes(self) -> list[VersionLogEntry]:
        """The other notes, newest first. They are below the text."""
        return [entry for entry in self.noted if entry.kind not in PROMINENT]

    @property
    def in_effect(self) -> list[VersionLogEntry]:
        """What structured data lists: corrections, clarifications and the like that nothing supersedes."""
        return [entry for entry in self.noted if entry.kind in LISTED and entry.superseded_at is None]
