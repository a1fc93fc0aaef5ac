"""Answers to requests: their parameters, the caller, errors and caching."""

import json
from collections.abc import Sequence
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_headers

from articles.access import ReaderRequest
from articles.search import SearchTimeout
from truthlytics.api.endpoints import Endpoint, answer_endpoints_with
from truthlytics.api.parameters import Parameter
from truthlytics.api.problems import Problem, invalid, not_found
from truthlytics.contrib.api.callers import caller_of
from truthlytics.web.pages import public_page
from truthlytics.web.types import JsonObject

# An answer to a key is its owner's: no cache in between keeps it, and programs ask whether theirs is still good.
PRIVATE = "private, no-cache"


@answer_endpoints_with
@vary_on_headers("Authorization")
@conditional_page
def respond(request: ReaderRequest, described: Endpoint, path: dict[str, object]) -> HttpResponse:
    """Answer a request to an endpoint: as a page of visitors, or privately to a key."""
    is_open = "Authorization" not in request.headers and not described.scope
    if is_open and described.is_shared:
        response = public_page(described.depends_on)(_answer)(request, described, path)
    else:
        response = _answer(request, described, path)
        response.headers["Cache-Control"] = PRIVATE
    if is_open:
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _answer(request: ReaderRequest, described: Endpoint, path: dict[str, object]) -> HttpResponse:
    """Return what is at an address as JSON, or the error as a problem."""
    try:
        if request.method not in {"GET", "HEAD"}:
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "The API is only for reading.", Allow="GET, HEAD")
        caller = caller_of(request)
        if described.scope and described.scope not in caller.scopes:
            raise _forbidden(described.scope, has_key=caller.has_key)
        request.access = caller.access
        values = _read_parameters(request, described.all_parameters())
        fields = values.pop("fields")
        return _json(described.answer(request, **path, **values), fields, many=described.many)
    except Problem as problem:
        return problem.as_response()
    except SearchTimeout:
        detail = "The search took too long. Try fewer or longer words."
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, Retry_After="10").as_response()
    except Http404:
        wrong = not_found("version") if path else invalid("The cursor “after” is not valid. Follow “next”.")
        return wrong.as_response()


def _forbidden(scope: str, *, has_key: bool) -> Problem:
    if has_key:
        return Problem(HTTPStatus.FORBIDDEN, f"This key does not allow “{scope}”.")
    detail = f"This needs a key that allows “{scope}”, as “Authorization: Bearer …”."
    return Problem(HTTPStatus.UNAUTHORIZED, detail, WWW_Authenticate="Bearer")


def _json(data: JsonObject, fields: object, *, many: bool) -> HttpResponse:
    chosen = list(fields) if isinstance(fields, list) else []

    def only(item: JsonObject) -> JsonObject:
        return {name: item[name] for name in chosen if name in item}

    shown = data | {"items": [only(item) for item in data["items"]]} if many else only(data)
    return HttpResponse(json.dumps(shown, ensure_ascii=False), content_type="application/json")


def _read_parameters(request: HttpRequest, known: Sequence[Parameter]) -> dict[str, object]:
    """Return the values of all `known` parameters by name. Raises Problem for unknown names and wrong values."""
    names = {parameter.name for parameter in known}
    if unknown := sorted(set(request.GET) - names):
        offered = ", ".join(sorted(names)) or "none"
        raise invalid(f"There is no parameter “{unknown[0][:50]}” here. Parameters: {offered}.")
    values: dict[str, object] = {}
    for parameter in known:
        sent = request.GET.getlist(parameter.name)
        if len(sent) > 1:
            raise invalid(f"Give the parameter “{parameter.name}” once.")
        if parameter.required and not sent:
            raise invalid(f"The parameter “{parameter.name}” is missing. {parameter.description}")
        try:
            values[parameter.name] = parameter.read(sent[0]) if sent else parameter.default
        except ValueError as error:
            raise invalid(f"The parameter “{parameter.name}” has no valid value. {parameter.description}") from error
    return values


def unknown_address(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer any other address below /api/."""
    return not_found("resource").as_response()
