"""The user model for annotations, for apps that know users only as `settings.AUTH_USER_MODEL`."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    # mypy's plugin for Django replaces these types by the model in the settings.
    from django.contrib.auth.models import _AnyUser as AnyUser
    from django.contrib.auth.models import _User as User
else:
    from django.contrib.auth.base_user import AbstractBaseUser as User

    AnyUser = User

__all__ = ["AnyUser", "User", "user_of"]


def user_of(request: HttpRequest) -> User:
    """Return the user of a request to a page that requires a login. Raises PermissionDenied without one."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user
