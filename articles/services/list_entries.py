"""The dated rows of lists: sections, topics, authors, series and search.

A version is listed from `served_from` until `served_until`. Only the live and the upcoming version have rows, and
only this module adds, moves and removes them.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from articles import search
from articles.models import (
    ENTRY_MODELS,
    Article,
    Author,
    AuthorEntry,
    Byline,
    SearchEntry,
    SectionEntry,
    Series,
    SeriesEntry,
    Topic,
    TopicEntry,
    Version,
)
from articles.models.sections import current_topics


def add(version: Version) -> None:
    """List `version`, which has just become live or upcoming. The rows of the version before it end when it begins."""
    article = version.article
    for model in ENTRY_MODELS:
        previous = model.objects.filter(article=article)
        if article.upcoming_id == version.pk:
            previous.update(served_until=version.public_from)
        else:
            previous.delete()
    add_first([version])


def add_first(versions: Sequence[Version]) -> None:
    """List versions of articles that are in no list yet."""
    topics = [[t["uuid"] for t in json.loads(version.content or "{}").get("topics", ())] for version in versions]
    survivors = Topic.objects.survivors_by_uuid({uuid for uuids in topics for uuid in uuids})
    authors: defaultdict[int, list[int]] = defaultdict(list)
    for byline in Byline.objects.filter(article__in=[version.article_id for version in versions]):
        authors[byline.article_id].append(byline.author_id)
    rows = {version: {"article": version.article, "version": version} | _dates(version) for version in versions}
    SectionEntry.objects.bulk_create(
        SectionEntry(section=version.section, **common) for version, common in rows.items() if version.section
    )
    TopicEntry.objects.bulk_create(
        TopicEntry(topic=topic, **common)
        for (version, common), uuids in zip(rows.items(), topics, strict=True)
        for topic in current_topics(uuids, survivors)
    )
    AuthorEntry.objects.bulk_create(
        AuthorEntry(author_id=author, **common)
        for version, common in rows.items()
        for author in authors[version.article_id]
    )
    for version, common in rows.items():
        series, part = version.article.series_id, version.article.series_part
        if series is not None and part is not None:
            SeriesEntry.objects.create(series_id=series, part=part, **common)
    search.index_many((version, None) for version in versions)


def rebuild(article: Article) -> None:
    """List the live and the upcoming version of `article`, which has no rows, by their contents. Not for search."""
    for version, until in ((article.live, article.upcoming_at), (article.upcoming, None)):
        if version is None or version.content is None:
            continue
        content = json.loads(version.content)
        common = {"article": article, "version": version, "served_until": until} | _dates(version)
        if version.section_id is not None:
            SectionEntry.objects.create(section_id=version.section_id, **common)
        TopicEntry.objects.bulk_create(
            TopicEntry(topic=topic, **common) for topic in Topic.objects.current(content.get("topics", ()))
        )
        authors = Author.objects.filter(uuid__in=[byline["uuid"] for byline in content["bylines"]])
        AuthorEntry.objects.bulk_create(AuthorEntry(author=author, **common) for author in authors)
        if part := content.get("series"):
            for series in Series.objects.filter(uuid=part["uuid"]):
                SeriesEntry.objects.create(series=series, part=part["part"], **common)


def transfer(old: Version, new: Version) -> None:
    """Give `new` the place of `old` in every list, when a version is rescheduled or gets newer image texts."""
    article, upcoming = new.article, new.article.upcoming_id == new.pk
    for model in ENTRY_MODELS:
        if model is SearchEntry:
            model.objects.filter(version=old).delete()
        else:
            model.objects.filter(version=old).update(version=new, **_dates(new))
        if upcoming and new.public_from != old.public_from:
            model.objects.filter(article=article).exclude(version=new).update(served_until=new.public_from)
    search.index(new, None if upcoming else article.upcoming_at)


def renumber(version: Version, part: int) -> None:
    """Give `version` another number in its series."""
    SeriesEntry.objects.filter(version=version).update(part=part)


def remove_scheduled(article: Article) -> None:
    """Remove the rows of the upcoming version; the live version stays listed."""
    for model in ENTRY_MODELS:
        model.objects.filter(article=article, version=article.upcoming_id).delete()
        model.objects.filter(article=article).update(served_until=None)


def remove_ended(article: Article, now: datetime) -> None:
    """Remove the rows of a version that another one has replaced by `now`."""
    for model in ENTRY_MODELS:
        model.objects.filter(article=article, served_until__lte=now).delete()


def _dates(version: Version) -> dict[str, object]:
    return {"published_at": version.article.published_at, "served_from": version.public_from}
