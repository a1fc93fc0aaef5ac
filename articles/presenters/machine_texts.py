"""An article for programs: as data, and as Markdown with front matter. Both have the same facts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from articles.access import Access, Level, decide
from articles.media.html import ResponsiveImage
from articles.media.renditions import responsive_images
from articles.models import Version
from articles.presenters.history import ArticleKind, History, PublicVersion
from articles.presenters.responsibility import reviewer
from articles.presenters.sources import readable_sources
from articles.responsibility import label_sentences, uses_in
from articles.revisions.free_parts import GATE, free_body, gated_alike
from articles.richtext.markdown import to_markdown
from articles.richtext.rendering import render
from articles.richtext.simple import simple_html
from articles.seo.meta import absolute_url
from truthlytics.web.canonical_json import format_time
from truthlytics.web.types import Content, JsonObject

ARTICLES = ArticleKind()
# Names of access levels, as exports and `import_site` have them, too.
LEVELS = {level.value: "everybody" if level == Level.EVERYONE else level.name.lower() for level in Level}


@dataclass(frozen=True, slots=True)
class MachineText:
    """What a reader may read of a version. `body` is as editors wrote it, in the vocabulary of `richtext`.

    `content` is that of the version with the paywall marker where the free part ends; None if the text was removed.
    """

    data: JsonObject
    body: str
    content: Content | None
    images: Mapping[str, ResponsiveImage] = field(default_factory=dict)

    def as_json(self) -> JsonObject:
        """Return the facts with the text as HTML, with absolute addresses."""
        if self.content is None:
            return self.data
        free = {**self.content, "body": self.body, "required_level": Level.EVERYONE}
        rendered = render(free, self.images)
        return self.data | {"html": simple_html(rendered.free_html, str(self.data["url"]))}

    def as_markdown(self) -> str:
        """Return the facts as front matter, one JSON value a line, which is YAML too, and the text as Markdown."""
        front = {name: value for name, value in self.data.items() if value not in ("", [])}
        lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
        return "\n".join(["---", *lines, "---", "", self.body_as_markdown()])

    def body_as_markdown(self) -> str:
        """Return the text alone, with labels about AI and absolute addresses of pictures."""
        pictures = {
            uuid: details | {"credit": _credit(details, self.images.get(uuid))}
            for uuid, details in (self.content or {"pictures": {}})["pictures"].items()
        }
        files = {uuid: _address(image) for uuid, image in self.images.items()}
        labels = "".join(f"**{sentence}**\n\n" for sentence in self.data.get("ai_labels", ()))
        return labels + to_markdown(self.body, pictures, files)


def machine_text(history: History, version: PublicVersion, access: Access) -> MachineText:
    """Return what a reader with `access` may read of `version`. What is gated now is gated in all versions."""
    strictest = history.strictest(version)
    complete, level = decide(strictest, access).allowed, strictest.required_level
    contents = ARTICLES.contents({version, history.current})
    rows = Version.objects.select_related("article")
    stored = rows.only("number", "digest", "changed_at", "article__uuid", "article__published_at").get(pk=version.pk)
    data: JsonObject = {
        "id": str(stored.article.uuid),
        "url": absolute_url(history.url if version == history.current else history.version_url(version.number)),
        "version_url": absolute_url(history.version_url(version.number)),
        "version": version.number,
        "is_current": version == history.current,
        "record_number": stored.number,
        "digest": stored.digest,
        "public_from": format_time(version.public_from),
        "updated": format_time(stored.changed_at),
        "history_url": absolute_url(history.history_url),
        "evidence_url": absolute_url(history.evidence_url(version.number)),
        "corrections": [_correction(each) for each in history.versions[: version.number] if each.kind],
    }
    if (content := contents[version.pk]) is None:
        return MachineText(data | {"removed": version.removal_reason}, "", None)
    current = contents[history.current.pk]
    gated = gated_alike([content, *([current] if current else [])], level)[0]
    body = gated["body"].replace(GATE, "") if complete else free_body(gated)
    sources = readable_sources(content, body)
    images = responsive_images(gated)
    marked = {**content, "has_ai_pictures": any(image.ai_use for image in images.values())}
    return MachineText(data | _facts(marked, level, sources, complete or not level), body, gated, images)


def _facts(content: Content, level: int, sources: Iterable[Content], is_complete: bool) -> JsonObject:
    return {
        "headline": content["headline"],
        "standfirst": content["standfirst"],
        "kind": content["kind"],
        "language": content.get("language", ""),
        "authors": [byline["name"] for byline in content["bylines"]],
        "section": (content["section"] or {}).get("name", ""),
        "topics": [topic["name"] for topic in content["topics"]],
        "access": LEVELS.get(level, str(level)),
        "is_complete": is_complete,
        **facts_about_ai(content),
        "sources": [
            {name: source[name] for name in ("title", "publisher", "url") if source.get(name)} for source in sources
        ],
    }


def facts_about_ai(part: Mapping[str, Any]) -> JsonObject:
    """Return use of AI, labels and reviews of a content, or of the `head` of a version."""
    return {
        "ai_uses": uses_in(part),
        "ai_labels": label_sentences(part),
        "reviews": [_review(review) for review in part.get("reviews", ())],
    }


def _review(review: JsonObject) -> JsonObject:
    return {
        "by": reviewer(review),
        "at": review["at"],
        "checked": review["checked"],
        "responsible": review["responsible"],
        "is_of_this_text": review["of_this_text"],
    }


def _address(image: ResponsiveImage) -> str:
    """Return the address of the largest file that every program can show."""
    files = image.sources.get("jpeg")
    return absolute_url(files[-1][0]) if files else ""


def _credit(details: Content, image: ResponsiveImage | None) -> str:
    """Return the credit with the label of an image by AI."""
    return " · ".join(filter(None, (details.get("credit", ""), image.ai_label if image else "")))


def _correction(version: PublicVersion) -> JsonObject:
    return {
        "kind": version.kind,
        "version": version.number,
        "at": format_time(version.public_from),
        "note": version.note,
        "is_superseded": version.superseded_at is not None,
    }
