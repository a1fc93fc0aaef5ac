"""A record as the fields of an article or page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.html import escape

from articles.access import Level
from articles.integrity import digest_of
from articles.models import Article, Author, Image, Page, Section, Topic
from truthlytics.contrib.importers.bodies import convert_body, convert_line
from truthlytics.contrib.importers.images import Pictures
from truthlytics.contrib.importers.media.library import MediaLibrary
from truthlytics.contrib.importers.records import MediaRecord, Record, ReportLoss
from truthlytics.contrib.importers.tags import image_text
from truthlytics.contrib.importers.taxonomy import Taxonomy
from truthlytics.publication import get_publication
from truthlytics.web.canonical_json import canonical
from truthlytics.web.types import JsonObject

FIELDS = {
    "article": ("headline", "standfirst", "body", "kind", "required_level"),
    "page": ("headline", "standfirst", "body"),
}
# Fields that most sources leave empty. They are part of the digest only if they are set.
OPTIONAL = {"article": ("seo_title", "seo_description", "language", "lead", "lead_caption", "audio"), "page": ()}


@dataclass(frozen=True, slots=True)
class ConvertedRecord:
    """A record converted to the fields of an article or page. `draft_reason` is empty if it can be published.

    `missing_images` is the number of its images that could not be had.
    """

    record: Record
    slug: str
    fields: JsonObject
    section: Section | None
    authors: Sequence[Author]
    topics: Sequence[Topic]
    draft_reason: str
    missing_images: int = 0

    @property
    def digest(self) -> str:
        return _digest(self.record.target, self.fields, self.section, self.authors, self.topics)

    @property
    def state(self) -> str:
        if self.draft_reason:
            return "drafts"
        published_at = self.record.published_at
        return "scheduled" if published_at and published_at > timezone.now() else "published"


def convert(
    record: Record,
    slug: str,
    taxonomy: Taxonomy,
    resolve: Callable[[str], str | None],
    report_loss: ReportLoss,
    *,
    section: str = "",
    creates_section: bool = True,
    library: MediaLibrary | None = None,
    template: str = "",
) -> ConvertedRecord:
    """Convert `record`, whose body is Markdown or HTML. `section` is the slug of one that overrides the record's.

    Without `creates_section`, an article whose section does not exist gets none. `library` has its images.
    `template` says why a page that takes the place of a template stays a draft.
    """
    pictures = Pictures(record, report_loss, library)
    fields = _fields(record, resolve, report_loss, pictures)
    if record.target == "page":
        reason = _draft_reason(record, fields) or template
        return ConvertedRecord(record, slug, fields, None, (), (), reason, pictures.missing)
    authors = taxonomy.authors(record.authors)
    if section:
        own: Section | None = taxonomy.section_with_slug(section)
    else:
        own = taxonomy.section(record.section) if creates_section else taxonomy.existing_section(record.section)
    if own is None:
        report_loss("section", record.section)
    reason = _draft_reason(record, fields) or (NO_AUTHOR if not authors else "")
    topics = taxonomy.topics(record.topics)
    return ConvertedRecord(record, slug, fields, own, authors, topics, reason, pictures.missing)


NO_AUTHOR = "It has no author. To assign one, add a line with an empty name to the --authors file."


def _fields(
    record: Record, resolve: Callable[[str], str | None], report_loss: ReportLoss, pictures: Pictures
) -> JsonObject:
    model = Article if record.target == "article" else Page

    def line(text: str, name: str) -> str:
        max_length: int = getattr(model._meta.get_field(name), "max_length", 0)
        return _truncated(convert_line(text, report_loss, is_plain=record.is_plain), max_length, report_loss)

    fields: JsonObject = {
        "headline": line(record.title, "headline") or "Untitled",
        "standfirst": line(record.standfirst, "standfirst"),
        "body": convert_body(record, resolve, report_loss, pictures),
    }
    lead = pictures.lead()
    if record.lead is not None and lead is None and fields["body"]:
        fields["body"] = (
            f"<p><em>{escape(image_text(f'lead image {record.lead.alt}'.rstrip()))}</em></p>{fields['body']}"
        )
    if record.target == "page":
        # Pages have no lead image: it is the first of the text.
        if lead is not None and str(lead.uuid) not in fields["body"]:
            fields["body"] = f'<figure data-image="{lead.uuid}"></figure>{fields["body"]}'
        return fields
    fields["kind"] = record.kind
    # The highest level if the access is unknown, so that nothing becomes public by mistake.
    fields["required_level"] = Level.SUPPORTER if record.level is None else record.level
    optional: dict[str, Any] = {
        "seo_title": line(record.seo_title, "seo_title"),
        "seo_description": line(record.seo_description, "seo_description"),
        "language": _language(record.language),
    }
    if lead is not None and record.lead is not None:
        optional |= {"lead": lead, "lead_caption": _lead_caption(lead, record.lead)}
        # Many texts begin with the image that is above them already.
        fields["body"] = fields["body"].removeprefix(f'<figure data-image="{lead.uuid}"></figure>')
    optional["audio"] = pictures.recording
    return fields | {name: value for name, value in optional.items() if value}


def _lead_caption(image: Image, lead: MediaRecord) -> str:
    """Return the caption for this article; "" if it is that of the image itself."""
    return "" if lead.caption == image.caption else lead.caption[:500]


def _language(code: str) -> str:
    """Return the language of an article, as this site names it; "" for the publication's and unknown ones."""
    known = {name.lower(): name for name, _ in settings.LANGUAGES}
    wanted = code.replace("_", "-").lower()
    name = known.get(wanted) or known.get(wanted.partition("-")[0], "")
    return "" if name == get_publication().language else name


def digest_of_item(item: Article | Page) -> str:
    """Return a digest of the item's text and relations, to detect edits."""
    target = "article" if isinstance(item, Article) else "page"
    fields = {name: getattr(item, name) for name in FIELDS[target]}
    fields |= {name: value for name in OPTIONAL[target] if (value := getattr(item, name))}
    if isinstance(item, Page):
        return _digest(target, fields, None, (), ())
    authors = [byline.author for byline in item.bylines.select_related("author")]
    return _digest(target, fields, item.section, authors, list(item.topics.all()))


def _digest(
    target: str, fields: JsonObject, section: Section | None, authors: Sequence[Author], topics: Sequence[Topic]
) -> str:
    if target == "page":
        return digest_of(canonical([fields]))
    if lead := fields.get("lead"):
        fields = fields | {"lead": str(lead.uuid)}
    if audio := fields.get("audio"):
        fields = fields | {"audio": audio.sha256}
    # UUIDs, so that renaming an author or a topic doesn't count as an edit.
    relations: list[Any] = [str(section.uuid) if section else "", [str(author.uuid) for author in authors]]
    relations.append(sorted(str(topic.uuid) for topic in topics))
    return digest_of(canonical([{**fields, "required_level": int(fields["required_level"])}, relations]))


def _draft_reason(record: Record, fields: dict[str, object]) -> str:
    if record.reason or record.status in {"draft", "closed"}:
        return record.reason or "It was not published."
    if record.level is None:
        return "Its access level is unknown."
    if record.target == "page" and record.level != Level.EVERYONE:
        return "Only some readers could see it, and pages here are for everyone."
    if record.published_at is None:
        return "It has no valid date."
    return "" if fields["body"] or not record.body.strip() else "Nothing of its text could be imported."


def _truncated(text: str, max_length: int, report_loss: ReportLoss) -> str:
    if len(text) <= max_length:
        return text
    report_loss("shortened", text)
    return text[: max_length - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
