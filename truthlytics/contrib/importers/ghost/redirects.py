"""Old addresses that redirected to others, in the files of redirects and in the table of an export."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from django.http import QueryDict

from articles.models import Redirect
from truthlytics.contrib.importers.ghost.addresses import old_path, path_in
from truthlytics.contrib.importers.ghost.patterns import NotListable, Values, addresses
from truthlytics.contrib.importers.records import Loss, OldPath
from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.contrib.importers.yaml_texts import InvalidYaml, parse
from truthlytics.web.types import JsonObject

# A redirect may lead to one that leads to another one.
MAX_CHAIN = 10
# Each is compared with all addresses.
MAX_PATTERNS = 500
_LITERAL = re.compile(r"[^\^$*+()\[\]{}|\\?]*(?:\?[\w.~%=&-]+)?")
_FLAGS = re.compile(r"/(\^?.*)/([a-z]*)")
_REFERENCE = re.compile(r"\$(\d)")
# What an address leads to: “post”, “tag” or “author”, and the id.
Thing = tuple[str, str]


class Rule(NamedTuple):
    """A redirect, as Ghost's files have it: `source` is a path or a pattern, `target` may repeat parts of it as $1."""

    source: str
    target: str

    @property
    def is_literal(self) -> bool:
        return bool(_LITERAL.fullmatch(self.source))

    @property
    def pattern(self) -> str:
        """The pattern without the slashes of JavaScript around it."""
        match = _FLAGS.fullmatch(self.source) if self.source.startswith("/^") else None
        return match[1] if match else self.source


def rules_in(text: str, name: str) -> list[Rule]:
    """Return the redirects in a file: JSON or YAML. Raises UnreadableFile."""
    try:
        if name.lower().endswith((".yaml", ".yml")):
            return list(_of_yaml(parse(text)))
        return list(_of_json(json.loads(text)))
    except InvalidYaml as error:
        raise UnreadableFile(f"{name} cannot be read: {error}.") from error
    except (ValueError, RecursionError, TypeError, AttributeError) as error:
        raise UnreadableFile(f"{name} is not a list of redirects as Ghost has it.") from error


def _of_json(rows: object) -> Iterator[Rule]:
    if not isinstance(rows, list):
        raise TypeError
    for row in rows:
        source, target = row.get("from"), row.get("to")
        if not isinstance(source, str) or not isinstance(target, str):
            raise TypeError
        yield Rule(source.strip(), target.strip())


def _of_yaml(groups: JsonObject) -> Iterator[Rule]:
    for status, rules in groups.items():
        if status not in {"301", "302"} or not isinstance(rules or {}, dict):
            raise InvalidYaml(f"“{status[:40]}” is neither 301 nor 302")
        for source, target in (rules or {}).items():
            if not isinstance(target, str) or not target:
                raise InvalidYaml(f"“{source[:60]}” leads nowhere")
            yield Rule(source.strip(), target.strip())


@dataclass
class Redirects:
    """The redirects of one site. `known` has what each of its addresses leads to, `dates` those of posts."""

    rules: list[Rule]
    hosts: set[str]
    known: dict[str, Thing]
    dates: dict[str, datetime] = field(default_factory=dict)
    # Further addresses of each thing.
    found: dict[Thing, list[OldPath]] = field(default_factory=dict)

    def resolve(self) -> list[Rule]:
        """Fill `found`, and return the rules that lead to nothing that is known."""
        patterns = [rule for rule in self.rules if not rule.is_literal]
        too_many = set(patterns[MAX_PATTERNS:])
        waiting = [rule for rule in self.rules if rule not in too_many]
        for _ in range(MAX_CHAIN):
            left = [rule for rule in waiting if not self._resolve(rule)]
            if len(left) == len(waiting):
                break
            waiting = left
        return [*waiting, *too_many]

    def _resolve(self, rule: Rule) -> bool:
        if path_in(rule.target, self.hosts) is None:
            return False
        if rule.is_literal:
            return self._add(_literal_path(rule.source), self.known.get(path_in(rule.target, self.hosts) or ""))
        # All of them, not only up to the first.
        added = [self._add_listed(rule, *match) for match in self._targets(rule)]
        return any(added)

    def _add_listed(self, rule: Rule, thing: Thing, groups: dict[int, str]) -> bool:
        values = Values(groups, self.dates.get(thing[1]) if thing[0] == "post" else None)
        try:
            added = [self._add(old_path(path), thing) for path in addresses(rule.pattern, values)]
        except NotListable:
            return False
        return any(added)

    def _targets(self, rule: Rule) -> Iterable[tuple[Thing, dict[int, str]]]:
        """Yield what a pattern may lead to, with what represents the groups that its target repeats."""
        numbers = [int(number) for number in _REFERENCE.findall(rule.target)]
        if not numbers:
            thing = self.known.get(path_in(rule.target, self.hosts) or "")
            return [(thing, {})] if thing else []
        if len(numbers) > 2 or len(set(numbers)) < len(numbers):
            return []
        path = path_in(_REFERENCE.sub("\0", rule.target), self.hosts) or ""
        parts = [re.escape(part) for part in path.split("\0")]
        template = re.compile("(.+)".join(parts))
        return [
            (thing, dict(zip(numbers, match.groups(), strict=True)))
            for address, thing in list(self.known.items())
            if (match := template.fullmatch(address))
        ]

    def _add(self, path: OldPath | None, thing: Thing | None) -> bool:
        if path is None or thing is None:
            return False
        if not path.query:
            self.known.setdefault(path.path, thing)
        self.found.setdefault(thing, []).append(path)
        return True


def _literal_path(source: str) -> OldPath | None:
    """Return the address in a rule without a pattern, which may have a query with the number of a page."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return None
    path = old_path(parts.path)
    query = QueryDict(mutable=True)
    for name, value in parse_qsl(parts.query):
        query[name] = value
    if number := Redirect.page_query(query):
        return OldPath(Redirect.normalise(parts.path), number)
    return path if not parts.query else None


def losses_of(rules: Iterable[Rule], hosts: set[str], source: str) -> Iterator[Loss]:
    """Yield why rules have no counterpart here."""
    for rule in rules:
        path = path_in(rule.target, hosts)
        if path is None:
            why = f"led to another site, {rule.target}"
        elif path == "/":
            why = "led to the front page"
        elif rule.is_literal:
            why = f"led to {rule.target}, which is not in the export"
        else:
            why = f"is a pattern of addresses that cannot be listed, to {rule.target}"
        yield Loss("address", f"{rule.source[:200]} {why[:200]}", source=source)
