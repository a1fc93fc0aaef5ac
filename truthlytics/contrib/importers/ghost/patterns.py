"""List the addresses that a regular expression of a redirect matches, if they can be listed.

Patterns are never run, so none can take long: they are read and written out. What represents any text is the part of
an address that the target repeats, or the date of an article.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

# Addresses of a pattern for one target.
MAX_ADDRESSES = 16
MAX_LENGTH = 500
_DIGITS = {"0-9", "\\d"}


class NotListable(ValueError):
    """The pattern matches addresses that no one can know."""


@dataclass
class Values:
    """What represents the parts of a pattern: texts of groups by number, and the date of the article."""

    groups: dict[int, str]
    date: datetime | None = None


def addresses(pattern: str, values: Values) -> list[str]:
    """Return the addresses that `pattern` matches with these values. Raises NotListable."""
    found = _Pattern(pattern, values).all()
    return list(dict.fromkeys(found))


class _Pattern:
    def __init__(self, pattern: str, values: Values) -> None:
        if len(pattern) > MAX_LENGTH:
            raise NotListable
        self.text, self.position, self.groups, self.values = pattern, 0, 0, values
        date = values.date
        # A single number is rather that of an article.
        self._has_date = len(re.findall(r"\\d|\[0-9\]", pattern)) > 1
        # In the order in which addresses have them.
        self._dates: Iterator[str] = iter([f"{date:%Y}", f"{date:%m}", f"{date:%d}"] if date else [])

    def all(self) -> list[str]:
        if self.text.startswith("^"):
            self.position = 1
        found = self._alternatives(0)
        if self.position < len(self.text):
            raise NotListable
        return found

    def _alternatives(self, depth: int) -> list[str]:
        if depth > 10:
            raise NotListable
        found = self._sequence(depth)
        while self._next("|"):
            found += self._sequence(depth)
        return found

    def _sequence(self, depth: int) -> list[str]:
        parts: list[list[str]] = []
        while self.position < len(self.text) and self.text[self.position] not in "|)":
            if self.text[self.position] == "$" and self.text[self.position + 1 : self.position + 2] in {"", ")", "|"}:
                self.position += 1
                continue
            parts.append(self._part(depth))
        return _joined(parts)

    def _part(self, depth: int) -> list[str]:
        """Return the texts of one character, class or group with its quantifier."""
        character = self._take()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self._class(self._until("]"))
        if character == "\\":
            escaped = self._take()
            if escaped == "d":
                return self._class("\\d")
            if escaped.isalnum():
                raise NotListable
            return self._quantified([escaped])
        if character == ".":
            # Before letters, a full stop was meant as one.
            if self._peek() not in {"*", "+", "?", "{"}:
                return ["."]
            return self._class(".")
        if character in "*+?{}^$":
            raise NotListable
        return self._quantified([character])

    def _group(self, depth: int) -> list[str]:
        number = 0
        if self._next("?"):
            if not self._next(":"):
                raise NotListable
        else:
            self.groups += 1
            number = self.groups
        start = self.position
        known = self.values.groups.get(number)
        if known is None:
            found = self._alternatives(depth + 1)
        else:
            self._skip_group()
            if not _fits(known, self.text[start : self.position]):
                raise NotListable
            found = [known]
        if not self._next(")") or self.position == start:
            raise NotListable
        if known is not None:
            self._quantifier()
            return found
        return self._quantified(found)

    def _skip_group(self) -> None:
        """Go to the bracket that closes the group; count the groups in it."""
        depth = 0
        while self.position < len(self.text):
            character = self._take()
            if character == "\\":
                self._take()
            elif character == "[":
                self._until("]")
            elif character == "(":
                depth += 1
                self.groups += self._peek() != "?"
            elif character == ")":
                if not depth:
                    self.position -= 1
                    return
                depth -= 1
        raise NotListable

    def _class(self, name: str) -> list[str]:
        """Return the text of a class of characters, which can only be a part of the date."""
        quantifier = self._quantifier()
        date = next(self._dates, "") if name in _DIGITS else ""
        if date and (quantifier == f"{{{len(date)}}}" or (self._has_date and quantifier in {"+", "{1,2}"})):
            return [date]
        raise NotListable

    def _quantified(self, found: list[str]) -> list[str]:
        quantifier = self._quantifier()
        if quantifier not in {"", "?"}:
            raise NotListable
        return ["", *found] if quantifier else found

    def _quantifier(self) -> str:
        character = self._peek()
        if character in {"?", "*", "+"}:
            self.position += 1
            self._next("?")
            return character
        return f"{{{self._until('}')}}}" if self._next("{") else ""

    def _until(self, end: str) -> str:
        """Return the text up to the character `end`, and go behind it."""
        start = self.position
        while self.position < len(self.text):
            character = self._take()
            if character == "\\":
                self._take()
            elif character == end and self.position > start + 1:
                return self.text[start : self.position - 1]
        raise NotListable

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise NotListable
        self.position += 1
        return character

    def _next(self, character: str) -> bool:
        """Go behind `character` if it is the next one."""
        if self._peek() != character:
            return False
        self.position += 1
        return True


def _fits(text: str, group: str) -> bool:
    """Return whether a group may represent `text`: numbers only for numbers, several folders only for some groups."""
    if group.rstrip("+*") in {"[0-9]", "\\d"}:
        return text.isdecimal()
    group = group.replace("\\/", "/")
    return "/" not in text or ("[^/" not in group and any(sign in group for sign in "./^"))


def _joined(parts: Sequence[list[str]]) -> list[str]:
    count = 1
    for part in parts:
        count *= len(part)
        if count > MAX_ADDRESSES:
            raise NotListable
    return ["".join(combination) for combination in product(*parts)]
