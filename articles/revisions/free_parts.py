"""Find the parts of several versions that a reader without full access may see.

A paragraph can be free in one version and gated in another. The free part of each ends before the first block that
repeats gated words of any of them.
"""

import re
from collections.abc import Sequence

from articles.models.articles import EXTRA_LINES
from articles.revisions.blocks import Block, top_level_with_blocks
from articles.richtext.rendering import split_at_gate
from articles.richtext.vocabulary import image_uuids, parse
from truthlytics.web.types import Content, JsonObject

Phrase = tuple[str, ...]
# A top-level element of a body as HTML, and its blocks.
TopLevel = tuple[str, Sequence[Block]]
# A block repeats gated words if it has this many of them in a row, or all of a shorter block.
PHRASE_LENGTH = 6
GATE = '<hr data-gate="">'
# What is public of a content, besides what is made of the free blocks of its body.
FREE_FIELDS = (
    "uuid", "headline", "standfirst", "kind", "required_level", "language", "section", "topics", "bylines", "series",
    "lead", "seo", "social", "how_we_know", "ai_uses", "reviews", *EXTRA_LINES,
)  # fmt: skip
_WORD = re.compile(r"\w+")


def gated_alike(contents: Sequence[Content], level: int) -> list[JsonObject]:
    """Return `contents` with the access level `level`, each with the paywall marker where its free part ends.

    Without a level everything is free.
    """
    if not level:
        return [{**content, "required_level": 0} for content in contents]
    marked = [top_level_with_blocks(content["body"]) for content in contents]
    ends = _own_ends(contents, marked)
    bodies = [[block for block in body if not _is_gate(block)] for body in marked]
    ends = _shortest([[_phrases(lines) for _, lines in body] for body in bodies], ends)
    return [
        {**content, "required_level": level, "body": _with_gate([html for html, _ in body], end)}
        for content, body, end in zip(contents, bodies, ends, strict=True)
    ]


def free_body(content: Content) -> str:
    """Return the free part of the body of a content that `gated_alike` returned."""
    body: str = content["body"]
    return body.partition(GATE)[0]


def free_part(content: Content) -> JsonObject:
    """Return the public part of a gated content, in the same form. What is not known to be free is left out."""
    body = free_body(gated_alike([content], content["required_level"])[0])
    shown = {*image_uuids(body), (content["lead"] or {}).get("uuid"), (content.get("social") or {}).get("image")}
    free = {name: content[name] for name in FREE_FIELDS if name in content} | {
        "body": body,
        "pictures": {uuid: details for uuid, details in content["pictures"].items() if uuid in shown},
        "footnotes": [mark.get("data-footnote") for mark in parse(body).iterfind(".//sup[@data-footnote]")],
    }
    if "sources" in content:
        free["sources"] = [source for source in content["sources"] if not source["gated"]]
    return free


def is_free_now(content: Content, current: Content | None, level: int) -> bool:
    """Return whether all of the free part of a gated content is free beside the `current` one.

    `level` is that of the stricter of both. What is gated now is gated in all versions.
    """
    gated = gated_alike([content, *([current] if current else [])], level)[0]
    body: str = content["free"]["body"]
    return free_body(gated) == body


def _with_gate(body: Sequence[str], end: int) -> str:
    return "".join([*body[:end], GATE, *body[end:]])


def _own_ends(contents: Sequence[Content], marked: Sequence[Sequence[TopLevel]]) -> list[int]:
    """Return the number of free blocks of each. A version that was free for all is cut where the gated ones are."""
    ends: list[int | None] = []
    for content, body in zip(contents, marked, strict=True):
        end = next((number for number, block in enumerate(body) if _is_gate(block)), None)
        ends.append(_default_end(content) if end is None and content["required_level"] else end)
    limits = [end for end, content in zip(ends, contents, strict=True) if end is not None and content["required_level"]]
    return [
        end if end is not None else min(*limits, len(body)) if limits else _default_end(content)
        for end, content, body in zip(ends, contents, marked, strict=True)
    ]


def _default_end(content: Content) -> int:
    return len(split_at_gate(parse(content["body"]), gated=True)[0])


def _shortest(phrases: Sequence[Sequence[frozenset[Phrase]]], ends: list[int]) -> list[int]:
    """Shorten the free parts until none repeats words from the gated part of another."""
    while True:
        gated = [
            frozenset().union(*found[end:]) - frozenset().union(*found[:end])
            for found, end in zip(phrases, ends, strict=True)
        ]
        every = frozenset().union(*gated)
        shorter = [
            next((number for number, block in enumerate(found[:end]) if block & every), end)
            for found, end in zip(phrases, ends, strict=True)
        ]
        if shorter == ends:
            return ends
        ends = shorter


def _phrases(lines: Sequence[Block]) -> frozenset[Phrase]:
    """Return every run of words in a top-level element; of a shorter line, all of it."""
    found: set[Phrase] = set()
    for line in lines:
        words = _WORD.findall(line.text.lower())
        runs = [tuple(words[start : start + PHRASE_LENGTH]) for start in range(len(words) - PHRASE_LENGTH + 1)]
        found.update(runs or ([tuple(words)] if words else []))
    return frozenset(found)


def _is_gate(block: TopLevel) -> bool:
    return block[0].startswith("<hr") and "data-gate" in block[0]
