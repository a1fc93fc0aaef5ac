"""Filters of the newsroom's templates."""

import re
from collections.abc import Iterable

from django import template
from django.apps import apps
from django.db import models
from django.db.models.options import Options
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from truthlytics.web.types import JsonObject

register = template.Library()
CELL_START = re.compile(r"^<t[dh]\b")


@register.filter
def with_labels(cells: Iterable[str], headers: Iterable[dict[str, object]]) -> list[str]:
    """Give each cell of a change list the name of its column as `data-label`, except the checkbox of the row."""
    return [_labelled(cell, header) for cell, header in zip(cells, headers, strict=True)]


def _labelled(cell: str, header: JsonObject) -> str:
    start = CELL_START.match(cell)
    if start is None or "action-checkbox" in header.get("class_attrib", ""):
        return cell
    if "label" not in header:  # made once for all rows
        header["label"] = escape(capfirst(header["text"]))
    return mark_safe(f'{start[0]} data-label="{header["label"]}"{cell[start.end() :]}')  # noqa: S308  Django's markup


@register.filter
def deleted_too(model_count: Iterable[tuple[object, int]], opts: Options[models.Model]) -> list[str]:
    """Return how many rows of each kind are deleted with one of `opts`, such as "15 renditions".

    Tables that only link rows are left out.
    """
    singular = {str(model._meta.verbose_name_plural): str(model._meta.verbose_name) for model in apps.get_models()}
    rows = []
    for plural, count in model_count:
        name, also = str(plural), count - (str(plural) == str(opts.verbose_name_plural))
        if also and name in singular:
            rows.append(f"{also} {singular[name] if also == 1 else name}")
    return rows
