"""How many people opened an article in each of its first hours. Only new articles have such rows, and for a month."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from truthlytics.statistics.sums import upsert

HOUR = timedelta(hours=1)
# By the clock: the first of them has begun before the article was published.
FIRST_HOURS = 48
HOURS_KEPT = timedelta(days=30)

# The start of the hour, article, and "people" or "halves".
type ArticleHourKey = tuple[datetime, int, str]


def first_hour(published_at: datetime) -> datetime:
    """Return the start, in UTC, of the hour in which an article was published; zones may be half an hour apart."""
    return timezone.localtime(published_at).replace(minute=0, second=0, microsecond=0).astimezone(UTC)


class ArticleHourQuerySet(models.QuerySet["ArticleHour"]):
    def add(self, numbers: Mapping[ArticleHourKey, int]) -> None:
        """Add to the sums of the first hours of articles, all or none. Safe to run concurrently.

        Later hours of an article are left out.
        """
        if not numbers:
            return
        hours = [at.astimezone(UTC) for at, _article, _name in numbers]
        published_after = min(hours) - HOUR * FIRST_HOURS
        found = Article.objects.filter(published_at__gte=published_after, published_at__lt=max(hours) + HOUR)
        first = {pk: first_hour(at) for pk, at in found.values_list("pk", "published_at").order_by()}
        sums: defaultdict[tuple[int, datetime], Counter[str]] = defaultdict(Counter)
        for at, ((_at, article, name), number) in zip(hours, numbers.items(), strict=True):
            if article in first and 0 <= (at - first[article]) // HOUR < FIRST_HOURS:
                sums[article, at][name] += number
        rows = [(*key, counts["people"], counts["halves"]) for key, counts in sums.items()]
        upsert(self.model, ("article", "at"), ("people", "halves"), rows)

    def delete_old(self, now: datetime) -> int:
        """Delete the hours of more than 30 days ago; return how many there were."""
        return self.filter(at__lt=now - HOURS_KEPT).delete()[0]


class ArticleHour(models.Model):
    """How many people opened `article` in the hour that begins `at`, and how many read to the half in it."""

    # The constraint has an index that begins with it.
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="read_hours", db_index=False)
    at = models.DateTimeField()
    people = models.PositiveIntegerField(default=0)
    halves = models.PositiveIntegerField(default=0)

    objects = ArticleHourQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "at"],
                name="article_hour_unique",
                violation_error_message=_("This article already has a count for this hour."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.people} people of article {self.article_id} from {self.at}"
