"""Remarks on drafts: added, answered, edited, and kept at their passage. Mentioned users get an email."""

import re
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, Remark, ShareLink
from articles.models.remarks import MAX_NAME_LENGTH
from articles.permissions import wanting_emails
from articles.richtext.anchors import Anchor, AnchoredText, anchor_at, body_text, find_anchor
from articles.seo.meta import absolute_url
from truthlytics.audit.log import AuditEntry, Snapshot, log_action, snapshot
from truthlytics.publication.mail import send_email
from truthlytics.web.types import AnyRows
from truthlytics.web.users import User

MAX_MENTIONS = 20
_AT_NAME = re.compile(r"(?<!\w)@(?P<name>\w[\w’'-]*)(?:[ \u00a0](?=(?P<next>\w[\w’'-]*)))?")


class AnsweredError(Exception):
    """A remark that was answered or resolved cannot be edited or deleted. The message explains this."""


def users_with_access(article: Article) -> AnyRows:
    """Return the newsroom users who can open `article`: publishers, and the authors of a draft."""
    backend = ModelBackend()
    condition = Q(pk__in=backend.with_perm("articles.publish_article").values("pk"))
    if article.live_id is None and article.upcoming_id is None:
        writers = backend.with_perm("articles.change_article").values("pk")
        own = Q(author__bylines__article=article) | Q(pk=article.created_by_id)
        condition |= Q(own, pk__in=writers)
    users = get_user_model()._default_manager.filter(condition, is_staff=True, is_active=True)
    return users.distinct().order_by("display_name", "pk")


def responsible_users(article: Article, *, fallback: int | None) -> list[Any]:
    """Return the assignee and the authors, as far as they may open `article`; if none, the user `fallback`."""
    users = users_with_access(article)
    responsible = Q(pk=article.assignee_id) | Q(author__bylines__article=article)
    return list(users.filter(responsible)) or list(users.filter(pk=fallback))


class Mentions(NamedTuple):
    """Who is mentioned in a text, and what follows an @ without being the name of one user."""

    users: list[User]
    unknown: list[str]


def find_mentions(text: str, users: Iterable[User]) -> Mentions:
    """Find which of `users` a text mentions as @ and their name. “@Ann Lee” mentions Ann Lee, not Ann.

    A part of a name suffices if only one user has it, unless what follows resembles the rest: “@Ann Leeds” is another.
    """
    users = list(users)
    mentions: list[Any] = []
    unknown: list[str] = []
    for user in sorted(users, key=lambda user: -len(user.display_name)):
        name = re.escape(user.display_name)
        if not name:
            continue
        text, count = re.subn(rf"(?<!\w)@{name}(?!\w)", "", text, flags=re.IGNORECASE)
        if count:
            # Other users with the same name are mentioned, too.
            mentions += [
                user,
                *(other for other in users if other.display_name.casefold() == user.display_name.casefold()),
            ]
    for match in _AT_NAME.finditer(text):
        found = _with_part(users, match["name"], match["next"])
        if len(found) == 1:
            mentions += found
        else:
            unknown.append(f"@{match['name']}")
    return Mentions(list(dict.fromkeys(mentions))[:MAX_MENTIONS], list(dict.fromkeys(unknown)))


def _with_part(users: Iterable[User], part: str, following: str | None) -> list[User]:
    """Return those of `users` with the word `part` in their name; none if what follows resembles the rest of one."""
    part, following = part.casefold(), (following or "").casefold()
    named = [(user, words) for user in users if part in (words := user.display_name.casefold().split())]
    if exact := [user for user, words in named if following in words]:
        return exact
    others = [word for _user, words in named for word in words if word != part]
    resembles = any(following.startswith(word) or word.startswith(following) for word in others if following)
    return [] if resembles else [user for user, _words in named]


def add_remark(
    *, article: Article, by: User | None, text: str, anchor: Anchor, key: uuid.UUID, name: str = "",
    link: ShareLink | None = None,
) -> Remark:  # fmt: skip
    """Add a remark on the passage `anchor`, once per `key`, and email the users it mentions.

    A passage without context, or from outside the newsroom, gets its context from the saved draft. Readers of a share
    `link` are known by `name` only and cannot mention anyone; the responsible users get an email instead.
    """
    if anchor.quote and (link is not None or not (anchor.prefix or anchor.suffix)):
        body = body_text(article.body)
        span = find_anchor(body, anchor)
        anchor = anchor_at(body, *span) if span else anchor
    place = {"quote": anchor.quote, "prefix": anchor.prefix, "suffix": anchor.suffix, "position": anchor.position}
    return _create(article, by, text, key, name=name, link=link, **place)


@transaction.atomic
def reply(*, parent: Remark, by: User, text: str, key: uuid.UUID) -> Remark:
    """Add a reply to `parent`, once per `key`, and email the users it mentions.

    Raises Remark.DoesNotExist if the parent was deleted in the meantime.
    """
    parent = _lock(parent)
    # The form has one key for the replies to all remarks.
    return _create(parent.article, by, text, uuid.uuid5(key, f"reply {parent.pk}"), parent=parent)


@transaction.atomic
def edit_remark(*, remark: Remark, by: User, text: str) -> None:
    """Change the text of a user's own remark, and email the users it mentions for the first time.

    Raises AnsweredError, and Remark.DoesNotExist if it was deleted in the meantime.
    """
    remark, before = _lock_last_in_thread(remark)
    if remark.text == text:
        return
    remark.text, remark.edited_at = text, timezone.now()
    remark.save(update_fields=["text", "edited_at"])
    known = set(remark.mentions.values_list("pk", flat=True))
    _mention(remark, [user for user in _mentioned_in(remark) if user != by and user.pk not in known])
    log_action(by=by, row=remark, message=_("Remark changed."), before=before, after=snapshot(remark))


@transaction.atomic
def delete_remark(*, remark: Remark, by: User) -> None:
    """Delete a user's own remark. Raises AnsweredError, and Remark.DoesNotExist if it was deleted already."""
    remark, before = _lock_last_in_thread(remark)
    log_action(by=by, row=remark, action=AuditEntry.Action.REMOVED, message=_("Remark deleted."), before=before)
    remark.delete()


def _lock_last_in_thread(remark: Remark) -> tuple[Remark, Snapshot]:
    """Lock the remark and its thread. Return the remark and its snapshot."""
    if remark.parent is not None:
        _lock(remark.parent)
    locked = _lock(remark)
    if not locked.is_last_in_thread():
        raise AnsweredError(_("This remark was answered or resolved in the meantime. Add a reply instead."))
    return locked, snapshot(locked)


def _lock(remark: Remark) -> Remark:
    # Without related rows: PostgreSQL cannot lock the nullable side of a join.
    return Remark.objects.select_for_update().get(pk=remark.pk)


def _create(
    article: Article, by: User | None, text: str, key: uuid.UUID, *, name: str = "", **fields: object
) -> Remark:
    name = name or str(getattr(by, "display_name", "") or by)
    try:
        with transaction.atomic():
            remark = Remark.objects.create(
                article=article, author=by, author_name=name[:MAX_NAME_LENGTH], text=text, key=key, **fields
            )
            if by is not None:
                _mention(remark, [user for user in _mentioned_in(remark) if user != by])
            elif remark.link is not None:
                users = responsible_users(article, fallback=remark.link.created_by_id)
                _send_emails(remark, users, mentioned=False)
    except IntegrityError:
        # The form was submitted twice; any other error is raised again.
        if (existing := Remark.objects.filter(key=key).first()) is None:
            raise
        return existing
    return remark


def _mentioned_in(remark: Remark) -> list[User]:
    return mentions_in(remark.article, remark.text).users


def mentions_in(article: Article, text: str) -> Mentions:
    """Return whom a remark on `article` mentions."""
    return find_mentions(text, users_with_access(article)) if "@" in text else Mentions([], [])


def _mention(remark: Remark, users: list[User]) -> None:
    if users:
        remark.mentions.add(*users)
        _send_emails(remark, users, mentioned=True)


def _send_emails(remark: Remark, users: Iterable[User], *, mentioned: bool) -> None:
    path = reverse("admin:articles_article_change", args=[remark.article_id])
    for user in wanting_emails(users, "remarks"):
        context = {
            "name": user.display_name,
            "by": remark.author_name,
            "mentioned": mentioned,
            "headline": str(remark.article),
            "quote": (remark.parent or remark).quote,
            "text": remark.text,
            "address": absolute_url(f"{path}#remark-{remark.parent_id or remark.pk}"),
        }
        send_email("remark", to=user.email, context=context, language=user.newsroom_language)


def update_anchors(*, article: Article) -> None:
    """Update the context and position of remarks if their passage is still in the saved text.

    So that many small changes never make a passage impossible to find. Other remarks keep what they have, because the
    passage may come back.
    """
    remarks = list(Remark.objects.unresolved().filter(article=article).exclude(quote=""))
    if not remarks:
        return
    text = body_text(article.body)
    searched = AnchoredText(text)
    moved = []
    for remark in remarks:
        span = searched.find(remark.anchor)
        if span is None:
            continue
        current = anchor_at(text, *span)
        if (current.prefix, current.suffix, current.position) != (remark.prefix, remark.suffix, remark.position):
            remark.prefix, remark.suffix, remark.position = current.prefix, current.suffix, current.position
            moved.append(remark)
    Remark.objects.bulk_update(moved, ["prefix", "suffix", "position"])
