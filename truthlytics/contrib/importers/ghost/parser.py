"""The source for exports of Ghost."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import IO

from truthlytics.contrib.importers.ghost import body
from truthlytics.contrib.importers.ghost.addresses import Permalinks
from truthlytics.contrib.importers.ghost.files import Part, file_key, find_files, find_parts
from truthlytics.contrib.importers.ghost.json_rows import Row, read_rows
from truthlytics.contrib.importers.ghost.records import Place, kind_of, make_record, post_of
from truthlytics.contrib.importers.ghost.redirects import losses_of, rules_in
from truthlytics.contrib.importers.ghost.site import Site
from truthlytics.contrib.importers.ghost.text import text_of
from truthlytics.contrib.importers.records import Entry, Loss, MediaRecord, Record, ReportLoss
from truthlytics.contrib.importers.sources import Options, Source, UnreadableFile
from truthlytics.contrib.importers.yaml_texts import InvalidYaml, parse
from truthlytics.web.types import JsonObject


class Ghost(Source):
    """One or several files. They are read a first time to collect what posts refer to."""

    def __init__(self, files: Sequence[Path], options: Options) -> None:
        self.files, self.options = list(files), options
        parts = [(part, part.kind) for part in find_parts(self.files)]
        self.exports = [part for part, kind in parts if kind == "export"]
        if not self.exports:
            raise UnreadableFile(f"{self._names} contains no export of Ghost (a JSON file).")
        self.rules = [
            rule for part, kind in parts if kind == "redirects" for rule in rules_in(part.read_text(), part.name)
        ]
        self.routes = [_routes_in(part) for part, kind in parts if kind == "routes"]

    @property
    def _names(self) -> str:
        return ", ".join(path.name for path in self.files)

    @cached_property
    def sites(self) -> dict[Part, Site]:
        """The site of each file, with all that its posts refer to."""
        sites: dict[Part, Site] = {}
        for part in self.exports:
            site = Site(
                Permalinks.of_routes(self.routes[0] if self.routes else {}), keeps_emails=self.options.keep_emails
            )
            for table, row, _ in _rows(part):
                if not isinstance(row, dict):
                    continue
                if table == "posts":
                    row = flat(row)
                    site.posts.append(post_of(row))
                else:
                    site.collect(table, row)
            site.finish(self.options.site_url)
            if site.posts:
                sites[part] = site
        if not sites:
            raise UnreadableFile(f"{self._names} contains no articles and pages of Ghost.")
        return sites

    @cached_property
    def _useless_rules(self) -> list[Loss]:
        """The redirects that lead to nothing here. The others are in the sites from now on."""
        left = self.rules
        for site in self.sites.values():
            unresolved = set(site.add_redirects(self.rules))
            left = [rule for rule in left if rule in unresolved]
        first = next(iter(self.sites.values()))
        return list(losses_of(left, first.hosts, first.name))

    def read(self) -> Iterator[Entry]:
        number, seen = 0, _Seen()
        yield from self._useless_rules
        for part in self.exports:
            if part not in self.sites:
                yield Loss("left out", f"{part.name}, which contains no articles and pages")
        for part, site in self.sites.items():
            yield from site.terms()
            for table, count in site.left_out.items():
                yield Loss("left out", f"{count} {table}", source=site.name)
            if any(site.settings.get(name) for name in ("codeinjection_head", "codeinjection_foot")):
                yield Loss("script", "code of the whole site in the head or foot of each page", source=site.name)
            for table, row, line in _rows(part):
                if table != "posts":
                    continue
                number += 1
                if not isinstance(row, dict):
                    yield Loss("line", "It is not a JSON object.", line, site.name)
                    continue
                row = flat(row)
                yield make_record(row, site, self.options, Place(line, number, seen.source_id(row, site, number)))

    def open_media(self, media: MediaRecord) -> IO[bytes] | None:
        part = self._files.get(file_key(media.source_id)) or self._files.get(file_key(media.url))
        return part.open_file() if part is not None else None

    @cached_property
    def _files(self) -> dict[str, Part]:
        """The files in archives by their path below `content`."""
        return find_files(self.files)

    def with_html(self, record: Record, report_loss: ReportLoss) -> Record:
        html = body.to_html(
            record.body,
            is_markdown=record.body_format == "markdown",
            is_gated=record.level != 0,
            report_loss=report_loss,
        )
        return replace(record, body=html, body_format="html")


class _Seen:
    """The ids seen so far. Files that were put together of several use some for different posts."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str, str], str] = {}

    def source_id(self, row: JsonObject, site: Site, number: int) -> str:
        """Return the id of a post, with its slug if another one has the same id."""
        kind, slug = kind_of(row), text_of(row, "slug")
        post_id = text_of(row, "id") or text_of(row, "uuid") or slug or f"number {number}"
        mark = text_of(row, "uuid") or slug
        for name in (post_id, f"{post_id} {slug}"):
            if self.names.setdefault((site.name, kind, name), mark) == mark:
                return name[:400]
        return f"{post_id} {mark}"[:400]


def flat(row: dict[str, object]) -> dict[str, object]:
    """Return a post, which some tools put inside another object together with its address."""
    inner = row.get("data")
    return inner if isinstance(inner, dict) and "title" not in row else row


def _routes_in(part: Part) -> dict[str, object]:
    try:
        return parse(part.read_text())
    except InvalidYaml as error:
        raise UnreadableFile(f"{part.name} cannot be read: {error}.") from error


def _rows(part: Part) -> Iterator[Row]:
    with part.open() as stream:
        yield from read_rows(stream, part.name)
