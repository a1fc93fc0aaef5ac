"""A payment page of ours that takes no money: Pay, Decline, Wait. For the demo and for development alone."""

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db.models import F

from subscriptions.models import BookEntry
from subscriptions.providers.ledger import BookKeeper, Status


class Demo(BookKeeper):
    code = "demo"
    label = "Demo payment"
    page = "subscriptions:demo_payment"

    def check(self) -> list[CheckMessage]:
        if self.offered():
            return []
        hint = "Take it out of PAYMENT_PROVIDERS: whoever clicks Pay would read without paying."
        return [Error("The demo payment page is on in a site that is no demo.", hint=hint, id="subscriptions.E001")]

    def offered(self) -> bool:
        return bool(settings.DEMO or settings.DEBUG)

    def pay(self, ref: str) -> bool:
        return self.settle(ref, Status.PAID, by="demo page")

    def decline(self, ref: str) -> None:
        unpaid = BookEntry.objects.filter(provider=self.code, ref=ref).exclude(status__in=[Status.PAID, Status.CLOSED])
        unpaid.update(status=Status.DECLINED, declines=F("declines") + 1)

    def wait(self, ref: str) -> None:
        unpaid = BookEntry.objects.filter(provider=self.code, ref=ref).exclude(status__in=[Status.PAID, Status.CLOSED])
        unpaid.update(status=Status.WAITING)
