"""Who is responsible for a text, in words: use of AI, reviews and labels of a content or of the `head` of a version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from articles.models.reviews import checked_labels, reviewer_label
from articles.responsibility import AIUse, uses_in
from truthlytics.web.types import JsonObject


class Responsibility(NamedTuple):
    """What the page shows. `uses` are the values of AIUse without "none", and `ai` names them in words."""

    uses: str
    ai: str
    no_ai: bool
    reviews: list[JsonObject]
    line: str

    def __bool__(self) -> bool:
        return bool(self.uses or self.reviews)


def reviewer(review: JsonObject) -> str:
    return reviewer_label(review["name"], review["role"], review["reviewer"])


def reviewed_for(review: JsonObject) -> str:
    return checked_labels(review["checked"])


def reviewed_at(review: JsonObject) -> datetime:
    return datetime.fromisoformat(review["at"])


def responsibility(part: Mapping[str, Any]) -> Responsibility:
    stated = uses_in(part)
    uses = [use for use in stated if use in AIUse.values and use != AIUse.NONE]
    ai = ", ".join(str(AIUse(use).label) for use in uses)
    reviews = list(part.get("reviews", ()))
    return Responsibility(" ".join(uses), ai, AIUse.NONE in stated, reviews, _line(ai, reviews))


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
