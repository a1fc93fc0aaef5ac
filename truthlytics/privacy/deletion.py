"""Delete an account: remove what identifies the reader and keep the bookkeeping."""

from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from articles.models import Author, GiftLink, Reviewer, SavedArticle
from articles.services import error_reports
from comments.models import ImportedEmail, Report
from comments.services import release_comments
from comments.services.deletion import delete_reader_data
from subscriptions import emails
from subscriptions.models import (
    AccountNote,
    BillingProfile,
    Cart,
    Declaration,
    EmailChange,
    EmailOptIn,
    EmailOptOut,
    Gift,
    NameChange,
    ProviderCustomer,
    SentEmail,
    User,
)
from subscriptions.services.checkout import withdraw_open_order
from subscriptions.services.lifecycle import end_with_account
from truthlytics.cache.invalidation import invalidate
from truthlytics.contact.models import Message
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event
from truthlytics.web.plugins import called, personal_data

# The columns of an account that stay.
KEPT = {"id", "member_since"}


class CannotDelete(Exception):
    """The account has access to the newsroom, so that its name is part of the publication's records."""


@transaction.atomic
def delete_account(*, user: User, keep_comments: bool) -> bool:
    """Delete the account of `user`. Returns False if it was deleted before.

    The row stays without name, address and password, because orders, payments and subscriptions refer to it. Receipts
    stay as they were issued. Comments and decisions about them lose their author, and with `keep_comments=False` their
    text. Error reports and messages with the reader's address lose it, and the name; declarations lose what the reader
    wrote, too. Features and plug-ins delete what is theirs. A subscription ends at once, and so do all sessions. One
    last email confirms it. Raises CannotDelete for staff.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if locked.deleted_at is not None:
        return False
    if locked.is_staff or locked.is_superuser:
        raise CannotDelete
    now, address, name = timezone.now(), locked.email, locked.display_name
    order = withdraw_open_order(locked)
    had_subscription = end_with_account(user=locked, now=now)
    articles = release_comments(author=locked, keep_text=keep_comments)
    delete_reader_data(user=locked, keep_text=keep_comments)
    invalidate(f"user:{locked.pk}", "comments", *(f"thread:{article}" for article in articles))
    _delete_rows(locked)
    for part in personal_data():
        called(part.delete, locked, address, now, otherwise=None)
    _erase_from_letters(address)
    _erase_declarations(Q(user=locked) | Q(email__iexact=address))
    _erase(locked)
    add_events(new_event(Kind.READER_DELETED, key=str(locked.pk), reader=locked.pk))
    emails.account_deleted(
        address, name=name, comments_kept=keep_comments, order=order, had_subscription=had_subscription
    )
    return True


@transaction.atomic
def forget_address(email: str) -> None:
    """Delete an address without an account: address and name in what was written with it.

    Orders, gifts and declarations stay, since the law asks for them.
    """
    _erase_from_letters(email)
    ImportedEmail.objects.filter(email=email).delete()


def _erase_from_letters(email: str) -> None:
    error_reports.forget_reader(email)
    Message.objects.filter(email__iexact=email).update(email="", name="")


def _erase_declarations(own: Q) -> None:
    """Erase what the reader wrote. That a contract was withdrawn from or cancelled, when and which one, stays."""
    Declaration.objects.filter(own).update(name="", email="", contract="", reason="")


def _delete_rows(user: User) -> None:
    sessions = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
    for model in (
        UserSession, EmailAddress, EmailChange, Authenticator, SocialAccount, SavedArticle, EmailOptIn, EmailOptOut,
        NameChange, SentEmail, AccountNote, BillingProfile, ProviderCustomer,
    ):  # fmt: skip
        model._base_manager.filter(user=user).delete()
    # Their reviews stay under the number.
    Reviewer.objects.filter(user=user).update(user=None, is_named=False)
    GiftLink.objects.of(user).delete()
    Gift.objects.filter(order__user=user).update(giver_name="")
    Gift.objects.filter(redeemed_by=user).update(recipient_name="", recipient_email="")
    Cart.objects.filter(user=user, orders=None).delete()
    user.own_coupons.update(archived_at=timezone.now())
    Report.objects.filter(reporter=user).update(reporter=None)
    Author.objects.filter(user=user).update(user=None)
    user.groups.clear()
    user.user_permissions.clear()


def _erase(user: User) -> None:
    """Replace what identifies the reader. The new password hash also ends sessions that nothing lists."""
    for field in User._meta.concrete_fields:
        if field.name not in KEPT:
            setattr(user, field.attname, field.get_default())
    user.email = f"deleted-{uuid4().hex}@deleted.invalid"
    user.is_active, user.deleted_at = False, timezone.now()
    user.set_unusable_password()
    user.save()
