"""The way of an article through the newsroom: how far the work is, and who may take which step. Pure."""

from dataclasses import dataclass

from django.db import models


class Stage(models.TextChoices):
    """How far the work on an article is. PUBLISHED: it is closed, until somebody takes it up again."""

    DRAFT = "draft", "Draft"
    REVIEW = "review", "In review"
    READY = "ready", "Ready"
    PUBLISHED = "published", "Published"


class Deed(models.TextChoices):
    """What a step was, as the newsroom says it afterwards."""

    SENT = "sent", "Sent to review"
    TAKEN = "taken", "Taken back"
    RETURNED = "returned", "Sent back"
    READY = "ready", "Set ready"
    ASSIGNED = "assigned", "Assigned"
    PUBLISHED = "published", "Published"
    GIVEN_UP = "given-up", "Plan given up"


@dataclass(frozen=True, slots=True)
class Way:
    """From which stages a deed leads where, and whether only those who may publish go there."""

    before: frozenset[Stage]
    after: Stage
    for_editors: bool
    needs_words: bool = False


EVERY = frozenset(Stage)
# Laying it in somebody's hands, publishing and giving up a plan have doors of their own.
WAYS: dict[Deed, Way] = {
    Deed.SENT: Way(frozenset({Stage.DRAFT, Stage.PUBLISHED}), Stage.REVIEW, for_editors=False),
    Deed.TAKEN: Way(frozenset({Stage.REVIEW}), Stage.DRAFT, for_editors=False),
    Deed.RETURNED: Way(frozenset({Stage.REVIEW, Stage.READY}), Stage.DRAFT, for_editors=True, needs_words=True),
    Deed.READY: Way(EVERY - {Stage.READY}, Stage.READY, for_editors=True),
}


def ways(stage: str, *, editor: bool) -> list[Deed]:
    """The deeds that are open in `stage` to one who may write the article, or also publish it (`editor`)."""
    return [deed for deed, way in WAYS.items() if stage in way.before and (editor or not way.for_editors)]
