"""The public translations of an article, as its page links to them."""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import get_language_info

from articles.models import Article, Version
from articles.seo.meta import absolute_url
from truthlytics.publication.language import content_language, language_tag
from truthlytics.web.fragments import add_tags


class Translation(NamedTuple):
    """`name` is the name of the language in that language; `url` is absolute."""

    tag: str
    name: str
    path: str
    url: str
    headline: str
    is_this: bool


def translations_of(article: Article, version: Version, now: datetime) -> list[Translation]:
    """Return the article and its public translations, oldest first; nothing if it has none. At most one query."""
    if article.translation_group is None:
        return []
    add_tags(f"translations:{article.translation_group}")
    others = Article.objects.listed(now).filter(translation_group=article.translation_group).exclude(pk=article.pk)
    versions = [other.as_served(now) for other in others.order_by("published_at", "pk")]
    if not versions:
        return []
    add_tags(*(other.teaser_tag for other in versions))
    return [_translation(version, article, is_this=True), *(_translation(other, other.article) for other in versions)]


def _translation(version: Version, article: Article, *, is_this: bool = False) -> Translation:
    path = article.get_absolute_url()
    return Translation(
        tag=language_tag(version.language),
        name=language_name(version.language),
        path=path,
        url=absolute_url(path),
        headline=version.headline,
        is_this=is_this,
    )


def default_of(translations: list[Translation]) -> str:
    """Return the URL for readers of any other language: the article in the publication's language, else the first."""
    home = language_tag()
    return next((shown.url for shown in translations if shown.tag == home), translations[0].url) if translations else ""


def language_name(code: str) -> str:
    """Return the name of the language `code`, "" for the publication's, in that language: “Deutsch”."""
    name = str(get_language_info(content_language(code))["name_local"])
    return name[:1].upper() + name[1:]
