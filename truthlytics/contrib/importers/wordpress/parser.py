"""The source for files of WordPress."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from xml.etree.ElementTree import Element

from truthlytics.contrib.importers.records import Entry, Loss, Record, ReportLoss, Target
from truthlytics.contrib.importers.sources import Options, Source, UnreadableFile
from truthlytics.contrib.importers.wordpress import body, elements
from truthlytics.contrib.importers.wordpress.archives import expand
from truthlytics.contrib.importers.wordpress.elements import field, line_of_text, plain_field
from truthlytics.contrib.importers.wordpress.items import local_name, read_file
from truthlytics.contrib.importers.wordpress.records import LEFT_OUT, Place, make_record
from truthlytics.contrib.importers.wordpress.site import Site, site_of

TYPES: dict[str, Target] = {"post": "article", "page": "page"}
# They are part of what refers to them.
INDEXED = {"wp_block", "guest-author"}


class WordPress(Source):
    """One or several files, which may be parts of one export. They are read a second time to collect references."""

    def __init__(self, files: Sequence[Path], options: Options) -> None:
        self.files, self.options = expand(files), options
        self.types: dict[str, Target] = TYPES | dict(options.types)

    @cached_property
    def sites(self) -> dict[str, Site]:
        """The sites that the files come from, with all that records refer to."""
        sites: dict[str, Site] = {}
        for path in self.files:
            for channel, element in read_file(path):
                if isinstance(element, Loss):
                    continue
                site = site_of(channel, sites)
                if local_name(element) == "item":
                    site.collect(element, _type(element), _line(element))
                else:
                    site.declare(element)
        return sites

    def read(self) -> Iterator[Entry]:
        sites, number, seen = self.sites, 0, _Seen()
        if not sites:
            names = ", ".join(path.name for path in self.files)
            with_entries = [path for path in self.files if any(True for _ in read_file(path))]
            if not with_entries:
                raise UnreadableFile(f"{names} contains no record.")
        for site in sites.values():
            yield from site.terms()
        for path in self.files:
            for channel, element in read_file(path):
                if isinstance(element, Loss):
                    yield element
                elif local_name(element) == "item":
                    number += 1
                    yield from self._entry(element, site_of(channel, sites), number, seen)

    def _entry(self, item: Element, site: Site, number: int, seen: "_Seen") -> Iterator[Entry]:
        post_type, line = _type(item), _line(item)
        title, status = line_of_text(plain_field(item, "title")), field(item, "status")
        loss = Loss("left out", "", line, site.name, field(item, "post_id"), title[:200])
        if post_type == "attachment":
            yield site.media[field(item, "post_id")]
        elif post_type in INDEXED:
            return
        elif post_type not in self.types:
            yield replace(loss, what=f"of the type “{post_type[:40]}”")
        elif status in LEFT_OUT:
            yield replace(loss, what=LEFT_OUT[status])
        else:
            digest = elements.digest(item)
            place = Place(line, number, seen.source_id(item, site, post_type, digest), digest)
            yield make_record(item, self.types[post_type], site, self.options, place)

    def with_html(self, record: Record, report_loss: ReportLoss) -> Record:
        site = self.sites[record.source]
        post_id = record.source_id.partition(" ")[0]
        html = body.to_html(record.body, site, post_id, self.options.shortcodes, report_loss)
        return replace(record, body=html)


class _Seen:
    """The ids seen so far. Files that were edited or merged by hand use some for several different items."""

    def __init__(self) -> None:
        self.digests: dict[tuple[str, str, str], str] = {}

    def source_id(self, item: Element, site: Site, post_type: str, digest: str) -> str:
        """Return the id of `item`, with its permanent address or digest if another item has the same id."""
        guid = plain_field(item, "guid").strip() or plain_field(item, "link").strip()
        post_id = field(item, "post_id") or guid or digest[:16]
        for name in (post_id, f"{post_id} {guid}"):
            if self.digests.setdefault((site.name, post_type, name), digest) == digest:
                return name[:400]
        return f"{post_id} {digest[:16]}"[:400]


def _type(item: Element) -> str:
    return field(item, "post_type") or "post"


def _line(item: Element) -> int:
    line = item.get("line", "")
    return int(line) if line.isdecimal() and len(line) < 10 else 0
