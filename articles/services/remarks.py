"""Remarks on a draft: left, answered, kept at their place; who is called by name gets a letter."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Remark, ShareLink
from articles.models.remarks import LONGEST_NAME
from articles.richtext.anchors import Anchor, AnchoredText, anchor_at, body_text, find_anchor
from articles.seo.meta import absolute_url
from truthlytics.audit.log import AuditEntry, Snapshot, log_action, snapshot
from truthlytics.web.mail import send_email

MOST_MENTIONED = 20


def users_with_access(article: Article) -> QuerySet[Any]:
    """The members of the newsroom who may open `article`: all who publish, and the authors of a draft."""
    backend = ModelBackend()
    found = Q(pk__in=backend.with_perm("articles.publish_article").values("pk"))
    if article.live_id is None and article.upcoming_id is None:
        writers = backend.with_perm("articles.change_article").values("pk")
        own = Q(author__bylines__article=article) | Q(pk=article.created_by_id)
        found |= Q(own, pk__in=writers)
    people = get_user_model()._default_manager.filter(found, is_staff=True, is_active=True)
    return people.distinct().order_by("display_name", "pk")


def responsible_users(article: Article, *, else_: int | None) -> list[Any]:
    """Those whose work `article` is: in whose hands it is, and who wrote it, as far as they may open it.

    Where there is nobody, the person `else_`.
    """
    people = users_with_access(article)
    theirs = Q(pk=article.assignee_id) | Q(author__bylines__article=article)
    return list(people.filter(theirs)) or list(people.filter(pk=else_))


def mentioned(text: str, people: Iterable[Any]) -> list[Any]:
    """Those of `people` whom `text` calls by `@` and their name; of “@Ann Lee” Ann Lee and not Ann."""
    found = []
    for person in sorted(people, key=lambda person: -len(person.display_name)):
        name = re.escape(person.display_name)
        if not name:
            continue
        text, count = re.subn(rf"(?<!\w)@{name}(?!\w)", "", text, flags=re.IGNORECASE)
        if count:
            found.append(person)
            # Somebody else of the same name is as much meant.
            found += [
                other for other in people
                if other is not person and other.display_name.casefold() == person.display_name.casefold()
            ]  # fmt: skip
    return list(dict.fromkeys(found))[:MOST_MENTIONED]


def add_remark(
    *, article: Article, by: Any, text: str, anchor: Anchor, key: uuid.UUID, name: str = "",
    link: ShareLink | None = None,
) -> Remark:  # fmt: skip
    """A remark on the words of `anchor` in `article`, once for a `key`; who is called in it gets a letter.

    Words that were named without their neighbours, or from outside, get them from the draft as it was saved.
    Whoever comes by a `link` is known by `name` alone and calls nobody; those whose work it is get a letter.
    """
    if anchor.quote and (link is not None or not (anchor.prefix or anchor.suffix)):
        body = body_text(article.body)
        span = find_anchor(body, anchor)
        anchor = anchor_at(body, *span) if span else anchor
    place = {"quote": anchor.quote, "prefix": anchor.prefix, "suffix": anchor.suffix, "position": anchor.position}
    return _write(article, by, text, key, name=name, link=link, **place)


@transaction.atomic
def reply(*, parent: Remark, by: Any, text: str, key: uuid.UUID) -> Remark:
    """An answer under `parent`, once for a `key`; who is called in it gets a letter.

    Raises Remark.DoesNotExist where the parent was taken back meanwhile.
    """
    parent = _locked(parent)
    # Of one form that holds many boxes, each answer has a key of its own.
    return _write(parent.article, by, text, uuid.uuid5(key, f"reply {parent.pk}"), parent=parent)


@transaction.atomic
def change(*, remark: Remark, by: Any, text: str) -> None:
    """`by`, who wrote `remark`, says it otherwise; who is called in it for the first time gets a letter.

    Raises Answered, and Remark.DoesNotExist where it was taken back meanwhile.
    """
    remark, before = _own_last_word(remark)
    if remark.text == text:
        return
    remark.text, remark.changed_at = text, timezone.now()
    remark.save(update_fields=["text", "changed_at"])
    called = set(remark.mentions.values_list("pk", flat=True))
    _call(remark, [one for one in _meant(remark) if one != by and one.pk not in called])
    log_action(by=by, row=remark, message="Remark changed.", before=before, after=snapshot(remark))


@transaction.atomic
def take_back(*, remark: Remark, by: Any) -> None:
    """`by`, who wrote `remark`, takes it back. Raises Answered, and Remark.DoesNotExist where it is gone already."""
    remark, before = _own_last_word(remark)
    log_action(by=by, row=remark, action=AuditEntry.Action.REMOVED, message="Remark taken back.", before=before)
    remark.delete()


class Answered(Exception):
    """A remark stays as it is once somebody has answered or resolved it; the message says so."""


def _own_last_word(remark: Remark) -> tuple[Remark, Snapshot]:
    """The remark as it stands, locked together with its thread, and what is told of it."""
    if remark.parent is not None:
        _locked(remark.parent)
    locked = _locked(remark)
    if not locked.is_last_word():
        raise Answered("Somebody has answered or resolved it meanwhile, so it stays as it is. Say it in a reply.")
    return locked, snapshot(locked)


def _locked(remark: Remark) -> Remark:
    # Of what stands beside it nothing is locked: an author may be nobody.
    return Remark.objects.select_for_update().get(pk=remark.pk)


def _write(article: Article, by: Any, text: str, key: uuid.UUID, *, name: str = "", **fields: Any) -> Remark:
    name = name or str(getattr(by, "display_name", "") or by)
    try:
        with transaction.atomic():
            remark = Remark.objects.create(
                article=article, author=by, author_name=name[:LONGEST_NAME], text=text, key=key, **fields
            )
            if by is not None:
                _call(remark, [one for one in _meant(remark) if one != by])
            elif remark.link is not None:
                _tell(remark, responsible_users(article, else_=remark.link.created_by_id), called=False)
    except IntegrityError:
        # It was sent twice; anything else is raised again.
        if (twin := Remark.objects.filter(key=key).first()) is None:
            raise
        return twin
    return remark


def _meant(remark: Remark) -> list[Any]:
    return mentioned(remark.text, list(users_with_access(remark.article))) if "@" in remark.text else []


def _call(remark: Remark, people: list[Any]) -> None:
    if people:
        remark.mentions.add(*people)
        _tell(remark, people, called=True)


def _tell(remark: Remark, people: Iterable[Any], *, called: bool) -> None:
    change = reverse("admin:articles_article_change", args=[remark.article_id])
    for person in people:
        context = {
            "name": person.display_name,
            "by": remark.author_name,
            "mentioned": called,
            "headline": str(remark.article),
            "quote": (remark.parent or remark).quote,
            "text": remark.text,
            "address": absolute_url(f"{change}#remark-{remark.parent_id or remark.pk}"),
        }
        send_email("remark", to=person.email, context=context)


def update_anchors(*, article: Article) -> None:
    """The text was saved: remarks whose words are still found learn their new neighbours and place.

    So small changes never add up to a place that is lost. Those that are not found keep what they know: the words
    may come back.
    """
    open_ones = list(Remark.objects.unresolved().filter(article=article).exclude(quote=""))
    if not open_ones:
        return
    text = body_text(article.body)
    searched = AnchoredText(text)
    moved = []
    for remark in open_ones:
        span = searched.find(remark.anchor)
        if span is None:
            continue
        now = anchor_at(text, *span)
        if (now.prefix, now.suffix, now.position) != (remark.prefix, remark.suffix, remark.position):
            remark.prefix, remark.suffix, remark.position = now.prefix, now.suffix, now.position
            moved.append(remark)
    Remark.objects.bulk_update(moved, ["prefix", "suffix", "position"])
