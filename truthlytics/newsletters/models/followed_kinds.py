"""What readers can follow: one object for each kind, with the name of its column in `Follow`.

Another kind needs a column of `Follow`, an object here, the slot `list_header` on its page, and
its name in the sentence about them in `newsletters/_choices_form.html`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from articles.models import Author, Dossier, DossierVersion, DossierVersionArticle, Section, Series, SeriesEntry, Topic
from articles.models.versions import AuthorEntry, SectionEntry, TopicEntry


class Joined(NamedTuple):
    """An article that belongs to what is followed, since when it does and is public."""

    followed_id: int
    article_id: int
    at: datetime


@dataclass(frozen=True)
class Kind:
    """Things with a name, which list articles in `entries` from their publication on."""

    name: str
    model: Any
    entries: Any
    # What the reader gets.
    label: Any

    def find(self, slug: str, now: datetime) -> Any:
        """Return what readers find at `slug`; None if there is nothing."""
        return self.model.objects.filter(slug=slug).first()

    @property
    def root(self) -> Any:
        """The expression for the id of what it is for readers."""
        return F("pk")

    def same_as(self, pk: int) -> Any:
        """Return the ids of what is the same as `pk` for readers, as a queryset."""
        things = self.model.objects.annotate(root=self.root)
        return things.filter(root__in=things.filter(pk=pk).values("root")).values("pk")

    def names(self, ids: Any, now: datetime) -> Mapping[int, str]:
        """Return the names that readers know, by id. One query. `ids` are a collection or a queryset."""
        return dict(self.model.objects.filter(pk__in=ids).values_list("pk", "name"))

    def joined(self, since: datetime, until: datetime, now: datetime) -> Iterator[Joined]:
        """Yield the public articles that joined after `since` and up to `until`."""
        rows = self.entries.objects.served(now).filter(published_at__gt=since, published_at__lte=until)
        for row in rows.values_list(f"{self.name}_id", "article_id", "published_at"):
            yield Joined(*row)


class TopicKind(Kind):
    """A merged topic is the one that it was merged into."""

    def find(self, slug: str, now: datetime) -> Any:
        topic = Topic.objects.select_related("merged_into").filter(slug=slug).first()
        return topic.survivor if topic is not None else None

    @property
    def root(self) -> Any:
        return Coalesce("merged_into", "pk")

    def names(self, ids: Any, now: datetime) -> Mapping[int, str]:
        topics = Topic.objects.select_related("merged_into").filter(pk__in=ids)
        return {topic.pk: topic.survivor.name for topic in topics}

    def joined(self, since: datetime, until: datetime, now: datetime) -> Iterator[Joined]:
        rows = list(super().joined(since, until, now))
        merged = Topic.objects.filter(merged_into__in={row.followed_id for row in rows})
        yield from rows
        for pk, survivor in merged.values_list("pk", "merged_into"):
            yield from (row._replace(followed_id=pk) for row in rows if row.followed_id == survivor)


class DossierKind(Kind):
    """Dossiers show what was published of them, never the draft. Articles join them long after they were published."""

    def find(self, slug: str, now: datetime) -> Any:
        return Dossier.objects.published(now).filter(slug=slug).first()

    def names(self, ids: Any, now: datetime) -> Mapping[int, str]:
        versions = DossierVersion.objects.was_public(now).filter(dossier__in=ids, content__isnull=False)
        return dict(versions.order_by("number").values_list("dossier", "content__title"))

    def joined(self, since: datetime, until: datetime, now: datetime) -> Iterator[Joined]:
        served = DossierVersionArticle.objects.public(now).filter(version__in=DossierVersion.objects.served(now))
        new = served.filter(Q(version__public_from__gt=since) | Q(article__published_at__gt=since))
        columns = ("version__dossier", "article")
        found = {(dossier, article): at for dossier, article, at in new.values_list(*columns, "article__published_at")}
        if not found:
            return
        versions = DossierVersion.objects.was_public(now).filter(dossier__in={dossier for dossier, _article in found})
        rows = DossierVersionArticle.objects.filter(version__in=versions.order_by())
        added = rows.order_by().values_list(*columns).annotate(at=Min("version__public_from"))
        for dossier, article, at in added:
            if (dossier, article) in found:
                at = max(at, found[dossier, article])
                if since < at <= until:
                    yield Joined(dossier, article, at)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("author", Author, AuthorEntry, _("New articles by %(name)s")),
        TopicKind("topic", Topic, TopicEntry, _("New articles on %(name)s")),
        Kind("section", Section, SectionEntry, _("New articles in the section %(name)s")),
        Kind("series", Series, SeriesEntry, _("New parts of the series %(name)s")),
        DossierKind("dossier", Dossier, DossierVersionArticle, _("New articles in the dossier “%(name)s”")),
    )
}
