"""How often passwords, second factors and emails can be asked for: one budget for each kind of client.

A browser that is known for the mailbox has budgets of its own (truthlytics/web/known_devices.py). All others share
those of the mailbox, of their IP address and of the site, so that what strangers use up is never the owner's. Without a
known browser the owner always has a way, too: of the emails that a mailbox gets in a day, some are kept for logging in.
Either they are left, or the owner has them, and each contains a link that makes a browser known.

Nothing here depends on whether an address has an account.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from truthlytics.web.known_devices import device_of, mailbox
from truthlytics.web.rate_limits import client_ip, consume, give_back, seconds_left, used, used_lately

logger = logging.getLogger(__name__)

HOUR, DAY = 3600, 86400
# Wrong passwords in an hour, and wrong second factors for each account: of all unknown browsers for a mailbox, from an
# IP address and on the site; of a known browser, and of all known ones for a mailbox.
GUESSES, GUESSES_FROM_ADDRESS, GUESSES_ON_SITE = 10, 60, 2000
GUESSES_OF_DEVICE, GUESSES_OF_DEVICES = 10, 30
# Emails that anyone can ask for by typing an address. In a day: to a mailbox for all unknown browsers, and of these
# those that are not about logging in; for a known browser, and for all known ones. In an hour: from an IP address.
EMAILS, OTHER_EMAILS, EMAILS_FOR_DEVICE, EMAILS_FOR_DEVICES = 10, 5, 10, 20
EMAILS_FROM_ADDRESS = 60
# What strangers do from these numbers on is shown to the owner.
WORTH_TELLING = 5


class Reason(Enum):
    """Kinds of budgets that can be used up."""

    MAILBOX = "mailbox"
    ADDRESS = "address"
    SITE = "site"
    DEVICE = "device"


class Refusal(NamedTuple):
    """Why something is refused, and until when."""

    reason: Reason
    until: datetime

    @property
    def time(self) -> str:
        return date_format(timezone.localtime(self.until), "H:i T")


class _Budget(NamedTuple):
    reason: Reason | None
    scope: str
    key: str
    limit: int | None
    seconds: int


class Strangers(NamedTuple):
    """What browsers that are not known have tried for a mailbox since a time."""

    passwords: int
    emails: int
    since: datetime


# --- Passwords and second factors ------------------------------------------------------------------------------------
def try_password(request: HttpRequest, email: str) -> Refusal | None:
    """Count a password that is going to be checked. Returns why it must not be."""
    return _spend(_guesses(request, email, mailbox(email), "password"))


def password_was_right(request: HttpRequest, email: str) -> None:
    """Count the password that `try_password` has allowed no longer."""
    _give_back(_guesses(request, email, mailbox(email), "password"))


def try_second_factor(request: HttpRequest, email: str, account: int) -> Refusal | None:
    """Count a code of an app that is going to be checked. Returns why it must not be."""
    return _spend(_guesses(request, email, str(account), "second-factor"))


def second_factor_was_right(request: HttpRequest, email: str, account: int) -> None:
    _give_back(_guesses(request, email, str(account), "second-factor"))


def _guesses(request: HttpRequest, email: str, key: str, what: str) -> list[_Budget]:
    if device := device_of(request, email):
        return [
            _Budget(Reason.DEVICE, f"{what}-of-device", f"{device} {key}", GUESSES_OF_DEVICE, HOUR),
            _Budget(Reason.DEVICE, f"{what}-of-devices", key, GUESSES_OF_DEVICES, HOUR),
        ]
    return [
        _Budget(None, f"{what}-tried", key, None, DAY),
        _Budget(Reason.ADDRESS, f"{what}-from", client_ip(request), GUESSES_FROM_ADDRESS, HOUR),
        _Budget(Reason.MAILBOX, what, key, GUESSES, HOUR),
        _Budget(Reason.SITE, f"{what}-on-site", "", GUESSES_ON_SITE, HOUR),
    ]


# --- Emails ----------------------------------------------------------------------------------------------------------
def may_send(request: HttpRequest, email: str, *, for_login: bool = False) -> bool:
    """Count an email to `email` that this request asks for. Returns False if it must not be sent.

    `for_login` are codes and links that open an account, of which some are always left for its owner.
    """
    return _spend(_emails(request, email, for_login)) is None


def refusal_of_email(request: HttpRequest, email: str, *, for_login: bool = False) -> Refusal | None:
    """Return why `may_send` would return False. Counts nothing but that it was asked for."""
    budgets = _emails(request, email, for_login)
    for budget in budgets:
        if budget.limit is not None and used(budget.scope, budget.key, seconds=budget.seconds) >= budget.limit:
            _spend(each for each in budgets if each.limit is None)
            return _refusal(budget)
    return None


def may_write_to_stranger() -> bool:
    """Count an email to someone who has no account. Returns False if the site has sent too many in this hour."""
    return _spend([_on_site()]) is None


def _emails(request: HttpRequest, email: str, for_login: bool) -> list[_Budget]:
    key = mailbox(email)
    if device := device_of(request, email):
        return [
            _Budget(Reason.DEVICE, "emails-for-device", f"{device} {key}", EMAILS_FOR_DEVICE, DAY),
            _Budget(Reason.DEVICE, "emails-for-devices", key, EMAILS_FOR_DEVICES, DAY),
        ]
    # The order matters: what is refused uses up nothing of the mailbox.
    return [
        _Budget(None, "emails-asked-for", key, None, DAY),
        _Budget(Reason.ADDRESS, "emails-from", client_ip(request), EMAILS_FROM_ADDRESS, HOUR),
        *([] if for_login else [_on_site(), _Budget(Reason.MAILBOX, "other-emails", key, OTHER_EMAILS, DAY)]),
        _Budget(Reason.MAILBOX, "emails", key, EMAILS, DAY),
    ]


def _on_site() -> _Budget:
    return _Budget(Reason.SITE, "emails-on-site", "", settings.UNASKED_EMAILS_PER_HOUR, HOUR)


# --- What the owner sees --------------------------------------------------------------------------------------------
def strangers_at(email: str) -> Strangers | None:
    """Return what strangers have tried today and yesterday, None if it is not worth telling. Days are those of UTC."""
    counts = used_lately(("password-tried", "emails-asked-for"), mailbox(email), seconds=DAY)
    passwords, emails = map(sum, counts)
    if max(passwords, emails) < WORTH_TELLING:
        return None
    midnight = timezone.now() - timedelta(seconds=DAY - seconds_left(DAY))
    since = midnight - timedelta(days=1) if any(before for _now, before in counts) else midnight
    return Strangers(passwords, emails, since.replace(second=0, microsecond=0))


# --- Counting --------------------------------------------------------------------------------------------------------
def _spend(budgets: Iterable[_Budget]) -> Refusal | None:
    for budget in budgets:
        limit = budget.limit
        is_within = consume(budget.scope, budget.key, limit=limit or 0, seconds=budget.seconds)
        if limit is None or is_within:
            continue
        if budget.reason is Reason.SITE and used(budget.scope, "", seconds=budget.seconds) == limit + 1:
            logger.warning("The site's budget for unknown browsers is used up in this hour: %s.", budget.scope)
        return _refusal(budget)
    return None


def _give_back(budgets: Iterable[_Budget]) -> None:
    for budget in budgets:
        give_back(budget.scope, budget.key, seconds=budget.seconds)


def _refusal(budget: _Budget) -> Refusal:
    until = timezone.now() + timedelta(seconds=seconds_left(budget.seconds) + 59)
    return Refusal(budget.reason or Reason.MAILBOX, until)
