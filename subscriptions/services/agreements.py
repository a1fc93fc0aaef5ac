"""What readers agree to with an order besides its price: the legal texts, and that it begins at once.

The order stores the versions that were public and the sentence that the reader ticked.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from subscriptions.models import Order
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication


@dataclass(frozen=True, slots=True)
class Agreement:
    """The public versions of the terms and of the withdrawal notice, None where there is none, and the sentence that
    asks for an immediate start, "" if it is not asked.
    """

    terms: Any
    withdrawal: Any
    start_text: str

    @property
    def token(self) -> str:
        """A token of what was shown, so that a text that has changed since is noticed."""
        return hashlib.sha256(repr((*self._version_ids, self.start_text)).encode()).hexdigest()[:16]

    @property
    def _version_ids(self) -> tuple[object, object]:
        return self.terms and self.terms.pk, self.withdrawal and self.withdrawal.pk

    @property
    def start_token(self) -> str:
        """A token of the sentence that asks for an immediate start, so that a tick for another one does not count."""
        return hashlib.sha256(self.start_text.encode()).hexdigest()[:16] if self.start_text else ""

    def is_that_of(self, order: Order) -> bool:
        """Whether the reader agreed to the same with `order`."""
        stored = (order.terms_version_id, order.withdrawal_version_id), order.start_text
        return (self._version_ids, self.start_text) == stored

    def fields(self, now: datetime) -> dict[str, Any]:
        """Return the order's columns for a reader who has agreed `now`."""
        return {
            "terms_version": self.terms,
            "withdrawal_version": self.withdrawal,
            "start_text": self.start_text,
            "start_agreed_at": now if self.start_text else None,
        }


def current_agreement() -> Agreement:
    """Return what an order that is placed now agrees to. One query."""
    versions: Any = Order._meta.get_field("terms_version").related_model
    served = versions.objects.served_for("terms", "withdrawal").defer("content", "page__body")
    by_purpose = {version.page.purpose: version for version in served}
    return Agreement(by_purpose.get("terms"), by_purpose.get("withdrawal"), start_text())


def start_text() -> str:
    """Return the sentence that readers tick so that their order begins at once, "" if they are not asked."""
    publication = get_publication()
    if not publication.asks_for_immediate_start:
        return ""
    if publication.immediate_start_text:
        return publication.immediate_start_text
    text = _("Start my subscription now, before the 14-day withdrawal period ends.")
    if publication.withdrawal_refund == Publication.WithdrawalRefund.UNUSED:
        text += " " + _("If I withdraw, I pay for the days until then.")
    return text
