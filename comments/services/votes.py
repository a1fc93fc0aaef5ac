"""Readers' votes for comments that they find helpful."""

from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from comments.models import ChangedVotes, Comment, Vote
from comments.signals import votes_counted
from truthlytics.web.users import User

BATCH = 500


@transaction.atomic
def toggle_vote(*, comment: Comment, user: User) -> bool:
    """Add the vote of `user` for `comment`, or withdraw it. Returns whether there is a vote now.

    Safe to call concurrently: there is at most one vote. Pages do not change until `count_changed` counts it.
    """
    # First, because it locks the row: votes for the same comment and their count run one after the other.
    _mark_changed([comment.pk])
    withdrawn, _rows = Vote.objects.filter(comment=comment, user=user).delete()
    if not withdrawn:
        Vote.objects.bulk_create([Vote(comment=comment, user=user)], ignore_conflicts=True)
    return not withdrawn


@transaction.atomic
def delete_votes(*, user: User) -> int:
    """Delete all votes of a deleted account. Returns their number."""
    voted = sorted(Vote.objects.filter(user=user).values_list("comment", flat=True))
    _mark_changed(voted)
    Vote.objects.filter(user=user).delete()
    return len(voted)


@transaction.atomic
def count_changed(now: datetime) -> int:
    """Update the `helpful_count` of comments with changed votes. Returns how many counts changed.

    Each thread is purged once, however many votes there were.
    """
    due = ChangedVotes.objects.filter(changed_at__lte=now).select_for_update().order_by("pk")
    articles: list[int] = []
    for ids in batched(list(due.values_list("pk", flat=True)), BATCH):
        counts = dict(Vote.objects.filter(comment__in=ids).order_by().values_list("comment").annotate(Count("pk")))
        comments = Comment.objects.filter(pk__in=ids).only("article", "helpful_count").order_by("pk")
        changed = [comment for comment in comments if comment.helpful_count != counts.get(comment.pk, 0)]
        for comment in changed:
            comment.helpful_count = counts.get(comment.pk, 0)
        Comment.objects.bulk_update(changed, ["helpful_count"])
        ChangedVotes.objects.filter(pk__in=ids).delete()
        articles += [comment.article_id for comment in changed]
    if articles:
        votes_counted.send(sender=None, article_ids=set(articles))
    return len(articles)


def _mark_changed(comment_ids: list[int]) -> None:
    # Locks existing rows as well, because it updates them.
    rows = [ChangedVotes(comment_id=pk, changed_at=timezone.now()) for pk in comment_ids]
    ChangedVotes.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["comment"], update_fields=["changed_at"], batch_size=BATCH
    )
