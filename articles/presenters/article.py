"""What the page of an article shows."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import NamedTuple

from django.shortcuts import get_object_or_404
from django.urls import reverse

from articles.media.html import ResponsiveImage
from articles.models import Article, Author, DossierVersionArticle, Version
from articles.models.version_log import VersionLog, VersionLogEntry
from articles.models.versions import FEED_COLUMNS
from articles.presenters.dossiers import DossierTeaser, dossiers_of
from articles.presenters.log_places import log_places
from articles.presenters.related import SeriesPart, related_cards, series_part
from articles.presenters.sources import shown_sources
from articles.presenters.teasers import LONG_HEADLINE
from articles.seo.jsonld import article_breadcrumbs, news_article
from articles.seo.meta import absolute_url, default_of, meta_description, social_lead_image, translations_of
from truthlytics.web.fragments import add_tags, fragment, once
from truthlytics.web.types import TemplateContext

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")

# More authors are named in the byline only.
MAX_AUTHORS = 3
# The columns that the page shows, without the gated text.
ARTICLE_COLUMNS = ("slug", "uuid", "published_at", "live", "upcoming", "upcoming_at", "translation_group")
VERSION_COLUMNS = (*FEED_COLUMNS, "note", "free_notes", "free_sources", "words_free")


class ArticleAuthor(NamedTuple):
    """An author with a page, as the box below the article shows them."""

    name: str
    role: str
    portrait: str
    url: str
    bio: str


class ArticleSummary(NamedTuple):
    """What is needed of an article on each request, even if the rest of its page is in the fragment cache.

    `section` is its slug, or ""; `author_slugs` are those of authors with a page. `words_free` of its `words` are in
    the free part.
    """

    pk: int
    slug: str
    version_id: int
    number: int
    required_level: int
    url: str
    canonical: str
    section: str
    author_slugs: frozenset[str]
    words_free: int
    words: int
    published_at: datetime | None


class GatedPart(NamedTuple):
    """The text, notes and sources behind the gate; empty for readers without access."""

    html: str = ""
    notes: str = ""
    sources: Sequence[dict[str, object]] = ()


class ArticlePage:
    """The article at `slug` with the version served at `now`, loaded on first use."""

    def __init__(self, slug: str, now: datetime) -> None:
        self.slug = slug
        self.now = now

    @cached_property
    def article(self) -> Article:
        """Raises Http404 if no such article is published. Fetches the version in the same query, unless it changes."""
        columns = (*ARTICLE_COLUMNS, *(f"live__{column}" for column in VERSION_COLUMNS))
        articles = Article.objects.published(self.now).select_related("live").only(*columns)
        return get_object_or_404(articles, slug=self.slug)

    @cached_property
    def version(self) -> Version:
        version, pk = self.article.live, self.article.served_id(self.now)
        if version is None or version.pk != pk:
            version = get_object_or_404(Version.objects.only(*VERSION_COLUMNS), pk=pk)
        version.article = self.article
        return version

    def summary(self) -> ArticleSummary:
        article, version = self.article, self.version
        add_tags(f"article:{article.pk}")
        url = article.get_absolute_url()
        return ArticleSummary(
            pk=article.pk,
            slug=article.slug,
            version_id=version.pk,
            number=version.number,
            required_level=version.required_level,
            url=url,
            canonical=absolute_url(url),
            section=(version.head["section"] or {}).get("slug", ""),
            author_slugs=frozenset(byline["slug"] for byline in version.head["bylines"] if byline["slug"]),
            words_free=version.words_free,
            words=version.words_all,
            published_at=article.published_at,
        )

    def context(self, *, full_access: bool) -> TemplateContext:
        """Return what the templates show. `full_access` includes the gated part: only for readers who can read it.

        What takes a query of its own is given as a function, which is called where a template uses it.
        """
        article, version = self.article, self.version
        gated = self.gated_part() if full_access else GatedPart()
        lead = version.head["lead"]
        part = once(partial(series_part, version, self.now))
        version_log = once(self.version_log)
        translations = translations_of(article, version, self.now)
        return {
            "article": article,
            "version": version,
            "gated": gated,
            "notes": gated.notes if gated.html else version.free_notes,
            "sources": shown_sources([*version.free_sources, *gated.sources]),
            "contents": table_of_contents(version.free_html + gated.html),
            "version_log": version_log,
            "lead": ResponsiveImage.from_json(lead) if lead else None,
            "long_headline": len(version.headline) > LONG_HEADLINE,
            "canonical": absolute_url(article.get_absolute_url()),
            "description": meta_description(version),
            "picture": social_lead_image(version),
            "structure": [
                news_article(article, version, version_log(), translations),
                article_breadcrumbs(version),
            ],
            "translations": translations,
            "default_translation": default_of(translations),
            "part": part,
            "related": once(lambda: related_cards(version, self.now, exclude=_shown_with(article, part()))),
            "dossiers": once(self.dossiers),
            "authors": once(self.authors),
            "log_place": once(self.log_place),
        }

    def gated_part(self) -> GatedPart:
        """Fetch the gated part. Call it only for readers who can read it."""
        columns = ("paid_html", "paid_notes", "paid_sources")
        return GatedPart(*Version.objects.filter(pk=self.version.pk).values_list(*columns).get())

    def authors(self) -> list[ArticleAuthor]:
        """Return the authors with a page; none if there are more than fit below the article."""
        bylines = [byline for byline in self.version.head["bylines"] if byline["slug"]]
        if not bylines or len(self.version.head["bylines"]) > MAX_AUTHORS:
            return []
        bios = _bios(*(byline["slug"] for byline in bylines))
        return [
            ArticleAuthor(
                name=byline["name"],
                role=byline["role"],
                portrait=byline["portrait"],
                url=reverse("articles:author", args=[byline["slug"]]),
                bio=bios[byline["slug"]],
            )
            for byline in bylines
            if byline["slug"] in bios
        ]

    def dossiers(self) -> list[DossierTeaser]:
        add_tags("dossiers")
        # Most articles are in no dossier.
        in_dossiers = fragment("articles in dossiers", make=_in_dossiers, tags=["dossiers"])
        return dossiers_of(self.article, self.now) if self.article.pk in in_dossiers else []

    def log_place(self) -> int | None:
        """Return the place of the version in the transparency log, None for a moment after its publication."""
        uuid = self.article.uuid
        return log_places([uuid]).get((uuid, self.version.number))

    def version_log(self) -> VersionLog:
        version = self.version
        if version.number == 1:  # served, so there is no other public version yet
            return VersionLog((VersionLogEntry(1, version.public_from, version.note),))
        return self.article.version_log(self.now)


def _bios(*slugs: str) -> dict[str, str]:
    """The biographies of authors by slug, on one line. One query, for all articles that these authors wrote."""

    def load() -> tuple[tuple[str, str], ...]:
        authors = Author.objects.filter(slug__in=slugs).only("slug", "bio")
        add_tags(*(f"author:{author.pk}" for author in authors))
        return tuple((author.slug, " ".join(author.bio.split())) for author in authors)

    return dict(fragment("bios", *slugs, make=load))


def _in_dossiers() -> frozenset[int]:
    return frozenset(DossierVersionArticle.objects.order_by().values_list("article", flat=True).distinct())


def table_of_contents(html: str) -> list[tuple[str, str, str]]:
    """Return the level ("2" or "3"), anchor and text of each heading. A single heading makes no table of contents."""
    headings = [(level, anchor, _TAG.sub("", heading)) for level, anchor, heading in _HEADING.findall(html)]
    return headings if len(headings) > 1 else []


def _shown_with(article: Article, part: SeriesPart | None) -> list[int]:
    """The articles that the page names already: this one, and its neighbours in the series."""
    return [article.pk, *(version.article_id for version in part.versions)] if part else [article.pk]
