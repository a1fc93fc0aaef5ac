"""The hosted pages: checkout, billing portal, invoice. Plain HTML, without script."""

from datetime import UTC, datetime
from html import escape
from string import Template

from tests.fakestripe.store import Object
from tests.fakestripe.transport import FakeStripe

_PAGE = Template("""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>$title</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main><h1>$title</h1>$body</main></body></html>""")
_CARDS = Template("""<form method="post" action="$action">$fields
<p><button name="card" value="pm_card_visa">$verb with Visa 4242</button></p>
<p><button name="card" value="pm_card_mastercard">$verb with Mastercard 4444</button></p>
<p><button name="card" value="pm_card_chargeDeclined">$verb with a declined card</button></p>
<p><button name="card" value="pm_card_chargeCustomerFail">$verb with a card that fails later</button></p></form>""")
_CODE = '<p><label>Promotion code <input name="promotion_code"></label></p>'


_CLOCK = """<form method="post" action="/"><p><button name="days" value="1">Pass a day</button>
<button name="days" value="31">Pass a month</button></p></form>"""


def amount(minor: int, currency: str) -> str:
    return f"{minor} {currency.upper()} (minor units)"


def _page(title: str, *body: str) -> str:
    return _PAGE.substitute(title=escape(title), body="\n".join(filter(None, body)))


def _link(text: str, url: str | None) -> str:
    return f'<p><a href="{escape(url)}">{escape(text)}</a></p>' if url else ""


def _text(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _alert(text: str) -> str:
    return f'<p role="alert">{escape(text)}</p>' if text else ""


def overview_page(fake: FakeStripe) -> str:
    """The state of all subscriptions, and buttons that move the clock."""
    now = datetime.fromtimestamp(fake.now, UTC)
    lines = []
    for subscription in fake.all("subscription"):
        customer = fake.get(subscription["customer"])
        lines.append(_text(f"{customer['email']}: {subscription['id']}, {subscription['status']}"))
    return _page("Stripe, without Stripe", _text(f"It is {now:%-d %B %Y, %H:%M} UTC."), _CLOCK, *lines)


def checkout_page(fake: FakeStripe, session: Object, error: str = "") -> str:
    if session["status"] != "open":
        return _page("Payment page closed", _text(f"This page is {session['status']}."))
    lines = [fake.get(line["price"]["product"])["name"] for line in session["line_items"]["data"]]
    customer = fake.get(session["customer"]) if session["customer"] else {}
    cards = _CARDS.substitute(
        action=f"/pay/{session['id']}", verb="Pay", fields=_CODE if session["allow_promotion_codes"] else ""
    )
    return _page(
        "Stripe checkout",
        _alert(error),
        _text(", ".join(lines)),
        _text(f"Total due today: {amount(session['amount_total'], session['currency'])}"),
        _text(customer.get("email") or ""),
        cards,
        _link("Back", session["cancel_url"]),
    )


def portal_page(fake: FakeStripe, session: Object, message: str = "") -> str:
    customer = session["customer"]
    subscriptions = fake.all("subscription", customer=customer)
    method = fake.card_of(customer, subscriptions[-1] if subscriptions else None)
    card = fake.get(method)["card"] if method else None
    features = fake.get(session["configuration"])["features"]
    change = _CARDS.substitute(action=f"/portal/{session['id']}", verb="Replace", fields="")
    invoices = [
        _link(f"{invoice['number']}: {invoice['status']}", invoice["hosted_invoice_url"])
        for invoice in reversed(fake.all("invoice", customer=customer))
    ]
    return _page(
        "Stripe billing portal",
        _alert(message),
        _text(f"Card: {card['brand']} ending in {card['last4']}" if card else "No card"),
        change if features["payment_method_update"]["enabled"] else "",
        "\n".join(invoices) if features["invoice_history"]["enabled"] else "",
        _link("Return", session["return_url"]),
    )


def invoice_page(invoice: Object, message: str = "") -> str:
    pay = _CARDS.substitute(action=f"/i/{invoice['id']}", verb="Pay", fields="")
    return _page(
        f"Invoice {invoice['number']}",
        _alert(message),
        _text(f"Status: {invoice['status']}"),
        _text(f"Total: {amount(invoice['total'], invoice['currency'])}"),
        pay if invoice["status"] == "open" else "",
    )


def missing_page() -> str:
    return _page("Not found", _text("There is no such page."))
