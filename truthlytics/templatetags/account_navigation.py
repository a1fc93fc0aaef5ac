"""The navigation of the account pages: who sees which entry, and to which entry a page belongs."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from django import template
from django.template.context import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subscriptions.models.login_providers import is_any_configured
from truthlytics.web.plugins import account_pages

register = template.Library()


class Entry(NamedTuple):
    """A link to `view`, also marked on pages with names that begin with one of `below`."""

    label: str | Promise
    view: str
    below: tuple[str, ...] = ()


SUBSCRIPTION = tuple(f"subscriptions:{name}" for name in ("cancellation", "change", "card", "billing", "withdrawal"))
CONNECTED = Entry(_("Connected accounts"), "provider_connections")
READERS = (
    Entry(_("Subscription"), "subscriptions:account", SUBSCRIPTION),
    Entry(_("Payments"), "subscriptions:payments", ("subscriptions:receipt",)),
    Entry(_("Saved articles"), "articles:saved", ("articles:save",)),
    Entry(_("Gift links"), "articles:gift_links", ("articles:gift_link",)),
    Entry(_("Gift subscriptions"), "subscriptions:gifts"),
    Entry(_("Your comments"), "comments:mine"),
    Entry(_("Followed articles"), "comments:followed", ("comments:following",)),
    Entry(_("Name"), "subscriptions:name"),
    Entry(_("Email"), "account_email"),
    Entry(_("Password"), "account_change_password", ("account_set_password",)),
    Entry(_("Two-factor authentication"), "mfa_index", ("mfa_",)),
    CONNECTED,
    Entry(_("Where you’re logged in"), "usersessions_list"),
    Entry(_("Emails"), "subscriptions:emails"),
    Entry(_("Your data"), "privacy:data", ("privacy:export", "privacy:deletion")),
)
LOG_OUT = Entry(_("Log out"), "account_logout")
VISITORS = (Entry(_("Log in"), "account_login"), Entry(_("Sign up"), "account_signup"))


@register.inclusion_tag("account/_navigation.html", takes_context=True)
def account_navigation(context: RequestContext) -> dict[str, object]:
    """List the entries of the user, each with `current`: "page", "true" for pages below it, or nothing."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    known = READERS if is_any_configured() else [entry for entry in READERS if entry is not CONNECTED]
    own = [*known, *_of_extensions(), LOG_OUT]
    entries = own if request.user.is_authenticated else VISITORS
    return {
        "entries": [
            {"label": entry.label, "url": reverse(entry.view), "current": _current(entry, here)} for entry in entries
        ]
    }


def _of_extensions() -> Iterator[Entry]:
    """Yield the pages of features and plug-ins. One without a URL is left out."""
    for label, view in account_pages():
        with suppress(NoReverseMatch):
            reverse(view)
            yield Entry(label, view)


def _current(entry: Entry, here: str) -> str:
    if here == entry.view:
        return "page"
    return "true" if here.startswith(entry.below) else ""
