"""One thing that is shown: a template of the site, and made-up content for it."""

import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.presenters.menus import DEFAULT, drawn

_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_NAMING = re.compile(r'\b(id|for|form|list|aria-(?:labelledby|describedby|controls))="([^"]+)"')
_JUMP = re.compile(r'href="#([^"]+)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """`title` says what is hard about it. Of a whole page its main part is shown."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)

    def draw(self, request: HttpRequest, numbers: "count[int]") -> SafeString:
        """Its HTML, with ids that no other sample on the page has."""
        # No menus and sections are looked up for each.
        frame = {"masthead_sections": [], "menus": drawn(DEFAULT, timezone.now())}
        html = render_to_string(self.template, frame | self.context, request)
        whole = _MAIN.search(html)
        return mark_safe(_apart(whole[1] if whole else html, f"s{next(numbers)}-"))  # noqa: S308


def _apart(html: str, prefix: str) -> str:
    ids = set(_ID.findall(html))

    def named(match: re.Match[str]) -> str:
        words = [prefix + word if word in ids else word for word in match[2].split()]
        return f'{match[1]}="{" ".join(words)}"'

    def jump(match: re.Match[str]) -> str:
        return f'href="#{prefix}{match[1]}"' if match[1] in ids else match[0]

    return _JUMP.sub(jump, _NAMING.sub(named, html))
