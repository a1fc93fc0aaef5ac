"""Request parameters, read and checked by the parameter types of the official SDK."""

import functools
import importlib
import re
import types
import typing
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NotRequired, Required

import stripe
from typing_extensions import is_typeddict


class ApiError(Exception):
    """An error answer, with the HTTP status and body that Stripe would send."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": type, "message": message, "code": code, "param": param, **extra}}


def card_declined() -> ApiError:
    return ApiError(402, "Your card was declined.", type="card_error", code="card_declined")


def unflatten(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn `items[0][price]=p` into {"items": {"0": {"price": "p"}}}; `coerce` makes the lists."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        *parents, last = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", key)
        node = root
        for part in parents:
            node = node.setdefault(part, {})
        node[last or str(len(node))] = value
    return root


def params(path: str) -> Any:
    """Return a parameter type of the SDK: "checkout._session_create_params:SessionCreateParams"."""
    module, name = path.split(":")
    return getattr(importlib.import_module(f"stripe.params.{module}"), name)


@functools.cache
def _fields(cls: Any) -> dict[str, Any]:
    module = importlib.import_module(cls.__module__)
    names = {**vars(typing), **vars(module), "StripeContext": str}
    return typing.get_type_hints(cls, names, include_extras=True)


_REQUEST_OPTIONS = set(stripe.RequestOptions.__annotations__)


def coerce(value: Any, hint: Any, path: str = "") -> Any:
    """Convert form strings to `hint`. Raises the ApiError that Stripe would answer with."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (NotRequired, Required, typing.Annotated):
        return coerce(value, args[0], path)
    if origin in (typing.Union, types.UnionType):
        return _one_of(value, args, path)
    if is_typeddict(hint):
        return _object(value, hint, path)
    if origin is list:
        if not isinstance(value, dict):
            raise ApiError(400, "Invalid array", param=path)
        ordered = sorted(value.items(), key=lambda pair: int(pair[0]))
        return [coerce(item, args[0], f"{path}[{key}]") for key, item in ordered]
    if dict in (origin, hint) or "UntypedStripeObject" in (
        getattr(hint, "__name__", ""),
        getattr(origin, "__name__", ""),
    ):
        if not isinstance(value, dict):
            raise ApiError(400, f"Invalid object: {path}", param=path)
        return dict(value)
    if origin is typing.Literal:
        if value in args:
            return value
        raise ApiError(400, f"Invalid {path}: must be one of {', '.join(map(str, args))}", param=path)
    return _scalar(value, hint, path)


def _one_of(value: Any, options: tuple[Any, ...], path: str) -> Any:
    # `Literal["a", "b"] | str` is an open list in the SDK. Only the names it lists are accepted here.
    listed = any(typing.get_origin(option) is typing.Literal and any(typing.get_args(option)) for option in options)
    error = ApiError(400, f"Invalid {path}", param=path)
    for option in options:
        if option is type(None) or (option is str and listed):
            continue
        try:
            return coerce(value, option, path)
        except ApiError as refused:
            error = refused
    raise error


def _object(value: Any, hint: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiError(400, f"Invalid object: {path}", param=path)
    fields = {key: field for key, field in _fields(hint).items() if key not in _REQUEST_OPTIONS}
    names = {key: f"{path}[{key}]" if path else key for key in {*fields, *value}}
    for key in value:
        if key not in fields:
            raise ApiError(400, f"Received unknown parameter: {names[key]}", code="parameter_unknown", param=names[key])
    for key, field in fields.items():
        if typing.get_origin(field) is not NotRequired and key not in value:
            raise ApiError(400, f"Missing required param: {names[key]}.", code="parameter_missing", param=names[key])
    return {key: coerce(item, fields[key], names[key]) for key, item in value.items()}


def _scalar(value: Any, hint: Any, path: str) -> Any:
    if isinstance(value, dict):
        raise ApiError(400, f"Invalid value: {path}", param=path)
    if hint is bool:
        if value in ("true", "false", "True", "False"):
            return value.lower() == "true"
        raise ApiError(400, f"Invalid boolean: {value}", param=path)
    if hint in (float, Decimal):
        return float(value)
    if hint is int:
        if re.fullmatch(r"-?\d+", str(value)):
            return int(value)
        raise ApiError(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
    return value
