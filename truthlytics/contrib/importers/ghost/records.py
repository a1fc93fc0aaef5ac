"""Make a record of a post."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from articles.access import Level
from truthlytics.contrib.importers import access_signs
from truthlytics.contrib.importers.ghost import body
from truthlytics.contrib.importers.ghost.addresses import old_path
from truthlytics.contrib.importers.ghost.blocks import without_size
from truthlytics.contrib.importers.ghost.comments import read_comments
from truthlytics.contrib.importers.ghost.files import file_key
from truthlytics.contrib.importers.ghost.site import Post, Site, Tag
from truthlytics.contrib.importers.ghost.text import is_true, line_of, plain, text_of, time_of
from truthlytics.contrib.importers.records import (
    BECOMES_ARTICLE,
    PAGES,
    CommentRecord,
    MediaRecord,
    OldPath,
    Record,
    State,
    Target,
)
from truthlytics.contrib.importers.sources import Options
from truthlytics.contrib.importers.wrappers import wrappers_in
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject

# The section of articles without a tag.
NO_TAG = "Articles"
EMAIL_ONLY = "It was only sent by email."
# Ghost itself makes such texts public, but an export that lacks it may lack it for any of them.
NO_VISIBILITY = "no visibility in the export"
SITE_PRIVATE = "The whole site was private."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is: its line, its number in the export, and its id, which is unique there."""

    line: int
    number: int
    source_id: str


def kind_of(row: JsonObject) -> Target:
    """Return what a post is. Before version 3, it is a number."""
    return "page" if text_of(row, "type") == "page" or is_true(row.get("page")) else "article"


def post_of(row: dict[str, object]) -> Post:
    """Return what other parts of an export need to know of the post in `row`."""
    published_at = time_of(row, "published_at", UTC)
    return Post(text_of(row, "id"), kind_of(row), text_of(row, "slug"), published_at)


def make_record(row: JsonObject, site: Site, options: Options, place: Place) -> Record:
    """Return the article or page in `row`; its body is still in the format of Ghost."""
    details = site.details_of(row)
    losses: list[tuple[str, str]] = []
    origin, post_id = kind_of(row), text_of(row, "id")
    signs = _signs(row)
    guards = access_signs.stopping(signs, options.harmless)
    state = _guarded(_state(row, details, site, options, losses), guards)
    comments = _comments(post_id, origin, site, state, losses)
    tags, authors = [tag for tag in site.tags_of(row) if tag.is_public and tag.name], site.authors_of(row)
    paths = _paths(row, site, state)
    _report_settings(row, details, losses)
    texts = _texts(row, details, place, losses)
    return Record(
        line=place.line,
        number=place.number,
        source=site.name,
        source_id=place.source_id,
        # Without email addresses, which are not a part of the text.
        digest=_digest(row, details, site, [replace(comment, email="") for comment in comments], paths),
        body_format="markdown" if body.is_markdown(row) else "html",
        authors=tuple(dict.fromkeys(author.name for author in authors if author.name)) or (site.title or site.name,),
        **_terms(tags, origin),
        published_at=state.published_at,
        level=None if guards else _level(row, site, losses),
        url=f"{site.base}{paths[0].path}/" if site.base and paths else "",
        base=site.base,
        paths=paths,
        losses=tuple(losses),
        origin=origin,
        target="article" if comments else origin,
        status=state.status,
        reason=state.reason,
        is_plain=True,
        lead=_lead(row, details, site),
        comments=comments,
        comments_open=site.settings.get("comments_enabled") != "off",
        language=text_of(row, "locale", "language") or site.settings.get("locale", ""),
        signs=signs,
        **texts,
    )


def _terms(tags: list[Tag], origin: Target) -> JsonObject:
    """Return the section and the topics: the first public tag and the others."""
    names = tuple(dict.fromkeys(tag.name for tag in tags))
    if origin == "page":
        return {"section": PAGES, "topics": names, "kind": ""}
    return {"section": names[0] if names else NO_TAG, "topics": names[1:], "kind": ""}


def _comments(
    post_id: str, origin: Target, site: Site, state: State, losses: list[tuple[str, str]]
) -> tuple[CommentRecord, ...]:
    """Return the comments. With some, a page becomes an article."""
    comments, left_out = read_comments(post_id, site, state.published_at or datetime.now(UTC))
    losses += [("comment", what) for what in left_out]
    if comments and origin == "page":
        losses.append(BECOMES_ARTICLE)
    return comments


def _texts(row: JsonObject, details: JsonObject, place: Place, losses: list[tuple[str, str]]) -> JsonObject:
    """Return the texts of a record by the names of its fields."""
    title = line_of(row, "title")
    if not title:
        losses.append(("untitled", "Its number became its headline."))
    return {
        "title": title or f"Untitled ({text_of(row, 'id') or place.number})",
        "standfirst": line_of(row, "custom_excerpt"),
        "body": body.content_of(row),
        "slug": strip_control_characters(text_of(row, "slug")).strip(),
        "file": "",
        "seo_title": line_of(details, "meta_title"),
        "seo_description": line_of(details, "meta_description"),
    }


def _state(row: JsonObject, details: JsonObject, site: Site, options: Options, losses: list[tuple[str, str]]) -> State:
    """Return how public it was. What Ghost does not know is a draft."""
    status, zone = text_of(row, "status"), options.timezone or UTC
    written_at = time_of(row, "published_at", zone)
    if site.is_private and status in {"published", "scheduled"}:
        return State("closed", written_at, SITE_PRIVATE)
    if status == "sent" or is_true(details.get("email_only")):
        return State("closed", written_at, EMAIL_ONLY)
    if status == "scheduled":
        if written_at is not None and written_at <= datetime.now(UTC) and options.overdue == "draft":
            return State("draft", None, f"It was to appear on {written_at:%Y-%m-%d}, which is past.")
        return State("scheduled", written_at)
    if status != "published":
        return State("draft", None, "" if status in {"draft", ""} else f"Its status was “{status[:40]}”.")
    if written_at is None:
        written_at = time_of(row, "created_at", zone) or datetime.now(UTC)
        losses.append(("date", f"It has no date; {written_at:%Y-%m-%d} was used."))
    return State("published", written_at)


def _guarded(state: State, guards: list[str]) -> State:
    """Return `state`, closed if there are signs that no one called harmless."""
    if not guards or state.status not in {"published", "scheduled"}:
        return state
    return State("closed", state.published_at, access_signs.reason(guards))


def _signs(row: JsonObject) -> tuple[str, ...]:
    """Return what may restrict access and is not known: no visibility, and what wraps, cuts or hides the text."""
    found = [] if text_of(row, "visibility") else [NO_VISIBILITY]
    found += [sign for sign in wrappers_in(body.content_of(row)) if "members-only" not in sign]
    return tuple(dict.fromkeys(found))


def _level(row: JsonObject, site: Site, losses: list[tuple[str, str]]) -> int | None:
    """Return who could read it; None if that is unknown."""
    visibility = row.get("visibility")
    if visibility is None or visibility in ("", "public"):
        return Level.EVERYONE
    if visibility == "members":
        return Level.REGISTERED
    if visibility == "paid":
        return Level.SUBSCRIBER
    tiers = site.tiers_of(row) if visibility == "tiers" else []
    if not tiers:
        return None
    if any(tier.is_free for tier in tiers):
        return Level.REGISTERED
    paid = {tier.name for tier in site.tiers.values() if not tier.is_free and tier.is_active}
    names = sorted({tier.name for tier in tiers})
    if paid and paid <= set(names):
        return Level.SUBSCRIBER
    losses.append(("setting", f"Only members with {', '.join(names)[:200]} could read it; here supporters can."))
    return Level.SUPPORTER


def _paths(row: JsonObject, site: Site, state: State) -> tuple[OldPath, ...]:
    """Return all old addresses: the permanent one, that of the preview, and those that redirected to it."""
    if state.status not in {"published", "scheduled", "closed"}:
        return ()
    post_id, uuid = text_of(row, "id"), text_of(row, "uuid")
    paths = site.paths_of(post_of(row))
    for folder in ("p", "email") if uuid else ():
        if path := old_path(f"/{folder}/{uuid}/"):
            paths.append(path)
    paths += site.more_paths.get(("post", post_id), ())
    return tuple(dict.fromkeys(paths))


def _lead(row: JsonObject, details: JsonObject, site: Site) -> MediaRecord | None:
    url = without_size(body.without_site(text_of(row, "feature_image", "image").strip()))
    if not url:
        return None
    key = file_key(url) if url.startswith("/") or (site.base and url.startswith(site.base)) else ""
    return MediaRecord(
        line=0,
        source=site.name,
        source_id=key or url,
        url=url if "://" in url else f"{site.base}{url}",
        path=key.partition("/")[2],
        alt=line_of(details, "feature_image_alt"),
        caption=plain(text_of(details, "feature_image_caption")),
    )


def _report_settings(row: JsonObject, details: JsonObject, losses: list[tuple[str, str]]) -> None:
    if is_true(row.get("featured")):
        losses.append(("setting", "It was featured."))
    if canonical := text_of(row, "canonical_url"):
        losses.append(("setting", f"Its canonical address was {canonical[:200]}."))
    if text_of(row, "codeinjection_head", "codeinjection_foot"):
        losses.append(("script", "code of its own in the head or foot of the page"))
    if any(text_of(details, f"{network}_{name}") for network in ("og", "twitter") for name in ("title", "description")):
        losses.append(("setting", "It had other texts for social networks."))


def _digest(row: JsonObject, details: JsonObject, site: Site, *more: object) -> str:
    """Return a digest of all that the record was made of, to detect changes at the source."""
    parts = [row, details, site.tags_of(row), site.authors_of(row), site.tiers_of(row), *map(repr, more)]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
