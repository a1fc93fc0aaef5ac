"""Emails to writers about decisions, after the time in which a moderator can undo them."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from comments.models import Comment, Decision
from comments.services.appeals import appeal_url
from comments.text import render
from truthlytics.web.mail import send_email

Kind = Decision.Kind
EMAILS = {Kind.REMOVE: "comment_removed", Kind.ASK: "comment_edit_requested", Kind.SUSPEND: "comment_suspended"}


def tell_writers(now: datetime) -> int:
    """Email writers whose comment was removed or has to be edited, or who were suspended. Returns how many.

    Each is told once, however often this runs, and nobody of what was undone or reversed before.
    """
    told = 0
    for pk in list(Decision.objects.untold(now).values_list("pk", flat=True)):
        with transaction.atomic():
            told += _tell(pk, now)
    return told


def _tell(pk: int, now: datetime) -> int:
    # An undo locks it too, so that it happens either before, or not at all.
    decision = Decision.objects.untold(now).select_for_update().filter(pk=pk).first()
    if decision is None:
        return 0
    decision.told_at = now
    decision.save(update_fields=["told_at"])
    with_article = Comment.objects.select_related("article__live", "article__upcoming")
    comment = with_article.filter(pk=decision.comment_id or 0).first()
    if decision.writer is None or comment is None or not _still_holds(decision, comment, now):
        return 0
    send_email(
        EMAILS[Kind(decision.kind)],
        to=decision.writer.email,
        context={
            "decision": decision,
            "comment": comment,
            "name": decision.writer.display_name,
            "words": decision.words,
            "words_html": render(decision.words),
            "headline": comment.article.served(now).headline,
            "address": f"{settings.SITE_URL}{comment.article.get_absolute_url()}",
            "edit_url": f"{settings.SITE_URL}{reverse('comments:edit', args=[comment.pk])}",
            "appeal_url": appeal_url(decision),
        },
    )
    return 1


def _still_holds(decision: Decision, comment: Comment, now: datetime) -> bool:
    if decision.kind == Kind.SUSPEND:
        return decision.suspension is not None and decision.suspension.is_in_force(now)
    if decision.kind == Kind.ASK:
        return comment.edit_requested_at is not None
    return comment.is_removed
