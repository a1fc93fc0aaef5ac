"""Bring the files that the texts of a batch show here, before the transaction in which the texts are written."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from truthlytics.contrib.importers import markdown
from truthlytics.contrib.importers.html_tree import tidy_tree
from truthlytics.contrib.importers.media import names
from truthlytics.contrib.importers.media.library import MediaLibrary
from truthlytics.contrib.importers.media.storing import Wanted
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.plan import Key, imported_objects
from truthlytics.contrib.importers.records import Entry, Loss, MediaRecord, Record, Report, ReportLoss
from truthlytics.contrib.importers.tags import MarkedText
from truthlytics.contrib.importers.wanted_files import wanted_files

Losses = list[tuple[str, str]]
_MAY_HAVE_FILES = re.compile(rf"<img\b|(?:{'|'.join(map(re.escape, names.SOUNDS | names.DOCUMENTS))})\b", re.IGNORECASE)


def has_other_access(record: Record, imported: ImportedObject) -> bool:
    """Return whether `record` was for few people when it was imported and is not now, or the other way round."""
    return (imported.status == "closed") != (record.status == "closed")


@dataclass
class MediaOfTexts:
    """Knows which records have to be written, and what was found in their bodies on the way.

    `only_media`: only those that were imported before and lack images.
    """

    library: MediaLibrary
    report: Report
    only_media: bool = False
    _ready: dict[tuple[Key, int], tuple[Record, Losses]] = field(default_factory=dict)

    def is_due(self, record: Record, imported: ImportedObject | None) -> bool:
        """Return whether `record` is new or changed, or lacks images that may be had now.

        What is for everybody now, or no longer, has changed too: another sign may be known, or be called harmless.
        """
        if imported is None or imported.source_digest != record.digest or has_other_access(record, imported):
            return not self.only_media
        return imported.missing_images > 0 and self.library.is_active

    def prepare(self, batch: Sequence[Entry], current_run: Callable[[], ImportRun]) -> None:
        """Find and store the files of `batch`. Call outside a transaction: fetching takes long."""
        self._ready.clear()
        if self.library.is_active:
            imported = imported_objects(entry for entry in batch if isinstance(entry, Record))
            self.library.prepare(self._wanted(batch, imported), current_run)

    def with_html(self, record: Record, report_loss: ReportLoss) -> Record:
        """Return `record` with a body in Markdown or HTML, as its source does."""
        ready = self._ready.pop((record.key, record.position), None)
        if ready is None:
            return self.library.source.with_html(record, report_loss)
        for code, what in ready[1]:
            report_loss(code, what)
        return ready[0]

    def add(self, media: MediaRecord) -> None:
        """Report a file of the media library that was not stored."""
        if self.library.file((media.source, media.source_id)) is None:
            what, reason = media.url or media.path, self.library.reason((media.source, media.source_id))
            what = f"{what[:200]} ({reason.rstrip('.')})" if reason else what
            self.report.add(Loss("media", what[:300], media.line, media.source, media.source_id, media.title[:200]))

    def _wanted(self, batch: Sequence[Entry], imported: Mapping[Key, ImportedObject]) -> Iterator[Wanted]:
        for entry in batch:
            if isinstance(entry, MediaRecord):
                url = entry.path or entry.url
                if names.is_image(url) or names.is_sound(url) or names.is_document(url):
                    yield Wanted(entry)
            elif isinstance(entry, Record) and self.is_due(entry, imported.get(entry.key)):
                yield from wanted_files(entry, self._tree(entry), self.library)

    def _tree(self, record: Record) -> HtmlElement | None:
        """Return the body parsed, if it may have images or links. It is kept as HTML until the record is written."""
        losses: Losses = []
        ready = self.library.source.with_html(record, lambda code, what: losses.append((code, what)))
        self._ready[record.key, record.position] = ready, losses
        html = ready.body
        if ready.body_format == "markdown":
            html = markdown.render(MarkedText(html, has_tags=not ready.is_plain).text, _ignore)
        return tidy_tree(html, _ignore) if _MAY_HAVE_FILES.search(html) else None


def _ignore(code: str, what: str) -> None:
    """Losses are reported when the text is written."""
