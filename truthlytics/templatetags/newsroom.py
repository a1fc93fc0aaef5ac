"""Filters of the newsroom's templates."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

register = template.Library()
CELL_START = re.compile(r"^<t[dh]\b")


@register.filter
def with_labels(cells: Iterable[str], headers: Iterable[dict[str, Any]]) -> list[str]:
    """Give each cell of a change list the name of its column as `data-label`, except the checkbox of the row."""
    return [
        cell if "action-checkbox" in header.get("class_attrib", "") else _labelled(cell, capfirst(header["text"]))
        for cell, header in zip(cells, headers, strict=True)
    ]


def _labelled(cell: str, label: str) -> str:
    start = CELL_START.match(cell)
    if start is None:
        return cell
    return mark_safe(f'{start[0]} data-label="{escape(label)}"{cell[start.end() :]}')  # noqa: S308  Django's markup
