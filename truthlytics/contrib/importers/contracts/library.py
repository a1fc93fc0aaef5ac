"""What is known of imports of contracts without Stripe's library."""

from importlib.util import find_spec

from django.utils.translation import gettext as _

# The format of a run of the page.
CONTRACTS = "contracts"


def missing_library() -> str:
    """Return a sentence that says what to install, "" if nothing is missing."""
    if find_spec("stripe") is not None:
        return ""
    return _(
        "Moving contracts needs Stripe’s library: install the extra “stripe” on the server (docs/payments.md has the "
        "command)."
    )
