"""Whether Stripe's library is installed, found out without importing it."""

from importlib.util import find_spec

from django.utils.translation import gettext as _


def missing_library() -> str:
    """Return a sentence that says what to install, "" if nothing is missing."""
    if find_spec("stripe") is not None:
        return ""
    return _(
        "Moving contracts needs Stripe’s library: install the extra “stripe” on the server (docs/payments.md has the "
        "command)."
    )
