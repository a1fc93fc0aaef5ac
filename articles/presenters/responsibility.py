"""Who is responsible for a text, in words: use of AI, reviews and labels of a content or of the `head` of a version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from articles.models import Image
from articles.models.how_we_know import AI_SENTENCES
from articles.models.reviews import checked_labels, reviewer_label
from articles.responsibility import AIUse, uses_in
from truthlytics.web.types import JsonObject


class Responsibility(NamedTuple):
    """What the page shows. `uses` are the stated values of AIUse without "none", which the record has.

    `ai` names them in words, and pictures of the library that are marked.
    """

    uses: str
    ai: str
    no_ai: bool
    reviews: list[JsonObject]
    line: str

    def __bool__(self) -> bool:
        return bool(self.ai or self.reviews)


def reviewer(review: JsonObject) -> str:
    return reviewer_label(review["name"], review["role"], review["reviewer"])


def reviewed_for(review: JsonObject) -> str:
    return checked_labels(review["checked"])


def reviewed_at(review: JsonObject) -> datetime:
    return datetime.fromisoformat(review["at"])


def head_of(content: Mapping[str, Any]) -> JsonObject:
    """Return what a page, dossier or issue states, as in the `head` of an article. One query if it has images.

    Whether one of them is marked is read from the library as it is now, since a mark may come late.
    """
    head = {name: content[name] for name in ("ai_uses", "how_we_know", "reviews") if name in content}
    pictures = content.get("pictures")
    if pictures and Image.objects.filter(uuid__in=pictures).exclude(ai_use="").exists():
        head["has_ai_pictures"] = True
    return head


def responsibility(part: Mapping[str, Any]) -> Responsibility:
    shown, stated = ([use for use in uses if use != AIUse.NONE] for uses in (uses_in(part), part.get("ai_uses", ())))
    ai = ", ".join(str(AIUse(use).label) for use in shown)
    reviews = list(part.get("reviews", ()))
    return Responsibility(" ".join(stated), ai, AIUse.NONE in uses_in(part), reviews, _line(ai, reviews))


def ai_sentences(answers: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Return the sentences about uses of AI among the answers of “How we know”, each with what it is about."""
    found = answers or {}
    return [(str(use.label), found[name]) for name, use in AI_SENTENCES.items() if found.get(name)]


def _line(ai: str, reviews: list[JsonObject]) -> str:
    """Return all in one line, such as “Reviewed by A. Name (editor). AI: translation.”; "" if there is nothing."""
    sentences = []
    names = ", ".join(reviewer(review) for review in reviews)
    if reviews and reviews[0]["of_this_text"]:
        sentences.append(_("Reviewed by %(names)s.") % {"names": names})
    elif reviews:
        sentences.append(_("Reviewed by %(names)s; the text was changed after the review.") % {"names": names})
    if ai:
        sentences.append(_("AI: %(uses)s.") % {"uses": ai})
    return " ".join(sentences)
