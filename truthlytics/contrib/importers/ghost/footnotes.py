"""Footnotes of Markdown cards: numbers in the text that link to a list at its end."""

import re

from lxml.html import HtmlElement

from truthlytics.contrib.importers.footnotes import note_text, reference

# The sign that leads back to the text.
_BACK = re.compile(r"fnref|footnote-backref|ref[:-]?\d|_ref")


def attach_footnotes(root: HtmlElement) -> None:
    """Replace each number that links to a note by the note, and remove the list of notes."""
    notes = {item.get("id"): item for item in root.iter("li") if item.get("id")}
    used: list[HtmlElement] = []
    for link in list(root.iter("a")) if notes else ():
        href = link.get("href") or ""
        note = notes.get(href[1:]) if href.startswith("#") else None
        if note is None or link in note.iterdescendants() or not _is_number(link):
            continue
        holder = link.getparent() if _is_only_in(link, "sup") else link
        holder.addprevious(reference(note_text(_without_signs(note))))
        holder.drop_tree()
        used.append(note)
    for note in used:
        _remove(note)


def _is_number(link: HtmlElement) -> bool:
    return bool(re.fullmatch(r"[\[(]?\d{1,3}(?::\d+)?[\])]?", str(link.text_content()).strip()))


def _is_only_in(link: HtmlElement, name: str) -> bool:
    parent = link.getparent()
    return bool(parent.tag == name and str(parent.text_content()).strip() == str(link.text_content()).strip())


def _without_signs(note: HtmlElement) -> HtmlElement:
    """Return a note without the sign that leads back to the text."""
    for link in list(note.iter("a")):
        href = link.get("href") or ""
        if href.startswith("#") and (_BACK.search(href) or _BACK.search(link.get("class") or "")):
            link.drop_tree()
    return note


def _remove(note: HtmlElement) -> None:
    """Remove a note, and its list with the line above if nothing else is in it."""
    box = note.getparent()
    if box is None:
        return
    note.drop_tree()
    while box is not None and box.tag in {"ol", "ul", "section", "div"} and not str(box.text_content()).strip():
        above, before = box.getparent(), box.getprevious()
        if above is None:
            return
        if before is not None and before.tag == "hr" and "footnotes" in (before.get("class") or ""):
            before.drop_tree()
        box.drop_tree()
        box = above
