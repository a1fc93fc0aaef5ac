"""Redirects from previous URLs, on this site or the one it was imported from.

They lead to an article, a page, a dossier or an image, or to what lists articles: a section, topic, author or series,
or the archive.
"""

import re
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self, cast
from urllib.parse import unquote

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles.models.articles import Article
from articles.models.authors import Author
from articles.models.dossiers import Dossier
from articles.models.image_usage import ImageUsage
from articles.models.media import Image, Rendition
from articles.models.pages import Page
from articles.models.sections import Section, Topic
from articles.models.series import Series

Target = Article | Page | Dossier | Image | Section | Topic | Author | Series
# Those that are always public.
LISTS = ("section", "topic", "author", "series")
ITEMS = ("article", "page", "dossier")
TARGETS = (*ITEMS, *LISTS, "image")
# The archive, which has no row.
ARCHIVE = "to_archive"
# A topic that was merged: the redirect leads straight to the other one.
MERGED = "topic__merged_into"
# Query parameters that named a page of the old site, as in `/?p=7`. Their values are numbers.
PAGE_PARAMETERS = ("p", "page_id", "attachment_id", "cat", "tag_id", "author")
MAX_NUMBER_LENGTH = 20


def only_target(name: str) -> Q:
    """Return the condition that a redirect leads to `name` and to nothing else."""
    return Q(**{f"{target}__isnull": target != name for target in TARGETS}, to_archive=name == ARCHIVE)


class RedirectQuerySet(models.QuerySet["Redirect"]):
    def to_public(self, now: datetime | None = None) -> Self:
        """Return the redirects to what is or was public, so that none reveals a draft."""
        now = now or timezone.now()
        seen = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gte=F("article__published_at"))
        article = seen & Q(article__published_at__lte=now)
        page = Q(page__in=Page.objects.published(now)) | Q(page__in=Page.objects.gone(now))
        dossier = Q(dossier__in=Dossier.objects.published(now)) | Q(dossier__in=Dossier.objects.gone(now))
        lists = reduce(or_, (Q(**{f"{name}__isnull": False}) for name in LISTS))
        # Originals are private: only what a version shows that is or was public has an address.
        shown = ImageUsage.objects.filter(image=OuterRef("image"), version__public_from__lte=now)
        redirects = self.filter(
            article | page | dossier | lists | Q(to_archive=True) | Q(image__isnull=False) & Exists(shown)
        )
        slugs = (f"{name}__slug" for name in (*ITEMS, *LISTS, MERGED))
        return redirects.select_related(*TARGETS, MERGED).only("path", "query", ARCHIVE, "image__sha256", *slugs)

    def find(self, path: str, *queries: str) -> "Redirect | None":
        """Return the redirect of `path` to what is or was public, preferably one with a query, or None."""
        found = self.filter(path=path, query__in=queries)
        # Most addresses that are not found have none, and finding out what is public takes ten times as long.
        return found.to_public().order_by("-query").first() if found.exists() else None


class Redirect(models.Model):
    """A permanent redirect. `path` is percent-decoded and has no trailing slash; see `normalise`.

    With a `query`, such as `p=7`, it is only for requests with this parameter, and comes before the page at `path`.
    """

    path = models.CharField(max_length=500)
    query = models.CharField(max_length=40, blank=True, default="", db_default="")
    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="redirects")
    page = models.ForeignKey(Page, models.CASCADE, null=True, blank=True, related_name="redirects")
    dossier = models.ForeignKey(Dossier, models.CASCADE, null=True, blank=True, related_name="redirects")
    image = models.ForeignKey(Image, models.CASCADE, null=True, blank=True, related_name="redirects")
    section = models.ForeignKey(Section, models.CASCADE, null=True, blank=True, related_name="redirects")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="redirects")
    author = models.ForeignKey(Author, models.CASCADE, null=True, blank=True, related_name="redirects")
    series = models.ForeignKey(Series, models.CASCADE, null=True, blank=True, related_name="redirects")

    to_archive = models.BooleanField(_("archive"), default=False, db_default=False)

    objects = RedirectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["path", "query"],
                name="redirect_unique",
                violation_error_message=_("This URL already redirects."),
            ),
            models.CheckConstraint(
                condition=reduce(or_, map(only_target, (*TARGETS, ARCHIVE))),
                name="redirect_has_one_target",
                violation_error_message=_("Choose one target, and only one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def target(self) -> Target | Promise:
        """What it leads to. For a topic that was merged into another, the other one; for the archive, its name."""
        if self.to_archive:
            return _("archive")
        target: Target = next(filter(None, (getattr(self, name) for name in TARGETS)))  # guaranteed by the constraint
        return target.survivor if isinstance(target, Topic) else target

    @property
    def target_url(self) -> str:
        """The URL that it leads to: of an image, that of its largest file. "" if the image has none yet."""
        if self.to_archive:
            return reverse("articles:archive")
        target = cast(Target, self.target)
        if not isinstance(target, Image):
            return target.get_absolute_url()
        jpegs = target.renditions.filter(original=target.sha256, format=Rendition.Format.JPEG)
        largest = jpegs.order_by("-width").first()
        return largest.file.url if largest else ""

    @staticmethod
    def page_query(query: QueryDict) -> str:
        """Return the parameter of `query` that named a page of the old site, as it is stored; "" if there is none."""
        for name in PAGE_PARAMETERS:
            value = query.get(name, "")
            if value.isascii() and value.isdecimal() and len(value) <= MAX_NUMBER_LENGTH:
                return f"{name}={value}"
        return ""

    @staticmethod
    def decoded(path: str) -> str:
        """Return a percent-encoded path as requests have it: what is no UTF-8, such as half a letter, stays encoded."""
        text = unquote(path, errors="surrogateescape")
        return re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", text)

    @staticmethod
    def normalise(path: str) -> str:
        """Return the path in the form in which it is stored and looked up."""
        return "/" + path.split("?", 1)[0].split("#", 1)[0].strip("/")
