"""Redirects from previous URLs, on this site or the one it was imported from.

They lead to an article, a page or a dossier, or to what lists articles: a section, topic, author or series.
"""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.articles import Article
from articles.models.authors import Author
from articles.models.dossiers import Dossier
from articles.models.pages import Page
from articles.models.sections import Section, Topic
from articles.models.series import Series

Target = Article | Page | Dossier | Section | Topic | Author | Series
# Those that are always public.
LISTS = ("section", "topic", "author", "series")
TARGETS = ("article", "page", "dossier", *LISTS)
# A topic that was merged: the redirect leads straight to the other one.
MERGED = "topic__merged_into"


def only_target(name: str) -> Q:
    """Return the condition that a redirect leads to `name` and to nothing else."""
    return Q(**{f"{target}__isnull": target != name for target in TARGETS})


class RedirectQuerySet(models.QuerySet["Redirect"]):
    def to_public(self, now: datetime | None = None) -> Self:
        """Return the redirects to what is or was public, so that none reveals a draft."""
        now = now or timezone.now()
        seen = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gte=F("article__published_at"))
        article = seen & Q(article__published_at__lte=now)
        page = Q(page__in=Page.objects.published(now)) | Q(page__in=Page.objects.gone(now))
        dossier = Q(dossier__in=Dossier.objects.published(now)) | Q(dossier__in=Dossier.objects.gone(now))
        lists = reduce(or_, (Q(**{f"{name}__isnull": False}) for name in LISTS))
        redirects = self.filter(article | page | dossier | lists)
        slugs = (f"{name}__slug" for name in (*TARGETS, MERGED))
        return redirects.select_related(*TARGETS, MERGED).only("path", *slugs)


class Redirect(models.Model):
    """A permanent redirect. `path` is percent-decoded and has no trailing slash; see `normalise`."""

    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="redirects")
    page = models.ForeignKey(Page, models.CASCADE, null=True, blank=True, related_name="redirects")
    dossier = models.ForeignKey(Dossier, models.CASCADE, null=True, blank=True, related_name="redirects")
    section = models.ForeignKey(Section, models.CASCADE, null=True, blank=True, related_name="redirects")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="redirects")
    author = models.ForeignKey(Author, models.CASCADE, null=True, blank=True, related_name="redirects")
    series = models.ForeignKey(Series, models.CASCADE, null=True, blank=True, related_name="redirects")

    objects = RedirectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, map(only_target, TARGETS)),
                name="redirect_has_one_target",
                violation_error_message=_("Choose one target, and only one."),
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def target(self) -> Target:
        """What it leads to. For a topic that was merged into another, the other one."""
        target: Target = next(filter(None, (getattr(self, name) for name in TARGETS)))  # guaranteed by the constraint
        return target.survivor if isinstance(target, Topic) else target

    @staticmethod
    def normalise(path: str) -> str:
        """Return the path in the form in which it is stored and looked up."""
        return "/" + path.split("?", 1)[0].split("#", 1)[0].strip("/")
