"""Articles that readers have saved for later."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.web.users import User


class SavedArticleQuerySet(models.QuerySet["SavedArticle"]):
    def of(self, user: object) -> Self:
        return self.filter(user=user)


class SavedArticle(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_articles")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="saved_by")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = SavedArticleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-saved_at", "-id"], name="saved_by_user")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "article"],
                name="article_saved_once_per_user",
                violation_error_message=_("You have already saved this article."),
            )
        ]

    def __str__(self) -> str:
        return f"Article {self.article_id}, saved {self.saved_at:%Y-%m-%d}"

    @staticmethod
    def is_saved(user: User, article_id: int) -> bool:
        return SavedArticle.objects.filter(user=user, article=article_id).exists()
