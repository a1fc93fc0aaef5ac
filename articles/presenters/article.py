"""An article on its page: the little that decides how it is read, and what is drawn of it where that is not kept."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.http import Http404

from articles.media.html import ResponsiveImage
from articles.models import Article, Version
from articles.models.version_log import VersionLog
from articles.presenters.dossiers import DossierTeaser, stories_of
from articles.presenters.related import Part, Related, part_of_series, related_to
from articles.presenters.teasers import LONG_HEADLINE
from articles.seo.jsonld import article_breadcrumbs, news_article
from articles.seo.meta import SocialImage, absolute_url, meta_description, social_lead_image
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragments import mention

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


class Piece(NamedTuple):
    """What is asked of an article before anything is drawn. `pk` and `slug` are the article's, the rest its version's.

    `section` is a slug, or ""; `bylines` are the slugs of its authors. Of its `words`, `words_free` are for everybody.
    """

    pk: int
    slug: str
    version: int
    number: int
    required_level: int
    address: str
    canonical: str
    section: str
    bylines: frozenset[str]
    words_free: int
    words: int


class Paid(NamedTuple):
    """The gated part, fetched only for who may read it."""

    html: str = ""
    notes: str = ""


_published: CompiledObjectQuery[Article] = CompiledObjectQuery(
    lambda slug, now: Article.objects.published(now).filter(slug=slug), "slug", "now"
)


class Served:
    """The article at `slug` and the version of it that is served at `now`, fetched when somebody first asks."""

    def __init__(self, slug: str, now: datetime) -> None:
        self.slug = slug
        self.now = now

    @cached_property
    def article(self) -> Article:
        """Raises Http404 where the public knows of none."""
        if not (found := _published(self.slug, self.now)):
            raise Http404("No published article has this address.")
        return found[0]

    @cached_property
    def version(self) -> Version:
        return self.article.as_served(self.now)

    def piece(self) -> Piece:
        mention(f"article:{self.article.pk}")
        head = self.version.head
        return Piece(
            pk=self.article.pk,
            slug=self.article.slug,
            version=self.version.pk,
            number=self.version.number,
            required_level=self.version.required_level,
            address=self.article.get_absolute_url(),
            canonical=absolute_url(self.article.get_absolute_url()),
            section=(head["section"] or {}).get("slug", ""),
            bylines=frozenset(byline["slug"] for byline in head["bylines"] if byline["slug"]),
            words_free=self.version.words_free,
            words=self.version.words_all,
        )


class Drawn:
    """What the templates draw of it: `whole` with the gated part, for who may read it and nobody else."""

    NAMES = (
        "article", "version", "paid", "notes", "contents", "record", "lead", "long_headline", "canonical",
        "description", "picture", "structure", "part", "related",
        "stories",
    )  # fmt: skip

    def __init__(self, served: Served, *, whole: bool) -> None:
        self._served = served
        self._whole = whole

    @property
    def article(self) -> Article:
        return self._served.article

    @property
    def version(self) -> Version:
        return self._served.version

    @cached_property
    def paid(self) -> Paid:
        if not self._whole:
            return Paid()
        return Paid(*Version.objects.filter(pk=self.version.pk).values_list("paid_html", "paid_notes").get())

    @property
    def notes(self) -> str:
        return self.paid.notes if self.paid.html else self.version.free_notes

    @cached_property
    def contents(self) -> list[tuple[str, str, str]]:
        """The headings of what this reader may read: "2" or "3", anchor and words. One alone is none."""
        html = self.version.free_html + self.paid.html
        found = [(level, anchor, _TAG.sub("", heading)) for level, anchor, heading in _HEADING.findall(html)]
        return found if len(found) > 1 else []

    @cached_property
    def record(self) -> VersionLog:
        return self.article.version_log(self._served.now)

    @property
    def part(self) -> Part | None:
        """Its place in a series. What it depends on is said with each look: more than one fragment draws it."""
        if part := self._part:
            mention(f"series:{self.version.head['series']['slug']}", *_named(part.versions))
        return part

    @property
    def related(self) -> list[Version]:
        """What to read next: other pieces on the same subject."""
        mention(*self._related.tags, *_named(self._related.versions))
        return self._related.versions

    @property
    def stories(self) -> list[DossierTeaser]:
        """The dossiers that tell of it."""
        found = stories_of(self.article, self._served.now)
        mention("dossiers", *(["listing"] if found else []))
        return found

    @cached_property
    def _related(self) -> Related:
        part = self.part
        beside = [self.article.pk, *(other.article_id for other in part.versions)] if part else [self.article.pk]
        return related_to(self.version, self._served.now, without=beside)

    @cached_property
    def _part(self) -> Part | None:
        return part_of_series(self.version, self._served.now)

    @property
    def lead(self) -> ResponsiveImage | None:
        lead = self.version.head["lead"]
        return ResponsiveImage.from_json(lead) if lead else None

    @property
    def long_headline(self) -> bool:
        return len(self.version.headline) > LONG_HEADLINE

    @property
    def canonical(self) -> str:
        return absolute_url(self.article.get_absolute_url())

    @property
    def description(self) -> str:
        return meta_description(self.version)

    @property
    def picture(self) -> SocialImage | None:
        return social_lead_image(self.version)

    @property
    def structure(self) -> list[dict[str, Any]]:
        return [news_article(self.article, self.version), article_breadcrumbs(self.version)]


def _named(versions: Iterable[Version]) -> Iterator[str]:
    """The tags of pieces that are named beside another's text."""
    return (version.teaser_tag for version in versions)
