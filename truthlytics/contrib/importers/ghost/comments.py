"""The comments of a post. Ghost has two levels of them."""

from datetime import UTC, datetime

from truthlytics.contrib.importers.ghost.site import Site
from truthlytics.contrib.importers.ghost.text import text_of, time_of
from truthlytics.contrib.importers.records import CommentRecord
from truthlytics.contrib.importers.wordpress.comments import MAX_NAME_LENGTH, comment_text

NO_NAME = "Anonymous"


def read_comments(post_id: str, site: Site, fallback: datetime) -> tuple[tuple[CommentRecord, ...], list[str]]:
    """Return the comments that readers saw, parents before their replies, and what was left out, as “3 hidden”."""
    rows: dict[str, dict[str, object]] = {}
    for number, row in enumerate(site.comments.get(post_id, ())):
        rows.setdefault(text_of(row, "id") or f"number {number}", row)
    kept = {comment_id for comment_id, row in rows.items() if text_of(row, "status") == "published"}
    left_out: dict[str, int] = {}
    for comment_id in rows.keys() - kept:
        status = text_of(rows[comment_id], "status")[:40] or "without a status"
        left_out[status] = left_out.get(status, 0) + 1
    parents = {comment_id: _parent(comment_id, rows, kept) for comment_id in rows if comment_id in kept}
    comments = tuple(_record(key, parents[key], rows[key], site, fallback) for key in _in_order(parents))
    return comments, [f"{count} {status}" for status, count in sorted(left_out.items())]


def _parent(comment_id: str, rows: dict[str, dict[str, object]], kept: set[str]) -> str:
    """Return the comment that this one answers, or the nearest one above it that is kept; "" for none."""
    row, seen = rows[comment_id], {comment_id}
    parent = text_of(row, "in_reply_to_id")
    if parent not in kept or parent == comment_id:
        parent = text_of(row, "parent_id")
    while parent in rows and parent not in seen:
        if parent in kept:
            return parent
        seen.add(parent)
        parent = text_of(rows[parent], "parent_id")
    return ""


def _in_order(parents: dict[str, str]) -> list[str]:
    """Return the comments so that parents come before their replies. Loops are cut."""
    ordered: dict[str, None] = {}
    replies: dict[str, list[str]] = {}
    for comment_id, parent in parents.items():
        replies.setdefault(parent, []).append(comment_id)

    def add(start: str) -> None:
        waiting = [start]
        for comment_id in waiting:  # Grows while it is read.
            if comment_id not in ordered:
                ordered[comment_id] = None
                waiting += replies.get(comment_id, ())

    for comment_id in replies.get("", ()):
        add(comment_id)
    for comment_id in list(parents):
        if comment_id not in ordered:
            parents[comment_id] = ""
            add(comment_id)
    return list(ordered)


def _record(comment_id: str, parent: str, row: dict[str, object], site: Site, fallback: datetime) -> CommentRecord:
    member_id = text_of(row, "member_id")
    name = site.members.get(member_id, "")
    return CommentRecord(
        source_id=comment_id,
        parent=parent,
        name=name[:MAX_NAME_LENGTH] or NO_NAME,
        written_at=time_of(row, "created_at", site.zone or UTC) or fallback,
        text=comment_text(text_of(row, "html", "comment")) or "…",
        email=site.emails.get(member_id, ""),
    )
