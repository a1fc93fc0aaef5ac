"""Everything that the site stores about a reader, as JSON."""

import json

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from articles.models import ErrorReport, GiftLink, SavedArticle
from articles.models.error_reports import ReportState
from comments.models import Follow, ModeratorEmails, Mute
from subscriptions.models import AccountNote, BillingProfile, EmailChange, Gift, NameChange, SentEmail, User
from subscriptions.models.billing import BILLING_FIELDS
from truthlytics.contact.models import Message
from truthlytics.privacy import commenting, purchases
from truthlytics.privacy.rows import Rows, rows_of, url_of, with_address_of
from truthlytics.web.plugins import called, personal_data

# Columns of accounts that are exported under another name, or that only the site uses.
UNEXPORTED = {"id", "password", "name_key", "is_active", "is_staff", "is_superuser", "verified_at", "deleted_at"}


def export_data(user: User) -> dict[str, object]:
    """Return the data of `user`. The number of queries is constant; times are in UTC."""
    return _of_extensions(user) | {
        "exported_at": timezone.now(),
        "site": settings.SITE_URL,
        "account": _account(user),
        "comments": commenting.comments(user),
        "imported_comments_to_claim": commenting.claimable_comments(user),
        "reports": commenting.reports(user),
        "votes": commenting.votes(user),
        "followed_articles": commenting.articles(Follow.objects.filter(user=user)),
        "muted_articles": commenting.articles(Mute.objects.filter(user=user)),
        "emails_about_comments": commenting.notifications(user),
        "emails_to_moderators": rows_of(ModeratorEmails.objects.filter(user=user), "frequency", "last_sent_at"),
        "moderation": commenting.decisions(user),
        "suspensions": commenting.suspensions(user),
        "appeals": commenting.appeals(user),
        "error_reports": _error_reports(user),
        "messages": _messages(user),
        "saved_articles": _saved_articles(user),
        "gift_links": _gift_links(user),
        "billing_details": rows_of(BillingProfile.objects.filter(user=user), *BILLING_FIELDS),
        "orders": purchases.orders(user),
        "declarations": purchases.declarations(user),
        "payments": purchases.payments(user),
        "coupons": purchases.coupons(user),
        "gift_subscriptions_given": purchases.gifts(Gift.objects.filter(order__user=user)),
        "gift_subscriptions_redeemed": purchases.gifts(Gift.objects.filter(redeemed_by=user)),
        "subscriptions": purchases.subscriptions(user),
        "access": purchases.grants(user),
        "notes": rows_of(AccountNote.objects.filter(user=user).order_by("created_at", "pk"), "text", "created_at"),
        "former_addresses": rows_of(EmailChange.objects.filter(user=user), "old_email", "new_email", "changed_at"),
        "emails_sent": rows_of(SentEmail.objects.filter(user=user).order_by("sent_at", "pk"), "subject", "sent_at"),
        "cart": purchases.cart(user),
        "sessions": rows_of(UserSession.objects.filter(user=user).order_by("pk"), "ip", "user_agent", "created_at"),
    }


def _of_extensions(user: User) -> dict[str, object]:
    """Return what features and plug-ins store. What a plug-in cannot say is null, and the log has the reason."""
    return {part.name: called(part.read, user, otherwise=None, check=_as_json) for part in personal_data()}


def _as_json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)


def _account(user: User) -> dict[str, object]:
    change = NameChange.objects.filter(user=user).first()
    columns = [field for field in User._meta.concrete_fields if field.name not in UNEXPORTED]
    return {
        **{field.name: getattr(user, field.attname) for field in columns},
        "email_addresses": rows_of(
            EmailAddress.objects.filter(user=user).order_by("pk"), "email", "verified", "primary"
        ),
        "email_confirmed_at": user.verified_at,
        "requested_display_name": change.name if change else None,
        "has_password": user.has_usable_password(),
        "two_factor": rows_of(
            Authenticator.objects.filter(user=user).order_by("pk"), "type", "created_at", "last_used_at"
        ),
        "connected_accounts": rows_of(
            SocialAccount.objects.filter(user=user).order_by("pk"), "provider", "uid", "date_joined", "last_login"
        ),
        "emails_turned_on": rows_of(user.email_opt_ins.order_by("kind"), "kind", "since"),
        "emails_turned_off": rows_of(user.email_opt_outs.order_by("kind"), "kind", "since"),
        "newsroom_roles": sorted(user.groups.values_list("name", flat=True)),
    }


def _error_reports(user: User) -> Rows:
    """Error reports with the reader's address. The reason for dismissing one is a note of the newsroom."""
    reports = ErrorReport.objects.filter(with_address_of(user)).select_related("version__article")
    columns = ("quote", "text", "source", "name", "email", "created_at", "state", "closed_at")
    return [
        {"article": url_of(report.version.article)}
        | {column: getattr(report, column) for column in columns}
        | {"answer": report.answer if report.state == ReportState.ANSWERED else ""}
        for report in reports.order_by("created_at", "pk")
    ]


def _messages(user: User) -> Rows:
    """Messages with the reader's address from the contact form."""
    messages = Message.objects.filter(with_address_of(user)).order_by("created_at", "pk")
    return rows_of(messages, "subject", "text", "name", "email", "created_at", "handled_at")


def _saved_articles(user: User) -> Rows:
    saved = SavedArticle.objects.of(user).select_related("article").only("saved_at", "article__slug").order_by("pk")
    return [{"article": url_of(row.article), "saved_at": row.saved_at} for row in saved]


def _gift_links(user: User) -> Rows:
    links = GiftLink.objects.of(user).select_related("article").order_by("created_at", "pk")
    return [
        {"url": url_of(link), "created_at": link.created_at, "expires_at": link.expires_at, "opens": link.opens}
        for link in links
    ]
