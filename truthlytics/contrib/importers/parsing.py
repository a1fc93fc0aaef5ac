"""Read what a person typed about an import: types, time zones, addresses, hosts and maps of names."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from articles.models import Kind
from truthlytics.contrib.importers.media.web import valid_host
from truthlytics.contrib.importers.records import Target
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.contrib.importers.taxonomy import NameHere, read_name_map

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
TARGETS: dict[str, Target] = {"article": "article", "page": "page"}


def parse_types(pairs: Iterable[str]) -> tuple[tuple[str, Target], ...]:
    """Return the further types of records in `pairs` such as "recipe=article". Raises ImportRefused."""
    types: list[tuple[str, Target]] = []
    for text in pairs:
        name, _, target = text.partition("=")
        if not name or target not in TARGETS:
            raise ImportRefused(f"Further types need pairs such as recipe=article, not “{text}”.")
        types.append((name, TARGETS[target]))
    return tuple(types)


def parse_zone(name: str) -> ZoneInfo | None:
    """Return the time zone with this name, None for "". Raises ImportRefused."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImportRefused(f"There is no time zone “{name}”.") from error


def parse_site_url(text: str) -> str:
    """Return the scheme and host of the address of the old site, "" for "". Raises ImportRefused."""
    address = text.strip()
    if not address:
        return ""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise ImportRefused(f"The address of the old site must be such as https://example.org, not “{address[:80]}”.")
    return f"{parts.scheme}://{host}"


def read_names(path: Path | None) -> dict[str, NameHere]:
    """Return the map of names in the CSV file `path`. Raises ImportRefused."""
    try:
        return read_name_map(path) if path else {}
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise ImportRefused(str(error)) from error


def read_kinds(path: Path | None) -> dict[str, str]:
    """Return the kinds of articles in the CSV file `path`, by section or topic in the source. Raises ImportRefused."""
    kinds = {source: name.name.casefold() for source, name in read_names(path).items()}
    for kind in kinds.values():
        if kind not in Kind.values:
            raise ImportRefused(f"“{kind}” is not a kind of article. There are {', '.join(Kind.values)}.")
    return kinds


def parse_host(text: str) -> str:
    """Return the name of a host to fetch from, such as `example.org` or `*.example.org`. Raises ImportRefused."""
    try:
        return valid_host(text)
    except ValueError as error:
        raise ImportRefused(f"“{text}” is not the name of a host, such as example.org or *.example.org.") from error
