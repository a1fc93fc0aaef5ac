"""Ways to pay of plug-ins, whose methods fail as a payment service does: with ProviderError, and named."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import wraps
from inspect import isfunction
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from django.core.checks import CheckMessage, Warning

from subscriptions.providers.base import Provider, ProviderError
from truthlytics.web.plugins import is_text, payment_providers

logger = logging.getLogger(__name__)
# As the columns of references have it.
MAX_REF = 100
METHODS: dict[str, Any] = {
    name: get_type_hints(method)["return"]
    for name, method in vars(Provider).items()
    if isfunction(method) and not name.startswith("_")
}


def providers_of_plugins() -> Iterator[Provider]:
    """Yield the ways to pay of plug-ins, guarded."""
    return (guarded(found)() for found in payment_providers())


def guarded(provider: type[Any]) -> type[Provider]:
    """Return a subclass whose methods raise nothing but ProviderError, and answer only what `Provider` says."""
    return type(provider.__name__, (provider,), {name: _guard(provider, name) for name in METHODS})


def _guard(provider: type[Any], name: str) -> Callable[..., Any]:
    hint = METHODS[name]

    @wraps(getattr(provider, name, vars(Provider)[name]))
    def call(self: Any, *args: object, **kwargs: object) -> Any:
        try:
            found = getattr(super(type(self), self), name)(*args, **kwargs)
            if get_origin(hint) is Iterator and not isinstance(found, str):
                return _each(iter(found), hint, provider, name)
            _require(found, hint)
        except ProviderError:
            raise
        except Exception as error:  # noqa: BLE001 - `_failed` logs it
            return _failed(provider, name, error)
        return found

    return call


def _each(found: Iterator[Any], hint: Any, provider: type[Any], name: str) -> Iterator[Any]:
    try:
        for entry in found:
            _require(entry, get_args(hint)[0])
            yield entry
    except (ProviderError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 - `_failed` logs it
        _failed(provider, name, error)


def _failed(provider: type[Any], name: str, error: Exception) -> Any:
    """Log why a method failed, and answer for it. Raises ProviderError where no answer says so."""
    logger.exception("%s.%s failed in “%s”.", provider.__module__, provider.__qualname__, name)
    text = f"{provider.__module__}.{provider.__qualname__}, of a plug-in, failed in “{name}”: {type(error).__name__}."
    if METHODS[name] is bool:
        return False
    if METHODS[name] == Sequence[CheckMessage]:
        return [Warning(text, hint="The log has more.", id="subscriptions.W009")]
    raise ProviderError(text) from error


def _require(value: object, hint: Any) -> None:
    if not fits(value, hint):
        raise TypeError(f"It returned {type(value).__name__} instead of {hint}, or one with a wrong field.")


def fits(value: object, hint: Any, *, longest: int = 2000) -> bool:
    """Return whether `value` is what a type says, with all its fields and elements. Raises what these raise."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return type(value) is str and value in parts
    if origin in (Union, UnionType):
        return any(fits(value, part, longest=longest) for part in parts)
    if hint is None or hint is NoneType:
        return value is None
    if hint is str:
        return is_text(value, longest=longest)
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    if origin in (tuple, Sequence):
        return isinstance(value, tuple | list) and all(fits(entry, parts[0]) for entry in value)
    if not isinstance(value, origin or hint) or (hint is int and isinstance(value, bool)):
        return False
    if not is_dataclass(hint):
        return True
    hints = get_type_hints(hint)
    return all(
        fits(getattr(value, field.name), hints[field.name], longest=MAX_REF if field.name == "ref" else longest)
        for field in fields(hint)
    )
