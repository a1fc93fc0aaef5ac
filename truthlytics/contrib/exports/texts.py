"""Articles and pages as Markdown files with front matter: what readers get, or else the draft."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from articles.models import Article, Image, Page, ReplacedFile
from articles.presenters.machine_texts import LEVELS
from articles.responsibility import uses_in
from articles.richtext.markdown import to_markdown
from articles.services.item_types import item_type
from truthlytics.contrib.exports.folder import FILES
from truthlytics.exports.tables import Context
from truthlytics.exports.values import to_json
from truthlytics.web.types import Content, JsonObject

BATCH = 50


def files(context: Context) -> Iterator[tuple[str, str]]:
    """Yield the path and text of a file for each article and page that is not withdrawn."""
    for folder, items in (("articles", _articles()), ("pages", _pages())):
        for item in items:
            if item.state(context.now) != "withdrawn":
                yield f"{folder}/{item.slug}.md", _text(item, context)


def _articles() -> Iterable[Article]:
    return Article.objects.select_related("live", "upcoming").order_by("pk").iterator(BATCH)


def _pages() -> Iterable[Page]:
    return Page.objects.order_by("pk").iterator(BATCH)


def _text(item: Article | Page, context: Context) -> str:
    version = _served(item, context)
    is_kept = version is not None and version.content is not None
    content = json.loads(version.content) if is_kept else item_type(item).content_of(item)
    images = _image_paths(content)
    front = _front_matter(item, content, images, context)
    if version is not None:
        front |= {"version": version.number, "updated_at": to_json(getattr(version, "changed_at", version.public_from))}
    # JSON is YAML, and has one way to write a text.
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items() if value]
    body = to_markdown(content["body"], content["pictures"], images)
    return "\n".join(["---", *lines, "---", "", body])


def _served(item: Article | Page, context: Context) -> Any:
    if isinstance(item, Article):
        is_public = item.published_at is not None and item.published_at <= context.now
        return item.served(context.now) if is_public else None
    return item.versions.served(context.now).first()


def _front_matter(item: Article | Page, content: Content, images: Mapping[str, str], context: Context) -> JsonObject:
    front = {
        "title": content["headline"],
        "standfirst": content["standfirst"],
        "uuid": str(item.uuid),
        "slug": item.slug,
        "url": item.get_absolute_url(),
        "state": item.state(context.now),
        "published_at": to_json(item.published_at),
    }
    stated = {"ai_uses": uses_in(content), **content.get("how_we_know", {})}
    if isinstance(item, Page):
        return front | stated
    lead = content.get("lead") or {}
    return front | {
        "kind": content["kind"],
        "access": LEVELS.get(content["required_level"], str(content["required_level"])),
        "authors": [byline["name"] for byline in content["bylines"]],
        "section": (content["section"] or {}).get("name"),
        "topics": [topic["name"] for topic in content["topics"]],
        "series": (content.get("series") or {}).get("name"),
        "part": (content.get("series") or {}).get("part"),
        "language": content.get("language"),
        "image": images.get(lead.get("uuid", "")),
        "image_alt": content["pictures"].get(lead.get("uuid", ""), {}).get("alt"),
        "image_credit": content["pictures"].get(lead.get("uuid", ""), {}).get("credit"),
        "sources": [source.get("url") or source["title"] for source in content.get("sources", ())],
        **stated,
    }


def _image_paths(content: Content) -> dict[str, str]:
    """Return the paths of the files that `content` shows by UUID of the image, relative to the folder of the text."""
    pictures = content.get("pictures") or {}
    if not pictures:
        return {}
    paths = dict(Image.objects.filter(uuid__in=pictures).values_list("uuid", "file"))
    digests = {texts.get("sha256", "") for texts in pictures.values()}
    replaced = ReplacedFile.objects.filter(image__uuid__in=pictures, sha256__in=digests)
    for uuid, sha256, name in replaced.values_list("image__uuid", "sha256", "file"):
        if pictures[str(uuid)].get("sha256") == sha256:
            paths[uuid] = name
    return {str(uuid): f"../{FILES}/{name}" for uuid, name in paths.items()}
