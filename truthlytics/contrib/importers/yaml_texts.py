"""Read YAML with texts, lists and mappings as values, such as routes, redirects and front matter."""

from typing import Any

import yaml

from truthlytics.web.types import JsonObject

MAX_DEPTH = 10
# As an alternative to libyaml, which is in all wheels. Both return texts as they are written, and never objects.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class InvalidYaml(ValueError):
    """The text is not YAML, or not of this kind."""


def parse(text: str) -> JsonObject:
    """Return the mapping in `text`; what has no value is "". Refuses aliases and deep nesting. Raises InvalidYaml."""
    try:
        _check_events(text)
        value = _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidYaml(f"line {mark.line + 1} is not YAML" if mark else "it is not YAML") from error
    if not isinstance(value, dict | None):
        raise InvalidYaml("it is not a mapping")
    return value or {}


def _check_events(text: str) -> None:
    """Refuse what can make a small text large or deep, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise InvalidYaml("it has an alias, which is not supported")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidYaml("it is nested too deeply")
