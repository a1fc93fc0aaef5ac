"""Answers with several items."""

from collections.abc import Iterable

from django.http import HttpRequest

from articles.seo.meta import absolute_url
from truthlytics.web.types import JsonObject


def items(rows: Iterable[JsonObject]) -> JsonObject:
    """Return all of a list that has one page only."""
    return {"items": list(rows), "next": None}


def answer_page(request: HttpRequest, rows: list[JsonObject], after: str) -> JsonObject:
    """Return a page with the address of the next one, which has the same parameters and the cursor `after`."""
    if not after:
        return items(rows)
    query = request.GET.copy()
    query["after"] = after
    return {"items": rows, "next": absolute_url(f"{request.path}?{query.urlencode()}")}
