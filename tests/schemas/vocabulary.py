"""The part of schema.org's vocabulary that the site uses, and a check against it.

    python tests/schemas/vocabulary.py schemaorg-all-https.jsonld [NAME …]

writes vocabulary.json again from a release of schema.org: the types and properties that it has, and those named.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("vocabulary.json")
TEXTS = {"Text", "URL", "Date", "DateTime", "Time", "CssSelectorType", "XPathType"}


class Vocabulary:
    """`types` have their supertypes; `properties` the types that have them (`of`), and those of their values."""

    def __init__(self) -> None:
        content = json.loads(FILE.read_text(encoding="utf-8"))
        self.types: dict[str, list[str]] = content["types"]
        self.properties: dict[str, dict[str, list[str]]] = content["properties"]

    def with_supertypes(self, types: list[str]) -> set[str]:
        found: set[str] = set()
        while types:
            found |= {*types}
            types = [above for name in types for above in self.types.get(name, [])]
        return found

    def errors(self, data: Any, path: str = "$") -> Iterator[str]:
        """Yield the unknown types and properties in JSON-LD data, and the values that a property cannot have."""
        if isinstance(data, list):
            for index, item in enumerate(data):
                yield from self.errors(item, f"{path}[{index}]")
        elif isinstance(data, dict) and "@graph" in data:
            yield from self.errors(data["@graph"], f"{path}.@graph")
        elif isinstance(data, dict) and "@type" in data:
            types = _list(data["@type"])
            yield from (f"{path}: unknown type {name}" for name in types if name not in self.types)
            for name, value in data.items():
                if not name.startswith("@"):
                    yield from self._property_errors(types, name, value, f"{path}.{name}")
        elif isinstance(data, dict) and {*data} != {"@id"}:
            yield f"{path}: no @type"

    def _property_errors(self, types: list[str], name: str, value: Any, path: str) -> Iterator[str]:
        if name not in self.properties:
            yield f"{path}: unknown property"
            return
        allowed = {*self.properties[name]["values"]}
        if not self.with_supertypes(types) & {*self.properties[name]["of"]}:
            yield f"{path}: not a property of {types}"
        for item in _list(value):
            if not self._is_allowed(item, allowed):
                yield f"{path}: {item!r} is none of {sorted(allowed)}"
        yield from self.errors(value, path)

    def _is_allowed(self, value: Any, allowed: set[str]) -> bool:
        if isinstance(value, dict):
            return "@type" not in value or bool(self.with_supertypes(_list(value["@type"])) & allowed)
        if isinstance(value, bool):
            return "Boolean" in allowed
        return not isinstance(value, str) or bool(TEXTS & allowed)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def derive(release: Path, names: set[str]) -> dict[str, Any]:
    """Return what vocabulary.json has to contain for the types and properties `names`. Superseded ones are left out."""
    rows = {row["@id"]: row for row in json.loads(release.read_text(encoding="utf-8"))["@graph"]}

    def related(row: dict[str, Any], key: str) -> list[str]:
        found = [other["@id"] for other in _list(row.get(key, []))]
        return sorted(name.removeprefix("schema:") for name in found if name.startswith("schema:"))

    chosen = {name: rows[f"schema:{name}"] for name in names if "schema:supersededBy" not in rows[f"schema:{name}"]}
    properties = {
        name: {"of": related(row, "schema:domainIncludes"), "values": related(row, "schema:rangeIncludes")}
        for name, row in chosen.items()
        if row["@type"] == "rdf:Property"
    }
    types: dict[str, list[str]] = {}
    waiting = [name for name in chosen if name not in properties]
    while waiting:
        name = waiting.pop()
        types[name] = related(rows.get(f"schema:{name}", {}), "rdfs:subClassOf")
        waiting += types[name]
    return {"types": dict(sorted(types.items())), "properties": dict(sorted(properties.items()))}


if __name__ == "__main__":
    release, *names = sys.argv[1:]
    known = Vocabulary()
    derived = derive(Path(release), {*known.types, *known.properties, *names})
    rows = [
        f'"{part}": {{\n' + ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
        for part, entries in derived.items()
    ]
    FILE.write_text("{\n" + "\n},\n".join(rows) + "\n}\n}\n", encoding="utf-8")
