"""Articles.

Which version is served is stored in columns of the article (`live`, `upcoming`), and each list has a dated row per
version, because readers' lists are long.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.http import QueryDict

from articles.access import Level
from articles.integrity import unsealed
from articles.models import (
    Article,
    Author,
    Byline,
    Correction,
    DocumentLink,
    Image,
    ImageUsage,
    Kind,
    Recording,
    Section,
    Series,
    Topic,
    Version,
    translations,
)
from articles.models.articles import META_TEXTS, SINGLE_LINE_FIELDS, TEXT_FIELDS
from articles.models.versions import VersionQuerySet
from articles.responsibility import stated_uses
from articles.revisions.fields import EditableFields, content_from, editable_fields
from articles.richtext.vocabulary import clean, image_uuids, parse
from articles.services import list_entries, log_entries, redirects, remarks, reviews, sources, workflow
from articles.services.denormalise import derive, derive_all, rederive, rederive_changed, served_versions
from articles.services.item_types.base import EditableType, columns_of_change, image_texts, sealed_texts
from articles.services.item_types.form_rows import authors_from_form, chosen_row, topics_from_form, uuids_and_names
from articles.signals import first_texts_added, first_versions_published, version_published
from truthlytics.web.canonical_json import canonical
from truthlytics.web.ids import parse_id, slug_in
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User


class ArticleType(EditableType[Article]):
    model = Article
    version_model = Version
    state_columns = ("live", "upcoming", "upcoming_at", "published_at")
    text_columns = TEXT_FIELDS
    line_fields = (*SINGLE_LINE_FIELDS, "slug")

    # --- Content ------------------------------------------------------------------------------------
    def content_of(self, item: Article) -> JsonObject:
        return self.contents_of([item])[0]

    def contents_of(self, items: Sequence[Article]) -> list[dict[str, object]]:
        """Return the contents of many articles with a constant number of queries, if they were fetched with peers."""
        return reviews.with_reviews(items, [sources.with_sources(text) for text in self._texts_of(items)])

    def _text_of(self, item: Article) -> dict[str, object]:
        return self._texts_of([item])[0]

    def _texts_of(self, items: Sequence[Article]) -> list[JsonObject]:
        """Return the contents without the details of their sources, which do not belong to the draft."""
        topics: defaultdict[int, list[Topic]] = defaultdict(list)
        for tagged in Article.topics.through.objects.filter(article__in=items).select_related("topic__merged_into"):
            topics[tagged.article_id].append(tagged.topic.survivor)
        bylines: defaultdict[int, list[Author]] = defaultdict(list)
        for byline in Byline.objects.filter(article__in=items).select_related("author"):
            bylines[byline.article_id].append(byline.author)
        texts = [draft_fields(item, topics[item.pk], bylines[item.pk]) for item in items]
        uuids = [image_uuids(fields["body"]) for fields in texts]
        rows = Image.objects.filter(uuid__in={uuid for shown in uuids for uuid in shown})
        images = {str(image.uuid): image for image in rows}
        contents = []
        for item, fields, shown in zip(items, texts, uuids, strict=True):
            own = [image for uuid, image in images.items() if uuid in shown]
            own += [image for image in (item.lead, item.social_image) if image is not None]
            contents.append(content_with_images(item, fields, {image.pk: image for image in own}.values()))
        return contents

    def checked_fields(self, content: dict[str, object]) -> EditableFields:
        return editable_fields(content)

    def differs(self, item: Article, version: Version, content: JsonObject | None = None) -> bool:
        """Topics that were renamed or merged do not count: every version is rendered with their current names."""
        content = content or self.content_of(item)
        published = unsealed(json.loads(version.content or "{}"))
        if published == content:
            return False
        published["topics"] = unique_topics(Topic.objects.current(published.get("topics", ())))
        if "sources" not in published and published.get("body") == content["body"]:
            # Published before versions kept their sources.
            content = {name: value for name, value in content.items() if name != "sources"}
        return canonical(published) != canonical(content)

    # --- Versions -----------------------------------------------------------------------------------
    def create_version(
        self, item: Article, content: Any, *, correction: Correction | None = None, **columns: Any
    ) -> Version:
        """It follows the live version."""
        columns |= columns_of_change(correction, item.live, content, columns["public_from"])
        version: Version = super().create_version(item, content, correction=correction, **columns)
        return version

    def before_version_saved(self, version: Version) -> None:
        derive(version)

    def after_version_saved(self, version: Version) -> None:
        ImageUsage.add_for_versions([version])
        sources.cite(version)
        if connection.features.has_select_for_update:
            # A transaction that renamed a section or made an image size in the meantime did not see this version.
            # On SQLite, writers come one after the other.
            transaction.on_commit(partial(rederive, version.pk), robust=True)

    def create_first_versions(self, contents: Iterable[tuple[Article, JsonObject, JsonObject]]) -> list[Version]:
        """Create the first versions of articles from their contents and further columns, as `create_version` does.

        The number of queries is constant, unless the texts cite sources.
        """
        versions, rows = [], list(contents)
        texts = sealed_texts([content for _item, content, _columns in rows])
        for (item, content, columns), text in zip(rows, texts, strict=True):
            own = columns | columns_of_change(None, None, content, columns["public_from"])
            versions.append(self.next_version(item, text, (0, ""), **own))
        surroundings = derive_all(versions)
        Version.objects.bulk_create(versions)
        DocumentLink.add_for((version, version.content or "") for version in versions)
        ImageUsage.add_for_versions(versions)
        for version in versions:
            sources.cite(version)
        if connection.features.has_select_for_update:
            transaction.on_commit(partial(rederive_changed, versions, surroundings), robust=True)
        return versions

    # --- Which version is served --------------------------------------------------------------------
    def promote_due(self, item: Article, now: datetime) -> bool:
        """Make a due upcoming version the live one. Safe to run concurrently; True if this call did it."""
        promoted = Article.objects.filter(pk=item.pk, upcoming__isnull=False, upcoming_at__lte=now).update(
            live=F("upcoming"), upcoming=None, upcoming_at=None
        )
        if promoted:
            list_entries.remove_ended(item, now)
            item.refresh_from_db(fields=["live", "upcoming", "upcoming_at"])
        return bool(promoted)

    def newest_public_from(self, item: Article, now: datetime) -> datetime | None:
        return item.live.public_from if item.live is not None else None

    def drop_scheduled(self, item: Article, now: datetime) -> None:
        if item.upcoming_id is None:
            return
        Version.objects.filter(pk=item.upcoming_id).update(superseded_at=now)
        log_entries.cancel_scheduled(item, now)
        list_entries.remove_scheduled(item)
        item.upcoming, item.upcoming_at = None, None
        if item.live_id is None:
            item.published_at = None

    def serve(self, item: Article, version: Version, *, now: datetime, by: User | None) -> None:
        _set_state(item, version, now)
        item.save(update_fields=[*self.state_columns, "updated_at"])
        workflow.close(article=item, by=by)
        list_entries.add(version)

    def serve_first(self, versions: Sequence[Version], *, now: datetime) -> None:
        """Serve the first versions of articles. Sends no signals."""
        items = [version.article for version in versions]
        for item, version in zip(items, versions, strict=True):
            _set_state(item, version, now)
            item.updated_at = now
        Article.objects.bulk_update(items, [*self.state_columns, "updated_at"])
        workflow.close_new(articles=items)
        list_entries.add_first(versions)

    def replace(self, item: Article, old: Version, new: Version, now: datetime) -> None:
        if old.pk == item.upcoming_id:
            Version.objects.filter(pk=old.pk).update(superseded_at=now)
            log_entries.cancel_scheduled(item, now, old.number)
            item.upcoming, item.upcoming_at = new, new.public_from
            if item.live_id is None:
                item.published_at = new.public_from
        else:
            item.live = new
        item.save(update_fields=[*self.state_columns, "updated_at"])
        list_entries.transfer(old, new)

    def unscheduled(self, item: Article, by: User | None) -> None:
        workflow.reopen(article=item, by=by)

    def announce(self, item: Article, version: Version | None = None) -> None:
        super().announce(item, version)
        version = version or item.live or item.upcoming
        transaction.on_commit(partial(version_published.send, sender=Article, article=item, version=version))

    def announce_first(self, versions: Sequence[Version]) -> None:
        first_texts_added.send(sender=Article, versions=versions)
        transaction.on_commit(partial(first_versions_published.send, sender=Article, versions=versions))

    # --- Images -------------------------------------------------------------------------------------
    def public_versions_showing(self, image: Image, now: datetime) -> VersionQuerySet:
        showing = served_versions().filter(image_usages__image=image, content__isnull=False)
        showing = showing.exclude(article__withdrawn_at__lte=now).select_related("article")
        return showing.order_by("-article__published_at", "-article_id", "number")

    # --- Editing ------------------------------------------------------------------------------------
    def working_content(self, item: Article) -> dict[str, object]:
        return self._text_of(item) | newsroom_fields(item)

    def content_with(self, item: Article, fields: EditableFields) -> JsonObject:
        shown = [*image_uuids(fields["body"]), fields["lead"], fields["social_image"]]
        images = Image.objects.filter(uuid__in=[uuid for uuid in shown if uuid])
        newsroom = {name: fields.get(name, value) for name, value in newsroom_fields(item).items()}
        return content_with_images(item, fields, images) | newsroom

    def fields_from_form(self, item: Article, form: QueryDict, current: EditableFields) -> EditableFields:
        fields = current | self.lines_from_form(form, current)
        fields["slug"] = fields["slug"] or current["slug"]
        fields["body"] = clean(str(form.get("body", current["body"])))
        fields["kind"] = form.get("kind") if form.get("kind") in {"", *Kind.values} else current["kind"]
        level = parse_id(form.get("required_level"))
        fields["required_level"] = level if level in Level.values else current["required_level"]
        if "section" in form:
            fields["section"] = next(iter(uuids_and_names(Section, [str(form["section"])])), None)
        for name in ("lead", "social_image"):
            if name in form:
                image = chosen_row(Image, form[name])
                fields[name] = str(image.uuid) if image else None
        if form.get("language", "") in {"", *dict(settings.LANGUAGES)}:
            fields["language"] = form.get("language", fields["language"])
        if "translation_of" in form:
            slug = slug_in(form["translation_of"])
            original = Article.objects.filter(slug=slug).exclude(pk=item.pk).first() if slug else None
            fields["translation_of"] = {"uuid": str(original.uuid), "name": str(original)} if original else None
        if "audio" in form:
            recording = chosen_row(Recording, form["audio"])
            fields["audio"] = recording.as_content() if recording else None
        if "series" in form:
            series = next(iter(uuids_and_names(Series, [str(form["series"])])), None)
            fields["series"] = series and series | {"part": parse_id(form.get("series_part")) or 0}
        if "headline" in form:  # unticked checkboxes send nothing, so their own name is no sign of a complete form
            fields["topics"] = unique_topics(topics_from_form(form))
            fields["bylines"] = uuids_and_names(Author, authors_from_form(form))
            fields["ai_uses"] = stated_uses(form.getlist("ai_uses"))
        return fields

    def write(self, item: Article, fields: EditableFields) -> None:
        old_slug = item.slug
        self.write_text(item, fields)
        item.kind = fields["kind"] if fields["kind"] in {"", *Kind.values} else item.kind
        item.required_level = fields["required_level"]
        section, audio = fields["section"], fields["audio"]
        item.section = Section.objects.filter(uuid=section["uuid"]).first() if section else None
        for name in ("lead", "social_image"):
            setattr(item, name, Image.objects.filter(uuid=fields[name]).first() if fields[name] else None)
        item.audio = Recording.objects.filter(sha256=audio["sha256"]).first() if audio else None
        set_series(item, fields["series"])
        item.language, item.ai_uses = fields["language"], fields["ai_uses"]
        original = None
        if "translation_of" in fields:  # it is not part of versions
            original = translations.original_from_field(item, fields["translation_of"])
            translations.set_original(item, original)
        item.save()
        if original is not None:
            translations.start_group(original)
        item.topics.set(Topic.objects.current(fields["topics"]))
        set_bylines(item, [byline["uuid"] for byline in fields["bylines"]])
        redirects.slug_changed(item=item, old_slug=old_slug)

    def after_revision(self, item: Article) -> None:
        sources.add_missing(body=clean(item.body), required_level=item.required_level)
        remarks.update_anchors(article=item)
        served = item.served_version()
        if served is not None and not self.differs(item, served):
            # Saved, but without a change to publish, such as another slug: the list says “unpublished changes” by time.
            Article.objects.filter(pk=item.pk).update(updated_at=served.created_at)


def _set_state(item: Article, version: Version, now: datetime) -> None:
    if version.public_from > now:
        item.upcoming, item.upcoming_at = version, version.public_from
    else:
        item.live = version
    if item.published_at is None:
        item.published_at = version.public_from


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


MAX_SERIES_PART = 32767


def set_series(article: Article, wanted: JsonObject | None) -> None:
    """Set the series and part. If another article has that part by now, use the next free one."""
    series = Series.objects.filter(uuid=wanted["uuid"]).first() if wanted else None
    part = None
    if series is not None and wanted is not None:
        part = min(wanted["part"], MAX_SERIES_PART)
        if not part or series.articles.filter(series_part=part).exclude(pk=article.pk).exists():
            part = series.next_part()
    article.series, article.series_part = series, part


def set_bylines(article: Article, wanted: list[str]) -> None:
    authors = {str(author.uuid): author for author in Author.objects.filter(uuid__in=wanted)}
    article.bylines.exclude(author__uuid__in=wanted).delete()
    for position, uuid in enumerate((uuid for uuid in wanted if uuid in authors), start=1):
        Byline.objects.update_or_create(article=article, author=authors[uuid], defaults={"position": position})
