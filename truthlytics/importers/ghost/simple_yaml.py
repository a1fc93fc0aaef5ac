"""Read the YAML of routes and redirects: mappings and lists of texts. The rest of YAML is refused."""

import json
import re
from typing import Any, NamedTuple

MAX_DEPTH = 10
MAX_LINE = 2000
# A key that is not in quotation marks ends at a colon before a space.
_KEY = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#&*!|>%@`\[\]{},-][^\n]*?|-[^\s][^\n]*?)\s*:(?:\s+(.*))?"""
)
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?""")
_COMMENT = re.compile(r"\s#.*")
_SPECIAL = tuple("&*!|>%@`{")


class InvalidYaml(ValueError):
    """The text is not YAML of this kind. The message names the line."""


class _Line(NamedTuple):
    number: int
    indent: int
    text: str


def parse(text: str) -> dict[str, Any]:
    """Return the mapping in `text`. Values are texts, None, mappings and lists. Raises InvalidYaml."""
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > MAX_LINE:
            raise InvalidYaml(f"line {number} is too long")
        content = line.strip()
        if not content or content.startswith("#") or content in {"---", "..."}:
            continue
        indent = len(line) - len(line.lstrip(" "))
        if line[indent] == "\t":
            raise InvalidYaml(f"line {number} begins with a tab")
        lines.append(_Line(number, indent, content))
    if not lines:
        return {}
    value, rest = _block(lines, 0, 0)
    if rest < len(lines) or not isinstance(value, dict):
        raise InvalidYaml(f"line {lines[min(rest, len(lines) - 1)].number} is not where it belongs")
    return value


def _block(lines: list[_Line], start: int, depth: int) -> tuple[Any, int]:
    """Return the value that begins at the line `start`, and the line after it."""
    if depth > MAX_DEPTH:
        raise InvalidYaml(f"line {lines[start].number} is nested too deeply")
    indent, is_list = lines[start].indent, lines[start].text.startswith("- ")
    values: list[Any] = []
    mapping: dict[str, Any] = {}
    position = start
    while position < len(lines) and lines[position].indent == indent:
        line = lines[position]
        position += 1
        if is_list:
            if not line.text.startswith("- "):
                raise InvalidYaml(f"line {line.number} is not an entry of the list above it")
            values.append(_scalar(line.text[2:].strip(), line.number))
            continue
        match = _KEY.fullmatch(line.text)
        if match is None:
            raise InvalidYaml(f"line {line.number} is not a key with a value")
        key, text = str(_scalar(match[1], line.number)), _COMMENT.sub("", f" {match[2] or ''}").strip()
        if match[2] and match[2].startswith(("'", '"')):
            text = match[2]
        if text:
            mapping[key] = _scalar(text, line.number)
        elif position < len(lines) and _is_below(lines[position], line):
            mapping[key], position = _block(lines, position, depth + 1)
        else:
            mapping[key] = None
    return (values if is_list else mapping), position


def _is_below(line: _Line, key: _Line) -> bool:
    """Return whether `line` is the beginning of the value of `key`. Lists may be as far left as their key."""
    return line.indent > key.indent or (line.indent == key.indent and line.text.startswith("- "))


def _scalar(text: str, number: int) -> Any:
    if text.startswith(("'", '"')):
        match = _QUOTED.fullmatch(text)
        if match is None:
            raise InvalidYaml(f"a quotation mark is missing in line {number}")
        quoted = match[1]
        if quoted.startswith("'"):
            return quoted[1:-1].replace("''", "'")
        try:
            return json.loads(quoted)
        except ValueError:
            # Of JSON, YAML has some more escapes, such as those of patterns without a second backslash.
            return quoted[1:-1]
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(part.strip(), number) for part in text[1:-1].split(",") if part.strip()]
    if text.startswith(_SPECIAL):
        raise InvalidYaml(f"line {number} contains “{text[:20]}”, which is not supported")
    return text
