"""Emails about comments: articles that readers follow or mute, notifications, and the choices of moderators."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment


class Follow(models.Model):
    """A reader wants emails about new comments on an article."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="followed_articles")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "article"], name="follow_once_per_reader")]

    def __str__(self) -> str:
        return f"Reader {self.user_id} follows article {self.article_id}"


class Mute(models.Model):
    """A reader wants no emails about comments on an article, not even about replies to their own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="muted_articles")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "article"], name="mute_once_per_reader")]

    def __str__(self) -> str:
        return f"Reader {self.user_id} muted article {self.article_id}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unsent(self, now: datetime | None = None) -> Self:
        return self.filter(sent_at=None, dropped_at=None, created_at__lte=now or timezone.now())

    def sent_since(self, time: datetime) -> Self:
        return self.filter(sent_at__gt=time)


class Notification(models.Model):
    """An email to a reader about a comment. `manage.py tick` sends those to the same reader together."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Replies to your comments")
        MENTION = "mention", _("Comments that mention you")
        FOLLOWED = "followed", _("New comments on articles that you follow")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_notifications")
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=8, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    # When it was found that the reader does not want the email or cannot see the comment.
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=Q(sent_at=None, dropped_at=None), name="notification_unsent"),
            models.Index(fields=["user", "-sent_at"], name="notification_by_last_email"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "comment"], name="one_notification_per_comment"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(sent_at__gte=F("created_at")), name="notification_sent_after_created"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: comment {self.comment_id}"


class ModeratorEmails(models.Model):
    """How often a moderator is emailed about waiting comments. Without a row: hourly."""

    class Frequency(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        HOURLY = "hourly", _("At most once an hour")
        NEVER = "never", _("Never")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="moderator_emails")
    frequency = models.CharField(max_length=8, choices=Frequency, default=Frequency.HOURLY)
    last_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("moderation emails")
        verbose_name_plural = _("moderation emails")

    def __str__(self) -> str:
        return self.get_frequency_display()
