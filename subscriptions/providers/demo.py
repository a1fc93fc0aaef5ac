"""Demo payment page (pay, decline, wait) that takes no money, for demo and development only."""

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from subscriptions.models import LedgerEntry
from subscriptions.providers.ledger import LedgerProvider, Status


class Demo(LedgerProvider):
    code = "demo"
    label = _("Demo payment")
    page = "subscriptions:demo_payment"

    def check(self) -> list[CheckMessage]:
        if self.offered():
            return []
        hint = "Remove it from PAYMENT_PROVIDERS: it gives access without payment."
        return [
            Error(
                "The demo payment provider is enabled on a site that isn’t a demo.", hint=hint, id="subscriptions.E001"
            )
        ]

    def offered(self) -> bool:
        return bool(settings.DEMO or settings.DEBUG)

    def pay(self, ref: str) -> bool:
        return self.settle(ref, Status.PAID, by="demo page")

    def decline(self, ref: str) -> None:
        unpaid = LedgerEntry.objects.filter(provider=self.code, ref=ref).exclude(
            status__in=[Status.PAID, Status.CLOSED]
        )
        unpaid.update(status=Status.DECLINED, declines=F("declines") + 1)

    def wait(self, ref: str) -> None:
        unpaid = LedgerEntry.objects.filter(provider=self.code, ref=ref).exclude(
            status__in=[Status.PAID, Status.CLOSED]
        )
        unpaid.update(status=Status.WAITING)
