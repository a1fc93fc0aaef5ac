"""What the words of a list mean for money and access: known ones, and those that an editor has explained.

Everything else has no meaning, and its row moves no money and gives no access (`rows`).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from subscriptions.money import EXPONENTS
from truthlytics.contrib.importers.readers.records import Word
from truthlytics.contrib.importers.readers.values import NO, YES, parse_amount

# The words of a mapping for each topic, with what they say to editors. Topics without any take a text: see `_TEXTS`.
YES_OR_NO: dict[str, str | Promise] = {"yes": _("yes"), "no": _("no")}
HARMLESS: dict[str, str | Promise] = {"none": _("does not change what is paid")}
DAY_FIRST, MONTH_FIRST = "day first", "month first"
MEANINGS: dict[str, dict[str, str | Promise]] = {
    "status": {
        "active": _("pays: is charged again on the next date"),
        "cancelled": _("has cancelled: access until the paid date, nothing is charged"),
        "unpaid": _("has not paid: is refused"),
        "over": _("has ended, or never paid: nothing is charged, no access"),
    },
    "access": {
        "paid": _("has paid"),
        "app": _("has paid in an app"),
        "comp": _("complimentary access"),
        "gift": _("gift access"),
        "free": _("has no paid access"),
    },
    "paid": YES_OR_NO,
    "renews": YES_OR_NO,
    "cancels": YES_OR_NO,
    "comp": YES_OR_NO,
    "gift": YES_OR_NO,
    "payment": {
        "card": _("a card that is saved at Stripe"),
        "transfer": _("bank transfer"),
        "other": _("something else, such as PayPal or an app"),
    },
    "interval": {
        "month": _("every month"),
        "2 month": _("every 2 months"),
        "3 month": _("every 3 months"),
        "6 month": _("every 6 months"),
        "year": _("every year"),
        "2 year": _("every 2 years"),
        "week": _("every week"),
        "4 week": _("every 4 weeks"),
        "day": _("every day"),
    },
    "currency": {code: code for code in EXPONENTS},
    "amount": {},
    "discount": HARMLESS,
    "quantity": HARMLESS,
    "tax": HARMLESS,
    "paused": HARMLESS,
    "dates": {DAY_FIRST: _("the day comes first"), MONTH_FIRST: _("the month comes first")},
    "date": {},
}
LABELS: dict[str, str | Promise] = {
    "status": pgettext_lazy("of a subscription", "State of the subscription"),
    "access": _("Kind of access"),
    "paid": _("Pays"),
    "renews": _("Renews"),
    "cancels": _("Has cancelled"),
    "comp": _("Complimentary access"),
    "gift": _("Gift access"),
    "payment": _("Payment method"),
    "interval": _("Billing interval"),
    "currency": _("Currency"),
    "amount": _("Amount"),
    "discount": _("Discount"),
    "quantity": _("Quantity"),
    "tax": _("Tax"),
    "paused": _("Paused"),
    "dates": _("Form of dates"),
    "date": _("Date"),
}
# Known words by meaning. Words that can mean two things are left out on purpose.
_KNOWN: dict[str, dict[str, str]] = {
    "status": {
        "active": "active|trialing|trialling|paid|aktiv|laufend|actif|activo|activa|attivo|actief|ativo",
        "cancelled": "canceled|cancelled|pending cancel|not renewing|gekündigt",
        "unpaid": "on hold|pending|unpaid|incomplete|past due|failed|overdue|überfällig|unbezahlt|impayé|impagado",
        "over": "expired|switched|trash|incomplete expired|ended|free|abgelaufen|beendet|expiré|terminé|caducado"
        "|scaduto|verlopen",
    },
    "access": {
        "paid": "paid",
        "app": "ios app|android app",
        "comp": "comp|comped|complimentary|free forever|lifetime",
        "gift": "gift|gifted|gift subscription",
        "free": "free|free tier|free signup|author|kostenlos",
    },
    "payment": {
        "card": "stripe|stripe cc|stripe sepa|card|credit card|kreditkarte|carte bancaire|tarjeta|carta di credito"
        "|creditcard|cartão de crédito",
        "transfer": "manual|bacs|cheque|check|bank transfer|transfer|invoice|überweisung|banküberweisung|rechnung"
        "|virement|transferencia|bonifico|overschrijving",
        "other": "paypal|ppec paypal|ppcp gateway|woocommerce payments|apple|app store|ios app|google play|amazon pay"
        "|in app purchase",
    },
    "currency": {"EUR": "€|euro|euros", "GBP": "£", "CHF": "sfr"},
    "paused": {"none": "no|nein|false|0|non"},
    "quantity": {"none": "1"},
    "discount": {"none": "no|nein|none|0%|0 %"},
    "tax": {"none": "no|nein|none|0%|0 %"},
}  # fmt: skip
_UNITS: dict[str, tuple[str, int]] = {
    word: (unit, count)
    for unit, count, words in (
        ("day", 1, "day|days|daily|tag|tage|täglich"),
        ("week", 1, "week|weeks|weekly|woche|wochen|wöchentlich|semaine|semana|settimana|hebdomadaire|semanal"),
        ("month", 1, "month|months|monthly|monat|monate|monatlich|mois|mensuel|mes|meses|mensual|mese|mesi|mensile"
         "|maand|maanden|maandelijks|mensal"),
        ("month", 3, "quarter|quarterly|quartal|vierteljährlich|quartalsweise|trimestriel|trimestral|trimestrale"
         "|kwartaal"),
        ("month", 6, "half year|half yearly|halfyearly|semiannual|semi annual|semiannually|semi annually|halbjahr"
         "|halbjährlich|semestriel|semestral|semestrale|halfjaarlijks"),
        ("year", 1, "year|years|yearly|annual|annually|jahr|jahre|jährlich|an|année|annuel|año|anual|anno|annuale|jaar"
         "|jaarlijks"),
    )
    for word in words.split("|")
}  # fmt: skip
# As `form_of` returns it, in a key.
_FORM = re.compile(r"(2026[ ./]12[ ./]31|31\.12\.(2026|26)|\?[ /]\?[ /](2026|26))")
_EVERY = re.compile(r"(?:every |alle |per |pro |cada |tous les |ogni |elke )?(?:(\d{1,3}) )?(\D+)")
# In the lists of these systems, nothing in a column with yes or no is a no.
_NAMED = {"ghost", "substack", "woocommerce", "memberful"}


def key_of(text: str) -> str:
    """Return a word of a program or person, such as "wc-on-hold", as it is compared: "on hold"."""
    text = unicodedata.normalize("NFC", text).casefold().strip().removeprefix("wc-")
    return " ".join(re.split(r"[\s_-]+", text)).strip()


def interval_of(meaning: str) -> tuple[str, int]:
    """Return unit and number of an interval such as "3 month"; "" and 1 if it is none."""
    number, _space, unit = meaning.rpartition(" ")
    if unit not in {"day", "week", "month", "year"} or not re.fullmatch(r"([1-9]\d{0,2})?", number):
        return "", 1
    count = int(number or 1)
    return ("year", count // 12) if unit == "month" and count % 12 == 0 else (unit, count)


def problem_with(topic: str, meaning: str) -> str:
    """Return why a mapping can't have this meaning; "" if it can, or if it is empty: not said yet."""
    choices = MEANINGS.get(topic)
    if choices is None:
        return f"There is no topic “{topic}”. There are {', '.join(MEANINGS)}."
    if not meaning or meaning in choices or (topic == "interval" and interval_of(meaning)[0]):
        return ""
    if topic == "amount" and re.fullmatch(r"\d+(\.\d{1,3})?", meaning):
        return ""
    if topic == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", meaning):
        return ""
    examples = {"amount": "an amount such as 12.50", "date": "a date such as 2027-03-31"}
    return f"“{meaning}” is no meaning for {topic}. Use {examples.get(topic) or ', '.join(choices)}."


class Vocabulary:
    """The words of lists of `kind`, with what an editor `said`: meanings by topic and word."""

    def __init__(self, kind: str, said: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.kind = kind
        self.said = {
            topic: {key_of(word): meaning for word, meaning in words.items() if meaning}
            for topic, words in (said or {}).items()
        }

    def explains_nothing(self, topic: str) -> bool:
        """Return whether the editor has said what an empty cell, or no column, means."""
        return "" in self.said.get(topic, {})

    def word(self, topic: str, text: str, *, is_missing: bool = False) -> Word:
        """Return what `text` is taken for. `is_missing` says that the list has no column of it."""
        said = self.said.get(topic, {}).get(key_of(text))
        meaning = said or ("" if is_missing else _known(topic, self.kind, key_of(text)))
        return Word(topic, text[:100], meaning, is_missing)


@cache
def _meanings(topic: str) -> Mapping[str, str]:
    return {word: meaning for meaning, words in _KNOWN.get(topic, {}).items() for word in words.split("|")}


def _known(topic: str, kind: str, key: str) -> str:
    if topic == "interval":
        return _known_interval(kind, key)
    if topic == "currency" and key.upper() in EXPONENTS:
        return key.upper()
    if MEANINGS[topic] is YES_OR_NO:
        if key in YES or key in NO:
            return "yes" if key in YES else "no"
        if topic == "cancels":
            return "no" if not key else "yes" if _FORM.fullmatch(key) else ""
        return "no" if not key and kind in _NAMED and topic in {"comp", "gift"} else ""
    if topic in {"discount", "tax"} and parse_amount(key, "EUR") == 0:
        return "none"
    if topic == "status" and kind in {"woocommerce", "ghost"} and key in {"cancelled", "canceled"}:
        return "over"
    return _meanings(topic).get(key, "")


def _known_interval(kind: str, key: str) -> str:
    if kind == "substack" and key == "founding":
        return "year"
    match = _EVERY.fullmatch(key)
    unit, count = _UNITS.get(match[2].strip(), ("", 1)) if match else ("", 1)
    number = count * int(match[1] or 1) if match else 0
    if not unit or not number:
        return ""
    return unit if number == 1 else f"{number} {unit}"


# --- Dates ----------------------------------------------------------------------------------------------------------
_PARTS = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")


def form_of(text: str) -> str:
    """Return the form of a date, as a mapping names it. "?" is a number that is the day or the month."""
    text = text.strip()
    match = _PARTS.match(text)
    if match is None:
        return (
            "1767225600" if re.fullmatch(r"\d{10}|\d{13}", text) else "20261231" if text.isdecimal() else "31 Dec 2026"
        )
    first, mark, year = match[1], match[2], "2026" if len(match[4]) == 4 else "26"
    if len(first) == 4:
        return f"2026{mark}12{mark}31"
    return f"31.12.{year}" if mark == "." else f"?{mark}?{mark}{year}"


def orders_of(texts: Iterable[str], vocabulary: Vocabulary) -> Mapping[str, Word]:
    """Return for each form of the dates in a list what comes first, where a row shows it or an editor said it.

    Rows that show different orders show none, and neither do years of two digits.
    """
    shown: dict[str, set[str]] = {}
    for text in texts:
        form = form_of(text)
        found = shown.setdefault(form, set())
        match = _PARTS.match(text.strip())
        if match is None or "?" not in form:
            continue
        if int(match[1]) > 12:
            found.add(DAY_FIRST)
        if int(match[3]) > 12:
            found.add(MONTH_FIRST)
    all_shown = set().union(*shown.values(), {DAY_FIRST} if any(form.startswith("31.") for form in shown) else ())
    orders = {}
    for form, own in shown.items():
        if "?" not in form:
            orders[form] = Word("dates", form, form)
            continue
        word = vocabulary.word("dates", form)
        if not word.meaning and len(all_shown) == len(own) == 1 and form.endswith("2026"):
            word = word._replace(meaning=next(iter(own)))
        orders[form] = word
    return orders
