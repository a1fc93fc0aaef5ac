"""What makes a view an endpoint of the API: what it takes, who may ask, what it answers, and its documentation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from truthlytics.api.parameters import Parameter
from truthlytics.api.schemas import Schema
from truthlytics.web.types import JsonObject

Answer = Callable[..., JsonObject]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is known of an address, beside its path. `answer` returns what is at it.

    An answer is one item as `schema` says, or with `many` an object with `items` and the address `next`.
    """

    summary: str
    schema: Schema
    many: bool
    parameters: Sequence[Parameter]
    scope: str
    tag: str
    depends_on: Sequence[str]
    may_be_gone: bool
    is_shared: bool
    answer: Answer

    def all_parameters(self) -> list[Parameter]:
        return [*self.parameters, fields_parameter(self.schema)]


# Answers a request to an endpoint. The last argument has the parts of the path.
Respond = Callable[[Any, Endpoint, dict[str, object]], HttpResponse]


def _not_there(request: HttpRequest, described: Endpoint, path: dict[str, object]) -> HttpResponse:
    raise Http404("There is no API.")


_respond: Respond = _not_there


def answer_endpoints_with(respond: Respond) -> Respond:
    """Let the decorated function answer the requests to all endpoints: that of the feature which includes them."""
    global _respond
    _respond = respond
    return respond


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
    document says. The view answers while the feature `api` is on, which includes it.
    """

    def decorate(answer: Answer) -> Callable[..., HttpResponse]:
        described = Endpoint(summary, schema, many, parameters, scope, tag, depends_on, may_be_gone, is_shared, answer)

        @csrf_exempt
        @wraps(answer)
        def view(request: HttpRequest, **path: object) -> HttpResponse:
            return _respond(request, described, path)

        view.endpoint = described  # type: ignore[attr-defined]
        return view

    return decorate
