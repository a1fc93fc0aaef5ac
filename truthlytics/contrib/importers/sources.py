"""What the parser of a format gives to the plan and the writer."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import IO, Literal

from django.utils import timezone

from truthlytics.contrib.importers.records import Entry, MediaRecord, Record, ReportLoss


class UnreadableFile(Exception):
    """The file is not of this format, or is dangerous. The message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose about how to read. `timezone`: of dates without one, None for the publication's.

    `types` maps further types of records to what they become. `overdue`: whether what was to appear at a time that is
    past is published. `shortcodes`: whether unknown ones are removed or kept as text. `site_url`: the old site, such as
    `https://example.org`, for formats that do not say it. `keep_emails`: of the writers of comments, who can then
    claim them. `harmless`: signs of access rules that a person called harmless.
    """

    timezone: tzinfo | None = None
    types: tuple[tuple[str, Literal["article", "page"]], ...] = ()
    overdue: Literal["draft", "publish"] = "draft"
    shortcodes: Literal["strip", "keep"] = "strip"
    site_url: str = ""
    keep_emails: bool = False
    harmless: frozenset[str] = frozenset()

    @property
    def zone(self) -> tzinfo:
        return self.timezone or timezone.get_default_timezone()


class Source(ABC):
    """An export. Reading it does not use the database. `has_authors`: whether the format has their names."""

    has_authors = True

    @abstractmethod
    def read(self) -> Iterator[Entry]:
        """Yield what the export contains, the same each time. Raises OSError and UnreadableFile."""

    def with_html(self, record: Record, report_loss: ReportLoss) -> Record:
        """Return `record` with a body in Markdown or HTML. Called only for records that are written."""
        return record

    def open_media(self, media: MediaRecord) -> IO[bytes] | None:
        """Return the file of `media`, opened for reading, if it is in the export; None if it is not."""
        return None
