"""What makes a view an endpoint of the API: its parameters, its caller, its errors, its caching, its documentation."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_headers

from articles.access import ReaderRequest
from articles.search import SearchTimeout
from truthlytics.api.callers import caller_of
from truthlytics.api.parameters import Parameter, read_parameters
from truthlytics.api.problems import Problem, invalid, not_found
from truthlytics.api.schemas import Schema
from truthlytics.web.pages import public_page
from truthlytics.web.types import JsonObject

# An answer to a key is its owner's: no cache in between keeps it, and programs ask whether theirs is still good.
PRIVATE = "private, no-cache"
Answer = Callable[..., JsonObject]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the documentation says of an address, beside its path.

    An answer is one item as `schema` says, or with `many` an object with `items` and the address `next`.
    """

    summary: str
    schema: Schema
    many: bool
    parameters: Sequence[Parameter]
    scope: str
    tag: str
    may_be_gone: bool

    def all_parameters(self) -> list[Parameter]:
        return [*self.parameters, fields_parameter(self.schema)]


def fields_parameter(schema: Schema) -> Parameter:
    """Return the parameter that chooses fields of `schema`."""
    names = list(schema.fields)

    def read(text: str) -> list[str]:
        chosen = text.split(",")
        if set(chosen) - set(names):
            raise ValueError
        return chosen

    allowed = "|".join(names)
    return Parameter(
        "fields",
        "The names of the fields to answer with, separated by commas. Without it, the answer has all.",
        {"type": "string", "pattern": f"^({allowed})(,({allowed}))*$"},
        read,
        names,
    )


def endpoint(
    summary: str,
    schema: Schema,
    *parameters: Parameter,
    many: bool = False,
    scope: str = "",
    tag: str = "Reading",
    depends_on: Sequence[str] = (),
    may_be_gone: bool = False,
    is_shared: bool = True,
) -> Callable[[Answer], Callable[..., HttpResponse]]:
    """Make a view of a function that returns a JSON object. It gets the values of `parameters` by name.

    Without a key, the answer is that of any visitor and is cached like a page that `depends_on` these tags. With one,
    or if it is not `is_shared`, it is private. `scope` is what a key must allow. Answers and errors are as the OpenAPI
    document says.
    """
    described = Endpoint(summary, schema, many, parameters, scope, tag, may_be_gone)

    def decorate(answer: Answer) -> Callable[..., HttpResponse]:
        respond = partial(_respond, described, answer)
        shared = public_page(depends_on)(respond)

        @csrf_exempt
        @vary_on_headers("Authorization")
        @conditional_page
        @wraps(answer)
        def view(request: ReaderRequest, **path: object) -> HttpResponse:
            if is_shared and "Authorization" not in request.headers and not scope:
                response = shared(request, **path)
                response.headers["Access-Control-Allow-Origin"] = "*"
                return response
            response = respond(request, **path)
            response.headers["Cache-Control"] = PRIVATE
            if "Authorization" not in request.headers and not scope:
                response.headers["Access-Control-Allow-Origin"] = "*"
            return response

        view.endpoint = described  # type: ignore[attr-defined]
        return view

    return decorate


def _respond(described: Endpoint, answer: Answer, request: ReaderRequest, **path: object) -> HttpResponse:
    """Return what `answer` returns as JSON, or its error as a problem."""
    try:
        if request.method not in {"GET", "HEAD"}:
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "The API is only for reading.", Allow="GET, HEAD")
        caller = caller_of(request)
        if described.scope and described.scope not in caller.scopes:
            raise _forbidden(described.scope, has_key=caller.has_key)
        request.access = caller.access
        values = read_parameters(request, described.all_parameters())
        fields = values.pop("fields")
        return _json(answer(request, **path, **values), fields, many=described.many)
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


def unknown_address(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer any other address below /api/."""
    return not_found("resource").as_response()
