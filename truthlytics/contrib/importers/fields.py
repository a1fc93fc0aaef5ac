"""Convert a JSON object of the exchange format to a Record."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from articles.access import Level
from articles.integrity import digest_of
from articles.models import Kind, Redirect
from truthlytics.contrib.importers import access_signs
from truthlytics.contrib.importers.paid_words import has_choice
from truthlytics.contrib.importers.records import BodyFormat, Fields, OldPath, Record
from truthlytics.contrib.importers.wrappers import wrappers_in
from truthlytics.web.canonical_json import canonical
from truthlytics.web.text import split_words, strip_control_characters

# Accepted aliases by field name.
ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("source_id", "guid"),
    "standfirst": ("dek", "subtitle", "summary", "description", "excerpt"),
    "authors": ("author", "byline", "bylines"),
    "topics": ("topic", "tags", "keywords"),
    "published_at": ("published", "date", "date_published"),
    "url": ("old_url", "permalink", "link"),
    "access": ("visibility",),
}
BODIES: tuple[tuple[str, BodyFormat], ...] = (
    ("body_markdown", "markdown"),
    ("body_html", "html"),
    ("content_html", "html"),
)
ACCESS = {
    "everybody": Level.EVERYONE,
    "public": Level.EVERYONE,
    "registered": Level.REGISTERED,
    "subscriber": Level.SUBSCRIBER,
    "subscribers": Level.SUBSCRIBER,
    "supporter": Level.SUPPORTER,
    "supporters": Level.SUPPORTER,
}
_DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_MIN_YEAR = 1000
_MAX_ID_LENGTH = 500
_MAX_SOURCE_LENGTH = 200
_MAX_PATH_LENGTH = 500  # of Redirect.path


# Fields of the format, which may have such words in their names.
_KNOWN = {
    *split_words("aliases body body_format kind path section slug source title"),
    *(name for name, _ in BODIES),
    *ALIASES,
    *(alias for aliases in ALIASES.values() for alias in aliases),
}


class InvalidRecord(Exception):
    """The object is not a valid article; the message says why."""


def record_from(raw: Fields, line: int, harmless: frozenset[str] = frozenset()) -> Record:
    """Return the article in `raw`, closed if it has signs of access rules but `harmless` ones. Raises InvalidRecord."""
    losses: list[tuple[str, str]] = []
    fields = _resolve_aliases(raw)
    title = _text(fields, "title", losses)
    if not title.strip():
        raise InvalidRecord("It has no title.")
    body, body_format = _body(fields, losses)
    if not body.strip():
        raise InvalidRecord(f"“{title[:80]}” has no text.")
    url, paths = _old_urls(fields, losses)
    file = _text(fields, "path", losses)
    file = "" if file.startswith("/") else file
    source_id = _source_id(fields, url, file, title)
    signs = _signs(raw, body, is_markdown=body_format == "markdown")
    guards = access_signs.stopping(signs, harmless)
    return Record(
        line=line,
        source=(_text(fields, "source", losses) or _host(url) or "jsonl")[:_MAX_SOURCE_LENGTH],
        source_id=source_id if len(source_id) <= _MAX_ID_LENGTH else digest_of(source_id),
        digest=digest_of(canonical(raw)),
        title=title,
        standfirst=_text(fields, "standfirst", losses),
        body=body,
        body_format=body_format,
        authors=_names(fields, "authors", losses),
        topics=_names(fields, "topics", losses),
        section=_text(fields, "section", losses).strip(),
        kind=_kind(_text(fields, "kind", losses), losses),
        published_at=parse_time(_text(fields, "published_at", losses)),
        level=None if guards else _level(fields.get("access")),
        slug=_text(fields, "slug", losses).strip(),
        url=url,
        base=_base(url),
        paths=paths,
        file=file,
        losses=tuple(losses),
        status="closed" if guards else "published",
        reason=access_signs.reason(guards),
        signs=signs,
    )


def _signs(raw: Fields, body: str, *, is_markdown: bool) -> tuple[str, ...]:
    """Return what may restrict access: in fields that are not of the format, and what wraps or cuts the text."""
    found: dict[str, None] = {}
    for name, value in raw.items():
        if name in _KNOWN:
            continue
        settings = [
            access_signs.named(f"field {setting}", below) for setting, below in access_signs.settings_in({name: value})
        ]
        found |= dict.fromkeys(settings)
        if not settings and not access_signs.has_harmless_name(name) and has_choice(value):
            text = json.dumps(value) if isinstance(value, dict | list | bool) else str(value)
            found[access_signs.named(f"field {name}", text)] = None
    found |= dict.fromkeys([*access_signs.marks_in(body), *wrappers_in(body, is_markdown=is_markdown)])
    return tuple(found)[:20]


def parse_time(text: str) -> datetime | None:
    """Parse ISO 8601 (also with a space instead of T) as UTC; None if invalid. A date alone means midnight."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone = (match[7] or "Z").upper()
    offset = "+0000" if zone in {"Z", "UTC", "GMT"} else zone.replace(":", "")
    if not _MIN_YEAR <= year <= 9998:
        return None
    try:
        naive = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{min(second, 59):02}{offset}"
        return datetime.strptime(naive, "%Y-%m-%d %H:%M:%S%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _resolve_aliases(raw: Fields) -> Fields:
    """Return `raw` with aliases copied to fields that are missing or empty."""
    fields = dict(raw)
    for name, aliases in ALIASES.items():
        for alias in aliases:
            if fields.get(name) in (None, "", []) and fields.get(alias) not in (None, "", []):
                fields[name] = fields[alias]
    return fields


def _text(fields: Mapping[str, object], name: str, losses: list[tuple[str, str]]) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and name in {"id", "slug"}:
        return str(value)
    if not isinstance(value, str):
        raise InvalidRecord(f"Its {name} must be text, not {_type(value)}.")
    clean = strip_control_characters(value)
    if len(clean) < len(value) and re.search("[\x00-\x08\x0e-\x1f\x7f]", value):
        losses.append(("characters", f"control characters in its {name}"))
    return clean


def _body(fields: Fields, losses: list[tuple[str, str]]) -> tuple[str, BodyFormat]:
    for name, body_format in BODIES:
        if fields.get(name) not in (None, ""):
            return _text(fields, name, losses), body_format
    body_format = fields.get("body_format", "markdown")
    if body_format not in ("markdown", "html"):
        raise InvalidRecord("Its body_format must be “markdown” or “html”.")
    return _text(fields, "body", losses), body_format


def _names(fields: Fields, name: str, losses: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return the distinct names in a list of names or of objects with a name; a string counts as a list of one."""
    value = fields.get(name)
    if value is None or value == "":
        return ()
    parts = value if isinstance(value, list) else [value]
    names = []
    for part in parts:
        text = part.get("name") if isinstance(part, dict) else part
        if not isinstance(text, str):
            raise InvalidRecord(f"Its {name} must be a list of names, not {_type(value)}.")
        names.append(" ".join(_text({name: text}, name, losses).split()))
    return tuple(dict.fromkeys(filter(None, names)))


def _old_urls(fields: Fields, losses: list[tuple[str, str]]) -> tuple[str, tuple[OldPath, ...]]:
    """Return the old URL ("" without a host) and all old paths, percent-decoded and normalised."""
    url = _text(fields, "url", losses).strip()
    path = _text(fields, "path", losses).strip()
    candidates = [url] if url else []
    if path.startswith("/"):
        candidates.append(path)
    candidates += _names(fields, "aliases", losses)
    paths: dict[OldPath, None] = {}
    for candidate in candidates:
        try:
            parts = urlsplit(candidate)
        except ValueError:
            losses.append(("address", candidate))
            continue
        normal = Redirect.normalise(strip_control_characters(Redirect.decoded(parts.path)))
        if normal == "/" or len(normal) > _MAX_PATH_LENGTH:
            losses.append(("address", candidate))
        else:
            paths[OldPath(normal)] = None
    return (url if _host(url) else ""), tuple(paths)


def _source_id(fields: Fields, url: str, file: str, title: str) -> str:
    """Return a permanent identifier: the id, or the URL, the path, or the title and date."""
    path = fields.get("path")
    for value in (_text(fields, "id", []), url, file, path if isinstance(path, str) else ""):
        if value.strip():
            return value.strip()
    return f"{title.strip()} ({fields.get('published_at') or 'no date'})"


def _kind(text: str, losses: list[tuple[str, str]]) -> str:
    kind = text.strip().lower()
    if not kind or kind in Kind.values:
        return kind
    losses.append(("mark-up", f"kind “{text}”"))
    return ""


def _level(value: object) -> int | None:
    if value is None or value == "":
        return Level.EVERYONE
    if isinstance(value, str) and value.strip().lower() in ACCESS:
        return ACCESS[value.strip().lower()]
    if isinstance(value, int) and not isinstance(value, bool) and value in Level.values:
        return value
    return None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "") if "://" in url else ""
    except ValueError:
        return ""


def _base(url: str) -> str:
    host = _host(url)
    return f"{urlsplit(url).scheme}://{host}" if host and url.startswith(("http:", "https:")) else ""


def _type(value: object) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "nothing")
