"""The list of sources below an article."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from articles.models import Source
from articles.sources.extraction import cited_sources
from truthlytics.web.partial_dates import format_partial_date
from truthlytics.web.types import Content

_NAMED_KINDS = set(Source.Kind.values) - {Source.Kind.OTHER}
# A source in the derived columns of a version.
Entry = dict[str, object]


class ShownSource(NamedTuple):
    """A source as the page shows it. The title links to `url`; `copy_url` is that of an archived copy."""

    number: int
    title: str
    url: str
    copy_url: str
    details: str
    kind_label: str
    accessed_on: str
    is_gone: bool


def divided_sources(content: Content, current: Mapping[str, Source] | None = None) -> tuple[list[Entry], list[Entry]]:
    """Return the sources cited in the free part, and those cited only in the gated part, with their numbers.

    The archived copy and whether the original is gone are current; all other details are those published. `current`
    has the sources by key, if they were fetched already.
    """
    published = content.get("sources", ())
    if current is None:
        current = Source.objects.by_key([source["key"] for source in published])
    parts: tuple[list[Entry], list[Entry]] = ([], [])
    for number, source in enumerate(published, start=1):
        copy, row = source.get("archived_url", ""), current.get(source["key"])
        if row is not None:
            copy = row.archived_url or copy
        copy = copy or source.get("document", {}).get("url", "")
        shown = {name: value for name, value in source.items() if name not in {"gated", "document"}}
        shown |= {"number": number, "archived_url": copy if copy != source.get("url") else ""}
        parts[source["gated"]].append(shown | {"is_gone": row is not None and row.gone_at is not None})
    return parts


def readable_sources(content: Mapping[str, object], body: str) -> list[Entry]:
    """Return the sources of `content` that `body`, the readable part of its text, cites."""
    readable = _keys(body)
    return [entry for part in divided_sources(content) for entry in part if entry["key"] in readable]


def changed_sources(old: Content, new: Content, bodies: tuple[str, str]) -> tuple[str, str]:
    """Return the removed and the added sources as text. `bodies` are the readable parts of both texts."""
    before, after = (
        [_described(source) for source in content.get("sources", ()) if source["key"] in _keys(body)]
        for content, body in zip((old, new), bodies, strict=True)
    )
    removed, added = set(before) - set(after), set(after) - set(before)
    return "; ".join(text for text in before if text in removed), "; ".join(text for text in after if text in added)


def _keys(body: str) -> set[str]:
    return {source.key for source in cited_sources(body, gated=False)}


def _described(source: Content) -> str:
    return ", ".join(filter(None, (source["title"], _details(source), source.get("url"))))


def _details(source: Content) -> str:
    published = source.get("published_on", "")
    details = (source.get("author"), source.get("publisher"), format_partial_date(published) if published else "")
    return ", ".join(detail for detail in details if detail)


def shown_sources(derived: Iterable[Content]) -> list[ShownSource]:
    """Return entries of `Version.free_sources` or `paid_sources` for display.

    If the original is gone, the title links to the archived copy.
    """
    return [_shown(source) for source in derived]


def _shown(source: Content) -> ShownSource:
    url, copy, is_gone = source.get("url", ""), source["archived_url"], source["is_gone"]
    accessed = source.get("accessed_on", "")
    return ShownSource(
        number=source["number"],
        title=source["title"],
        url=copy if is_gone or not url else url,
        copy_url="" if is_gone or not url else copy,
        details=_details(source),
        kind_label=str(Source.Kind(source["kind"]).label) if source["kind"] in _NAMED_KINDS else "",
        accessed_on=format_partial_date(accessed) if accessed and url else "",
        is_gone=is_gone,
    )
