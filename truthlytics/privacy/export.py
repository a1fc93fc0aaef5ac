"""Everything that the site stores about a reader, as JSON."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from articles.models import ErrorReport, GiftLink, SavedArticle
from articles.models.error_reports import ReportState
from comments.models import (
    Appeal,
    Comment,
    Decision,
    Follow,
    ImportedEmail,
    ModeratorEmails,
    Mute,
    Notification,
    Report,
    Suspension,
    Vote,
)
from subscriptions.models import (
    AccountNote,
    BillingProfile,
    CartLine,
    Declaration,
    EmailChange,
    Gift,
    Grant,
    NameChange,
    Order,
    Payment,
    Redemption,
    SentEmail,
    Subscription,
    User,
)
from subscriptions.models.billing import BILLING_FIELDS
from truthlytics.contact.models import Message
from truthlytics.newsletters.models import KINDS, Address
from truthlytics.web.text import split_words
from truthlytics.web.types import AnyRows

Rows = list[dict[str, object]]
# Columns of accounts that are exported under another name, or that only the site uses.
UNEXPORTED = {"id", "password", "name_key", "is_active", "is_staff", "is_superuser", "verified_at", "deleted_at"}


def export_data(user: User) -> dict[str, object]:
    """Return the data of `user`. The number of queries is constant; times are in UTC."""
    return {
        "exported_at": timezone.now(),
        "site": settings.SITE_URL,
        "account": _account(user),
        "comments": _comments(user),
        "imported_comments_to_claim": _claimable_comments(user),
        "reports": _reports(user),
        "votes": _votes(user),
        "followed_articles": _articles(Follow.objects.filter(user=user)),
        "muted_articles": _articles(Mute.objects.filter(user=user)),
        "emails_about_comments": _notifications(user),
        "emails_to_moderators": _rows(ModeratorEmails.objects.filter(user=user), "frequency", "last_sent_at"),
        "moderation": _decisions(user),
        "suspensions": _suspensions(user),
        "appeals": _appeals(user),
        "error_reports": _error_reports(user),
        "messages": _messages(user),
        "saved_articles": _saved_articles(user),
        "gift_links": _gift_links(user),
        "newsletters": _newsletters(user),
        "billing_details": _rows(BillingProfile.objects.filter(user=user), *BILLING_FIELDS),
        "orders": _orders(user),
        "declarations": _declarations(user),
        "payments": _payments(user),
        "coupons": _coupons(user),
        "gift_subscriptions_given": _gifts(Gift.objects.filter(order__user=user)),
        "gift_subscriptions_redeemed": _gifts(Gift.objects.filter(redeemed_by=user)),
        "subscriptions": _subscriptions(user),
        "access": _grants(user),
        "notes": _rows(AccountNote.objects.filter(user=user).order_by("created_at", "pk"), "text", "created_at"),
        "former_addresses": _rows(EmailChange.objects.filter(user=user), "old_email", "new_email", "changed_at"),
        "emails_sent": _rows(SentEmail.objects.filter(user=user).order_by("sent_at", "pk"), "subject", "sent_at"),
        "cart": _cart(user),
        "sessions": _rows(UserSession.objects.filter(user=user).order_by("pk"), "ip", "user_agent", "created_at"),
    }


def _account(user: User) -> dict[str, object]:
    change = NameChange.objects.filter(user=user).first()
    columns = [field for field in User._meta.concrete_fields if field.name not in UNEXPORTED]
    return {
        **{field.name: getattr(user, field.attname) for field in columns},
        "email_addresses": _rows(EmailAddress.objects.filter(user=user).order_by("pk"), "email", "verified", "primary"),
        "email_confirmed_at": user.verified_at,
        "requested_display_name": change.name if change else None,
        "has_password": user.has_usable_password(),
        "two_factor": _rows(
            Authenticator.objects.filter(user=user).order_by("pk"), "type", "created_at", "last_used_at"
        ),
        "emails_turned_on": _rows(user.email_opt_ins.order_by("kind"), "kind", "since"),
        "emails_turned_off": _rows(user.email_opt_outs.order_by("kind"), "kind", "since"),
        "newsroom_roles": sorted(user.groups.values_list("name", flat=True)),
    }


def _comments(user: User) -> Rows:
    comments = Comment.objects.filter(author=user).select_related("article").prefetch_related("revisions")
    comments = comments.only(*_COMMENT_COLUMNS, "article__slug").order_by("created_at", "pk")
    return [
        {
            "url": _url(comment),
            "article": _url(comment.article),
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


def _claimable_comments(user: User) -> Rows:
    """Return the imported comments with an address of the reader, which they can claim."""
    emails = ImportedEmail.objects.of(user).select_related("comment__article").order_by("pk")
    columns = ("created_at", "imported_name", "text", "article__slug")
    emails = emails.only("email", *(f"comment__{name}" for name in columns))
    return [
        {
            "url": _url(row.comment),
            "article": _url(row.comment.article),
            "written_at": row.comment.created_at,
            "name": row.comment.imported_name,
            "email": row.email,
            "text": row.comment.text,
        }
        for row in emails
    ]


def _reports(user: User) -> Rows:
    reports = Report.objects.filter(reporter=user).select_related("comment").order_by("created_at", "pk")
    return [
        {
            "comment": _url(report.comment),
            "reason": report.reason,
            "details": report.words,
            "reported_at": report.created_at,
        }
        for report in reports
    ]


def _votes(user: User) -> Rows:
    votes = Vote.objects.filter(user=user).select_related("comment").order_by("created_at", "pk")
    return [{"comment": _url(vote.comment), "voted_at": vote.created_at} for vote in votes]


def _articles(chosen: AnyRows) -> Rows:
    rows = chosen.select_related("article").only("created_at", "article__slug").order_by("created_at", "pk")
    return [{"article": _url(row.article), "since": row.created_at} for row in rows]


def _notifications(user: User) -> Rows:
    rows = Notification.objects.filter(user=user).select_related("comment").order_by("created_at", "pk")
    return [{"comment": _url(row.comment), "kind": row.kind, "sent_at": row.sent_at} for row in rows]


def _decisions(user: User) -> Rows:
    """The decisions of moderators about the reader's comments, without the moderators' names."""
    decisions = Decision.objects.filter(writer=user).order_by("created_at", "pk")
    return _rows(decisions, "kind", "reason", "words", "created_at", "undone_at")


def _suspensions(user: User) -> Rows:
    suspensions = Suspension.objects.filter(user=user).order_by("created_at", "pk")
    return _rows(suspensions, "reason", "created_at", "until", "lifted_at")


def _appeals(user: User) -> Rows:
    appeals = Appeal.objects.filter(decision__writer=user).order_by("created_at", "pk")
    return _rows(appeals, "text", "created_at", "answer", "answered_at", "upheld")


def _with_address_of(user: User) -> Q:
    """Return the condition for what was written on public pages with the reader's address, once it is confirmed."""
    return Q(email__iexact=user.email) if user.verified_at else Q(pk__in=[])


def _error_reports(user: User) -> Rows:
    """Error reports with the reader's address. The reason for dismissing one is a note of the newsroom."""
    reports = ErrorReport.objects.filter(_with_address_of(user)).select_related("version__article")
    columns = ("quote", "text", "source", "name", "email", "created_at", "state", "closed_at")
    return [
        {"article": _url(report.version.article)}
        | {column: getattr(report, column) for column in columns}
        | {"answer": report.answer if report.state == ReportState.ANSWERED else ""}
        for report in reports.order_by("created_at", "pk")
    ]


def _messages(user: User) -> Rows:
    """Messages with the reader's address from the contact form."""
    messages = Message.objects.filter(_with_address_of(user)).order_by("created_at", "pk")
    return _rows(messages, "subject", "text", "name", "email", "created_at", "handled_at")


def _saved_articles(user: User) -> Rows:
    saved = SavedArticle.objects.of(user).select_related("article").only("saved_at", "article__slug").order_by("pk")
    return [{"article": _url(row.article), "saved_at": row.saved_at} for row in saved]


def _newsletters(user: User) -> dict[str, object]:
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
            | {name: getattr(row, name) for name in ("source", "asked_at", "confirmed_at", "ended_at")}
            for row in sign_ups
        ],
        "follows": [{"followed": _url(getattr(row, row.followed[0])), "since": row.since} for row in follows],
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
        "articles_sent": [{"article": _url(row.article), "sent_at": row.sent_at} for row in articles],
        "reports_of_mail_servers": _rows(events, "kind", "happened_at", "detail"),
    }


def _gift_links(user: User) -> Rows:
    links = GiftLink.objects.of(user).select_related("article").order_by("created_at", "pk")
    return [
        {"url": _url(link), "created_at": link.created_at, "expires_at": link.expires_at, "opens": link.opens}
        for link in links
    ]


def _orders(user: User) -> Rows:
    orders = Order.objects.filter(user=user).prefetch_related("lines").order_by("placed_at", "pk")
    return [
        {
            "number": order.number,
            "status": order.status,
            "placed_at": order.placed_at,
            "paid_at": order.paid_at,
            "total": str(order.total),
            "tax": order.tax_text,
            **_billing(order),
            "terms": order.consent_text,
            "terms_accepted_at": order.consented_at,
            "immediate_start": order.start_text,
            "immediate_start_agreed_at": order.start_agreed_at,
            "payment_method": order.provider,
            "came_from": order.came_from,
            "campaign": order.campaign,
            "lines": [{"description": line.description, "total": str(line.total)} for line in order.lines.all()],
        }
        for order in orders
    ]


def _declarations(user: User) -> Rows:
    """Declarations in the account and, as the deletion does, those with its address on public pages."""
    own = Q(user=user) | _with_address_of(user)
    rows = Declaration.objects.filter(own).order_by("declared_at", "pk")
    return _rows(
        rows, "kind", "declared_at", "name", "email", "contract", "reason", "ends_on", "confirmed_at", "handled_at"
    )


def _billing(sale: Order | Payment) -> dict[str, str]:
    """Return the buyer's details as they were at the sale."""
    return {name: getattr(sale, name) for name in BILLING_FIELDS}


def _payments(user: User) -> Rows:
    """All payments, of orders and renewals, with the receipts and credit notes as they were issued."""
    payments = Payment.objects.filter(user=user).select_related("order").prefetch_related("receipts")
    return [
        {
            "amount": str(payment.money),
            "refunded": str(payment.refunded),
            "status": payment.status,
            "recorded_at": payment.recorded_at,
            "paid_at": payment.paid_at,
            "for": payment.description,
            "order": payment.order.number if payment.order else None,
            "payment_method": payment.method,
            "reference": payment.provider_ref,
            "tax": payment.tax_text,
            **_billing(payment),
            "receipts": [
                {"number": receipt.code, "issued_at": receipt.issued_at, "content": receipt.snapshot}
                for receipt in payment.receipts.all()
            ],
        }
        for payment in payments.order_by("recorded_at", "pk")
    ]


def _coupons(user: User) -> Rows:
    used = Redemption.objects.filter(user=user).select_related("coupon").order_by("at", "pk")
    return [{"code": row.coupon.code, "state": row.state, "at": row.at} for row in used]


def _gifts(gifts: QuerySet[Gift]) -> Rows:
    columns = ("giver_name", "recipient_name", "recipient_email", "message", "deliver_at", "redeemed_at")
    gifts = gifts.exclude(order__status=Order.Status.CANCELLED).select_related("price__plan").order_by("pk")
    return [{"plan": gift.price.description} | {name: getattr(gift, name) for name in columns} for gift in gifts]


def _subscriptions(user: User) -> Rows:
    subscriptions = Subscription.objects.filter(user=user).select_related("price__plan").prefetch_related("changes")
    return [
        {
            "plan": subscription.price.description,
            "status": subscription.status,
            "paid_from": subscription.period_start,
            "paid_until": subscription.period_end,
            "cancelled_for": subscription.cancel_at,
            "ended_at": subscription.ended_at,
            "changes": [{"at": change.at, "event": change.event} for change in subscription.changes.all()],
        }
        for subscription in subscriptions.order_by("period_start", "pk")
    ]


def _grants(user: User) -> Rows:
    grants = Grant.objects.filter(user=user).order_by("starts_at", "pk")
    return _rows(grants, "level", "may_comment", "starts_at", "ends_at", "source", "revoked_at")


def _cart(user: User) -> Rows:
    lines = CartLine.objects.filter(cart__user=user, cart__status="open").select_related("price__plan")
    return [{"plan": line.price.description, "price": str(line.quoted)} for line in lines]


def _rows(rows: Iterable[models.Model], *columns: str) -> Rows:
    return [{column: getattr(row, column) for column in columns} for row in rows]


def _url(row: Any) -> str:
    return f"{settings.SITE_URL}{row.get_absolute_url()}"
