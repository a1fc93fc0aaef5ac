"""What is saved for later: articles by readers, standing boxes and filters of the article list by editors."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.richtext.vocabulary import ProseField, parse
from truthlytics.web.text import shorten
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


EXCERPT_LENGTH = 160


class SavedBlock(models.Model):
    """Blocks of an article body under a name. A text gets a copy: later changes here do not reach it."""

    name = models.CharField(_("name"), max_length=80)
    body: "models.TextField[str, str]" = ProseField(_("text"))
    created_at = models.DateTimeField(_("saved"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("saved by"),
    )  # fmt: skip

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved block")
        verbose_name_plural = _("saved blocks")
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="saved_block_name_unique",
                violation_error_message=_("There is a saved block with this name already. Choose another name."),
            ),
            models.CheckConstraint(condition=~Q(body=""), name="saved_block_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def excerpt(self) -> str:
        """The beginning of the text, without markup."""
        return shorten(" ".join(" ".join(parse(self.body).itertext()).split()), EXCERPT_LENGTH)

    def belongs_to(self, user: User) -> bool:
        return self.created_by_id is not None and self.created_by_id == user.pk


NAME_LENGTH, QUERY_LENGTH = 40, 500


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def for_user(self, user: object) -> Self:
        """Return the user's own filters by name. They are private."""
        return self.filter(user=user).order_by("name", "pk")


class SavedFilter(models.Model):
    """The query string of the list, as the list itself writes it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="saved_filter_name_unique",
                violation_error_message=_("You already have a filter with this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name
