"""Two topics become one: the merged one keeps its row and its address, and leads on."""

from dataclasses import dataclass
from functools import partial

from django.db import transaction

from articles.models import Article, Topic, TopicEntry
from articles.services.denormalise import rerender_showing_later


class MergeError(Exception):
    """The message says why not, as a sentence for an editor."""


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """What a merge moves: articles that have the topic (of them `both` have the other too), the pieces of them that
    readers have or will have, and topics that were merged into it before."""

    articles: int
    both: int
    pieces: int
    before: int


def merge_summary(topic: Topic, into: Topic) -> MergeSummary:
    return MergeSummary(
        articles=topic.articles.count(),
        both=topic.articles.filter(pk__in=Article.topics.through.objects.filter(topic=into).values("article")).count(),
        pieces=TopicEntry.objects.filter(topic=topic).values("article").distinct().count(),
        before=topic.merged.count(),
    )


@transaction.atomic
def merge_topics(*, topic: Topic, into: Topic) -> None:
    """Let `into` stand for `topic` from now on, everywhere and for good.

    Articles that have `topic` get `into`, once; lists move with them; its address, and those of what was merged into it
    before, lead to `into`. Versions keep what they say and are drawn with `into`, after the commit. Both are refreshed.
    Raises MergeError for a topic and itself, and where one of the two was merged already.
    """
    # In one order, so that two who merge the same two crosswise wait for one another rather than for ever.
    locked = {
        found.pk: found for found in Topic.objects.select_for_update().order_by("pk").filter(pk__in=[topic.pk, into.pk])
    }
    if topic.pk == into.pk:
        raise MergeError("A topic cannot be merged into itself. Choose another.")
    if len(locked) < 2:
        raise MergeError("One of the two is not there any more.")
    for one in locked.values():
        if one.merged_into is not None:
            raise MergeError(f"“{one}” was merged into “{one.merged_into}” already.")
    has = Article.topics.through.objects
    has.filter(topic=topic, article__in=has.filter(topic=into).values("article")).delete()
    has.filter(topic=topic).update(topic=into)
    lines = TopicEntry.objects
    lines.filter(topic=topic, version__in=lines.filter(topic=into).values("version")).delete()
    lines.filter(topic=topic).update(topic=into)
    Topic.objects.filter(merged_into=topic).update(merged_into=into)
    merged = locked[topic.pk]
    merged.merged_into = locked[into.pk]
    merged.save(update_fields=["merged_into"])
    transaction.on_commit(partial(rerender_showing_later.enqueue, "topic", into.pk))
    topic.refresh_from_db()
    into.refresh_from_db()
