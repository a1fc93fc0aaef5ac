"""Readers claim comments that they wrote on another site before those were imported."""

from django.db import transaction

from comments.models import Comment, ImportedEmail
from truthlytics.web.users import User


def count_claimable(user: User) -> int:
    """Return how many imported comments have an address that `user` has confirmed. One query."""
    return ImportedEmail.objects.of(user).count() if user.pk else 0


@transaction.atomic
def claim_comments(*, by: User) -> int:
    """Make `by` the author of the imported comments with an address that they have confirmed. Returns how many.

    The comments get their present name instead of that on the old site, and the addresses are deleted. Who has only
    the same name gets nothing.
    """
    ids = list(ImportedEmail.objects.of(by).values_list("comment", flat=True))
    comments = list(Comment.objects.lock().filter(pk__in=ids, author=None).order_by("pk"))
    for comment in comments:
        comment.author, comment.imported_name = by, ""
        # One by one, because the pages that show them are found by the signals of each.
        comment.save(update_fields=["author", "imported_name"])
    ImportedEmail.objects.filter(comment__in=comments).delete()
    return len(comments)
