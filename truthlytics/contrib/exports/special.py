"""Tables with fields that are not columns, or with texts that not every row has in an export."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from comments.models import Comment
from comments.models.comments import PATH, STEP_LENGTH
from comments.services.importing import MAX_NAME_LENGTH
from comments.text import render
from subscriptions.display_names import NAME_LENGTH
from truthlytics.exports.tables import FLAG, KEY_OR_NULL, TEXT, Columns, Context, Entry, Table
from truthlytics.web.lookalikes import skeleton
from truthlytics.web.text import split_words
from truthlytics.web.types import AnyRows, Content

QUOTE = ("quote", "quote_prefix", "quote_suffix")


@dataclass(frozen=True)
class Items(Table):
    """Articles, pages or dossiers. If they are withdrawn, they come without their `texts` and the lists `parts`."""

    texts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def finish(self, entry: Entry, row: Content, context: Context) -> None:
        if row["withdrawn_at"] is not None and row["withdrawn_at"] <= context.now:
            entry |= dict.fromkeys(self.texts, "")
            entry |= {name: [] for name in self.parts}


@dataclass(frozen=True)
class Sources(Table):
    def unnamed_columns(self, entry: Entry) -> Columns:
        if entry["url"] and not entry["url"].startswith(("http://", "https://", "/", "mailto:")):
            raise ValueError("has an address that cannot be linked")
        return {}


@dataclass(frozen=True)
class Comments(Table):
    """Comments with the name of their writer, and with the account only if readers are exported too."""

    def more_columns(self) -> tuple[str, ...]:
        return split_words(
            "author author__display_name author__deleted_at imported_name removed_by article__withdrawn_at"
        )

    def finish(self, entry: Entry, row: Content, context: Context) -> None:
        is_removed = row["status"] == Comment.Status.REMOVED
        author = row["author"] if row["author__deleted_at"] is None else None
        entry["removed_by_writer"] = is_removed and row["removed_by"] == row["author"] and not row["imported_name"]
        entry["author"] = author if context.has_readers else None
        entry["name"] = row["author__display_name"] or "" if author else row["imported_name"]
        if entry["removed_by_writer"] and entry["author"] is None:
            entry["name"] = ""
        if is_removed:
            entry["text"] = ""
        withdrawn_at = row["article__withdrawn_at"]
        if is_removed or (withdrawn_at is not None and withdrawn_at <= context.now):
            entry |= dict.fromkeys(QUOTE, "")

    def unnamed_columns(self, entry: Entry) -> Columns:
        own = f"{entry['id']:0{STEP_LENGTH}d}"
        if not PATH.fullmatch(entry["path"]) or not entry["path"].endswith(own):
            raise ValueError("belongs to a line with a wrong “path”")
        is_nameless = entry["author"] is not None or entry["removed_by_writer"]
        return {
            "author": entry["author"],
            "imported_name": "" if is_nameless else entry["name"][:MAX_NAME_LENGTH],
            "removed_by": entry["author"] if entry["removed_by_writer"] else None,
            "html": render(entry["text"]),
            "key": uuid.uuid4(),
        }


COMMENT_FIELDS = {"author": KEY_OR_NULL, "name": TEXT, "removed_by_writer": FLAG}


@dataclass(frozen=True)
class Threads(Table):
    """The number of visible comments is counted again."""

    def unnamed_columns(self, entry: Entry) -> Columns:
        return {"visible_count": Comment.objects.visible().filter(article=entry["article"]).count()}


@dataclass(frozen=True)
class Readers(Table):
    """Accounts without their passwords, and without those that readers have deleted."""

    def rows(self, context: Context) -> AnyRows:
        return super().rows(context).filter(deleted_at=None)

    def unnamed_columns(self, entry: Entry) -> Columns:
        key = skeleton(entry["display_name"])[: 2 * NAME_LENGTH]
        return {"password": make_password(None), "name_key": key}


@dataclass(frozen=True)
class OfReaders(Table):
    """Rows that belong to an account."""

    def rows(self, context: Context) -> AnyRows:
        return super().rows(context).filter(user__deleted_at=None)
