"""What an editor says about lists, as a file that page and command share: columns, words and prices."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from truthlytics.contrib.importers.readers.columns import FIELDS
from truthlytics.contrib.importers.readers.occurring import Occurrence
from truthlytics.contrib.importers.readers.vocabulary import key_of, problem_with
from truthlytics.web.types import JsonObject

# In bytes.
MAX_SIZE = 1024 * 1024
MAX_TEXT = 250


class UnreadableMapping(Exception):
    """The file can't be used. The message says why."""


@dataclass(frozen=True)
class Said:
    """Fields by heading, meanings by topic and word, and what old prices are here."""

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    prices: Mapping[str, str] = field(default_factory=dict)

    def as_file(self) -> bytes:
        return (json.dumps(self.as_json(), ensure_ascii=False, indent=2) + "\n").encode()

    def as_json(self) -> JsonObject:
        return {
            "columns": dict(self.columns),
            "words": {topic: dict(words) for topic, words in self.words.items()},
            "prices": dict(self.prices),
        }


def read_mapping(path: Path) -> Said:
    """Return what a file says. Raises UnreadableMapping."""
    try:
        with path.open("rb") as file:
            return mapping_of(file.read(MAX_SIZE + 1), path.name)
    except OSError as error:
        raise UnreadableMapping(f"{path}: {error}") from error


def mapping_of(data: bytes, name: str) -> Said:
    """Return what the text of a file says. What is empty is not said yet. Raises UnreadableMapping."""
    if len(data) > MAX_SIZE:
        raise UnreadableMapping(f"{name} is larger than a mapping can be.")
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise UnreadableMapping(f"{name} is no JSON that can be used: {error}.") from error
    if not isinstance(found, dict) or set(found) - {"columns", "words", "prices"}:
        raise UnreadableMapping(f"{name} may have “columns”, “words” and “prices”, and nothing else.")
    words = found.get("words", {})
    if not isinstance(words, dict):
        raise UnreadableMapping(f"{name}: “words” has a list of words for each topic.")
    said = Said(
        _texts(found.get("columns", {}), f"{name}: columns"),
        {topic: _texts(own, f"{name}: {topic}") for topic, own in words.items()},
        {old: here for old, here in _texts(found.get("prices", {}), f"{name}: prices").items() if here},
    )
    if problem := _problem(said):
        raise UnreadableMapping(f"{name}: {problem}")
    return said


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    """Return an object. Raises ValueError if it says something twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("the same name occurs twice")
    return found


def _texts(found: object, place: str) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise UnreadableMapping(f"{place} must have texts.")
    if any(len(text) > MAX_TEXT for pair in found.items() for text in pair):
        raise UnreadableMapping(f"{place} has a text of more than {MAX_TEXT} characters.")
    return found


def _problem(said: Said) -> str:
    """Return why these things can't be said; "" if they can."""
    if unknown := [name for name in said.columns.values() if name not in FIELDS]:
        return f"There is no field “{unknown[0]}”. There are {', '.join(filter(None, FIELDS))}."
    for topic, words in said.words.items():
        meanings: dict[str, str] = {}
        for word, meaning in words.items():
            if problem := problem_with(topic, meaning):
                return problem
            if meanings.setdefault(key_of(word), meaning) != meaning:
                return f"“{word}” is explained twice under {topic}."
    return ""


def template(columns: Iterable[Any], occurring: Iterable[Occurrence], said: Said, prices: Mapping[str, str]) -> Said:
    """Return a mapping to fill in: each column, and each word that is not known or was explained.

    `columns` are those of the tables, with heading and field; `prices` the old prices.
    """
    words: dict[str, dict[str, str]] = {topic: dict(own) for topic, own in said.words.items()}
    for word, _number, _examples in occurring:
        if not word.meaning:
            words.setdefault(word.topic, {}).setdefault(word.text, "")
    headings = {heading: name for _file, rows in columns for heading, _samples, name in rows}
    return Said({**headings, **said.columns}, words, {**prices, **said.prices})
