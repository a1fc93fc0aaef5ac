"""Editions of the front page, which never change, and the one draft they are published from."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.homepage.layout import DEFAULT, Layout, parse
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet


class HomepageEditionQuerySet(AppendOnlyQuerySet["HomepageEdition"]):
    def due(self, now: datetime | None = None) -> Self:
        """Return the editions that are due; the first is the one readers get."""
        due = self.filter(public_from__lte=now or timezone.now(), superseded_at=None)
        return due.order_by("-public_from", "-number")

    def scheduled(self, now: datetime | None = None) -> Self:
        """Return the editions scheduled for later, the next one first."""
        return self.filter(public_from__gt=now or timezone.now(), superseded_at=None).order_by("public_from", "number")


class HomepageEdition(AppendOnly):
    changeable = {"superseded_at"}

    number = models.PositiveIntegerField(unique=True)
    public_from = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True, help_text=_("For the newsroom only."))
    # The layout as text, because jsonb would normalise it.
    content = models.TextField()
    # Set when it is unscheduled.
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = HomepageEditionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("front page edition")
        verbose_name_plural = _("front page editions")
        indexes = [models.Index(fields=["-public_from", "-number"], name="edition_by_date")]

    def __str__(self) -> str:
        return gettext("Edition %(number)s") % {"number": self.number}

    @property
    def layout(self) -> Layout:
        return parse(self.content)


def layout_served(now: datetime | None = None) -> Layout:
    """Return the layout that readers get: of the newest due edition, or an automatic one."""
    edition = HomepageEdition.objects.due(now).first()
    return edition.layout if edition else DEFAULT


class HomepageDraft(models.Model):
    """The next edition as the newsroom arranges it. A single row; `version` increases with every change."""

    slot = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0)
    content = models.TextField()
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(slot=1), name="homepage_draft_single_row")]

    def __str__(self) -> str:
        return gettext("Front page draft")

    @classmethod
    def current(cls) -> "HomepageDraft":
        """Return the draft. Before the first save, return what readers see, as version 0."""
        draft = cls.objects.select_related("saved_by").first()
        return draft or cls(content=layout_served().dumps())

    @classmethod
    def locked(cls) -> "HomepageDraft":
        """Return the draft, created if necessary, locked until the transaction ends."""
        cls.objects.get_or_create(slot=1, defaults={"content": layout_served().dumps()})
        return cls.objects.select_for_update().get()

    @property
    def layout(self) -> Layout:
        return parse(self.content)
