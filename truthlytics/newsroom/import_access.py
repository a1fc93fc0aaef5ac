"""Who can import: superusers, because an import can write everything that the site has."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from truthlytics.web.users import User, user_of


def superuser_of(request: HttpRequest) -> User:
    """Return the user. Raises PermissionDenied for others than superusers."""
    user = user_of(request)
    if not user.is_superuser:
        raise PermissionDenied
    return user
