"""Search result snippets with highlighted terms, from text that the reader may read. Pure; returns safe HTML."""

from collections.abc import Collection

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles.search.documents import STOP_WORDS, WORD, term_of

CONTEXT_LENGTH, SNIPPET_LENGTH = 70, 220


def snippet(text: str, terms: Collection[str]) -> SafeString:
    """Return the part of `text` around the first of `terms`, with all of them highlighted; "" if there is none.

    Stop words are ignored unless there are no other terms.
    """
    terms = without_stop_words(terms)
    first = next((match for match in WORD.finditer(text) if term_of(match[0]) in terms), None)
    if first is None:
        return SafeString()
    start = _after_space(text, first.start() - CONTEXT_LENGTH) if first.start() > CONTEXT_LENGTH else 0
    end = _before_space(text, start + SNIPPET_LENGTH, min(first.end(), start + SNIPPET_LENGTH))
    part = highlight(text[start:end].replace("\n", " "), terms)
    return format_html_join("", "{}", ((html,) for html in ("… " * (start > 0), part, " …" * (end < len(text)))))


def highlight(text: str, terms: Collection[str]) -> SafeString:
    """Return `text`, escaped, with the words of `terms` in <mark> elements."""
    terms = without_stop_words(terms)
    parts, end = [], 0
    for match in WORD.finditer(text):
        if term_of(match[0]) in terms:
            parts += [escape(text[end : match.start()]), f"<mark>{escape(match[0])}</mark>"]
            end = match.end()
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308


def without_stop_words(terms: Collection[str]) -> Collection[str]:
    """Return `terms` without stop words, or unchanged if they are all stop words."""
    return frozenset(terms) - STOP_WORDS or terms


def _after_space(text: str, position: int) -> int:
    spaces = [space for separator in " \n" if (space := text.find(separator, position, position + CONTEXT_LENGTH)) >= 0]
    return min(spaces) + 1 if spaces else position


def _before_space(text: str, position: int, minimum: int) -> int:
    if position >= len(text):
        return len(text)
    return max(text.rfind(" ", minimum, position), text.rfind("\n", minimum, position), minimum)
