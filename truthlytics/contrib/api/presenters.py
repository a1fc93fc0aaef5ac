"""Texts as the API shows them in lists."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Version
from articles.presenters.corrections import LogEntry
from articles.presenters.dossiers import articles_of, links_to, timeline_of
from articles.presenters.machine_texts import facts_about_ai
from articles.presenters.pages import render_page
from articles.presenters.responsibility import head_of
from articles.responsibility import label_sentences, uses_in
from articles.richtext.simple import simple_html
from articles.seo.meta import SocialImage, absolute_url, lead_image
from truthlytics.api.presenters import level_name
from truthlytics.web.canonical_json import format_time
from truthlytics.web.types import Content, JsonObject


def time_or_none(time: datetime | None) -> str | None:
    return format_time(time) if time else None


def api_url(name: str, *args: object) -> str:
    return absolute_url(reverse(f"api:{name}", args=args))


def articles_in_lists(version_ids: Iterable[int | None]) -> list[JsonObject]:
    """Return the versions with these ids in their order. They must be served ones. One query."""
    ids = [pk for pk in version_ids if pk is not None]
    found = Version.objects.listed(ids, "changed_at", "digest", "article__uuid")
    return [article_in_lists(found[pk]) for pk in ids if pk in found]


def articles_that_can_be_read(**chosen: object) -> dict[str, JsonObject]:
    """Return those of the `chosen` articles that readers can read now, by id. Two queries."""
    now = timezone.now()
    rows = Article.objects.published(now).filter(**chosen).only("live", "upcoming", "upcoming_at")
    return {article["id"]: article for article in articles_in_lists(row.served_id(now) for row in rows)}


def article_in_lists(version: Version) -> JsonObject:
    article, head, image = version.article, version.head, lead_image(version)
    section = head["section"]
    return {
        "id": str(article.uuid),
        "url": absolute_url(article.get_absolute_url()),
        "api_url": api_url("article", article.uuid),
        "slug": article.slug,
        "headline": version.headline,
        "standfirst": version.standfirst,
        "kind": version.kind,
        "language": version.language,
        "section": _named(section) if section else None,
        "topics": [_named(topic) for topic in head["topics"]],
        "authors": [_named(byline) for byline in head["bylines"]],
        "access": level_name(version.required_level),
        "published": format_time(article.published_at or version.public_from),
        "updated": format_time(version.changed_at),
        "record_number": version.number,
        "digest": version.digest,
        "words": version.words_all,
        "ai_uses": uses_in(head),
        "ai_labels": label_sentences(head),
        "is_corrected": version.is_corrected,
        "is_retracted": version.is_retracted,
        "image": _lead(head["lead"], image) if image else None,
    }


def _lead(lead: Content, image: SocialImage) -> JsonObject:
    size = {"width": image.width, "height": image.height}
    return {"url": image.url, **size, "alt": image.alt, "ai_use": lead.get("ai_use", "")}


def _named(item: Mapping[str, str]) -> JsonObject:
    return {"name": item["name"], "slug": item["slug"]}


def dossier_text(version: Any, now: datetime) -> JsonObject:
    """Return a served `DossierVersion`. Three queries."""
    content: Content = version.content
    versions = articles_of(content, now)
    entries = timeline_of(content, links_to(versions))
    timeline = [
        {
            "date": entry.date,
            "text": entry.text,
            "article": absolute_url(entry.link.url) if entry.link else "",
            "source": entry.source,
        }
        for entry in entries
    ]
    return _versioned(version, version.dossier, content, content["title"]) | {
        "summary": simple_html(str(content["summary"]), absolute_url(version.dossier.get_absolute_url())),
        "timeline": timeline,
        "articles": articles_in_lists(each.pk for each in versions),
    }


def page_text(version: Any) -> JsonObject:
    """Return a served `PageVersion`. One query; more if it has images."""
    content, url = json.loads(version.content), absolute_url(version.page.get_absolute_url())
    return _versioned(version, version.page, content, content["headline"]) | {
        "standfirst": content["standfirst"],
        "html": simple_html(render_page(content).free_html, url),
    }


def _versioned(version: Any, item: Any, content: Content, title: str) -> JsonObject:
    public = list(item.versions.was_public().values_list("public_from", flat=True))
    return {
        "id": str(item.uuid),
        "url": absolute_url(item.get_absolute_url()),
        "slug": item.slug,
        "title": title,
        "version": len(public),
        "digest": version.digest,
        "published": format_time(public[0]),
        "updated": format_time(version.public_from),
        **facts_about_ai(head_of(content)),
    }


def logged_correction(entry: LogEntry) -> JsonObject:
    times = {"superseded": entry.superseded_at, "withdrawn": entry.withdrawn_at, "restored": entry.restored_at}
    return {
        "id": entry.id,
        "kind": entry.kind_label,
        "note": entry.sentence,
        "at": format_time(entry.at),
        "headline": entry.headline,
        "url": absolute_url(entry.url),
        "difference_url": absolute_url(entry.changes_url) if entry.changes_url else "",
        **{name: time_or_none(time) for name, time in times.items()},
    }
