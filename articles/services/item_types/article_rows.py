"""Set the series and bylines of an article from the content of a version."""

from articles.models import Article, Author, Byline, Series
from truthlytics.web.types import JsonObject

MAX_SERIES_PART = 32767


def set_series(article: Article, wanted: JsonObject | None) -> None:
    """Set the series and part. If another article has that part by now, use the next free one."""
    series = Series.objects.filter(uuid=wanted["uuid"]).first() if wanted else None
    part = None
    if series is not None and wanted is not None:
        part = min(wanted["part"], MAX_SERIES_PART)
        if not part or series.articles.filter(series_part=part).exclude(pk=article.pk).exists():
            part = series.next_part()
    article.series, article.series_part = series, part


def set_bylines(article: Article, wanted: list[str]) -> None:
    authors = {str(author.uuid): author for author in Author.objects.filter(uuid__in=wanted)}
    article.bylines.exclude(author__uuid__in=wanted).delete()
    for position, uuid in enumerate((uuid for uuid in wanted if uuid in authors), start=1):
        Byline.objects.update_or_create(article=article, author=authors[uuid], defaults={"position": position})
