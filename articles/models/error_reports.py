"""Errors in published articles that readers have reported."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models.corrections import Correction
from articles.models.remarks import Remark
from articles.models.versions import Version
from articles.richtext.anchors import CONTEXT_LENGTH, MAX_QUOTE_LENGTH, Anchor
from truthlytics.web.users import User

MAX_TEXT_LENGTH = 4000
MAX_SOURCE_LENGTH = 1000
MAX_NAME_LENGTH = 80
# How long the address and the name of the reader are kept.
RETENTION = timedelta(days=365)


class ReportState(models.TextChoices):
    OPEN = "open", _("Open")
    DRAFTED = "drafted", _("Correction in progress")
    CORRECTED = "corrected", _("Corrected")
    ANSWERED = "answered", _("Answered")
    DISMISSED = "dismissed", _("Dismissed")


WAITING = (ReportState.OPEN, ReportState.DRAFTED)
# Closed with a correction or an answer, as readers expect. Dismissed reports are not.
SETTLED = (ReportState.CORRECTED, ReportState.ANSWERED)


class ErrorReportQuerySet(models.QuerySet["ErrorReport"]):
    def waiting(self) -> Self:
        """Return the reports that are not closed yet, oldest first."""
        return self.filter(state__in=WAITING).order_by("created_at", "pk")

    def settled(self) -> Self:
        """Return the reports that were answered or led to a correction."""
        return self.filter(state__in=SETTLED)

    def drafted(self, article_id: int) -> Self:
        """Return the reports that the next correction of an article may settle, oldest first."""
        return self.filter(state=ReportState.DRAFTED, version__article=article_id).order_by("created_at", "pk")

    def with_headline(self) -> Self:
        """Fetch the headline and the slug of the article, and the names of the users who handled the report."""
        related = self.select_related("version__article", "drafted_by", "closed_by")
        own = [field.name for field in self.model._meta.concrete_fields]
        users = ("drafted_by__display_name", "closed_by__display_name")
        return related.only(*own, "version__article__headline", "version__article__slug", "version__number", *users)

    def median_time(self) -> tuple[timedelta, int] | None:
        """Return the median time from the report to the answer or correction, and of how many; None if of none.

        Two queries.
        """
        durations = self.settled().annotate(duration=F("closed_at") - F("created_at")).order_by("duration")
        count = durations.count()
        middle = list(durations.values_list("duration", flat=True)[max(0, (count - 1) // 2) : count // 2 + 1])
        return (sum(middle, timedelta()) / len(middle), count) if count else None


class ErrorReport(models.Model):
    """An error in the text of `version`, as a reader reported it.

    The reader's account is not stored. `quote` is the passage as the reader entered it; `prefix`, `suffix` and
    `position` are those in the version. Readers who enter a `name` agree to be thanked by name, in public.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="error_reports")
    # Set by the form, so that a double click creates only one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quote = models.TextField(_("passage"), blank=True, max_length=MAX_QUOTE_LENGTH)
    prefix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    suffix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    position = models.PositiveIntegerField(default=0)
    text = models.TextField(_("what is wrong"), max_length=MAX_TEXT_LENGTH)
    source = models.TextField(_("source"), blank=True, max_length=MAX_SOURCE_LENGTH)
    email = models.EmailField(_("email address"), blank=True)
    name = models.CharField(_("name"), blank=True, max_length=MAX_NAME_LENGTH)
    created_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)

    state = models.CharField(_("state"), max_length=9, choices=ReportState, default=ReportState.OPEN, editable=False)
    drafted_at = models.DateTimeField(null=True, blank=True, editable=False)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    remark = models.ForeignKey(Remark, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    # The correction published with this version (its number in the record) or a later one settles the report.
    settled_from = models.PositiveIntegerField(null=True, blank=True, editable=False)
    correction = models.ForeignKey(
        Correction, models.PROTECT, null=True, blank=True, editable=False, related_name="error_reports"
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    # The answer that was emailed, or the reason for dismissing the report.
    answer = models.TextField(_("answer"), blank=True, max_length=MAX_TEXT_LENGTH, editable=False)

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("error report")
        verbose_name_plural = _("error reports")
        indexes = [
            models.Index(fields=["state", "created_at"], name="error_report_by_age"),
            models.Index(fields=["closed_at"], name="error_report_closed", condition=Q(closed_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="error_report_state_valid"),
            models.CheckConstraint(
                condition=Q(state__in=WAITING, closed_at=None) | Q(~Q(state__in=WAITING), closed_at__isnull=False),
                name="error_report_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.CORRECTED, correction__isnull=False)
                | Q(~Q(state=ReportState.CORRECTED), correction=None),
                name="error_report_corrected_has_correction",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.DRAFTED) | Q(drafted_at__isnull=False),
                name="error_report_drafted_has_time",
            ),
        ]

    def __str__(self) -> str:
        # Without what the reader wrote: names of rows are copied to the audit log.
        return gettext("Error report %(number)s") % {"number": self.pk}

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.quote, self.prefix, self.suffix, self.position)

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    def close(self, state: str, *, by: User | None, at: datetime, **fields: object) -> None:
        """Store how the report was closed, by whom and when."""
        self.state, self.closed_by, self.closed_at = state, by, at
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["state", "closed_by", "closed_at", *fields])
