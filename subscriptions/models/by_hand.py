"""Ways to pay, such as bank transfer, that an editor marks as paid when the money arrives."""

from typing import ClassVar, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from truthlytics.web.plugins import payment_providers


class SettledByHand(Protocol):
    """`instructions` tell readers how to pay, if not with the bank details of the site."""

    code: ClassVar[str]
    instructions: str | Promise


def settled_by_hand() -> dict[str, type[SettledByHand]]:
    """Return the classes of such providers by their codes: those with `settles_by_hand`, also of plug-ins."""
    classes = [*map(import_string, settings.PAYMENT_PROVIDERS), *payment_providers()]
    return {found.code: found for found in classes if getattr(found, "settles_by_hand", False)}
