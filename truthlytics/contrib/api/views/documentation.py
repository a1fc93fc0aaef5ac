"""The OpenAPI document, and the same as a page that people can read."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.seo.meta import absolute_url
from truthlytics.contrib.api.openapi import as_text, whole_document
from truthlytics.web.pages import public_page
from truthlytics.web.types import JsonObject


@public_page()
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer with the OpenAPI document."""
    headers = {"Access-Control-Allow-Origin": "*"}
    return HttpResponse(as_text(whole_document()), content_type="application/json", headers=headers)


@public_page(tags=["sections"])
@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show the addresses of the API, what they take and what they answer."""
    return render(request, "api/documentation.html", {"base": absolute_url("/api"), "groups": _groups()})


@cache
def _groups() -> dict[str, list[JsonObject]]:
    """Return the operations by tag, with the fields of what they answer."""
    document = whole_document()
    found: dict[str, list[JsonObject]] = {}
    for path, methods in document["paths"].items():
        operation = methods["get"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        is_list = "properties" in answer
        item = answer["properties"]["items"]["items"] if is_list else answer
        schema = document["components"]["schemas"][item["$ref"].rpartition("/")[2]]
        row = operation | {"path": path, "is_list": is_list, "answer": schema, "id": operation["operationId"]}
        found.setdefault(operation["tags"][0], []).append(row)
    return found
