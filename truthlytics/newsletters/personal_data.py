"""What is stored about a reader: for the file that they download, and deleted with their account."""

from datetime import datetime

from django.db.models import Q

from subscriptions.models import User
from truthlytics.newsletters.models import KINDS, Address
from truthlytics.newsletters.services.deletion import delete_address, remember_deleted
from truthlytics.privacy.rows import rows_of, url_of


def of_reader(user: User) -> dict[str, object]:
    """What the reader's address signed up for and follows, and the emails it got."""
    address = Address.objects.filter(user=user).first()
    if address is None:
        return {}
    sign_ups = address.sign_ups.select_related("newsletter").order_by("pk")
    follows = address.follows.select_related(*KINDS, "topic__merged_into").order_by("pk")
    deliveries = address.deliveries.select_related("issue__newsletter").order_by("pk")
    articles = address.followed_emails.select_related("article").only("sent_at", "article__slug").order_by("pk")
    events = address.events.order_by("pk")
    return {
        "address": address.email,
        "since": address.created_at,
        "no_emails_because": address.get_suppression_display() if address.suppression else None,
        "no_emails_since": address.suppressed_at,
        "paused_until": address.paused_until,
        "signed_up": [
            {"newsletter": row.newsletter.name}
            | {name: getattr(row, name) for name in ("source", "origin", "asked_at", "confirmed_at", "ended_at")}
            for row in sign_ups
        ],
        "follows": [{"followed": url_of(getattr(row, row.followed[0])), "since": row.since} for row in follows],
        "frequency": address.frequency,
        "emails_turned_off_at": address.follows_stopped_at,
        "issues": [
            {
                "newsletter": row.issue.newsletter.name,
                "subject": row.issue.subject,
                "state": row.state,
                "sent_at": row.submitted_at,
            }
            for row in deliveries
        ],
        "articles_sent": [{"article": url_of(row.article), "sent_at": row.sent_at} for row in articles],
        "reports_of_mail_servers": rows_of(events, "kind", "happened_at", "detail"),
    }


def delete(user: User, email: str, at: datetime) -> None:
    """Delete the address of an account that is deleted, and remember that it was."""
    for address in Address.objects.filter(Q(user=user) | Q(email__iexact=email)):
        delete_address(address, at)
    remember_deleted(email, at)
