"""What a change of a published article was: a correction, an update, a minor edit …

The public sentence is the `note` of the version that the change was published with, so that there is one text only.
Rows cannot be changed or deleted: a wrong one is superseded by another, published with a version of its own.
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.publishable import not_withdrawn
from articles.models.versions import Version, reader_number_at
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet


class ChangeKind(models.TextChoices):
    CORRECTION = "correction", _("Correction")
    CLARIFICATION = "clarification", _("Clarification")
    UPDATE = "update", _("Update")
    NOTE = "note", _("Editor’s note")
    RETRACTION = "retraction", _("Retraction")
    MINOR = "minor", _("Minor edit")

    @property
    def definition(self) -> str:
        return str(_DEFINITIONS[self])

    @property
    def plural(self) -> str:
        return str(_PLURALS[self])

    def heading(self, count: int) -> str:
        """Return the heading of a list with `count` changes of this kind."""
        return str(self.label) if count == 1 else self.plural


class ChangedFact(models.TextChoices):
    """What the detector found in a change that its editor called minor. The labels are sentences for readers."""

    FIGURE = "figure", _("A figure changed.")
    DATE = "date", _("A date changed.")
    NAME = "name", _("A name changed.")
    NEGATION = "negation", _("A negation changed.")
    QUOTATION = "quotation", _("A quotation changed.")
    MEANING = "meaning", _("A word was replaced by its opposite.")


_DEFINITIONS = {
    ChangeKind.CORRECTION: _("Something was wrong."),
    ChangeKind.CLARIFICATION: _("Correct, but open to misunderstanding."),
    ChangeKind.UPDATE: _("There is news."),
    ChangeKind.NOTE: _("Readers should know something about the article."),
    ChangeKind.RETRACTION: _("A passage or the article is withdrawn."),
    ChangeKind.MINOR: _("Spelling or layout. The meaning is the same."),
}
_PLURALS = {
    ChangeKind.CORRECTION: _("Corrections"),
    ChangeKind.CLARIFICATION: _("Clarifications"),
    ChangeKind.UPDATE: _("Updates"),
    ChangeKind.NOTE: _("Editor’s notes"),
    ChangeKind.RETRACTION: _("Retractions"),
    ChangeKind.MINOR: _("Minor edits"),
}
# Shown above the text, and as "Corrected" or "Retraction" in lists.
PROMINENT = frozenset({ChangeKind.CORRECTION, ChangeKind.RETRACTION})
# Listed on the page of corrections. An update is news, not a mistake.
LISTED = (ChangeKind.CORRECTION, ChangeKind.CLARIFICATION, ChangeKind.NOTE, ChangeKind.RETRACTION)


def fact_sentences(changed_facts: str) -> str:
    """Return sentences for readers, such as “A figure changed.”, from the column `Correction.changed_facts`."""
    return " ".join(str(ChangedFact(fact).label) for fact in changed_facts.split(",") if fact)


class CorrectionQuerySet(AppendOnlyQuerySet["Correction"]):
    def public(self, now: datetime | None = None) -> Self:
        """Return those that readers can see, including superseded ones: of versions that appeared, not withdrawn."""
        now = now or timezone.now()
        return self.filter(
            not_withdrawn(now, "version__article__"), version__public_from__lte=now, version__superseded_at=None
        )

    def appeared(self, now: datetime | None = None) -> Self:
        """Return those that readers have seen, also of articles that were withdrawn later."""
        now = now or timezone.now()
        withdrawn_at = "version__article__withdrawn_at"
        seen = Q(**{withdrawn_at: None}) | Q(**{f"{withdrawn_at}__gt": now})
        seen |= Q(**{f"{withdrawn_at}__gte": F("version__public_from")})
        return self.filter(seen, version__public_from__lte=now, version__superseded_at=None)

    def in_effect(self) -> Self:
        """Return those that no other supersedes."""
        return self.filter(superseded_by=None)

    def listed(self, now: datetime | None = None) -> Self:
        """Return those of the kinds on the page of corrections that appeared, newest first, with what it shows.

        `number` is that of the version as readers count.
        """
        shown = self.appeared(now).filter(kind__in=LISTED).select_related("version__article", "superseded_by")
        shown = shown.annotate(number=reader_number_at("version__"))
        return shown.order_by("-version__public_from", "-pk").only(
            "kind", "superseded_by__made_at", "version__public_from", "version__number", "version__note",
            "version__article__slug", "version__article__uuid", "version__article__withdrawn_at",
        )  # fmt: skip


class Correction(AppendOnly):
    version = models.OneToOneField(Version, models.PROTECT, related_name="correction")
    kind = models.CharField(max_length=13, choices=ChangeKind)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    # Values of ChangedFact with commas, only for a minor edit: then the sentence says why it is minor nevertheless.
    changed_facts = models.CharField(max_length=60, blank=True, default="")
    digest = models.CharField(max_length=64)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="correction_kind_valid"),
            models.CheckConstraint(condition=~Q(supersedes=F("id")), name="correction_supersedes_another"),
            models.CheckConstraint(
                condition=Q(changed_facts="") | Q(kind=ChangeKind.MINOR), name="correction_facts_of_minor_edits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_label}: {self.sentence}"

    @property
    def kind_label(self) -> str:
        return str(ChangeKind(self.kind).label)

    @property
    def sentence(self) -> str:
        """The public sentence."""
        return self.version.note

    @property
    def is_superseded(self) -> bool:
        return hasattr(self, "superseded_by")

    @property
    def superseded_number(self) -> int | None:
        """The number of the version with the correction that this one supersedes."""
        return self.supersedes.version.number if self.supersedes is not None else None
