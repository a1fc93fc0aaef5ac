"""What goes with the account of a reader, besides their comments (`deletion.release_comments`)."""

from typing import Any

from django.db import transaction

from comments.models import Appeal, Decision, Follow, ModeratorEmails, Mute, Notification
from comments.services.votes import delete_votes


@transaction.atomic
def forget_reader(*, user: Any, keep_text: bool) -> None:
    """Delete the votes and choices of a reader, and the name in the log of decisions, after `release_comments`.

    Decisions and suspensions stay without the name; the words concerned only if the comment keeps its text.
    """
    delete_votes(user=user)
    for model in (Follow, Mute, Notification, ModeratorEmails):
        model._base_manager.filter(user=user).delete()
    decisions = Decision.objects.filter(writer=user)
    Appeal.objects.filter(decision__in=decisions, answered_at=None).delete()
    if not keep_text:
        Appeal.objects.filter(decision__in=decisions).update(text="")
    decisions.filter(comment__text="").update(words="")
    # Without `before`, an undo cannot bring the comment back.
    decisions.update(writer=None, writer_name="", before={})
