"""Make a record of a row of the table."""

import hashlib
from datetime import datetime
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

from articles.access import Level
from articles.models import Redirect
from truthlytics.contrib.importers import access_signs
from truthlytics.contrib.importers.fields import parse_time
from truthlytics.contrib.importers.records import OldPath, Record, Status, Target
from truthlytics.contrib.importers.substack.rows import Row
from truthlytics.contrib.importers.wrappers import wrappers_in

# The numbers of posts are unique on all of Substack, so records are found again regardless of the site's address.
SOURCE = "substack.com"
# Who can read a text.
LEVELS = {
    "everyone": Level.EVERYONE,
    "only_free": Level.REGISTERED,
    "only_paid": Level.SUBSCRIBER,
    "founding": Level.SUPPORTER,
}
TYPES = {"newsletter", "podcast", "thread", "page"}
MAX_PATH_LENGTH = 500


class PostId(NamedTuple):
    """The number and the slug in “123.the-slug”. One of them may be empty."""

    number: str
    slug: str


class Access(NamedTuple):
    """Who can read a text, and whether it was public. `reason` says why it is a draft."""

    status: Status
    level: int | None
    published_at: datetime | None
    reason: str = ""


def post_id(text: str) -> PostId:
    number, dot, slug = text.strip().partition(".")
    if not number.isdecimal():
        return PostId("", unquote(text.strip()))
    return PostId(number, unquote(slug) if dot else "")


def make_record(row: Row, body: str | None, base: str, harmless: frozenset[str] = frozenset()) -> Record:
    """Return the article or page in `row`. `body` is its text as Substack stores it, None if the export has none.

    It is closed if something unknown wraps, cuts or hides text and is not among the `harmless` signs.
    """
    losses: list[tuple[str, str]] = []
    post = post_id(row["post_id"])
    target: Target = "page" if row["type"].lower() == "page" else "article"
    signs = tuple(dict.fromkeys(wrappers_in(body or "")))
    access = _closed(_access(row, target, body, losses), access_signs.stopping(signs, harmless))
    title = _line(row["title"])
    if not title:
        losses.append(("untitled", "Its number became its headline."))
    if row["type"].lower() not in TYPES:
        losses.append(("setting", f"Its type was “{row['type'][:40]}”; it becomes an article."))
    is_old_page = access.status == "published" and bool(post.slug)
    return Record(
        line=row.line,
        source=SOURCE,
        source_id=(post.number or row["post_id"])[:400],
        digest=_digest(row, body),
        title=title or f"Untitled ({post.number or row['post_id']})",
        standfirst=_line(row["subtitle"]),
        body=body or "",
        body_format="html",
        authors=(),
        topics=(),
        section="",
        kind="",
        published_at=access.published_at,
        level=access.level,
        slug=post.slug,
        url=f"{base}/p/{post.slug}" if base and post.slug else "",
        base=base,
        paths=_paths(post) if is_old_page else (),
        file="",
        losses=tuple(losses),
        origin=target,
        target=target,
        status=access.status,
        reason=access.reason,
        signs=signs,
        is_plain=True,
    )


def _access(row: Row, target: Target, body: str | None, losses: list[tuple[str, str]]) -> Access:
    """Return who can read it here. What is not known to be public is a draft."""
    level = LEVELS.get(row["audience"].lower())
    is_published = row["is_published"].lower()
    if is_published not in {"true", "1", "yes"}:
        known = is_published in {"false", "0", "no", ""}
        return Access("draft", level, None, "" if known else f"Its status was “{is_published[:40]}”.")
    if level is None:
        audience = row["audience"][:40]
        unknown = f"Its audience was “{audience}”, which is unknown."
        reason = unknown if audience else "The export does not say who could read it."
        return Access("closed", None, None, reason)
    if target == "page" and level != Level.EVERYONE:
        return Access("closed", level, None, "Only some readers could see it, and pages here are for everyone.")
    if body is None:
        return Access("draft", level, None, "Its text is not in the export.")
    published_at = parse_time(row["post_date"])
    if published_at is None and (published_at := parse_time(row["email_sent_at"])) is not None:
        losses.append(("date", f"It has no date; that of its email was used, {published_at:%Y-%m-%d}."))
    return Access("published", level, published_at)


def _closed(access: Access, guards: list[str]) -> Access:
    """Return `access`, closed if there are signs that no one called harmless."""
    if not guards or access.status != "published":
        return access
    return Access("closed", None, access.published_at, access_signs.reason(guards))


def _line(text: str) -> str:
    """Return a title, which is plain text, sometimes with the references of HTML."""
    return " ".join(unescape(text).split())


def _paths(post: PostId) -> tuple[OldPath, ...]:
    """Return the addresses that a post has on Substack: its own, that of its comments, and that in the app."""
    addresses = [f"/p/{post.slug}", f"/p/{post.slug}/comments"]
    if post.number:
        addresses.append(f"/i/{post.number}")
    paths = (Redirect.normalise(address.replace("\0", "")) for address in addresses)
    return tuple(dict.fromkeys(OldPath(path) for path in paths if len(path) <= MAX_PATH_LENGTH))


def _digest(row: Row, body: str | None) -> str:
    """Return a digest of all that the export says about a post, to detect changes at the source."""
    found = hashlib.sha256()
    for part in (*(text for pair in sorted(row.values.items()) for text in pair), body or "", str(body is None)):
        found.update(part.encode(errors="replace") + b"\0")
    return found.hexdigest()
