"""The kinds of articles."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """The label above a headline. `definition` explains it to readers. Articles of other systems may have none, ""."""

    ANALYSIS = "analysis", _("Analysis")
    REPORT = "report", _("Report")
    OPINION = "opinion", _("Opinion")
    EXPLAINER = "explainer", _("Explainer")
    REVIEW = "review", _("Review")

    @property
    def definition(self) -> str:
        return str(DEFINITIONS[self])


def label_of(kind: str) -> str:
    return str(Kind(kind).label if kind in Kind.values else kind)


DEFINITIONS = {
    Kind.ANALYSIS: _("Facts, plus our interpretation"),
    Kind.REPORT: _("What happened, as we found it"),
    Kind.OPINION: _("One writer’s view, argued"),
    Kind.EXPLAINER: _("How a thing works"),
    Kind.REVIEW: _("Our judgement of a work"),
}
