"""Emails about accounts: roles, names and deletion."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscriptions.models import Order, Subscription, User
from truthlytics.publication import get_publication
from truthlytics.publication.effective_settings import BankAccount
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import send_email
from truthlytics.web.bank_accounts import compact


def roles_changed(person: User, roles: list[str]) -> None:
    """Tell a user that their newsroom roles have changed."""
    values = {"roles": ", ".join(roles), "url": f"{settings.SITE_URL}/admin/"}
    with site_language(person.newsroom_language):
        text = _("Your newsroom roles: %(roles)s.\n\nOpen the newsroom: %(url)s") % values
        if not roles:
            text = _("You no longer have access to the newsroom. Your reader account is unchanged.")
        _notify(person, subject=_("Your newsroom roles"), text=text, language=person.newsroom_language)


@site_language()
def invitation(person: User, roles: list[str], *, url: str, by: User) -> None:
    """Invite a new member of the newsroom, with the link at `url` that logs them in."""
    context = {
        "name": person.display_name,
        "email": person.email,
        "by": by.display_name,
        "roles": ", ".join(roles),
        "address": f"{settings.SITE_URL}{url}",
        "login": f"{settings.SITE_URL}{reverse('account_login')}",
    }
    send_email("invitation", to=person.email, context=context)


@site_language()
def account_deleted(
    address: str, *, name: str, comments_kept: bool, order: Order | None, had_subscription: bool
) -> None:
    """Confirm the deletion of an account, in the last email to its address."""
    sentences = [_("Dear %(name)s,") % {"name": name}, _("Your account is deleted, as you asked.")]
    if not comments_kept:
        sentences.append(_("The text of your comments is deleted."))
    if had_subscription:
        sentences.append(_("Your subscription has ended and nothing will be charged again."))
    if order is not None:
        sentences.append(_("Order %(number)s is cancelled. Please don’t pay it.") % {"number": order.number})
    sentences.append(_("Our records no longer contain your name and address, except for invoices."))
    context = {"subject": _("Your account is deleted"), "text": "\n\n".join(sentences)}
    send_email("account_notice", to=address, context=context)


@site_language()
def name_approved(reader: User) -> None:
    text = _("Your new display name, “%(name)s”, now appears on all your comments.") % {"name": reader.display_name}
    _notify(reader, subject=_("Your new display name"), text=text)


@site_language()
def name_declined(reader: User, name: str) -> None:
    text = _(
        "We did not accept the display name “%(name)s”. Your comments keep the name “%(current)s”.\n\n"
        "You can choose another one in your account: %(url)s"
    ) % {"name": name, "current": reader.display_name, "url": f"{settings.SITE_URL}/account/name/"}
    _notify(reader, subject=_("Your display name stays the same"), text=text)


@site_language()
def cancellation_link(reader: User, path: str) -> None:
    """Send the link with which a subscription is cancelled without logging in."""
    text = _(
        "Cancel your subscription here: %(url)s\n\n"
        "The link works once, for one hour. If you didn’t ask for it, you can ignore this email: nothing changes."
    ) % {"url": f"{settings.SITE_URL}{path}"}
    _notify(reader, subject=_("Cancel your subscription"), text=text)


@site_language()
def nothing_to_cancel(reader: User, *, gift: Subscription | None = None) -> None:
    """Tell a reader that they have no subscription, or one that was a gift and ends on its own."""
    subject = _("You don’t have a subscription")
    text = _("You asked to cancel a subscription with this address. There is none, so nothing will be charged.")
    if gift is not None:
        subject = _("You don’t need to cancel your gift")
        text = _(
            "You asked to cancel your subscription. It is a gift of “%(plan)s” that ends on %(day)s. "
            "Nothing is charged, so there is nothing to cancel."
        ) % {"plan": gift.price.plan.name, "day": date_format(timezone.localtime(gift.period_end), "DATE_FORMAT")}
    _notify(reader, subject=subject, text=text)


def bank_account_changed(person: User, *, by: User, old: BankAccount, new: BankAccount) -> None:
    """Warn a user with access to the settings that readers now pay into another account."""
    with site_language(person.newsroom_language):
        text = _(
            "%(by)s (%(email)s) has changed the bank account to which readers transfer money, on %(time)s.\n\n"
            "Before: %(old)s\n"
            "Now: %(new)s\n\n"
            "If you made this change or know of it, you don’t need to do anything. Otherwise, someone else may be "
            "using the account of %(by)s:\n\n"
            "1. Enter the right bank account: %(url)s\n"
            "2. End the access of %(by)s to the newsroom until they have a new password.\n"
            "3. Look through the orders that await a transfer: readers may have been given the wrong account."
        ) % {
            "by": by.display_name,
            "email": by.email,
            "time": date_format(timezone.localtime(), _("j F Y, H:i")),
            "old": _masked(old),
            "new": _masked(new),
            "url": f"{settings.SITE_URL}{reverse('admin:truthlytics_paymentsettings_changelist')}",
        }
        reason = _("You’re receiving this email because you may change the settings of %(site)s.")
        reason %= {"site": get_publication().name}
        subject = _("The bank account for transfers has changed")
        _notify(person, subject=subject, text=text, reason=reason, language=person.newsroom_language)


def _masked(account: BankAccount) -> str:
    """Return the holder, the end of the IBAN and the BIC, which is enough to tell accounts apart."""
    if not account.iban:
        return _("no account, so that readers can’t pay by bank transfer")
    values = {"holder": account.holder, "end": compact(account.iban)[-4:], "bic": account.bic}
    if account.bic:
        return _("%(holder)s, IBAN ending in %(end)s, BIC %(bic)s") % values
    return _("%(holder)s, IBAN ending in %(end)s") % values


def _notify(reader: User, *, subject: str, text: str, reason: str = "", language: str = "") -> None:
    """Send a notice. `reason` says why the reader receives it, if not because their account was changed.

    `language` is that of the newsroom, for those who work there.
    """
    context = {"reader": reader, "subject": subject, "text": text, "reason": reason}
    send_email("account_notice", to=reader.email, context=context, language=language)
