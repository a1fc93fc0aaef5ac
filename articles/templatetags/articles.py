"""Template tags and filters for articles in lists and page heads."""

import html
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from articles.access import Level
from articles.media.html import ResponsiveImage, picture_tag
from articles.media.renditions import responsive_image
from articles.models import Article, Image, PageVersion, SavedArticle, Version
from articles.presenters import bylines, responsibility
from articles.presenters.article import ArticleSummary
from articles.presenters.menus import FOR_ACCOUNTS, FOR_EMAILS, FOR_ORDERS, LegalText, legal_links, legal_text
from articles.presenters.teasers import dir_attribute, entry, lang_attribute, teaser, teaser_picture
from articles.responsibility import label_sentences
from articles.seo import jsonld
from articles.seo.meta import SocialImage, absolute_url, default_social_image, language_name
from truthlytics.publication.language import language_tag
from truthlytics.web.text import shorten

register = template.Library()
register.simple_tag(absolute_url, name="absolute")
register.simple_tag(jsonld.to_script, name="script_json")
register.simple_tag(bylines.linked, name="bylines")
register.filter("names", bylines.plain)
register.filter("rtl", dir_attribute)
register.filter("lang", lang_attribute)
# Not `language_name`, which is a filter of Django that knows no "" for the publication's language.
register.filter("content_language_name", language_name)
register.filter(shorten)
register.filter(responsibility.reviewer)
register.filter(responsibility.reviewed_for)
register.filter(responsibility.reviewed_at)
register.filter("responsibility", responsibility.responsibility)
register.filter("ai_labels", label_sentences)
register.simple_tag(responsibility.ai_sentences)
register.simple_tag(teaser)
register.simple_tag(teaser_picture)
register.simple_tag(entry)


@register.simple_tag
def picture(picture: ResponsiveImage, alt: str, sizes: str, first: bool = False) -> SafeString:
    return mark_safe(picture_tag(picture, alt, sizes=sizes, first=first))  # noqa: S308


@register.simple_tag
def social_image(picture: SocialImage | str | None) -> SocialImage:
    """Return `picture`, or the default image for pages without one."""
    return picture if isinstance(picture, SocialImage) else default_social_image()


@register.simple_tag
def og_locale(code: str = "") -> str:
    """The language `code`, "" for the publication's, as OpenGraph writes it, such as `en_GB`."""
    tag = language_tag(code).replace("-", "_")
    # OpenGraph's locales have a country.
    return "de_DE" if tag == "de" else tag


@register.simple_tag
def portrait(image: Image) -> SafeString:
    files = responsive_image(image).sources.get("jpeg") or ()
    return format_html('<img src="{}" alt="" width="132" height="132">', files[0][0]) if files else SafeString()


@register.simple_tag
def to_read(number: int) -> list[Version]:
    """The newest articles for new subscribers: first those that only subscribers can read in full. One query."""
    now = timezone.now()
    newest = Article.objects.listed(now).order_by("-published_at", "-id")[: 4 * number]
    versions = [article.as_served(now) for article in newest]
    return sorted(versions, key=lambda version: version.required_level != Level.SUBSCRIBER)[:number]


@register.simple_tag
def legal_pages(use: str) -> list[tuple[str, str]]:
    """Return the labels and paths of the public pages that belong beside `use`: orders, accounts or emails."""
    return legal_links({"orders": FOR_ORDERS, "accounts": FOR_ACCOUNTS, "emails": FOR_EMAILS}[use])


@register.simple_tag
def page_text(version: PageVersion | None) -> LegalText | None:
    """Return the title, text and date of a version of a page; None without a version, or if its text was removed."""
    return legal_text(version) if version is not None else None


@register.simple_tag
def today() -> date:
    """The date in the publication's time zone. `{% now %}` takes no translated format."""
    return timezone.localdate()


@register.inclusion_tag("articles/_save.html", takes_context=True)
def save_button(context: Any, article: ArticleSummary) -> dict[str, object]:
    """Render “Save for later”. Visitors who are not logged in all get the same link, without a query."""
    user = context.get("user")
    known = bool(user and user.is_authenticated)
    saved = known and SavedArticle.is_saved(user, article.pk)
    return {"slug": article.slug, "known": known, "saved": saved, "csrf_token": context.get("csrf_token")}


@register.filter
def has_portraits(bylines: list[dict[str, str]]) -> bool:
    return any(byline["portrait"] for byline in bylines)


@register.filter
def lock(level: int) -> str:
    return str(Level(level).label)


@register.filter
def duration(seconds: int) -> str:
    """Format seconds as audio players do: `4:07`, `1:02:30`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def of(counts: object, article: int) -> int:
    """Return the count of `article` in `counts`, a dictionary by article id; 0 if it is missing."""
    return int(counts.get(article, 0)) if isinstance(counts, dict) else 0


@register.filter
def unescape(text: str) -> str:
    """Unescape a heading taken from rendered HTML; the template escapes it again."""
    return html.unescape(text)


@register.filter
def by_month(versions: Iterable[Version]) -> list[tuple[date, list[Version]]]:
    def month(version: Version) -> date:
        published: Any = version.article.published_at
        return timezone.localtime(published).date().replace(day=1)

    return [(first, list(group)) for first, group in groupby(versions, key=month)]
