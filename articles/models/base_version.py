"""What the published versions of articles, dossiers and pages have in common."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet

# Characters of the reason for which a text was removed.
REASON_LENGTH = 300


class BaseVersionQuerySet[Row: "BaseVersion"](AppendOnlyQuerySet[Row]):
    def was_public(self, now: datetime | None = None) -> Self:
        """Return the versions that readers have seen by `now`, oldest first, without superseded scheduled versions."""
        return self.filter(public_from__lte=now or timezone.now(), superseded_at=None).order_by("number")


class BaseVersion(AppendOnly):
    """A link of the digest chain of its item (see `articles.integrity`). `content` is None after redaction."""

    changeable = {"superseded_at"}
    # The columns derived from the content that redaction empties, with their values after it.
    redacted: ClassVar[dict[str, object]] = {}

    content: Any
    document_links: Any
    number = models.PositiveIntegerField()
    public_from = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text=_("What changed, for readers."))
    content_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    # Set on a scheduled version that was replaced or unscheduled before its time.
    superseded_at = models.DateTimeField(null=True, blank=True)
    # Why the content was removed, for readers.
    removal_reason = models.CharField(max_length=REASON_LENGTH, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def was_public(self) -> bool:
        """Whether readers have seen it, as in `BaseVersionQuerySet.was_public`."""
        return self.superseded_at is None and self.public_from <= timezone.now()

    def redact(self, reason: str) -> None:
        """Remove the content and everything derived from it, and store the reason for readers. The digests stay."""
        columns = {"content": None, "removal_reason": reason, **self.redacted}
        for name, value in columns.items():
            setattr(self, name, value)
        # The only change of a published content.
        models.Model.save(self, update_fields=columns)


# What the digest chain is computed from, and what its verification reports.
CHAIN_COLUMNS = ("content", *(field.name for field in BaseVersion._meta.fields if field.name != "created_by"))
