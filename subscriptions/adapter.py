"""The only code that knows allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    pass


def user_display(user: Any) -> str:
    return str(user)
