"""The derived columns of versions: rendered at publication, and again whenever what stands beside the text changes."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from django.db import transaction
from django.db.models import Q
from django.tasks import task

from articles import search
from articles.media.html import ResponsiveImage
from articles.media.renditions import responsive_image, responsive_images
from articles.models import (
    Author,
    AuthorEntry,
    Image,
    ImageUsage,
    Kind,
    Section,
    SectionEntry,
    Series,
    SeriesEntry,
    SocialCrop,
    Topic,
    TopicEntry,
    Version,
    VersionQuerySet,
)
from articles.models.versions import DERIVED
from articles.richtext.rendering import render

Named = Image | Section | Topic | Author | Series
COLUMNS = [field.attname for field in Version._meta.concrete_fields if field.name in DERIVED]


def derive(version: Version) -> None:
    """Set every derived column of `version` (not saved) from its content and the names and files of today."""
    content = json.loads(version.content or "{}")
    pictures = responsive_images(content)
    rendered = render(content, pictures)
    for column in rendered.__slots__:
        setattr(version, column, getattr(rendered, column))
    version.headline = content["headline"]
    version.standfirst = content["standfirst"]
    version.kind = content["kind"]
    version.required_level = content["required_level"]
    version.section = Section.objects.filter(uuid=content["section"]["uuid"]).first() if content["section"] else None
    version.head = _head(content, version.section, pictures)


def rerender(versions: VersionQuerySet, *, dry_run: bool = False) -> int:
    """Derive `versions` again and store what came out otherwise; contents and digests stay. Returns how many did."""
    return sum(rederive(pk, dry_run=dry_run) for pk in list(versions.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def rederive(pk: int, *, dry_run: bool = False) -> bool:
    """Derive one version again; True where anything came out otherwise than it was stored.

    It is locked before names and files are read, so of two at once the one that writes last has also read last.
    """
    version = Version.objects.select_for_update().get(pk=pk)
    if version.content is None:
        return False
    if not dry_run:
        _lines_of_survivors(version)
    before = {name: getattr(version, name) for name in COLUMNS}
    derive(version)
    changed = any(getattr(version, name) != value for name, value in before.items())
    if changed and not dry_run:
        version.save(update_fields=DERIVED)
        search.reindex(version)
    return changed


def _lines_of_survivors(version: Version) -> None:
    """Let `version` stand under the topic that one of its own was merged into: it may have come between."""
    for line in TopicEntry.objects.filter(version=version, topic__merged_into__isnull=False).select_related("topic"):
        if TopicEntry.objects.filter(version=version, topic=line.topic.merged_into_id).exists():
            line.delete()
        else:
            TopicEntry.objects.filter(pk=line.pk).update(topic=line.topic.merged_into_id)


def rerender_showing(thing: Named) -> int:
    """Derive again what is, or will be, served and names `thing`: its words beside the text or its files changed.

    Returns how many versions came out otherwise.
    """
    return rerender(Version.objects.filter(_naming(thing)))


@task()
def rerender_showing_later(model: str, pk: int) -> None:
    """`rerender_showing`, outside the request, for the section, topic, series, author or image with this key."""
    kinds: dict[str, type[Named]] = {kind._meta.model_name or "": kind for kind in get_args(Named)}
    if thing := kinds[model].objects.filter(pk=pk).first():
        rerender_showing(thing)


def _naming(thing: Named) -> Q:
    match thing:
        case Section():
            return Q(pk__in=SectionEntry.objects.filter(section=thing).values("version"))
        case Topic():
            return Q(pk__in=TopicEntry.objects.filter(topic=thing).values("version"))
        case Series():
            return Q(pk__in=SeriesEntry.objects.filter(series=thing).values("version"))
        case Author():
            return Q(pk__in=AuthorEntry.objects.filter(author=thing).values("version"))
        case Image():
            named = ImageUsage.objects.filter(image=thing, version__isnull=False)
            drawn = Q(pk__in=served_versions().filter(pk__in=named.values("version")).values("pk"))
            by = AuthorEntry.objects.filter(author__portrait=thing)
            return drawn | Q(pk__in=by.values("version"))


def served_versions() -> VersionQuerySet:
    """The live and the waiting version of every article."""
    return Version.objects.filter(Q(live_in__isnull=False) | Q(upcoming_in__isnull=False))


def _head(
    content: Mapping[str, Any], section: Section | None, pictures: Mapping[str, ResponsiveImage]
) -> dict[str, Any]:
    """All that a page or list draws beside the text. Nothing of it comes from behind the gate.

    Section and topics are called as their pages are called today; a byline stays as it was signed.
    """
    authors = Author.objects.filter(uuid__in=[b["uuid"] for b in content["bylines"]])
    people = {
        str(author.uuid): author
        for author in authors.select_related("portrait").prefetch_related("portrait__renditions")
    }
    kind = Kind(content["kind"])
    head: dict[str, Any] = {
        "kind": {"label": kind.label, "definition": kind.definition},
        "section": {"name": section.name, "slug": section.slug} if section else None,
        "topics": [{"name": topic.name, "slug": topic.slug} for topic in Topic.objects.current(content["topics"])],
        "bylines": [_byline(b["name"], people.get(b["uuid"])) for b in content["bylines"]],
        "lead": _lead(content, pictures),
        "seo": content["seo"],
    }
    if series := _series(content):
        head["series"] = series
    if "audio" in content:
        head["audio"] = content["audio"]
    return head


def _series(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """Which series the piece is a part of, called as its page is called today."""
    given = content.get("series")
    series = Series.objects.filter(uuid=given["uuid"]).first() if given else None
    return {"name": series.name, "slug": series.slug, "part": given["part"]} if given and series else None


def _byline(name: str, author: Author | None) -> dict[str, str]:
    portrait = responsive_image(author.portrait) if author and author.portrait else None
    # Every browser of this decade shows WebP, at half the bytes.
    files = (portrait.sources.get("webp") or portrait.sources.get("jpeg")) if portrait else None
    return {
        "name": name,
        "slug": author.slug if author else "",
        "role": author.role if author else "",
        "portrait": files[0][0] if files else "",
    }


def _lead(content: Mapping[str, Any], pictures: Mapping[str, ResponsiveImage]) -> dict[str, Any] | None:
    lead = content["lead"]
    if not lead or lead["uuid"] not in pictures:
        return None
    words, picture = content["pictures"][lead["uuid"]], pictures[lead["uuid"]]
    return {
        "alt": words["alt"],
        "caption": lead["caption"] or words["caption"],
        "credit": words["credit"],
        **picture.as_json(),
        **_social(lead["uuid"], words.get("sha256", ""), picture.focal),
    }


def _social(uuid: str, original: str, focal: tuple[int, int]) -> dict[str, Any]:
    """What stands beside a shared link, where that is cut already."""
    crops = SocialCrop.objects.filter(image__uuid=uuid, original=original, focal_x=focal[0], focal_y=focal[1])
    crop = crops.first()
    return {"social": [crop.file.url, crop.width, crop.height]} if crop is not None else {}
