"""Sources that articles cite. They are found in the text (see `articles.sources`); editors add the details."""

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from articles.models.documents import Document
from articles.models.versions import Version
from truthlytics.web.partial_dates import validate_partial_date

HTTP = ("http://", "https://")


class SourceQuerySet(models.QuerySet["Source"]):
    def by_key(self, keys: Collection[str]) -> dict[str, "Source"]:
        """Return the sources with these keys, with their documents. One query; none without keys."""
        sources = self.filter(key__in=keys).select_related("document") if keys else ()
        return {source.key: source for source in sources}

    def served(self) -> Self:
        """Return the sources that a live or scheduled version cites."""
        served = Q(version__live_in__isnull=False) | Q(version__upcoming_in__isnull=False)
        return self.filter(Exists(Citation.objects.filter(served, source=OuterRef("pk"))))

    def unused(self) -> Self:
        """Return the sources that no version cites."""
        return self.filter(~Exists(Citation.objects.filter(source=OuterRef("pk"))))

    def gone(self) -> Self:
        """Return the sources that are no longer at their addresses and still cited."""
        return self.filter(gone_at__isnull=False).served()

    def to_check(self, checked_before: datetime) -> Self:
        """Return the cited sources on the web last checked before this time or never, the latter first."""
        never_first = models.F("checked_at").asc(nulls_first=True)
        on_the_web = Q(url__startswith=HTTP[0]) | Q(url__startswith=HTTP[1])
        waiting = Q(checked_at=None) | Q(checked_at__lte=checked_before)
        return self.filter(on_the_web, waiting).served().order_by(never_first, "pk")


class Source(models.Model):
    class Kind(models.TextChoices):
        DOCUMENT = "document", _("Document")
        DATA = "data", _("Data")
        INTERVIEW = "interview", _("Interview")
        REPORT = "report", _("Report")
        LAW = "law", _("Law")
        OTHER = "other", _("Other")

    # See `articles.sources.addresses.key_of`.
    key = models.CharField(max_length=64, unique=True, editable=False)
    url = models.CharField(_("address"), max_length=2000, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.OTHER)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    published_on = models.CharField(
        _("published on"),
        max_length=10,
        blank=True,
        validators=[validate_partial_date],
        help_text=_("A day, month or year, such as 20 November 2024."),
    )
    archived_url = models.URLField(
        _("archived copy"),
        max_length=2000,
        blank=True,
        help_text=_("The address of a copy, for example in a web archive. Shown first if the original is gone."),
    )
    accessed_on = models.CharField(_("accessed on"), max_length=10, blank=True, validators=[validate_partial_date])
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="sources", verbose_name=_("document"),
        help_text=_("A copy from the library, for readers. Articles keep its digest."),
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    # When its URL was last requested, since when that fails, and since when the source counts as gone.
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    gone_at = models.DateTimeField(_("gone since"), null=True, blank=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        indexes = [models.Index(fields=["checked_at"], name="source_by_check")]

    def __str__(self) -> str:
        return self.title

    @property
    def copy_url(self) -> str:
        """The address of the copy that readers can open, or ""."""
        return self.archived_url or (self.document.get_absolute_url() if self.document else "")

    def as_content(self, *, is_gated: bool) -> dict[str, object]:
        """Return the details that the content of a version stores."""
        names = ("url", "publisher", "author", "published_on", "archived_url", "accessed_on")
        content: dict[str, object] = {"key": self.key, "title": self.title, "kind": self.kind, "gated": is_gated}
        content |= {name: value for name in names if (value := getattr(self, name))}
        if self.document:
            content["document"] = {"sha256": self.document.sha256, "url": self.document.get_absolute_url()}
        return content


class Citation(models.Model):
    """A source cited by a version, with its number in the list. Derived from the content of the version.

    Drafts have no rows: their sources are only in the text, where `articles.sources.extraction` finds them.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, models.PROTECT, related_name="citations")
    number = models.PositiveIntegerField()
    is_gated = models.BooleanField(default=False)

    class Meta:
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "source"], name="citation_unique"),
            models.UniqueConstraint(fields=["version", "number"], name="citation_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.source_id} in {self.version_id}"
