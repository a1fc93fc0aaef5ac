"""A provider of another site that renews: the demo provider, except that its payment page is elsewhere."""

from django.test import override_settings

from subscriptions.providers.base import CheckoutStart, CheckoutState, Unavailable
from truthlytics.tools.demo.provider import Demo

PATHS = [f"{__name__}.Card", "subscriptions.providers.manual.Manual"]


class Card(Demo):
    code = "card"
    label = "Card"
    site = "Examplepay"
    method = "Visa ending 4242"
    # What tests change, on the class: providers are created for each use.
    is_away = False
    expired: set[str] = set()
    closed: list[str] = []
    starts: list[object] = []

    @classmethod
    def reset(cls):
        cls.is_away, cls.expired, cls.closed, cls.starts = False, set(), [], []

    def offered(self):
        return True

    def start_checkout(self, order, *, key, starts_at=None):
        self._answer()
        self.starts.append(starts_at)
        started = super().start_checkout(order, key=key, starts_at=starts_at)
        return CheckoutStart(started.ref, f"https://pay.example/{started.ref}")

    def checkout_state(self, ref):
        self._answer()
        return CheckoutState(ref, "expired") if ref in self.expired else super().checkout_state(ref)

    def close_checkout(self, ref):
        self._answer()
        self.closed.append(ref)
        super().close_checkout(ref)

    def _answer(self):
        if self.is_away:
            raise Unavailable("It does not respond.")


class CardMixin:
    """TestCase mixin: readers can pay by card at another site, or by transfer."""

    def setUp(self):
        super().setUp()
        Card.reset()
        settings = override_settings(PAYMENT_PROVIDERS=PATHS)
        settings.enable()
        self.addCleanup(settings.disable)


def without_transfer():
    return override_settings(PAYMENT_PROVIDERS=PATHS[:1])
