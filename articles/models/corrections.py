"""What a change of a published article was: a correction, an update, a minor edit …

The public sentence is the `note` of the version that the change was published with, so that there is one text only.
Rows cannot be changed or deleted: a wrong one is superseded by another, published with a version of its own.
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.publishable import not_withdrawn
from articles.models.versions import Version
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


_DEFINITIONS = {
    ChangeKind.CORRECTION: _("Something was wrong."),
    ChangeKind.CLARIFICATION: _("Correct, but open to misunderstanding."),
    ChangeKind.UPDATE: _("There is news."),
    ChangeKind.NOTE: _("Readers should know something about the article."),
    ChangeKind.RETRACTION: _("A passage or the article is withdrawn."),
    ChangeKind.MINOR: _("Spelling or layout. The meaning is the same."),
}
# Shown above the text, and as "Corrected" in lists.
PROMINENT = frozenset({ChangeKind.CORRECTION, ChangeKind.RETRACTION})
# Listed on the page of corrections. An update is news, not a mistake.
LISTED = (ChangeKind.CORRECTION, ChangeKind.CLARIFICATION, ChangeKind.NOTE, ChangeKind.RETRACTION)


class CorrectionQuerySet(AppendOnlyQuerySet["Correction"]):
    def public(self, now: datetime | None = None) -> Self:
        """Return those that readers can see, including superseded ones: of versions that appeared, not withdrawn."""
        now = now or timezone.now()
        return self.filter(
            not_withdrawn(now, "version__article__"), version__public_from__lte=now, version__superseded_at=None
        )

    def in_effect(self) -> Self:
        """Return those that no other supersedes."""
        return self.filter(superseded_by=None)

    def listed(self, now: datetime | None = None) -> Self:
        """Return the public ones of the kinds on the page of corrections, newest first, with what the page shows."""
        shown = self.public(now).filter(kind__in=LISTED)
        shown = shown.select_related("version__article__live", "version__article__upcoming", "superseded_by")
        article = "version__article__"
        return shown.order_by("-version__public_from", "-pk").only(
            "kind", "superseded_by__made_at", "version__public_from", "version__number", "version__note",
            f"{article}slug", f"{article}uuid", f"{article}upcoming_at",
            f"{article}live__headline", f"{article}live__head",
            f"{article}upcoming__headline", f"{article}upcoming__head",
        )  # fmt: skip


class Correction(AppendOnly):
    version = models.OneToOneField(Version, models.PROTECT, related_name="correction")
    kind = models.CharField(max_length=13, choices=ChangeKind)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    digest = models.CharField(max_length=64)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="correction_kind_valid"),
            models.CheckConstraint(condition=~Q(supersedes=models.F("id")), name="correction_supersedes_another"),
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
        """The number of the version whose correction this one supersedes."""
        return self.supersedes.version.number if self.supersedes is not None else None
