"""What a reader wrote and did in the comments, for the export."""

from comments.models import Appeal, Comment, Decision, ImportedEmail, Notification, Report, Suspension, Vote
from subscriptions.models import User
from truthlytics.privacy.rows import Rows, rows_of, url_of
from truthlytics.web.text import split_words
from truthlytics.web.types import AnyRows


def comments(user: User) -> Rows:
    comments = Comment.objects.filter(author=user).select_related("article").prefetch_related("revisions")
    comments = comments.only(*_COMMENT_COLUMNS, "article__slug").order_by("created_at", "pk")
    return [
        {
            "url": url_of(comment),
            "article": url_of(comment.article),
            "written_at": comment.created_at,
            "edited_at": comment.edited_at,
            "state": comment.status,
            "removed_at": comment.removed_at,
            "reason_for_removal": comment.removed_reason,
            "quoted_passage": comment.quote,
            "edit_requested": comment.edit_request,
            "text": comment.text,
            "earlier_texts": [
                {"text": revision.text, "replaced_at": revision.replaced_at} for revision in comment.revisions.all()
            ],
        }
        for comment in comments
    ]


_COMMENT_COLUMNS = split_words("created_at edited_at status removed_at removed_reason quote edit_request text article")


def claimable_comments(user: User) -> Rows:
    """Return the imported comments with an address of the reader, which they can claim."""
    emails = ImportedEmail.objects.of(user).select_related("comment__article").order_by("pk")
    columns = ("created_at", "imported_name", "text", "article__slug")
    emails = emails.only("email", *(f"comment__{name}" for name in columns))
    return [
        {
            "url": url_of(row.comment),
            "article": url_of(row.comment.article),
            "written_at": row.comment.created_at,
            "name": row.comment.imported_name,
            "email": row.email,
            "text": row.comment.text,
        }
        for row in emails
    ]


def reports(user: User) -> Rows:
    reports = Report.objects.filter(reporter=user).select_related("comment").order_by("created_at", "pk")
    return [
        {
            "comment": url_of(report.comment),
            "reason": report.reason,
            "details": report.words,
            "reported_at": report.created_at,
        }
        for report in reports
    ]


def votes(user: User) -> Rows:
    votes = Vote.objects.filter(user=user).select_related("comment").order_by("created_at", "pk")
    return [{"comment": url_of(vote.comment), "voted_at": vote.created_at} for vote in votes]


def articles(chosen: AnyRows) -> Rows:
    rows = chosen.select_related("article").only("created_at", "article__slug").order_by("created_at", "pk")
    return [{"article": url_of(row.article), "since": row.created_at} for row in rows]


def notifications(user: User) -> Rows:
    rows = Notification.objects.filter(user=user).select_related("comment").order_by("created_at", "pk")
    return [{"comment": url_of(row.comment), "kind": row.kind, "sent_at": row.sent_at} for row in rows]


def decisions(user: User) -> Rows:
    """The decisions of moderators about the reader's comments, without the moderators' names."""
    decisions = Decision.objects.filter(writer=user).order_by("created_at", "pk")
    return rows_of(decisions, "kind", "reason", "words", "created_at", "undone_at")


def suspensions(user: User) -> Rows:
    suspensions = Suspension.objects.filter(user=user).order_by("created_at", "pk")
    return rows_of(suspensions, "reason", "created_at", "until", "lifted_at")


def appeals(user: User) -> Rows:
    appeals = Appeal.objects.filter(decision__writer=user).order_by("created_at", "pk")
    return rows_of(appeals, "text", "created_at", "answer", "answered_at", "upheld")
