"""Emails to writers about moderators' decisions, sent once the decisions can no longer be undone."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from comments.models import Comment, Decision
from comments.services.appeals import appeal_url
from comments.text import render
from truthlytics.publication.mail import send_email

Kind = Decision.Kind
EMAILS = {Kind.REMOVE: "comment_removed", Kind.ASK: "comment_edit_requested", Kind.SUSPEND: "comment_suspended"}


def email_writers(now: datetime) -> int:
    """Email writers about removals, requests to edit and suspensions. Returns the number of emails.

    Sends one email for each decision, however often this runs, and none for decisions that were undone or reversed.
    """
    sent = 0
    for pk in list(Decision.objects.to_email(now).values_list("pk", flat=True)):
        with transaction.atomic():
            sent += _email_writer(pk, now)
    return sent


def _email_writer(pk: int, now: datetime) -> int:
    # An undo locks the row as well, so it either happens before the email or is no longer possible.
    decision = Decision.objects.to_email(now).select_for_update().filter(pk=pk).first()
    if decision is None:
        return 0
    decision.emailed_at = now
    decision.save(update_fields=["emailed_at"])
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
        return comment.is_waiting and comment.edit_requested_at is not None
    return comment.is_removed
