"""The comments on one article as a whole: their number, and when they close."""

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.access import Level


class ThreadQuerySet(models.QuerySet["Thread"]):
    def count_change(self, article_id: int, by: int) -> None:
        """Add `by` to the number of visible comments. Call it in the transaction that changes the comment."""
        self.count_changes([article_id], by)

    def count_changes(self, article_ids: Collection[int], by: int) -> None:
        """Add `by` to the number of visible comments of each of these articles."""
        self.filter(article__in=article_ids).update(visible_count=F("visible_count") + by)

    def counts(self, article_ids: Collection[int]) -> dict[int, int]:
        """Return the number of visible comments by article id, without articles that have no thread or no comments."""
        found = self.filter(article__in=article_ids, is_off=False)
        return dict(found.values_list("article", "visible_count")) if article_ids else {}

    def open(self, now: datetime | None = None) -> Self:
        return self.filter(Q(closes_at=None) | Q(closes_at__gt=now or timezone.now()))


class Thread(models.Model):
    """Created with the first comment or setting. An article without one has no comments and is open for them."""

    article = models.OneToOneField("articles.Article", models.CASCADE, related_name="thread")
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When comments close. Leave blank to keep them open.")
    )
    closed_message = models.CharField(
        max_length=300, blank=True, help_text=_("Shown with the date after comments have closed.")
    )
    is_off = models.BooleanField(_("no comments"), default=False, help_text=_("Hide comments and accept no new ones."))
    required_level = models.PositiveSmallIntegerField(
        _("who may comment"),
        choices=[(level.value, level.label) for level in Level if level],
        null=True,
        blank=True,
        help_text=_("Leave blank to use the rule in the settings."),
    )
    slow_minutes = models.PositiveSmallIntegerField(
        _("slow mode (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 60)],
        help_text=_("Minutes between a reader’s comments. Leave blank for no limit."),
    )
    # Updated with F() in the transaction that changes a comment.
    visible_count = models.PositiveIntegerField(_("visible comments"), default=0, editable=False)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment settings")
        verbose_name_plural = _("comment settings")
        indexes = [
            models.Index(fields=["-visible_count"], name="thread_by_visible_count"),
            models.Index(fields=["closes_at"], name="thread_by_closing", condition=Q(closes_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return gettext("Comments on article %(number)s") % {"number": self.article_id}

    def is_open(self, now: datetime | None = None) -> bool:
        return self.closes_at is None or self.closes_at > (now or timezone.now())
