"""Readers' votes for comments that they find helpful."""

from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from truthlytics.web.users import User


class VoteQuerySet(models.QuerySet["Vote"]):
    def by(self, user: User, comment_ids: Collection[int]) -> set[int]:
        """Return which of these comments `user` finds helpful. No query without a user or comments."""
        if not user.pk or not comment_ids:
            return set()
        return set(self.filter(user=user.pk, comment__in=comment_ids).values_list("comment", flat=True))


class Vote(models.Model):
    """A reader finds a comment helpful. Deleted when they withdraw the vote."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = VoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "user"],
                name="vote_once_per_reader",
                violation_error_message=_("You have already voted for this comment."),
            )
        ]

    def __str__(self) -> str:
        return f"Vote for comment {self.comment_id}"


class ChangedVotes(models.Model):
    """Marks a comment for a new `helpful_count`. Deleted by `manage.py tick` when it has counted the votes."""

    comment = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="+")
    # Updated by each vote, so that counting waits for votes that are still being stored.
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Comment {self.comment_id}"
