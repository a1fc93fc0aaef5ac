"""A sample: a template of the site rendered with made-up content."""

import re
from dataclasses import dataclass, field
from itertools import count

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.presenters.menus import DEFAULT, resolve
from truthlytics.web.types import TemplateContext

_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCES = re.compile(r'\b(id|for|form|list|aria-(?:labelledby|describedby|controls))="([^"]+)"')
_FRAGMENT_LINK = re.compile(r'href="#([^"]+)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """`title` says what is difficult about the content. Of a whole page, only `<main>` is shown."""

    title: str
    template: str
    context: TemplateContext = field(default_factory=dict)

    def render(self, request: HttpRequest, numbers: "count[int]") -> SafeString:
        """Return the HTML, with ids that are unique on the page."""
        # Avoid queries for the menus and sections of each sample.
        defaults = {"masthead_sections": [], "menus": resolve(DEFAULT, timezone.now())}
        html = render_to_string(self.template, defaults | self.context, request)
        main = _MAIN.search(html)
        return mark_safe(_prefix_ids(main[1] if main else html, f"s{next(numbers)}-"))  # noqa: S308


def _prefix_ids(html: str, prefix: str) -> str:
    ids = set(_ID.findall(html))

    def prefix_references(match: re.Match[str]) -> str:
        references = [prefix + name if name in ids else name for name in match[2].split()]
        return f'{match[1]}="{" ".join(references)}"'

    def prefix_link(match: re.Match[str]) -> str:
        return f'href="#{prefix}{match[1]}"' if match[1] in ids else match[0]

    return _FRAGMENT_LINK.sub(prefix_link, _REFERENCES.sub(prefix_references, html))
