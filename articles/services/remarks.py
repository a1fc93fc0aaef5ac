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

from articles.anchors import Anchor, Text, anchor_at, find, text_of
from articles.metadata import absolute
from articles.models import Article, Remark, ShareLink
from articles.models.remarks import LONGEST_NAME
from truthlytics.web.mail import send_letter

MOST_MENTIONED = 20


def who_may_open(article: Article) -> QuerySet[Any]:
    """The members of the newsroom who may open `article`: all who publish, and the authors of a draft."""
    backend = ModelBackend()
    found = Q(pk__in=backend.with_perm("articles.publish_article").values("pk"))
    if article.live_id is None and article.upcoming_id is None:
        writers = backend.with_perm("articles.change_article").values("pk")
        own = Q(author__bylines__article=article) | Q(pk=article.created_by_id)
        found |= Q(own, pk__in=writers)
    people = get_user_model()._default_manager.filter(found, is_staff=True, is_active=True)
    return people.distinct().order_by("display_name", "pk")


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


def leave(
    *, article: Article, by: Any, text: str, anchor: Anchor, key: uuid.UUID, name: str = "",
    link: ShareLink | None = None,
) -> Remark:  # fmt: skip
    """A remark on the words of `anchor` in `article`, once for a `key`; who is called in it gets a letter.

    Words that were named without their neighbours, or from outside, get them from the draft as it was saved.
    Whoever comes by a `link` is known by `name` alone and calls nobody.
    """
    if anchor.quote and (link is not None or not (anchor.prefix or anchor.suffix)):
        body = text_of(article.body)
        span = find(body, anchor)
        anchor = anchor_at(body, *span) if span else anchor
    place = {"quote": anchor.quote, "prefix": anchor.prefix, "suffix": anchor.suffix, "position": anchor.position}
    return _write(article, by, text, key, name=name, link=link, **place)


def reply(*, opening: Remark, by: Any, text: str, key: uuid.UUID) -> Remark:
    """An answer under `opening`, once for a `key`; who is called in it gets a letter."""
    # Of one form that holds many boxes, each answer has a key of its own.
    return _write(opening.article, by, text, uuid.uuid5(key, f"reply {opening.pk}"), opening=opening)


def _write(article: Article, by: Any, text: str, key: uuid.UUID, *, name: str = "", **fields: Any) -> Remark:
    name = name or str(getattr(by, "display_name", "") or by)
    try:
        with transaction.atomic():
            remark = Remark.objects.create(
                article=article, author=by, author_name=name[:LONGEST_NAME], text=text, key=key, **fields
            )
            if by is not None and "@" in text:
                _call(remark, [one for one in mentioned(text, list(who_may_open(article))) if one != by])
    except IntegrityError:
        # It was sent twice; anything else is raised again.
        if (twin := Remark.objects.filter(key=key).first()) is None:
            raise
        return twin
    return remark


def _call(remark: Remark, people: list[Any]) -> None:
    remark.mentions.set(people)
    change = reverse("admin:articles_article_change", args=[remark.article_id])
    for person in people:
        context = {
            "name": person.display_name,
            "by": remark.author_name,
            "headline": str(remark.article),
            "quote": (remark.opening or remark).quote,
            "text": remark.text,
            "address": absolute(f"{change}#remark-{remark.opening_id or remark.pk}"),
        }
        send_letter("remark_mention", to=person.email, context=context)


def follow(*, article: Article) -> None:
    """The text was saved: remarks whose words are still found learn their new neighbours and place.

    So small changes never add up to a place that is lost. Those that are not found keep what they know: the words
    may come back.
    """
    open_ones = list(Remark.objects.unresolved().filter(article=article).exclude(quote=""))
    if not open_ones:
        return
    text = text_of(article.body)
    searched = Text(text)
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
