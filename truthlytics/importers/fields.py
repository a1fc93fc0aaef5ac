"""From one JSON object of the exchange format to a Record: names, aliases, types and dates."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from articles.access import Level
from articles.integrity import canonical, digest_of
from articles.models import Kind, Redirect
from truthlytics.importers.records import BodyFormat, Fields, Record
from truthlytics.web.text import without_controls

# Our name of a field, and the other names under which it may come.
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
    ("body_markdown", "markdown"), ("body_html", "html"), ("content_html", "html"),
)  # fmt: skip
ACCESS = {
    "everybody": Level.EVERYONE, "public": Level.EVERYONE, "registered": Level.REGISTERED,
    "subscriber": Level.SUBSCRIBER, "subscribers": Level.SUBSCRIBER,
    "supporter": Level.SUPPORTER, "supporters": Level.SUPPORTER,
}  # fmt: skip
_DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_FROM_YEAR = 1000
_LONGEST_ID = 500
_LONGEST_SOURCE = 200
_LONGEST_PATH = 500  # of Redirect.path


class Unreadable(Exception):
    """The object holds no article; its text is a sentence that says why."""


def record_of(raw: Fields, line: int) -> Record:
    """The article that `raw` holds. Raises Unreadable."""
    digest = digest_of(canonical(raw))
    losses: list[tuple[str, str]] = []
    given = _named(raw)
    title = _text(given, "title", losses)
    if not title.strip():
        raise Unreadable("It has no title.")
    body, body_format = _body(given, losses)
    if not body.strip():
        raise Unreadable(f"“{title[:80]}” has no text.")
    url, paths = _addresses(given, losses)
    file = _text(given, "path", losses)
    file = "" if file.startswith("/") else file
    published_at = moment(_text(given, "published_at", losses))
    source_id = _source_id(given, url, file, title)
    return Record(
        line=line,
        source=(_text(given, "source", losses) or _host(url) or "jsonl")[:_LONGEST_SOURCE],
        source_id=source_id if len(source_id) <= _LONGEST_ID else digest_of(source_id),
        digest=digest,
        title=title,
        standfirst=_text(given, "standfirst", losses),
        body=body,
        body_format=body_format,
        authors=_names(given, "authors", losses),
        topics=_names(given, "topics", losses),
        section=_text(given, "section", losses).strip(),
        kind=_kind(_text(given, "kind", losses), losses),
        published_at=published_at,
        level=_level(given.get("access")),
        slug=_text(given, "slug", losses).strip(),
        url=url,
        base=_base(url),
        paths=paths,
        file=file,
        losses=tuple(losses),
    )


def moment(text: str) -> datetime | None:
    """ISO 8601, also with a space for the T: in UTC. A date alone is its midnight; None where it is no date."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone = (match[7] or "Z").upper()
    offset = "+0000" if zone in {"Z", "UTC", "GMT"} else zone.replace(":", "")
    if not _FROM_YEAR <= year <= 9998:
        return None
    try:
        naive = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{min(second, 59):02}{offset}"
        return datetime.strptime(naive, "%Y-%m-%d %H:%M:%S%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _named(raw: Fields) -> Fields:
    """`raw` under our names of the fields; ours win over an alias."""
    given = dict(raw)
    for name, others in ALIASES.items():
        for other in others:
            if given.get(name) in (None, "", []) and given.get(other) not in (None, "", []):
                given[name] = given[other]
    return given


def _text(given: Mapping[str, Any], name: str, losses: list[tuple[str, str]]) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and name in {"id", "slug"}:
        return str(value)
    if not isinstance(value, str):
        raise Unreadable(f"Its {name} must be text, not {_type(value)}.")
    clean = without_controls(value)
    if len(clean) < len(value) and re.search("[\x00-\x08\x0e-\x1f\x7f]", value):
        losses.append(("characters", f"control characters in its {name}"))
    return clean


def _body(given: Fields, losses: list[tuple[str, str]]) -> tuple[str, BodyFormat]:
    for name, body_format in BODIES:
        if given.get(name) not in (None, ""):
            return _text(given, name, losses), body_format
    body_format = given.get("body_format", "markdown")
    if body_format not in ("markdown", "html"):
        raise Unreadable("Its body_format must be “markdown” or “html”.")
    return _text(given, "body", losses), body_format


def _names(given: Fields, name: str, losses: list[tuple[str, str]]) -> tuple[str, ...]:
    """A list of names, or of objects with a name; a single text is a list of one. None twice."""
    value = given.get(name)
    if value is None or value == "":
        return ()
    parts = value if isinstance(value, list) else [value]
    names = []
    for part in parts:
        text = part.get("name") if isinstance(part, dict) else part
        if not isinstance(text, str):
            raise Unreadable(f"Its {name} must be a list of names, not {_type(value)}.")
        names.append(" ".join(_text({name: text}, name, losses).split()))
    return tuple(dict.fromkeys(each for each in names if each))


def _addresses(given: Fields, losses: list[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    """The old address as it came, if it names a host, and every old path, normal and percent-decoded."""
    url = _text(given, "url", losses).strip()
    path = _text(given, "path", losses).strip()
    wanted = [url] if url else []
    if path.startswith("/"):
        wanted.append(path)
    wanted += _names(given, "aliases", losses)
    paths: dict[str, None] = {}
    for each in wanted:
        try:
            parts = urlsplit(each)
        except ValueError:
            losses.append(("address", each))
            continue
        normal = Redirect.normal(without_controls(unquote(parts.path)))
        if normal == "/" or len(normal) > _LONGEST_PATH:
            losses.append(("address", each))
        else:
            paths[normal] = None
    return (url if _host(url) else ""), tuple(paths)


def _source_id(given: Fields, url: str, file: str, title: str) -> str:
    """What names the record in its source for good: its id, else address, else file, else title and date."""
    path = given.get("path")
    for value in (_text(given, "id", []), url, file, path if isinstance(path, str) else ""):
        if value.strip():
            return value.strip()
    return f"{title.strip()} ({given.get('published_at') or 'no date'})"


def _kind(text: str, losses: list[tuple[str, str]]) -> str:
    kind = text.strip().lower()
    if not kind or kind in Kind.values:
        return kind or Kind.ANALYSIS
    losses.append(("mark-up", f"kind “{text}”"))
    return Kind.ANALYSIS


def _level(value: Any) -> int | None:
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


def _type(value: Any) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "nothing")
