"""Redirects from previous URLs of articles, dossiers and pages, on this site or the one it was imported from."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.articles import Article
from articles.models.dossiers import Dossier
from articles.models.pages import Page

TARGETS = ("article", "page", "dossier")


class RedirectQuerySet(models.QuerySet["Redirect"]):
    def to_public(self, now: datetime | None = None) -> Self:
        """Return the redirects whose target is or was public, so that none reveals a draft."""
        now = now or timezone.now()
        seen = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gte=F("article__published_at"))
        article = seen & Q(article__published_at__lte=now)
        page = Q(page__in=Page.objects.published(now)) | Q(page__in=Page.objects.gone(now))
        dossier = Q(dossier__in=Dossier.objects.published(now)) | Q(dossier__in=Dossier.objects.gone(now))
        redirects = self.filter(article | page | dossier)
        return redirects.select_related(*TARGETS).only("path", *(f"{name}__slug" for name in TARGETS))


class Redirect(models.Model):
    """A permanent redirect. `path` is percent-decoded and has no trailing slash; see `normalise`."""

    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="redirects")
    page = models.ForeignKey(Page, models.CASCADE, null=True, blank=True, related_name="redirects")
    dossier = models.ForeignKey(Dossier, models.CASCADE, null=True, blank=True, related_name="redirects")

    objects = RedirectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=False, page=None, dossier=None)
                | Q(article=None, page__isnull=False, dossier=None)
                | Q(article=None, page=None, dossier__isnull=False),
                name="redirect_has_one_target",
                violation_error_message=_("Choose either an article, a page or a dossier."),
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def target(self) -> Article | Page | Dossier:
        """The article, page or dossier it leads to."""
        target = self.article or self.page or self.dossier
        assert target is not None  # noqa: S101  guaranteed by the constraint
        return target

    @staticmethod
    def normalise(path: str) -> str:
        """Return the path in the form in which it is stored and looked up."""
        return "/" + path.split("?", 1)[0].split("#", 1)[0].strip("/")
