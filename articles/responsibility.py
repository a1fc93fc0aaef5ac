"""Which labels about AI a version needs, and why. Pure.

The rule follows article 50(4) of the European AI Act: text that AI has written or translated is labelled, unless a
person has checked its facts and sources and someone answers for it. Pictures and sound by AI are always labelled.
docs/responsibility.md explains it for publishers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.integrity import digest_of
from truthlytics.web.canonical_json import canonical
from truthlytics.web.types import Content, JsonObject


class AIUse(models.TextChoices):
    """What AI was used for. A text without any has not stated it."""

    NONE = "none", _("No AI")
    LANGUAGE = "language", _("Spelling and language")
    RESEARCH = "research", _("Research or transcription")
    TRANSLATION = "translation", _("Translation")
    DRAFT = "draft", _("First draft")
    PARTS = "parts", _("Parts of the text")
    PICTURES = "pictures", _("Pictures")
    SOUND = "sound", _("Sound")


class ReviewedFor(models.TextChoices):
    """What a reviewer has checked a text for."""

    FACTS = "facts", _("Facts")
    SOURCES = "sources", _("Sources")
    LAW = "law", pgettext_lazy("what a text is checked for", "Law")
    LANGUAGE = "language", _("Language")


class AILabel(models.TextChoices):
    """The sentences for readers."""

    TRANSLATED = "translated", _("This text was translated by AI, without a review by an editor.")
    WRITTEN = "written", _("This text was written with AI, without a review by an editor.")
    PARTS = "parts", _("Parts of this text were written by AI, without a review by an editor.")
    PICTURES = "pictures", _("Pictures with this text were made or changed by AI.")
    SOUND = "sound", _("Sound with this text was made or changed by AI.")


class ImageAIUse(models.TextChoices):
    """What AI has done to an image of the library, and the label that readers see beside its caption."""

    MADE = "made", _("Made by AI")
    CHANGED = "changed", _("Changed by AI")


IMAGE_LABELS = {ImageAIUse.MADE: _("Image made by AI"), ImageAIUse.CHANGED: _("Image changed by AI")}
# What AI has made of the text, and the label of it. The order is that of the labels.
TEXT_LABELS = {
    AIUse.TRANSLATION: AILabel.TRANSLATED,
    AIUse.DRAFT: AILabel.WRITTEN,
    AIUse.PARTS: AILabel.PARTS,
}
MEDIA_LABELS = {AIUse.PICTURES: AILabel.PICTURES, AIUse.SOUND: AILabel.SOUND}
# A review counts if it covers both: a check of the spelling does not.
NEEDED = frozenset({ReviewedFor.FACTS, ReviewedFor.SOURCES})

NOT_STATED = _("It is not stated what AI was used for.")
NO_AI = _("No AI was used, so no label is needed.")
HELP_ONLY = _("AI helped with language or research only, so no label is needed.")
REVIEWED = _(
    "A person has checked the facts and sources of this text, and someone answers for it, so the text needs no label."
)
UNSTATED = _("State what AI was used for, or that none was used.")
NOT_REVIEWED = _("The facts and sources of this text were not checked, so it gets a label.")
CHANGED = _("The text was changed after the review, so it gets a label.")
UNKNOWN = _("The review does not say who answers for the text, so it gets a label.")
MEDIA = _("Pictures and sound by AI always get a label.")
MARKED = _("In the library, a picture of this text is marked as made or changed by AI.")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The labels that a version needs, in the order of `AILabel`, and the reasons as sentences."""

    labels: tuple[AILabel, ...]
    reasons: tuple[str | Promise, ...]

    @classmethod
    def of(cls, part: Mapping[str, Any]) -> Self:
        """Judge a content, or the `head` of a version, which has the same values."""
        return cls.on(part.get("ai_uses", ()), part.get("reviews", ()), has_ai_pictures=has_ai_pictures(part))

    @classmethod
    def on(cls, uses: Iterable[str], reviews: Sequence[JsonObject], *, has_ai_pictures: bool = False) -> Self:
        """Judge the use of AI and the `reviews`, as `content` has them.

        `has_ai_pictures` is whether the library marks a picture as made or changed by AI.
        """
        stated = set(uses)
        if has_ai_pictures:
            judged = cls.on({*stated, AIUse.PICTURES}, reviews)
            others = judged.reasons if stated else (NOT_STATED,)
            return cls(judged.labels, (*(reason for reason in others if reason != MEDIA), MARKED, MEDIA))
        if not stated:
            return cls((), (NOT_STATED,))
        text = tuple(label for use, label in TEXT_LABELS.items() if use in stated)
        media = tuple(label for use, label in MEDIA_LABELS.items() if use in stated)
        fault = _fault(reviews)
        reasons: list[str | Promise] = []
        if text:
            reasons.append(fault or REVIEWED)
        if media:
            reasons.append(MEDIA)
        if not reasons:
            reasons.append(NO_AI if stated == {AIUse.NONE} else HELP_ONLY)
        return cls((*(text if fault else ()), *media), tuple(reasons))


def _fault(reviews: Sequence[JsonObject]) -> Promise | str:
    """Return why these reviews do not replace a label, "" if one of them does."""
    thorough = [review for review in reviews if set(review["checked"]) >= NEEDED]
    current = [review for review in thorough if review["of_this_text"]]
    if any(review["responsible"] for review in current):
        return ""
    if current:
        return UNKNOWN
    return CHANGED if thorough else NOT_REVIEWED


def has_ai_pictures(part: Mapping[str, Any]) -> bool:
    """Return whether a picture of a content, or of the `head` of a version, is marked as made or changed by AI."""
    marked = any(picture.get("ai_use") for picture in part.get("pictures", {}).values())
    return marked or bool(part.get("has_ai_pictures"))


def uses_in(part: Mapping[str, Any]) -> list[str]:
    """Return what AI was used for in a content, or the `head` of a version: as stated, and for marked pictures."""
    stated = part.get("ai_uses", ())
    return stated_uses([*stated, AIUse.PICTURES] if has_ai_pictures(part) else stated)


def weakened_uses(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the uses of AI that the content `old` states and `new` does not, and the pictures that lost their mark.

    A picture that is no longer shown needs no mark.
    """
    stated = set(old.get("ai_uses", ())) - {AIUse.NONE}
    lost = [use.value for use in AIUse if use in stated - set(new.get("ai_uses", ()))]
    shown = new.get("pictures", {})
    marked = {uuid: picture["ai_use"] for uuid, picture in old.get("pictures", {}).items() if picture.get("ai_use")}
    return lost + [uuid for uuid, use in marked.items() if uuid in shown and shown[uuid].get("ai_use") != use]


def image_label(use: str) -> str:
    """Return the label of an image with this ImageAIUse; "" for none."""
    return str(IMAGE_LABELS[ImageAIUse(use)]) if use in ImageAIUse.values else ""


def label_sentences(part: Mapping[str, Any]) -> list[str]:
    """Return the sentences of the labels that a content, or the `head` of a version, needs."""
    return [str(label.label) for label in Judgement.of(part).labels]


def stated_uses(values: Iterable[str]) -> list[str]:
    """Return the known uses among `values`, in their order, each once. “None” excludes all others."""
    uses = [use.value for use in AIUse if use in set(values)]
    return [use for use in uses if use != AIUse.NONE] if len(uses) > 1 else uses


def text_digest(content: Content) -> str:
    """Return the SHA-256 of the text that a review is about.

    It is headline, standfirst and body with its notes, of dossiers title, summary and timeline.
    """
    names = ("headline", "standfirst", "body") if "body" in content else ("title", "summary", "entries")
    return digest_of(canonical([content[name] for name in names]))
