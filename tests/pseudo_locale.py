"""A language for tests: every translation of the newsroom in brackets, so that what is not translated stands out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any
from unittest import mock

from django.utils.translation import trans_real
from lxml import html

from truthlytics.newsroom import script_catalogue

OPEN, CLOSE = "⟦", "⟧"
LANGUAGE = "de"
# What a person sees or hears beside text.
ATTRIBUTES = ("title", "placeholder", "alt", "aria-label")
# Not language: code, addresses, and what an editor writes.
SKIPPED = "|".join(f"//{name}" for name in ("script", "style", "template", "code", "pre", "kbd", "textarea"))
BRACKET = re.compile(f"([{OPEN}{CLOSE}])")
WORD = re.compile(r"[^\W\d_]{2,}")
SCRIPT = """
for (const name of ["gettext", "ngettext", "pgettext", "npgettext"]) {
  const translate = globalThis[name];
  globalThis[name] = (...args) => `⟦${translate(...args)}⟧`;
}
"""


@contextmanager
def bracketed() -> Iterator[None]:
    """Put each translation of `LANGUAGE` in brackets, those of scripts as well."""
    translation = trans_real.translation(LANGUAGE)
    texts = copy(translation._catalog)
    texts._catalogs = [{key: _bracket(text) for key, text in part.items()} for part in texts._catalogs]
    content, digest = script_catalogue.catalogue(LANGUAGE)
    with (
        mock.patch.object(translation, "_catalog", texts),
        mock.patch.object(script_catalogue, "catalogue", lambda _: (content + SCRIPT.encode(), digest)),
    ):
        yield


def _bracket(text: Any) -> Any:
    return f"{OPEN}{text}{CLOSE}" if text else text


def outside(texts: list[str]) -> Iterator[str]:
    """Yield the parts of consecutive texts that are in no brackets. A translation may go on in the next text."""
    depth = 0
    for text in texts:
        for part in BRACKET.split(text):
            if part in {OPEN, CLOSE}:
                depth += 1 if part == OPEN else -1
            elif not depth and part.strip():
                yield " ".join(part.split())


def untranslated(page: str, content: set[str]) -> list[str]:
    """Return the visible texts of `page` that are in no brackets and have words other than those of `content`."""
    root = html.fromstring(page)
    for element in root.xpath(SKIPPED):
        element.drop_tree()
    texts = [text for text in root.itertext() if isinstance(text, str)]
    parts = [*outside(texts)]
    for element in root.iter():
        for name in ATTRIBUTES:
            if isinstance(element.tag, str) and element.get(name):
                parts += outside([element.get(name)])
    return sorted({part for part in parts if {word.lower() for word in WORD.findall(part)} - content})
