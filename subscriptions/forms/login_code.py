"""The form that asks for a login code. Apart from the others, because allauth's forms import those."""

from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from allauth.core import context

# The address of a login that ended with too many wrong codes.
FAILED_ADDRESS = "login_code_address"


class LoginCodeForm(RequestLoginCodeForm):  # type: ignore[misc]
    """Offers the address of a failed attempt again, so that a new code takes one click."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = context.request.session.get(FAILED_ADDRESS, "")
