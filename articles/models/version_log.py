"""The public versions of an article, as readers see them listed."""

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
    """The public versions of an article, oldest first, numbered as readers count them."""

    entries: tuple[VersionLogEntry, ...]

    @property
    def number(self) -> int:
        """The number of the newest version."""
        return len(self.entries)

    @property
    def updated(self) -> VersionLogEntry | None:
        """The newest version, if there is more than the first."""
        return self.entries[-1] if len(self.entries) > 1 else None

    @property
    def noted(self) -> list[VersionLogEntry]:
        """The later versions that have a note, newest first."""
        return [entry for entry in reversed(self.entries[1:]) if entry.note]

    @property
    def recent(self) -> list[VersionLogEntry]:
        """The noted versions shown above the text."""
        return self.noted[:RECENT]

    @property
    def earlier(self) -> list[VersionLogEntry]:
        """The other noted versions. They are collapsed, so that the text still starts on the first screen."""
        return self.noted[RECENT:]
