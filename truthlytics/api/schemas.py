"""Schemas of answers and their fields, and those that several answers have."""

from dataclasses import dataclass

from articles.access import Level
from articles.presenters.machine_texts import LEVELS
from truthlytics.web.types import JsonObject


@dataclass(frozen=True, slots=True)
class Schema:
    """An object with `fields`, of which an answer may lack some: `?fields=` can leave out any."""

    name: str
    description: str
    fields: dict[str, JsonObject]

    def as_document(self) -> JsonObject:
        """Return its JSON schema."""
        return {"type": "object", "description": self.description, "properties": self.fields}

    def ref(self, description: str) -> JsonObject:
        return {"$ref": f"#/components/schemas/{self.name}", "description": description}


def text(description: str, **more: object) -> JsonObject:
    return {"type": "string", "description": description, **more}


def address(description: str) -> JsonObject:
    return text(description, format="uri")


def moment(description: str) -> JsonObject:
    """Return the schema of a time in UTC, such as 2026-05-03T09:00:00Z."""
    return {"type": "string", "format": "date-time", "description": description}


def whole(description: str, minimum: int = 0) -> JsonObject:
    return {"type": "integer", "minimum": minimum, "description": description}


def flag(description: str) -> JsonObject:
    return {"type": "boolean", "description": description}


def or_null(schema: Schema, description: str) -> JsonObject:
    return {"anyOf": [schema.ref("As in lists."), {"type": "null"}], "description": description}


def list_of(item: JsonObject, description: str) -> JsonObject:
    return {"type": "array", "items": item, "description": description}


def obj(description: str, **fields: JsonObject) -> JsonObject:
    return {"type": "object", "description": description, "properties": fields, "required": list(fields)}


def optional(schema: JsonObject) -> JsonObject:
    """Return `schema` of a value that may be null."""
    return schema | {"type": [schema["type"], "null"]}


NAMED = {"name": text("Its name."), "slug": text("The last part of its address.")}
ID = text("Never changes and is never used again.", format="uuid")
ACCESS = text("Who may read all of it.", enum=[LEVELS[level.value] for level in Level])
NAMED_LIST = {
    "name": text("Its name."),
    "slug": text("The last part of its address."),
    "url": address("Its page."),
    "text": text("A sentence about it; may be empty."),
}
