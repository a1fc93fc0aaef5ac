"""Merging a topic into another. The merged topic keeps its row, and its URL redirects."""

from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from articles.models import Article, Topic, TopicEntry
from articles.services.denormalise import rerender_showing_later


class MergeError(Exception):
    """The topics cannot be merged. The message is a sentence for an editor."""


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """What a merge changes: articles with the topic (`both`: that have the other, too), how many of them are `public`
    or scheduled, and the topics `merged_before` into this one."""

    articles: int
    both: int
    public: int
    merged_before: int


def merge_summary(topic: Topic, into: Topic) -> MergeSummary:
    return MergeSummary(
        articles=topic.articles.count(),
        both=topic.articles.filter(pk__in=Article.topics.through.objects.filter(topic=into).values("article")).count(),
        public=TopicEntry.objects.filter(topic=topic).values("article").distinct().count(),
        merged_before=topic.merged.count(),
    )


@transaction.atomic
def merge_topics(*, topic: Topic, into: Topic) -> None:
    """Replace `topic` with `into` everywhere, permanently. Refreshes both.

    Moves articles and list rows. The URLs of `topic` and of topics merged into it redirect to `into`. The content of
    versions does not change; they are rendered again with `into` after commit. Raises MergeError.
    """
    # Locked in a fixed order, so that two opposite merges cannot deadlock.
    rows = Topic.objects.select_for_update().order_by("pk").filter(pk__in=[topic.pk, into.pk])
    locked = {row.pk: row for row in rows}
    if topic.pk == into.pk:
        raise MergeError(_("A topic cannot be merged into itself. Choose a different one."))
    if len(locked) < 2:
        raise MergeError(_("One of the topics no longer exists."))
    for row in locked.values():
        if row.merged_into is not None:
            raise MergeError(
                _("“%(row)s” was already merged into “%(merged_into)s”.") % {"row": row, "merged_into": row.merged_into}
            )
    links = Article.topics.through.objects
    links.filter(topic=topic, article__in=links.filter(topic=into).values("article")).delete()
    links.filter(topic=topic).update(topic=into)
    entries = TopicEntry.objects
    entries.filter(topic=topic, version__in=entries.filter(topic=into).values("version")).delete()
    entries.filter(topic=topic).update(topic=into)
    Topic.objects.filter(merged_into=topic).update(merged_into=into)
    merged = locked[topic.pk]
    merged.merged_into = locked[into.pk]
    merged.save(update_fields=["merged_into"])
    transaction.on_commit(partial(rerender_showing_later.enqueue, "topic", into.pk))
    topic.refresh_from_db()
    into.refresh_from_db()
