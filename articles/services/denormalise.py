"""The derived columns of versions: rendered when published, and again when a name or image they show changes."""

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple, get_args

from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.utils.translation import override

from articles import search
from articles.media.html import ResponsiveImage
from articles.media.renditions import responsive_image, responsive_images_of
from articles.models import (
    Author,
    AuthorEntry,
    Image,
    ImageUsage,
    Section,
    SectionEntry,
    Series,
    SeriesEntry,
    SocialCrop,
    Source,
    Topic,
    TopicEntry,
    Version,
    VersionQuerySet,
)
from articles.models.articles import EXTRA_LINES
from articles.models.sections import current_topics
from articles.models.versions import DERIVED
from articles.presenters.sources import divided_sources
from articles.richtext.rendering import render
from truthlytics.publication.language import content_language
from truthlytics.web.queues import SLOW
from truthlytics.web.types import AnyRows, Content, JsonObject

Shown = Image | Section | Topic | Author | Series | Source
_FILE_NAMES = re.compile(r"[0-9a-f]{64}\.[a-z]+")
COLUMNS = [field.attname for field in Version._meta.concrete_fields if field.name in DERIVED]


class Surroundings(NamedTuple):
    """What a version shows of other rows, as these are now: names, files, and sources in the free and paid part."""

    section: Section | None
    head: dict[str, object]
    images: dict[str, ResponsiveImage]
    sources: tuple[list[dict[str, object]], list[dict[str, object]]]


def derive(version: Version) -> None:
    """Set the derived columns of `version` from its content and the current names and files. Does not save."""
    derive_all([version])


def derive_all(versions: Sequence[Version], *, among: Container[str] | None = None) -> list[Surroundings]:
    """Derive the columns of many versions with a constant number of queries. Return what they show of other rows.

    Of images, all files are shown that exist, or those with the names `among`.
    """
    contents = [json.loads(version.content or "{}") for version in versions]
    surroundings = _surroundings(contents, among)
    for version, content, current in zip(versions, contents, surroundings, strict=True):
        with override(content_language(content.get("language", ""))):  # of the labels of notes and tables
            rendered = render(content, current.images)
        for column in rendered.__slots__:
            setattr(version, column, getattr(rendered, column))
        version.headline = content["headline"]
        version.standfirst = content["standfirst"]
        version.kind = content["kind"]
        version.required_level = content["required_level"]
        version.section = current.section
        version.head = current.head
        version.free_sources, version.paid_sources = current.sources
    return surroundings


def rederive_changed(versions: Sequence[Version], derived: Sequence[Surroundings]) -> None:
    """Derive the columns again of those of `versions` that show rows which changed since `derive_all` read them."""
    contents = [json.loads(version.content or "{}") for version in versions]
    for version, before, now in zip(versions, derived, _surroundings(contents), strict=True):
        if now != before:
            rederive(version.pk)


def rerender(versions: VersionQuerySet, *, dry_run: bool = False) -> int:
    """Derive the columns of `versions` again. Return how many changed. Contents and digests stay."""
    return sum(rederive(pk, dry_run=dry_run) for pk in list(versions.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def rederive(pk: int, *, dry_run: bool = False) -> bool:
    """Derive the columns of one version again. Return whether any changed.

    Locks the version before it reads names and files, so that the last of two concurrent calls has the latest.
    """
    version = Version.objects.select_for_update().get(pk=pk)
    if version.content is None:
        return False
    if not dry_run:
        _move_merged_topics(version)
    before = {name: getattr(version, name) for name in COLUMNS}
    derive(version)
    changed = any(getattr(version, name) != value for name, value in before.items())
    if changed and not dry_run:
        version.save(update_fields=DERIVED)
        search.reindex(version)
    return changed


def differs_from_content(pk: int) -> bool:
    """Return whether the derived columns of a version are others than its content gives. Writes nothing.

    More sizes of an image that is shown may have been made since: it is rendered again when all of them are there.
    """
    version = Version.objects.get(pk=pk)
    if version.content is None:
        return False
    stored = {name: getattr(version, name) for name in COLUMNS}
    shown = []
    for among in (None, set(_FILE_NAMES.findall(str(stored)))):
        [surroundings] = derive_all([version], among=among)
        shown.append([uuid for uuid, image in surroundings.images.items() if image.sources])
        if all(getattr(version, name) == value for name, value in stored.items()):
            return shown[0] != shown[-1]
    return True


def _move_merged_topics(version: Version) -> None:
    """Move rows of topics that were merged while the version was being published."""
    for entry in TopicEntry.objects.filter(version=version, topic__merged_into__isnull=False).select_related("topic"):
        if TopicEntry.objects.filter(version=version, topic=entry.topic.merged_into_id).exists():
            entry.delete()
        else:
            TopicEntry.objects.filter(pk=entry.pk).update(topic=entry.topic.merged_into_id)


def rerender_showing(row: Shown) -> int:
    """Derive the columns of the served and scheduled versions that show `row`. Return how many changed."""
    return rerender(Version.objects.filter(_versions_showing(row)))


@task(queue_name=SLOW)
def rerender_showing_later(model: str, pk: int) -> None:
    """Run `rerender_showing` outside the request, for the row of `model` (a model name) with this primary key."""
    models: dict[str, type[Shown]] = {shown._meta.model_name or "": shown for shown in get_args(Shown)}
    if row := models[model].objects.filter(pk=pk).first():
        rerender_showing(row)


def _versions_showing(row: Shown) -> Q:
    match row:
        case Section():
            return Q(pk__in=SectionEntry.objects.filter(section=row).values("version"))
        case Topic():
            return Q(pk__in=TopicEntry.objects.filter(topic=row).values("version"))
        case Series():
            return Q(pk__in=SeriesEntry.objects.filter(series=row).values("version"))
        case Author():
            return Q(pk__in=AuthorEntry.objects.filter(author=row).values("version"))
        case Image():
            usages = ImageUsage.objects.filter(image=row, version__isnull=False)
            used = Q(pk__in=served_versions().filter(pk__in=usages.values("version")).values("pk"))
            portraits = AuthorEntry.objects.filter(author__portrait=row)
            return used | Q(pk__in=portraits.values("version"))
        case Source():
            return Q(pk__in=served_versions().filter(citations__source=row).values("pk"))


def served_versions() -> VersionQuerySet:
    """Return the live and the upcoming version of every article."""
    return Version.objects.filter(Q(live_in__isnull=False) | Q(upcoming_in__isnull=False))


def _surroundings(contents: Sequence[Content], among: Container[str] | None = None) -> list[Surroundings]:
    """Return what versions with these contents show of other rows. A query for each kind of row that any refers to."""
    images = responsive_images_of(contents, among)
    rows = _Rows(contents, images, among)
    return [
        Surroundings(
            section=rows.sections.get(content["section"]["uuid"]) if content["section"] else None,
            head=_head(content, rows, shown),
            images=shown,
            sources=divided_sources(content, rows.sources),
        )
        for content, shown in zip(contents, images, strict=True)
    ]


class _Rows:
    """The rows that contents refer to, besides images: by UUID, and sources by key."""

    def __init__(
        self, contents: Sequence[Content], images: Sequence[Mapping[str, ResponsiveImage]], among: Container[str] | None
    ) -> None:
        self.among = among
        named = [[content[name] for content in contents if content.get(name)] for name in ("section", "series")]
        self.sections = _by_uuid(Section.objects.all(), named[0])
        self.series = _by_uuid(Series.objects.all(), named[1])
        self.topics = Topic.objects.survivors_by_uuid({topic["uuid"] for one in contents for topic in one["topics"]})
        authors = Author.objects.with_portrait()
        self.authors = _by_uuid(authors, [byline for content in contents for byline in content["bylines"]])
        sources = {source["key"] for content in contents for source in content.get("sources", ())}
        self.sources = Source.objects.by_key(sources)
        cropped = {
            uuid
            for content, shown in zip(contents, images, strict=True)
            for uuid in ((content["lead"] or {}).get("uuid", ""), (content.get("social") or {}).get("image") or "")
            if uuid in shown
        }
        # By UUID and digest of the image, and focal point.
        self.crops = {
            (str(crop.image.uuid), crop.original, (crop.focal_x, crop.focal_y)): crop
            for crop in (SocialCrop.objects.filter(image__uuid__in=cropped).select_related("image") if cropped else ())
            if among is None or crop.file.name in among
        }


def _by_uuid(rows: AnyRows, named: Iterable[Content]) -> JsonObject:
    uuids = {entry["uuid"] for entry in named}
    return {str(row.uuid): row for row in rows.filter(uuid__in=uuids)} if uuids else {}


def _head(content: Content, rows: _Rows, images: Mapping[str, ResponsiveImage]) -> JsonObject:
    """Return what pages and lists show besides the text. Nothing in it is behind the paywall.

    Sections and topics have their current names; bylines stay as they were published.
    """
    section = rows.sections.get(content["section"]["uuid"]) if content["section"] else None
    topics = current_topics((topic["uuid"] for topic in content["topics"]), rows.topics)
    head: JsonObject = {
        "section": {"name": section.name, "slug": section.slug} if section else None,
        "topics": [{"name": topic.name, "slug": topic.slug} for topic in topics],
        "bylines": [_byline(b["name"], rows.authors.get(b["uuid"]), rows.among) for b in content["bylines"]],
        "lead": _lead(content, rows, images),
        "seo": content["seo"],
    }
    if social := content.get("social"):
        head["social"] = {"title": social["title"], "image": _image(social["image"], content, rows, images)}
    if series := _series(content, rows):
        head["series"] = series
    # Of the library as it is now, since a mark may come late.
    if any(image.ai_use for image in images.values()):
        head["has_ai_pictures"] = True
    for name in {"audio", "language", "how_we_know", "ai_uses", "reviews", *EXTRA_LINES} & content.keys():
        head[name] = content[name]
    return head


def _series(content: Content, rows: _Rows) -> JsonObject | None:
    """Return the series under its current name, and the part."""
    published = content.get("series")
    series = rows.series.get(published["uuid"]) if published else None
    return {"name": series.name, "slug": series.slug, "part": published["part"]} if published and series else None


def _byline(name: str, author: Author | None, among: Container[str] | None) -> dict[str, str]:
    portrait = responsive_image(author.portrait, among=among) if author and author.portrait else None
    # All current browsers support WebP, which needs half the bytes.
    files = (portrait.sources.get("webp") or portrait.sources.get("jpeg")) if portrait else None
    return {
        "name": name,
        "slug": author.slug if author else "",
        "role": author.role if author else "",
        "portrait": files[0][0] if files else "",
    }


def _lead(content: Content, rows: _Rows, images: Mapping[str, ResponsiveImage]) -> JsonObject | None:
    lead = content["lead"]
    return _image(lead["uuid"], content, rows, images, lead["caption"]) if lead else None


def _image(
    uuid: str | None, content: Content, rows: _Rows, images: Mapping[str, ResponsiveImage], caption: str = ""
) -> JsonObject | None:
    if uuid is None or uuid not in images:
        return None
    texts, image = content["pictures"][uuid], images[uuid]
    return {
        "alt": texts["alt"],
        "caption": caption or texts["caption"],
        "credit": texts["credit"],
        **image.as_json(),
        **_social_crop(rows.crops.get((uuid, texts.get("sha256", ""), image.focal))),
    }


def _social_crop(crop: SocialCrop | None) -> dict[str, object]:
    """Return the crop for link previews, if it has been made."""
    return {"social": [crop.file.url, crop.width, crop.height]} if crop is not None else {}
