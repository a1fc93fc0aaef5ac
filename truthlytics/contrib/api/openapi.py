"""The OpenAPI document, made from the addresses and their endpoints.

`openapi.json` is what was published of the addresses of the site. A feature has one beside its module, of its own.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from django.urls import URLPattern, URLResolver

from truthlytics.api.endpoints import Endpoint
from truthlytics.api.schemas import Schema, text
from truthlytics.contrib.api import schemas
from truthlytics.web.types import JsonObject

PUBLISHED = Path(__file__).with_name("openapi.json")
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
# Schemas of parts of a path, by the converter and by the name.
_CONVERTERS: dict[str, JsonObject] = {
    "version": {"type": "integer", "minimum": 1, "maximum": 999_999},
    "int": {"type": "integer", "minimum": 1},
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
}
_PARTS = {
    "article": "The slug or the id of the article. The id stays if the slug is changed.",
    "slug": "The last part of the address of its page.",
    "number": "The number of the version, as readers count.",
    "old": "The number of the older version.",
    "reader": "The number of the account.",
    "new": "The number of the newer version, greater than “old”.",
}
_ERRORS = {
    "400": "A parameter is unknown or has no valid value. “detail” says which.",
    "401": "There is no such key, or it was revoked; or this needs one.",
    "403": "The key does not allow this.",
    "404": "There is nothing at this address.",
    "410": "It was withdrawn. “detail” has the note for readers.",
    "429": "Too many requests. The header “Retry-After” says for how many seconds to wait.",
    "503": "The search took too long, or the site cannot answer now.",
}
PROBLEM = Schema(
    "Problem",
    "What went wrong (RFC 9457).",
    {
        "title": text("The name of the status."),
        "status": {"type": "integer", "description": "The status."},
        "detail": text("What happened, and what to do."),
    },
)


def endpoints(urlpatterns: Iterable[URLPattern | URLResolver]) -> list[tuple[str, Endpoint]]:
    """Return the route of each endpoint, such as "v1/articles/<slug:article>", in the order of the addresses."""
    patterns = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    return [
        (str(pattern.pattern), pattern.callback.endpoint)
        for pattern in patterns
        if hasattr(pattern.callback, "endpoint")
    ]


def whole_document() -> JsonObject:
    """Return the document of all addresses, with those of features and plug-ins."""
    # These import the views, which import this module.
    from truthlytics.contrib.api.endpoint_urls import urlpatterns

    return document(urlpatterns)


def as_text(document: JsonObject) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def document(urlpatterns: Iterable[URLPattern | URLResolver]) -> JsonObject:
    """Return the document of these addresses. Its server is the site's own `/api`."""
    found = endpoints(urlpatterns)
    used: dict[str, Schema] = {schema.name: schema for _, each in found for schema in _with_parts(each.schema)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Read API",
            "version": "1",
            "description": "What readers read, for programs. Fields are added; none is removed or changes its meaning.",
        },
        "servers": [{"url": "/api"}],
        "security": [{}, {"key": []}],
        "paths": {_PARAMETER.sub(r"{\2}", f"/{route}"): {"get": _operation(route, each)} for route, each in found},
        "components": {
            "schemas": {name: used[name].as_document() for name in sorted(used)} | {"Problem": PROBLEM.as_document()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key of the site."}},
        },
    }


def _with_parts(schema: Schema) -> list[Schema]:
    """Return `schema` and those it refers to."""
    every = [each for each in vars(schemas).values() if isinstance(each, Schema)]
    return [schema, *(each for each in every if f"'#/components/schemas/{each.name}'" in repr(schema.fields))]


def _operation(route: str, endpoint: Endpoint) -> JsonObject:
    ref: JsonObject = endpoint.schema.ref(endpoint.schema.description)
    answer = ref
    if endpoint.many:
        following = {"type": ["string", "null"], "description": "The address of the next page; null on the last one."}
        fields = {"items": {"type": "array", "items": ref}, "next": following}
        answer = {"type": "object", "properties": fields, "required": list(fields)}
    parts = [_part(kind, name) for kind, name in _PARAMETER.findall(route)]
    errors = {"400", "401", "429", "503"}
    errors |= {"403"} if endpoint.scope else set()
    errors |= {"404"} if parts else set()
    errors |= {"410"} if endpoint.may_be_gone else set()
    operation: JsonObject = {
        "operationId": re.sub(r"\W+", "_", _PARAMETER.sub(r"\2", route)).removeprefix("v1_"),
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*parts, *(each.as_document() for each in endpoint.all_parameters())],
        "responses": {
            "200": {"description": endpoint.schema.description, "content": {"application/json": {"schema": answer}}},
            **{status: _problem(_ERRORS[status]) for status in sorted(errors)},
        },
    }
    if endpoint.scope:
        operation["description"] = f"Needs a key with the scope “{endpoint.scope}”."
        operation["security"] = [{"key": [endpoint.scope]}]
    return operation


def _part(kind: str, name: str) -> JsonObject:
    """Return the description of a part of a path. Plug-ins may have other converters and names."""
    schema, description = _CONVERTERS.get(kind, {"type": "string"}), _PARTS.get(name, name)
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _problem(description: str) -> JsonObject:
    content: JsonObject = {"application/problem+json": {"schema": PROBLEM.ref("The error.")}}
    return {"description": description, "content": content}
