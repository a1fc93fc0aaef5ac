"""The source for files of Substack."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from truthlytics.contrib.importers.records import Entry, Loss, Record, ReportLoss
from truthlytics.contrib.importers.sources import Options, Source, UnreadableFile
from truthlytics.contrib.importers.substack import body
from truthlytics.contrib.importers.substack.archive import DamagedFile, Export, open_export
from truthlytics.contrib.importers.substack.records import SOURCE, make_record, post_id
from truthlytics.contrib.importers.substack.rows import read_rows
from truthlytics.contrib.importers.substack.widgets import web_address

# Where the buttons in texts lead: to the site itself.
_OWN_HOST = re.compile(r"https?://([a-z0-9.-]{4,253})/(?:subscribe\?|p/[\w%-]+/comments\b)", re.IGNORECASE)


class Substack(Source):
    """One or several exports. They have no names of authors, no sections and no address of the site."""

    has_authors = False

    def __init__(self, files: Sequence[Path], options: Options) -> None:
        self.files, self.options = files, options

    def read(self) -> Iterator[Entry]:
        number = 0
        for path in self.files:
            with open_export(path) as export:
                for entry in _entries(export, self.options.site_url, self.options.harmless):
                    if isinstance(entry, Record):
                        number += 1
                        entry = replace(entry, number=number)
                    yield entry

    @cached_property
    def links(self) -> body.OwnLinks:
        """What the addresses of the old site are. Found in an own pass, because any text may link to any other."""
        hosts: Counter[str] = Counter()
        slugs = set()
        for record in self.read():
            if isinstance(record, Record):
                hosts.update({host.lower().removeprefix("www.") for host in _OWN_HOST.findall(record.body)})
                if record.is_public and record.slug:
                    slugs.add(record.slug)
        own = {host for host, _count in hosts.most_common(2)}
        if self.options.site_url:
            own.add((urlsplit(self.options.site_url).hostname or "").removeprefix("www."))
        return body.OwnLinks(own, slugs, self.options.site_url)

    def with_html(self, record: Record, report_loss: ReportLoss) -> Record:
        return replace(record, body=body.to_html(record, self.links, report_loss))


def _entries(export: Export, base: str, harmless: frozenset[str]) -> Iterator[Entry]:
    missing = dict(export.bodies)
    # The slug of a text may have changed since.
    by_number = {number: name for name in export.bodies if (number := post_id(name).number)}
    for row in read_rows(_table(export), export.table):
        if isinstance(row, Loss):
            yield row
            continue
        if not row["post_id"]:
            yield Loss("line", f"{export.table}: the row has no number and address.", row.line)
            continue
        name = row["post_id"] if row["post_id"] in export.bodies else by_number.get(post_id(row["post_id"]).number, "")
        text: str | None = None
        if name:
            missing.pop(name, None)
            try:
                data = export.read(export.bodies[name])
            except DamagedFile as error:
                yield Loss("value", f"{export.bodies[name]}: {error}", row.line, SOURCE, row["post_id"][:400])
            else:
                text = data.decode("utf-8-sig", errors="replace")
                if damaged := text.count("\ufffd") - data.count("\ufffd".encode()):
                    what = f"{export.bodies[name]}: invalid UTF-8 replaced ({damaged})"
                    yield Loss("repair", what, row.line, SOURCE, row["post_id"][:400])
        if text is not None and (url := web_address(row["podcast_url"])):
            text = body.recording(url) + text
        yield make_record(row, text, base, harmless)
    for path in missing.values():
        yield Loss("left out", f"{path}: {export.table} has no row for it.", source=SOURCE)
    if export.unread:
        what = f"lists of readers, and who received or opened which email: {len(export.unread)} files, not read"
        yield Loss("left out", what, source=SOURCE)


def _table(export: Export) -> bytes:
    try:
        return export.read(export.table)
    except DamagedFile as error:
        raise UnreadableFile(f"{export.name}: {export.table} cannot be read. {error}") from error
