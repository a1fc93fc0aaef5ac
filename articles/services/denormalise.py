"""The derived columns of versions: rendered when published, and again when a name or image they show changes."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.utils.translation import override

from articles import search
from articles.media.html import ResponsiveImage
from articles.media.renditions import responsive_image, responsive_images
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
from articles.models.versions import DERIVED
from articles.presenters.sources import divided_sources
from articles.richtext.rendering import render
from truthlytics.publication.language import content_language
from truthlytics.web.queues import SLOW

Shown = Image | Section | Topic | Author | Series | Source
COLUMNS = [field.attname for field in Version._meta.concrete_fields if field.name in DERIVED]


def derive(version: Version) -> None:
    """Set the derived columns of `version` from its content and the current names and files. Does not save."""
    content = json.loads(version.content or "{}")
    images = responsive_images(content)
    with override(content_language(content.get("language", ""))):  # of the labels of notes and tables
        rendered = render(content, images)
    for column in rendered.__slots__:
        setattr(version, column, getattr(rendered, column))
    version.headline = content["headline"]
    version.standfirst = content["standfirst"]
    version.kind = content["kind"]
    version.required_level = content["required_level"]
    version.section = Section.objects.filter(uuid=content["section"]["uuid"]).first() if content["section"] else None
    version.head = _head(content, version.section, images)
    version.free_sources, version.paid_sources = divided_sources(content)


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


def _head(content: Mapping[str, Any], section: Section | None, images: Mapping[str, ResponsiveImage]) -> dict[str, Any]:
    """Return what pages and lists show besides the text. Nothing in it is behind the paywall.

    Sections and topics have their current names; bylines stay as they were published.
    """
    authors = Author.objects.filter(uuid__in=[b["uuid"] for b in content["bylines"]])
    authors_by_uuid = {
        str(author.uuid): author
        for author in authors.select_related("portrait").prefetch_related("portrait__renditions")
    }
    head: dict[str, Any] = {
        "section": {"name": section.name, "slug": section.slug} if section else None,
        "topics": [{"name": topic.name, "slug": topic.slug} for topic in Topic.objects.current(content["topics"])],
        "bylines": [_byline(b["name"], authors_by_uuid.get(b["uuid"])) for b in content["bylines"]],
        "lead": _lead(content, images),
        "seo": content["seo"],
    }
    if social := content.get("social"):
        head["social"] = {"title": social["title"], "image": _image(social["image"], content, images)}
    if series := _series(content):
        head["series"] = series
    for name in {"audio", "language", "how_we_know", *EXTRA_LINES} & content.keys():
        head[name] = content[name]
    return head


def _series(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the series under its current name, and the part."""
    published = content.get("series")
    series = Series.objects.filter(uuid=published["uuid"]).first() if published else None
    return {"name": series.name, "slug": series.slug, "part": published["part"]} if published and series else None


def _byline(name: str, author: Author | None) -> dict[str, str]:
    portrait = responsive_image(author.portrait) if author and author.portrait else None
    # All current browsers support WebP, which needs half the bytes.
    files = (portrait.sources.get("webp") or portrait.sources.get("jpeg")) if portrait else None
    return {
        "name": name,
        "slug": author.slug if author else "",
        "role": author.role if author else "",
        "portrait": files[0][0] if files else "",
    }


def _lead(content: Mapping[str, Any], images: Mapping[str, ResponsiveImage]) -> dict[str, Any] | None:
    lead = content["lead"]
    return _image(lead["uuid"], content, images, lead["caption"]) if lead else None


def _image(
    uuid: str | None, content: Mapping[str, Any], images: Mapping[str, ResponsiveImage], caption: str = ""
) -> dict[str, Any] | None:
    if uuid is None or uuid not in images:
        return None
    texts, image = content["pictures"][uuid], images[uuid]
    return {
        "alt": texts["alt"],
        "caption": caption or texts["caption"],
        "credit": texts["credit"],
        **image.as_json(),
        **_social_crop(uuid, texts.get("sha256", ""), image.focal),
    }


def _social_crop(uuid: str, original: str, focal: tuple[int, int]) -> dict[str, Any]:
    """Return the crop for link previews, if it has been made."""
    crops = SocialCrop.objects.filter(image__uuid=uuid, original=original, focal_x=focal[0], focal_y=focal[1])
    crop = crops.first()
    return {"social": [crop.file.url, crop.width, crop.height]} if crop is not None else {}
