"""Structured data of the sources that an article cites."""

from articles.models import Source
from articles.seo.meta import absolute_url
from truthlytics.web.types import Content, JsonObject

# The types of the other kinds would need details that sources lack, such as the description of a data set.
CITED_TYPES = {Source.Kind.DOCUMENT: "DigitalDocument", Source.Kind.REPORT: "Report", Source.Kind.LAW: "Legislation"}


def citation(source: Content) -> JsonObject:
    """Describe an entry of `Version.free_sources`."""
    data: JsonObject = {"@type": CITED_TYPES.get(source["kind"], "CreativeWork"), "name": source["title"]}
    if source.get("url"):
        data["url"] = absolute_url(source["url"])
    if source["archived_url"]:
        data["archivedAt"] = absolute_url(source["archived_url"])
    if source.get("author"):
        data["author"] = {"@type": "Person", "name": source["author"]}
    if source.get("publisher"):
        data["publisher"] = {"@type": "Organization", "name": source["publisher"]}
    if source.get("published_on"):
        data["datePublished"] = source["published_on"]
    return data
