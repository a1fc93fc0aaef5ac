"""Whether a provider's word is enough to say that an email address belongs to the one who logs in.

A provider may have confirmed an address long ago, or let people enter any. It is believed only for addresses that it
gives out itself. All others are proven here, by a code or the password.
"""

from allauth.socialaccount.models import SocialLogin

from subscriptions.models import LoginProvider
from truthlytics.web.types import JsonObject

GMAIL = {"gmail.com", "googlemail.com"}
ICLOUD = {"icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"}
# Domains in which anyone can have an address, so that they are no organisation's own.
PUBLIC = GMAIL | ICLOUD | {"outlook.com", "hotmail.com", "live.com", "yahoo.com", "gmx.de", "gmx.net", "web.de"}


def is_trusted(provider: LoginProvider, claims: JsonObject) -> bool:
    """Return whether the address in the claims of an ID token is that of the person."""
    email = claims.get("email")
    if not isinstance(email, str):
        return False
    said = claims.get("email_verified")
    # Apple has sent it as text.
    verified = said is True or said == "true"
    if provider.is_own_address(email):
        # Microsoft says nothing about addresses in the tenant's own domains. All else that is said is no confirmation.
        return verified or "email_verified" not in claims
    domain = email.rpartition("@")[2].lower()
    if verified and provider.slug == "google":
        # With `hd`, Google hosts the mailbox of the organisation.
        return domain in GMAIL or claims.get("hd") == domain
    return verified and provider.slug == "apple" and domain in ICLOUD


def trusted_address(sociallogin: SocialLogin) -> str:
    """Return the address for which the provider is believed, "" if there is none."""
    return next((address.email for address in sociallogin.email_addresses if address.verified), "")
