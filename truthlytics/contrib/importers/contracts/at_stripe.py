"""What the plan says about a contract that is at Stripe already: its terms, why it is refused, and what is unusual."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.money import EXPONENTS
from subscriptions.providers.stripe.moving import Contract
from truthlytics.contrib.importers.contracts.prices import Target, Terms

STATUSES: dict[str, str | Promise] = {
    "incomplete": gettext_lazy("its first payment was not confirmed"),
    "unpaid": gettext_lazy("Stripe has given up charging it"),
    "paused": gettext_lazy("its free trial has ended without a card"),
}


def refusal(contract: Contract, target: Target) -> str:
    """Return why a contract at Stripe can't be attached as it is, "" if it can."""
    reasons = [
        (contract.items != 1, _("it has %(number)s items; here a contract has one") % {"number": contract.items}),
        (contract.quantity != 1, _("its quantity is %(number)s") % {"number": contract.quantity}),
        (contract.schedule, _("the schedule %(id)s will change it; release it first") % {"id": contract.schedule}),
        (contract.is_invoiced_by_email, _("it is paid by invoices that Stripe sends by email")),
        (
            contract.currency not in EXPONENTS,
            _("the currency %(name)s is not known here") % {"name": contract.currency},
        ),
        (contract.amount is None, _("its amount is computed by Stripe")),
        (
            not all(discount.is_known for discount in contract.discounts),
            _(
                "it has a discount that can’t be read, such as one of its customer or item: give it to the "
                "subscription at Stripe, or remove it"
            ),
        ),
        (contract.status in STATUSES, str(STATUSES.get(contract.status, ""))),
    ]
    found = next((text for holds, text in reasons if holds), "")
    terms = terms_of(contract)
    return found or (target.refusal(terms) if terms is not None else "")


def terms_of(contract: Contract) -> Terms | None:
    return None if contract.amount is None else Terms(contract.amount, contract.interval, contract.count)


def notes_on(contract: Contract) -> tuple[str, ...]:
    """Name what the operator should know about a contract that continues unchanged."""
    notes = list(contract.notes)
    if not contract.has_card:
        notes.append(_("no default payment method: its next charge will fail"))
    if contract.needs_address:
        notes.append(_("no address, which Stripe needs to compute the tax"))
    if contract.fee:
        text = _("the old platform takes %(percent)s%% of each payment (application_fee_percent)")
        notes.append(text % {"percent": f"{contract.fee:g}"})
    return tuple(notes)
