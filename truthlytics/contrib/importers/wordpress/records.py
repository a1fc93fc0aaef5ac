"""Make a record of an item."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from articles.access import Level
from truthlytics.contrib.importers import access_signs
from truthlytics.contrib.importers.records import BECOMES_ARTICLE, PAGES, CommentRecord, OldPath, Record, State, Target
from truthlytics.contrib.importers.sources import Options
from truthlytics.contrib.importers.wordpress import elements, notes
from truthlytics.contrib.importers.wordpress.comments import read_comments
from truthlytics.contrib.importers.wordpress.elements import (
    categories,
    field,
    first,
    line_of_text,
    plain_field,
    text_of,
)
from truthlytics.contrib.importers.wordpress.guards import find_signs
from truthlytics.contrib.importers.wordpress.site import Site, link_paths, old_path

# Statuses that are not kept.
LEFT_OUT = {"trash": "in the trash", "auto-draft": "never saved", "inherit": "an earlier version"}
# The category of WordPress for articles without another one.
NO_CATEGORY = "Uncategorized"
_TEMPLATE_SIGNS = ("%", "#post_", "#site_")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item is: its line, its number in the export, its id, which is unique there, and its digest."""

    line: int
    number: int
    source_id: str
    digest: str


def make_record(item: Element, origin: Target, site: Site, options: Options, place: Place) -> Record:
    """Return the article or page in `item`; its body is still the content as WordPress stores it."""
    values = elements.meta(item)
    losses: list[tuple[str, str]] = []
    signs = _signs(item, values, site, options)
    guards = access_signs.stopping(signs, options.harmless)
    state = _state(item, guards, site, options, losses)
    target, comments = _comments(item, origin, options, state.published_at, losses)
    section, topics = _terms(item, site, values, target if target == origin else "page")
    link = plain_field(item, "link").strip()
    _report_settings(item, values, link, losses)
    return Record(
        line=place.line,
        number=place.number,
        source=site.name,
        source_id=place.source_id,
        digest=place.digest,
        body_format="html",
        authors=_authors(item, site),
        topics=topics,
        section=section,
        kind="",
        published_at=state.published_at,
        level=None if guards else Level.EVERYONE,
        url=link if link.startswith(("http:", "https:")) else "",
        base=site.base,
        paths=_paths(item, site, values, origin, link),
        file="",
        origin=origin,
        target=target,
        status=state.status,
        reason=state.reason,
        is_plain=True,
        lead=site.find_media("", first(values, "_thumbnail_id")),
        comments=comments,
        comments_open=field(item, "comment_status") != "closed",
        language=site.language,
        signs=signs,
        **_texts(item, values, place, losses),
        losses=tuple(losses),
    )


def _comments(
    item: Element, origin: Target, options: Options, published_at: datetime | None, losses: list[tuple[str, str]]
) -> tuple[Target, tuple[CommentRecord, ...]]:
    """Return the comments, and what the item becomes: a page with visible ones becomes an article."""
    comments, left_out = read_comments(item, options, published_at or datetime.now(UTC))
    losses += [("comment", what) for what in left_out]
    if origin == "article":
        return "article", comments
    if any(comment.status == "visible" for comment in comments):
        losses.append(BECOMES_ARTICLE)
        return "article", comments
    if comments:
        losses.append(("comment", f"{len(comments)} not approved, on a page"))
    return "page", ()


def _texts(item: Element, values: dict[str, list[str]], place: Place, losses: list[tuple[str, str]]) -> dict[str, str]:
    """Return the texts of a record by the names of its fields."""
    title = line_of_text(plain_field(item, "title"))
    if not title:
        losses.append(("untitled", "Its number became its headline."))
    return {
        "title": title or f"Untitled ({field(item, 'post_id') or place.number})",
        "standfirst": " ".join(unescape(text_of(elements.encoded_field(item, "/excerpt/"))).split()),
        "body": notes.attach(elements.encoded_field(item, "/content/"), values, losses) + _enclosure(values),
        "slug": unquote(field(item, "post_name")),
        "seo_title": _seo(values, "_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_aioseop_title"),
        "seo_description": _seo(
            values, "_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description", "_aioseop_description"
        ),
    }


def _signs(item: Element, values: dict[str, list[str]], site: Site, options: Options) -> tuple[str, ...]:
    """Return what may restrict access to the item: in it, in its terms, or in rules for the whole site."""
    terms = categories(item)
    own = find_signs(elements.encoded_field(item, "/content/"), values, terms, site.reusable.get)
    of_terms = (sign for domain, slug, _ in terms for sign in site.term_signs.get((domain, slug), ()))
    of_site = (f"records of the type “{kind}”" for kind in sorted(site.rule_types) if kind not in dict(options.types))
    return tuple(dict.fromkeys([*own, *of_terms, *of_site]))


def _state(item: Element, guards: list[str], site: Site, options: Options, losses: list[tuple[str, str]]) -> State:
    """Return how public it was. What WordPress does not know is a draft."""
    status = field(item, "status")
    pub_date = plain_field(item, "pubDate")
    written_at = elements.written_at(item, "post", options.zone, fallback=pub_date)
    if field(item, "post_password"):
        return State("closed", None, "It was protected by a password.")
    if status == "private":
        return State("closed", None, "It was private.")
    if guards:
        return State("closed", None, access_signs.reason(guards))
    if status == "future":
        if written_at is not None and written_at <= datetime.now(UTC) and options.overdue == "draft":
            return State("draft", None, f"It was to appear on {written_at:%Y-%m-%d}, which is past.")
        return State("scheduled", written_at)
    if status != "publish":
        return State("draft", None, "" if status in {"draft", ""} else f"Its status was “{status[:40]}”.")
    if written_at is None:
        written_at = elements.parse_email_date(site.exported) or datetime.now(UTC)
        losses.append(("date", f"It has no date; {written_at:%Y-%m-%d} was used."))
    return State("published", written_at)


def _authors(item: Element, site: Site) -> tuple[str, ...]:
    """Return the names of the co-authors, if there are any, else of the author, else of the site."""
    guests = [
        site.author_name(slug.removeprefix("cap-"))
        if slug.removeprefix("cap-").casefold() in site.authors
        else site.author_name(name)
        for domain, slug, name in categories(item)
        if domain == "author"
    ]
    login = plain_field(item, "creator").strip(" \t\r\n>")
    names = guests or ([site.author_name(login)] if login else [site.title or site.name])
    return tuple(dict.fromkeys(line_of_text(name) for name in names))


def _terms(item: Element, site: Site, values: dict[str, list[str]], target: Target) -> tuple[str, tuple[str, ...]]:
    """Return the section and the topics: the primary or deepest category, and the others with all tags."""
    if target == "page":
        return PAGES, ()
    terms = categories(item)
    own = [(slug, name) for domain, slug, name in terms if domain == "category"]
    tags = [name for domain, _, name in terms if domain in {"post_tag", "tag"}]
    primary = first(values, "_yoast_wpseo_primary_category", "rank_math_primary_category")
    numbers = {slug: category.number for slug, category in site.categories.items()}
    chosen = next((pair for pair in own if primary and numbers.get(pair[0]) == primary), None)
    chosen = chosen or max(own, key=lambda pair: site.depth(pair[0]), default=None)
    topics = [name for slug, name in own if (slug, name) != chosen and slug != "uncategorized"]
    return (chosen[1] if chosen else NO_CATEGORY), tuple(dict.fromkeys([*topics, *tags]))


def _paths(item: Element, site: Site, values: dict[str, list[str]], origin: Target, link: str) -> tuple[OldPath, ...]:
    """Return all old addresses: the link, the number, former slugs, and pages of its files."""
    if field(item, "status") not in {"publish", "future", "private"}:
        return ()
    paths = link_paths(link, site)
    folder = PurePosixPath(paths[0].path).parent if paths else None
    post_id = field(item, "post_id")
    for parameter in ("p", "page_id") if origin == "page" else ("p",):
        if post_id.isdecimal():
            paths.append(site.numbered(parameter, post_id))
    for slug in values.get("_wp_old_slug", ()) if folder is not None else ():
        if slug.strip() and (path := old_path(f"{folder}/{slug.strip()}")):
            paths.append(path)
    for media in site.uploads_of(post_id):
        paths += media.paths
    return tuple(dict.fromkeys(paths))


def _report_settings(item: Element, values: dict[str, list[str]], link: str, losses: list[tuple[str, str]]) -> None:
    if field(item, "is_sticky") == "1":
        losses.append(("setting", "It was shown first on the front page."))
    canonical = first(values, "_yoast_wpseo_canonical", "rank_math_canonical_url")
    if canonical and canonical.rstrip("/") != link.rstrip("/"):
        losses.append(("setting", f"Its canonical address was {canonical}."))


def _seo(values: dict[str, list[str]], *keys: str) -> str:
    """Return the text for search engines, without those that a plugin would have to complete."""
    text = line_of_text(first(values, *keys))
    return "" if any(sign in text for sign in _TEMPLATE_SIGNS) else text


def _enclosure(values: dict[str, list[str]]) -> str:
    """Return the address of a recording, which feeds have as an enclosure, on a line of its own."""
    url = first(values, "enclosure").partition("\n")[0].strip()
    try:
        is_address = urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        is_address = False
    return f"\n\n{url}\n\n" if is_address else ""
