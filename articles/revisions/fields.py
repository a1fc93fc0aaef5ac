"""The editable fields of articles and pages: read from the content of a version or revision, and compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.access import Level
from articles.models.articles import EXTRA_LINES, TEXT_FIELDS, Article
from articles.models.how_we_know import HOW_WE_KNOW, is_published
from articles.models.pages import Purpose
from articles.responsibility import AIUse
from articles.revisions.blocks import keys
from articles.revisions.diff import Part, Row, block_diff, word_diff
from truthlytics.web.text import split_words
from truthlytics.web.types import Content, JsonObject

EditableFields = JsonObject
EMPTY = "–"
COPIED = split_words("headline standfirst body kind required_level slug section topics bylines purpose translation_of")


def editable_fields(content: Content) -> EditableFields:
    """Return the editable fields of `content` as a flat dict, without those it does not have."""
    lead = content.get("lead") or {}
    seo = content.get("seo") or {}
    social = content.get("social") or {}
    how_we_know = content.get("how_we_know") or {}
    flat = {name: content[name] for name in COPIED if name in content}
    return flat | {
        "language": content.get("language", ""),
        "series": content.get("series"),
        "audio": content.get("audio"),
        "ai_uses": content.get("ai_uses", []),
        "lead": lead.get("uuid"),
        "lead_caption": content.get("lead_caption", lead.get("caption", "")),
        "seo_title": seo.get("title", ""),
        "seo_description": seo.get("description", ""),
        "social_title": social.get("title", ""),
        "social_image": social.get("image"),
        **{name: how_we_know.get(name, "") for name in HOW_WE_KNOW},
        **{name: content.get(name, "") for name in EXTRA_LINES},
    }


def content_from(fields: EditableFields) -> JsonObject:
    """Return the content of an article with these fields: the inverse of `editable_fields`.

    What is not set is left out if the first versions did not have it, so that their digests stay comparable.
    """
    names = ("headline", "standfirst", "body", "kind", "required_level", "section", "topics", "bylines")
    social = {"title": fields["social_title"], "image": fields["social_image"]}
    optional = {
        "social": social if any(social.values()) else None,
        "how_we_know": {
            name: fields[name] for name in HOW_WE_KNOW if fields[name] and is_published(name, fields["ai_uses"])
        },
        **{name: fields[name] for name in ("series", "language", "audio", "ai_uses", *EXTRA_LINES)},
    }
    return {
        **{name: fields[name] for name in names},
        "lead": {"uuid": fields["lead"], "caption": fields["lead_caption"]} if fields["lead"] else None,
        "seo": {"title": fields["seo_title"], "description": fields["seo_description"]},
        **{name: value for name, value in optional.items() if value},
    }


def _names(rows: Any) -> str:
    return ", ".join(row["name"] for row in rows or ())


LABELS: dict[str, str | Promise] = {
    "headline": gettext_lazy("Headline"),
    "standfirst": gettext_lazy("Standfirst"),
    "body": gettext_lazy("Text"),
    "kind": gettext_lazy("Type"),
    "required_level": gettext_lazy("Access"),
    "section": gettext_lazy("Section"),
    "topics": gettext_lazy("Topics"),
    "series": gettext_lazy("Series"),
    "bylines": gettext_lazy("By"),
    "lead": gettext_lazy("Lead image"),
    "lead_caption": gettext_lazy("Lead image caption"),
    "audio": gettext_lazy("Audio version"),
    "language": gettext_lazy("Language"),
    "translation_of": gettext_lazy("Translation of"),
    "purpose": gettext_lazy("Purpose"),
    "slug": gettext_lazy("URL"),
    "seo_title": gettext_lazy("SEO title"),
    "seo_description": gettext_lazy("SEO description"),
    "social_title": gettext_lazy("Title for shared links"),
    "social_image": gettext_lazy("Image for shared links"),
    "why_written": gettext_lazy("Why we wrote this"),
    "how_known": gettext_lazy("How we know this"),
    "not_known": gettext_lazy("What we don’t know"),
    "interests": gettext_lazy("Interests and funding"),
    "ai_uses": gettext_lazy("AI was used for"),
    "ai_use": gettext_lazy("Use of AI"),
}
TEXTS = [field for field in Article._meta.fields if field.name in TEXT_FIELDS]
LABELS |= {field.name: capfirst(field.verbose_name) for field in TEXTS if field.name not in LABELS}
_FORMATTERS: dict[str, Callable[[Any], str]] = {
    "kind": str.title,
    "required_level": lambda level: str(Level(level).label) if level in Level.values else str(level),
    "section": lambda section: section["name"] if section else "",
    "translation_of": lambda original: original["name"] if original else "",
    "topics": _names,
    "bylines": _names,
    "series": lambda series: (
        _("%(series)s, part %(part)s") % {"series": series["name"], "part": series["part"]} if series else ""
    ),
    "audio": lambda audio: _("recording %(hash)s") % {"hash": audio["sha256"][:8]} if audio else "",
    "ai_uses": lambda uses: ", ".join(str(AIUse(use).label) for use in uses if use in AIUse.values),
    "purpose": lambda purpose: str(Purpose(purpose).label) if purpose else "",
    "lead": lambda uuid: _("image %(uuid)s") % {"uuid": uuid[:8]} if uuid else "",
    "social_image": lambda uuid: _("image %(uuid)s") % {"uuid": uuid[:8]} if uuid else "",
}


def display_value(name: str, value: object, titles: Mapping[str, str] | None = None) -> str:
    """Return the value of a field as text for the newsroom.

    `titles` has those of images and recordings by `media_key`.
    """
    key = media_key(name, value)
    if key and titles and key in titles:
        return f"“{titles[key]}”"
    return _FORMATTERS.get(name, str)(value) or EMPTY


def media_key(name: str, value: Any) -> str:
    """Return the digest of the recording or the UUID of the image in a field; "" if there is none."""
    if name == "audio":
        return str(value["sha256"]) if value else ""
    return str(value or "") if name in {"lead", "social_image"} else ""


def differing(first: EditableFields, second: EditableFields) -> list[str]:
    """Return the names of the fields that both have and that differ."""
    return [name for name in LABELS if name in first and name in second and not same(name, first[name], second[name])]


def same(name: str, first: Any, second: Any) -> bool:
    """Compare a field. Sections, topics and authors count by uuid: renaming first does not change the article."""
    if name in {"topics", "bylines"}:
        return [row["uuid"] for row in first or ()] == [row["uuid"] for row in second or ()]
    if name == "series":
        return {**(first or {}), "name": ""} == {**(second or {}), "name": ""}
    if name == "body":
        return bool(first == second) or keys(first) == keys(second)
    if name in {"section", "translation_of"}:
        return bool((first or {}).get("uuid") == (second or {}).get("uuid"))
    return bool(first == second)


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes from one text to another, as templates show them."""

    headline: list[Part]
    standfirst: list[Part]
    rows: list[Row]
    facts: list[Fact]

    @property
    def empty(self) -> bool:
        parts = [*self.headline, *self.standfirst]
        return not self.facts and all(p.op == "=" for p in parts) and all(row.kind == "same" for row in self.rows)


def compare(old: EditableFields, new: EditableFields, titles: Mapping[str, str] | None = None) -> Comparison:
    """Compare two texts. `titles` has those of images and recordings by `media_key`."""
    changed = differing(old, new)
    return Comparison(
        headline=word_diff(old["headline"], new["headline"]),
        standfirst=word_diff(old["standfirst"], new["standfirst"]),
        rows=block_diff(old["body"], new["body"]),
        facts=[
            Fact(str(LABELS[name]), display_value(name, old[name], titles), display_value(name, new[name], titles))
            for name in changed
            if name not in {"headline", "standfirst", "body"}
        ],
    )
