"""All publications of a period by use of AI and review, with their entries in the log. For publishers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import batched

from django.utils import timezone

from articles.models import Version
from articles.models.versions import VersionQuerySet
from articles.presenters.log_places import log_places
from articles.presenters.responsibility import reviewer
from articles.responsibility import AILabel, AIUse, Judgement, uses_in
from articles.seo.meta import absolute_url
from truthlytics.web.canonical_json import format_time

BATCH = 500
COLUMNS = (
    "time",
    "uuid",
    "version",
    "entry",
    "digest",
    "headline",
    "url",
    "ai_uses",
    "labels",
    "reviews",
    "responsible",
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that readers have seen. `entry` is its place in the log, None while it has none."""

    version: Version
    entry: int | None

    @property
    def uses(self) -> list[str]:
        return [str(use) for use in uses_in(self.version.head)]

    @property
    def use_labels(self) -> str:
        return ", ".join(str(AIUse(use).label) for use in self.uses if use in AIUse.values)

    @property
    def labels(self) -> tuple[AILabel, ...]:
        return Judgement.of(self.version.head).labels

    @property
    def reviews(self) -> list[str]:
        return [reviewer(review) for review in self._reviews(True)]

    @property
    def earlier_reviews(self) -> list[str]:
        """Who has reviewed an earlier text, if this one was not reviewed."""
        return [reviewer(review) for review in self._reviews(False)]

    def _reviews(self, of_this_text: bool) -> Iterator[dict[str, str]]:
        return (one for one in self.version.head.get("reviews", ()) if one["of_this_text"] is of_this_text)

    def as_row(self) -> list[object]:
        version = self.version
        responsible = {one["responsible"] for one in self._reviews(True) if one["responsible"]}
        return [
            format_time(version.public_from),
            str(version.article.uuid),
            version.number,
            self.entry,
            version.digest,
            version.headline,
            absolute_url(version.article.get_absolute_url()),
            " ".join(self.uses),
            " ".join(self.labels),
            "; ".join(self.reviews),
            "; ".join(sorted(responsible)),
        ]


def versions_between(first: date, last: date) -> VersionQuerySet:
    """Return the versions of articles that became public from `first` to `last`, both included, oldest first."""
    start, end = _midnight(first), _midnight(last + timedelta(days=1))
    versions = Version.objects.was_public().filter(public_from__gte=start, public_from__lt=end)
    shown = versions.select_related("article").only("article__uuid", "article__slug", *_SHOWN)
    return shown.order_by("public_from", "pk")


_SHOWN = ("article", "number", "public_from", "digest", "headline", "head")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def publications(versions: Iterable[Version]) -> Iterator[Publication]:
    """Yield the versions with their places in the log. A query for each batch."""
    for batch in batched(versions, BATCH):
        positions = log_places({version.article.uuid for version in batch})
        for version in batch:
            yield Publication(version, positions.get((version.article.uuid, version.number)))


def counts(versions: VersionQuerySet) -> dict[str, int]:
    """Return how many publications state each use, by its label, and how many have a label or a review."""
    uses: Counter[str] = Counter()
    for head in versions.values_list("head", flat=True).iterator():
        uses.update(uses_in(head) or ["not stated"])
        uses["label"] += bool(Judgement.of(head).labels)
        uses["reviewed"] += any(review["of_this_text"] for review in head.get("reviews", ()))
    return dict(uses)


def csv_rows(versions: VersionQuerySet) -> Iterator[Iterable[object]]:
    yield COLUMNS
    for publication in publications(versions.iterator(chunk_size=BATCH)):
        yield publication.as_row()
