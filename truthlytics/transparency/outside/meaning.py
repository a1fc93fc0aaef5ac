"""What a new version of a text says otherwise than the one before, and whether readers were told.

`articles/corrections/rule.py` refuses to publish what is a fault here, since a `FORMAT` of contents. Of versions from
before that, and of imported ones, it is only said. `static/js/record-meaning.js` does the same in the browser.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from truthlytics.transparency.outside.expected import Content
from truthlytics.transparency.outside.html import Element, parse

# Words of a difference that are shown.
SHOWN_WORDS = 40
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_KINDS = {
    "": "without a kind of change", "correction": "as a correction", "clarification": "as a clarification",
    "update": "as an update", "note": "with an editor’s note", "retraction": "as a retraction",
    "minor": "as a minor edit",
}  # fmt: skip


class Change(NamedTuple):
    """How a version differs from the one before: words removed and added, and what is wrong with what is said of it."""

    removed: str
    added: str
    kind: str
    note: str
    faults: list[str]

    @property
    def sentence(self) -> str:
        """What changed, and as what, for a list."""
        words = [f"removed “{self.removed}”"] * bool(self.removed) + [f"added “{self.added}”"] * bool(self.added)
        note = f" Its note: “{self.note}”" if self.note else " It has no note."
        return f"was changed {_KINDS.get(self.kind, self.kind)}: {', '.join(words) or 'no words'}.{note}"


def passages(kind: str, content: Content) -> list[str]:
    """Return the words of a content that readers see: one text for each part."""
    if kind == "dossier":
        entries = [entry["text"] for entry in content["entries"]]
        return [content["title"], parse(content["summary"]).words(), *entries, *_answers(content)]
    pictures = content.get("pictures", {})
    lead = content.get("lead") or {}
    found = [content["headline"], content.get("standfirst", ""), *(one["name"] for one in content.get("bylines", ()))]
    found.append(_caption(pictures.get(lead.get("uuid")), lead.get("caption", "")))

    def replaced(element: Element) -> str | None:
        if element.get("data-footnote"):
            return f" {element.get('data-footnote')} "
        if element.tag == "figure":
            return f" {_caption(pictures.get(element.get('data-image')), element.words())} "
        if "data-embed" in element.attributes:
            return f" {element.get('data-title')} "
        if element.tag == "aside" and element.get("data-by"):
            return f" {element.words(replace=replaced)} {element.get('data-by')} "
        return None

    return [*found, parse(content["body"]).words(replace=replaced), *_answers(content)]


def _caption(details: Content | None, own: str) -> str:
    return f"{own.strip() or details['caption']} {details['credit']}" if details else ""


def _answers(content: Content) -> list[str]:
    answers = content.get("how_we_know", {})
    return [answers[name] for name in sorted(answers)]


def compare_contents(kind: str, before: Content, after: Content, said: Mapping[str, Any]) -> Change:
    """Compare a version with the one before. `said` has its note, and `correction` if it has a kind of change."""
    old, new = passages(kind, before), passages(kind, after)
    change, note = said.get("correction", {}), said["note"].strip()
    removed, added = _difference(" ".join(old), " ".join(new)) if old != new else ("", "")
    faults = []
    if kind == "article":
        if _letters(old) != _letters(new) and not change:
            faults.append("has other words than the version before, and does not say what kind of change it is")
        lost = lost_figures(old, new)
        if change.get("kind") == "minor" and lost and "figure" not in change.get("changed_facts", "").split(","):
            faults.append(f"is called a minor edit, but a figure is no longer there: {', '.join(lost[:5])}")
        if change.get("kind") == "minor" and change.get("changed_facts") and not note:
            faults.append("is called a minor edit, in which a fact changed, and has no note that says why")
        if change.get("kind", "minor") != "minor" and not note:
            faults.append("has a kind of change and no note")
    weaker = weaker_statement(before, after)
    if weaker and not note:
        faults.append(f"states less use of AI than the version before ({weaker}), and has no note that says why")
    return Change(removed, added, change.get("kind", ""), note, faults)


def _letters(texts: list[str]) -> str:
    return "".join("".join(texts).split())


def lost_figures(old: list[str], new: list[str]) -> list[str]:
    """Return the figures in digits that `old` has more often than `new`, with “1,200” as 1200."""
    before, after = (Counter(figure for text in texts for figure in _figures(text)) for texts in (old, new))
    return list((before - after).elements())


def _figures(text: str) -> Iterator[str]:
    for figure in _FIGURE.findall(text):
        yield figure.replace(",", "") if _THOUSANDS.fullmatch(figure) else figure


def weaker_statement(before: Content, after: Content) -> str:
    """Return what `before` states of the use of AI and `after` does not, or ""."""
    stated, kept = before.get("ai_uses", ()), after.get("ai_uses", ())
    if stated and not kept:
        return "nothing is stated any more"
    lost = [use for use in stated if use != "none" and use not in kept]
    shown = after.get("pictures", {})
    for uuid, picture in before.get("pictures", {}).items():
        if picture.get("ai_use") and uuid in shown and shown[uuid].get("ai_use") != picture["ai_use"]:
            lost.append("a picture by AI")
    return ", ".join(lost)


def _difference(old: str, new: str) -> tuple[str, str]:
    """Return the words removed and added, each at most `SHOWN_WORDS`, in their order."""
    before, after = old.split(), new.split()
    removed: list[str] = []
    added: list[str] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for how, start, end, first, last in matcher.get_opcodes():
        if how != "equal":
            removed += [*(["…"] if removed and end > start else []), *before[start:end]]
            added += [*(["…"] if added and last > first else []), *after[first:last]]
    return _shortened(removed), _shortened(added)


def _shortened(words: list[str]) -> str:
    return " ".join(words[:SHOWN_WORDS]) + (f" … ({len(words) - SHOWN_WORDS} more)" if len(words) > SHOWN_WORDS else "")
