"""Two public versions compared, and one that is not the current one.

`complete` is whether the reader may read all of the versions shown and of the current one (see `articles.access`).
Otherwise only what is free in each of them is shown.
"""

from datetime import datetime

from django.utils.safestring import mark_safe
from django.utils.translation import override

from articles.media.renditions import responsive_images
from articles.models import Version
from articles.models.articles import EXTRA_LINES
from articles.presenters.comparison import compare
from articles.presenters.dossiers import articles_of, links_to, summary_of, timeline_of
from articles.presenters.history import History, ItemKind, PublicVersion
from articles.presenters.pages import render_page
from articles.presenters.responsibility import head_of
from articles.presenters.sources import readable_sources, shown_sources
from articles.presenters.teasers import LONG_HEADLINE
from articles.revisions.free_parts import free_body, gated_alike
from articles.richtext.rendering import render
from articles.seo.meta import absolute_url
from truthlytics.publication.language import content_language
from truthlytics.web.fragments import add_tags
from truthlytics.web.types import Content, JsonObject, TemplateContext


def comparison_context(
    kind: ItemKind, history: History, old: PublicVersion, new: PublicVersion, *, complete: bool, now: datetime
) -> TemplateContext:
    """Return the context of the comparison of two versions."""
    level = history.strictest(old, new).required_level
    needed = {old, new} if complete else {old, new, history.current}
    contents = kind.contents(needed)
    texts = kind.comparable(contents, now)
    first, second = texts[old.pk], texts[new.pk]
    context = {
        "old": old,
        "new": new,
        "sides": (old, new),
        "language": history.language,
        "notes": [version for version in history.versions[old.number : new.number] if version.note or version.kind],
        "earlier": history.comparison_url(old.number - 1, old.number) if old.number > 1 else "",
        "later": history.comparison_url(new.number, new.number + 1) if new != history.current else "",
        "old_url": history.version_url(old.number),
        "new_url": history.version_url(new.number),
        "canonical": absolute_url(history.comparison_url(old.number, new.number)),
    }
    if first is None or second is None:
        return context | {"removed": [version for version in (old, new) if texts[version.pk] is None]}
    if complete:
        return context | {"comparison": compare(first, second), "complete": True}
    others = [text for pk, text in texts.items() if text and pk not in {old.pk, new.pk}]
    before, after = (free_body(text) for text in gated_alike([first, second, *others], level)[:2])
    return context | {"comparison": compare(first, second, bodies=(before, after)), "complete": False}


def version_context(
    kind: ItemKind, history: History, version: PublicVersion, *, complete: bool, now: datetime
) -> dict[str, object]:
    """Return the context of the page of a version that is not the current one."""
    contents = kind.contents([version, history.current])
    content = contents[version.pk]
    context = {
        "outdated": version,
        "current_url": absolute_url(history.url),
        "version_url": absolute_url(history.version_url(version.number)),
        "since_url": history.comparison_url(version.number, history.current.number),
        "title": history.headline,
        "head": {},
        "removed": content is None,
    }
    if content is None:
        return context
    current = contents[history.current.pk]
    return context | _VIEWS[kind.name](history, version, content, current, complete, now)


def _article(
    history: History, version: PublicVersion, content: Content, current: Content | None, complete: bool, now: datetime
) -> JsonObject:
    add_tags("pictures")
    level = history.strictest(version).required_level
    gated = gated_alike([content, *([current] if current else [])], level)[0]
    images = responsive_images(content)
    language = content.get("language", "")
    with override(content_language(language)):
        rendered = render(gated, images)
    paid = rendered.paid_html if complete else ""
    sources = readable_sources(content, gated["body"] if complete else free_body(gated))
    lead = content["lead"]
    details = content["pictures"].get(lead["uuid"]) if lead else None
    return {
        "title": content["headline"],
        "version": Version(
            headline=content["headline"],
            standfirst=content["standfirst"],
            kind=content["kind"],
            words_all=rendered.words_all,
            # With the names of then, and without links, because sections and authors may have changed since.
            head={
                "section": content["section"],
                "bylines": [{"name": byline["name"], "slug": "", "portrait": ""} for byline in content["bylines"]],
                "language": language,
                "has_ai_pictures": any(image.ai_use for image in images.values()),
                **{name: content[name] for name in ("ai_uses", "reviews", *EXTRA_LINES) if name in content},
            },
        ),
        "long_headline": len(content["headline"]) > LONG_HEADLINE,
        "lead": images.get(lead["uuid"]) if lead and details else None,
        "details": details | {"caption": lead["caption"] or details["caption"]} if lead and details else None,
        # Safe: rendered from a sanitised body.
        "free_html": mark_safe(rendered.free_html),  # noqa: S308
        "paid_html": mark_safe(paid),  # noqa: S308
        "notes": mark_safe(rendered.paid_notes if paid else rendered.free_notes),  # noqa: S308
        "sources": shown_sources(sources),
        "how_we_know": content.get("how_we_know"),
    }


def _dossier(
    history: History, version: PublicVersion, content: Content, current: Content | None, complete: bool, now: datetime
) -> dict[str, object]:
    versions = articles_of(content, now)
    return {
        "title": content["title"],
        "head": head_of(content),
        "summary": summary_of(content),
        "entries": timeline_of(content, links_to(versions)),
        "versions": versions,
    }


def _page(
    history: History, version: PublicVersion, content: Content, current: Content | None, complete: bool, now: datetime
) -> dict[str, object]:
    add_tags("pictures")
    rendered = render_page(content)
    return {
        "title": content["headline"],
        "head": head_of(content),
        "standfirst": content["standfirst"],
        "body": mark_safe(rendered.free_html),  # noqa: S308
        "notes": mark_safe(rendered.free_notes),  # noqa: S308
    }


_VIEWS = {"article": _article, "dossier": _dossier, "page": _page}
