"""A few words around what was found, from a text that this reader may read. Pure; what comes out is safe HTML."""

from collections.abc import Collection

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles.search.terms import COMMON, WORD, term_of

BEFORE, LENGTH = 70, 220


def snippet(text: str, terms: Collection[str]) -> SafeString:
    """The part of `text` around the first of `terms`, each marked; empty where none stands in it.

    Words that stand in every sentence say nothing beside others, and are left out of `terms`.
    """
    terms = telling(terms)
    first = next((found for found in WORD.finditer(text) if term_of(found[0]) in terms), None)
    if first is None:
        return SafeString()
    start = _after_space(text, first.start() - BEFORE) if first.start() > BEFORE else 0
    end = _before_space(text, start + LENGTH, min(first.end(), start + LENGTH))
    cut = marked(text[start:end].replace("\n", " "), terms)
    return format_html_join("", "{}", ((part,) for part in ("… " * (start > 0), cut, " …" * (end < len(text)))))


def marked(text: str, terms: Collection[str]) -> SafeString:
    """`text`, escaped, with every telling word of `terms` in a <mark>."""
    terms = telling(terms)
    made, done = [], 0
    for found in WORD.finditer(text):
        if term_of(found[0]) in terms:
            made += [escape(text[done : found.start()]), f"<mark>{escape(found[0])}</mark>"]
            done = found.end()
    return mark_safe("".join([*made, escape(text[done:])]))  # noqa: S308


def telling(terms: Collection[str]) -> Collection[str]:
    """`terms` without the words of every sentence, unless there are no others."""
    return frozenset(terms) - COMMON or terms


def _after_space(text: str, place: int) -> int:
    near = [space for sign in " \n" if (space := text.find(sign, place, place + BEFORE)) >= 0]
    return min(near) + 1 if near else place


def _before_space(text: str, place: int, least: int) -> int:
    if place >= len(text):
        return len(text)
    return max(text.rfind(" ", least, place), text.rfind("\n", least, place), least)
