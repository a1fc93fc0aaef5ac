"""Who can import: publishers, because an import writes articles, readers' comments, redirects and contracts."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from truthlytics.contrib.importers.contracts.library import CONTRACTS
from truthlytics.web.users import User, user_of

IMPORT = "importers.add_importrun"
# What ending a contract and paying it back need as well.
FOR_CONTRACTS = ("subscriptions.change_subscription", "subscriptions.refund_payment")


def importer_of(request: HttpRequest, format: str = "") -> User:
    """Return the user. Raises PermissionDenied for users who cannot import, or not what has this format."""
    user = user_of(request)
    if not may_import(user, format):
        raise PermissionDenied
    return user


def may_import(user: User, format: str) -> bool:
    return user.has_perms([IMPORT, *(FOR_CONTRACTS if format == CONTRACTS else ())])
