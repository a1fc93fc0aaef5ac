"""Who can import: publishers, because an import writes articles, readers' comments and redirects."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from truthlytics.web.users import User, user_of


def importer_of(request: HttpRequest) -> User:
    """Return the user. Raises PermissionDenied for users who cannot import."""
    user = user_of(request)
    if not user.has_perm("truthlytics.add_importrun"):
        raise PermissionDenied
    return user
