"""Who a request or a link comes from."""

from django.http import Http404, HttpRequest

from subscriptions.models import User
from truthlytics.newsletters.models import Address
from truthlytics.newsletters.rendering import read_token


def confirmed_reader(request: HttpRequest) -> User | None:
    """Return the reader who is logged in and has confirmed their address: they need no email to confirm it again."""
    user = request.user
    return user if isinstance(user, User) and user.verified_at is not None else None


def token_or_404(token: str) -> tuple[Address, int | None]:
    """Return the address of a signed link and the id of the issue it is in. Raises Http404."""
    found = read_token(token)
    if found is None:
        raise Http404("No address belongs to this link.")
    return found
