"""What the record line says of an article."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class VersionLogEntry:
    number: int
    public_from: datetime
    note: str


RECENT = 1


@dataclass(frozen=True, slots=True)
class VersionLog:
    """What the record line says of an article: its public versions, oldest first."""

    changes: tuple[VersionLogEntry, ...]

    @property
    def updated(self) -> VersionLogEntry | None:
        """The newest change, where there is more than the first version."""
        return self.changes[-1] if len(self.changes) > 1 else None

    @property
    def noted(self) -> list[VersionLogEntry]:
        """The changes that the newsroom gave a reason for, newest first."""
        return [change for change in reversed(self.changes[1:]) if change.note]

    @property
    def recent(self) -> list[VersionLogEntry]:
        """Those that a reader meets before the text."""
        return self.noted[:RECENT]

    @property
    def earlier(self) -> list[VersionLogEntry]:
        """The others, folded away: the text must not begin a screen further down."""
        return self.noted[RECENT:]
