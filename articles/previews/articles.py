"""A proof of a draft: the page that readers would get, drawn from what is typed and written to no version."""

import copy
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, cast

from django.utils import timezone

from articles.access import Level, decide
from articles.integrity import canonical, digest_of
from articles.models import Article, Image, Version
from articles.models.version_log import VersionLog, VersionLogEntry
from articles.presenters.article import Drawn, Paid, Piece, Served
from articles.revisions.fields import EditableFields
from articles.richtext.vocabulary import parse
from articles.services import revisions
from articles.services.denormalise import derive
from articles.services.item_types import editable_type
from articles.services.publishing import content_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is not there: the page is drawn as if they read it."""

    level: int
    name: str = ""
    may_comment: bool = False
    reason: str = ""


# By the word in the address, in the order in which they are offered.
READERS = {
    "anybody": Reader(Level.EVERYONE, "Anybody"),
    "registered": Reader(Level.REGISTERED, "A registered reader"),
    "subscriber": Reader(Level.SUBSCRIBER, "A subscriber"),
    "supporter": Reader(Level.SUPPORTER, "A supporter"),
}


class Proof(Served):
    """The draft of an article as the page's code knows what is served; nothing of it is in the database.

    `text` is what is typed and not saved yet; without it the draft is drawn as it was saved.
    """

    def __init__(self, article: Article, text: EditableFields | None = None) -> None:
        super().__init__(article.slug, timezone.now())
        self._article = article
        self._text = text

    @cached_property
    def article(self) -> Article:
        shown = copy.copy(self._article)
        shown.published_at = shown.published_at or self.now
        return shown

    @cached_property
    def version(self) -> Version:
        last = self.article.versions.order_by("-number").values_list("number", flat=True).first() or 0
        content = editable_type(self._article).working_content(self._article)
        if self._text is not None:
            content = revisions.content_with(self._article, self._text)
        content["pictures"] = pictures_named(content)
        version = Version(
            article=self.article, number=last if self.unchanged else last + 1, public_from=self.now, made_at=self.now,
            content=canonical(content),
        )  # fmt: skip
        derive(version)
        return version

    @cached_property
    def unchanged(self) -> bool:
        """Whether readers have this very text already."""
        live = self.article.live
        return (
            self._text is None and live is not None and not self.article.upcoming_id
            and live.content_digest == digest_of(canonical(content_of(self._article)))
        )  # fmt: skip

    def piece(self) -> Piece:
        # Drawn apart, so no fragment is kept under it.
        self.version.pk = 0
        return super().piece()


def pictures_named(content: dict[str, Any]) -> dict[str, Any]:
    """Words of the library for every picture that the text or its head names, whether or not sizes are made."""
    used = {figure.get("data-image") for figure in parse(content["body"]).iter("figure")} if content["body"] else set()
    used |= {content["lead"]["uuid"]} if content.get("lead") else set()
    images = Image.objects.filter(uuid__in=[uuid for uuid in used if uuid])
    return {
        str(image.uuid): {"sha256": image.sha256, "alt": image.alt, "caption": image.caption, "credit": image.credit}
        for image in images
    }


class DrawnProof(Drawn):
    """What the templates draw of a proof."""

    @cached_property
    def paid(self) -> Paid:
        return Paid(self.version.paid_html, self.version.paid_notes) if self._whole else Paid()

    @cached_property
    def record(self) -> VersionLog:
        """The public versions so far, and this one as if it was published now, unless it is the last of them."""
        before = self.article.version_log(self._served.now)
        if cast(Proof, self._served).unchanged:
            return before
        return VersionLog((*before.changes, VersionLogEntry(self.version.number, self._served.now, "")))


def context_of(proof: Proof, reader: Reader) -> dict[str, Any]:
    """What `articles/article.html` takes, for `reader`. Draw it within `fragments.apart()`."""
    piece = proof.piece()
    decision = decide(piece, reader)
    whole = decision.allowed and piece.required_level > 0
    drawn = DrawnProof(proof, whole=whole)
    return {
        "piece": piece,
        "decision": decision,
        "whole": whole,
        "current_section": piece.section,
        "tags": [],
        "reader": reader,
        **{name: partial(getattr, drawn, name) for name in Drawn.NAMES},
    }
