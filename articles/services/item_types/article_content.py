"""The content of an article: what a version keeps of the working row, and what only the newsroom sees."""

from collections.abc import Iterable

from articles.models import Article, Author, Image, Section, Series, Topic, translations
from articles.models.articles import META_TEXTS, TEXT_FIELDS
from articles.responsibility import stated_uses
from articles.revisions.fields import EditableFields, content_from
from articles.richtext.vocabulary import clean, parse
from articles.services.item_types.base import image_texts
from truthlytics.web.types import JsonObject


def newsroom_fields(article: Article) -> dict[str, object]:
    """Return what the editor shows in addition to the content of a version."""
    return {
        "slug": article.slug,
        "lead_caption": article.lead_caption.strip(),
        "translation_of": translations.original_as_field(article),
    }


def draft_fields(item: Article, topics: Iterable[Topic], authors: Iterable[Author]) -> EditableFields:
    """Return the fields of the working row, as `editable_fields` has them, without those only the newsroom sees."""
    series = item.series
    return {
        **{name: " ".join(getattr(item, name).split()) for name in TEXT_FIELDS},
        # Their line breaks were kept in the first versions.
        **{name: getattr(item, name).strip() for name in ("standfirst", "lead_caption", *META_TEXTS)},
        "body": clean(item.body),
        "kind": item.kind,
        "required_level": item.required_level,
        "section": _uuid_and_name(item.section),
        "topics": unique_topics(topics),
        "bylines": [_uuid_and_name(author) for author in authors],
        "series": {**(_uuid_and_name(series) or {}), "part": item.series_part} if series else None,
        "lead": str(item.lead.uuid) if item.lead else None,
        "social_image": str(item.social_image.uuid) if item.social_image else None,
        "audio": item.audio.as_content() if item.audio else None,
        "language": item.language,
        "ai_uses": stated_uses(item.ai_uses),
    }


def content_with_images(item: Article, fields: EditableFields, images: Iterable[Image]) -> JsonObject:
    """Return the content with these fields and `images`."""
    marks = parse(fields["body"]).iterfind(".//sup[@data-footnote]")
    return content_from(fields) | {
        "uuid": str(item.uuid),
        "pictures": image_texts(images),
        "footnotes": [mark.get("data-footnote") for mark in marks],
    }


def _uuid_and_name(row: Section | Series | Author | None) -> dict[str, str] | None:
    return {"uuid": str(row.uuid), "name": row.name} if row is not None else None


def unique_topics(topics: Iterable[Topic]) -> list[dict[str, str]]:
    unique = sorted({topic.pk: topic for topic in topics}.values(), key=lambda topic: (topic.name, topic.pk))
    return [{"uuid": str(topic.uuid), "name": topic.name} for topic in unique]
