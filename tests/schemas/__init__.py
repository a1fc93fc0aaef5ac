"""Validation against published schemas. README.md names their origin and licences."""

import json
from pathlib import Path

from jsonschema import Draft4Validator, Draft202012Validator
from lxml import etree
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.schemas.vocabulary import Vocabulary

SCHEMAS = Path(__file__).parent


def atom_errors(document: bytes) -> list[str]:
    return _errors(etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng")), document)


def sitemap_errors(document: bytes, schema: str = "sitemap.xsd") -> list[str]:
    """`schema` is one of sitemap.xsd, siteindex.xsd, sitemap-all.xsd (with Google's news)."""
    return _errors(etree.XMLSchema(etree.parse(SCHEMAS / schema)), document)


def json_feed_errors(document: bytes) -> list[str]:
    schema, first = (json.loads((SCHEMAS / f"jsonfeed-{name}.json").read_text()) for name in ("feed", "feed-1"))
    resource = DRAFT4.create_resource(first)
    names = ("feed-1", "feed-1.json", "https://json.schemastore.org/feed-1", "https://json.schemastore.org/feed-1.json")
    registry = Registry().with_resources((name, resource) for name in names)
    return [error.message for error in Draft4Validator(schema, registry=registry).iter_errors(json.loads(document))]


def article_errors(data: dict) -> list[str]:
    """Validate against the search engines' rules for articles and paywalls, which know the plain type only."""
    schema = json.loads((SCHEMAS / "google-article.schema.json").read_text())
    plain = {**data, "@type": "NewsArticle"}
    return [error.message for error in Draft202012Validator(schema).iter_errors(plain)]


def vocabulary_errors(data: object) -> list[str]:
    """Return the unknown types, properties and ranges in `data` according to schema.org."""
    return list(Vocabulary().errors(data))


def _errors(schema: etree.RelaxNG | etree.XMLSchema, document: bytes) -> list[str]:
    return [] if schema.validate(etree.fromstring(document)) else [str(error) for error in schema.error_log]
