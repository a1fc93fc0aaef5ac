"""Lists with random words, dates and encodings, and an oracle that knows what each row truly says.

The words that the oracle accepts are written down here once more, so that what the product knows is compared with them.
"""

import random
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta

NOW = date(2026, 2, 1)
STATES = {
    "active": "active trialing trialling paid aktiv laufend actif activo activa attivo actief ativo",
    "cancelled": "canceled cancelled pending_cancel not_renewing gekündigt",
    "unpaid": "on-hold pending unpaid incomplete past_due failed overdue überfällig unbezahlt impayé impagado",
    "over": "expired switched trash incomplete_expired ended free abgelaufen beendet expiré terminé caducado scaduto"
    " verlopen",
}
INTERVALS = {
    ("month", 1): "month|Monthly|monatlich|mensuel|mensual|mensile|maandelijks|every month|1 month",
    ("month", 3): "quarterly|vierteljährlich|3 months|trimestriel|every 3 months",
    ("month", 6): "halbjährlich|semiannual|6 Monate|alle 6 Monate",
    ("year", 1): "year|yearly|jährlich|annuel|jaarlijks|12 months",
}
PAYMENTS = {
    "card": "card|stripe|Credit Card|Kreditkarte|carte bancaire",
    "transfer": "bank transfer|Überweisung|invoice|Rechnung|bonifico",
    "other": "paypal|PayPal|apple|google play",
}
CURRENCIES = {"EUR": "EUR|eur|€|Euro", "USD": "USD|usd", "GBP": "GBP|£"}
# Words that say something else, or nothing that a program could know, in eight languages and none.
OTHER = {
    "status": "paused|inactive|suspended|refunded|chargeback|will not renew|storniert|pausiert|ruhend|läuft aus|"
    "Kündigung vorgemerkt|Gekündigt zum 20.12.2026|aktiv (gekündigt)|résilié|suspendu|en pause|cancelado|dado de baja|"
    "pausado|disdetto|sospeso|opgezegd|gepauzeerd|suspenso|em pausa|zawieszony|anulowany|wstrzymany|activ|actve|"
    "active?|active until 1.3.|not active|in-active|ACTIVE*|1|0|true|yes|?|✓|unknown",
    "interval": "halbmonatlich|bimonthly|biannual|monthly for 3 months|month to month|einmalig|une fois|una vez|"
    "una tantum|eenmalig|uma vez|jednorazowo|month?|m|12|lifetime|0 months|monthly+yearly",
    "payment": "SEPA|Lastschrift|stripe (failed)|stripe_old|card?|cash|bar|espèces|efectivo|contanti|contant|dinheiro|"
    "gotówka|crypto|unknown|-?",
    "currency": "USDT|EURO DOLLAR|EURC|$|CHFX|złoty|kr|Dollar|euro?|XXX|EUR/USD|BTC",
}
HARMLESS = {"Rabatt": "|0|0%|no|0,00 €", "Menge": "|1", "Pausiert": "|nein|no|false", "MwSt": "|0|0.00"}
HARMFUL = {"Rabatt": "20%|1.00|ja|STUDENT", "Menge": "2|zwei", "Pausiert": "ja|seit Mai|2026-01-01", "MwSt": "19%|0.95"}
NOTHING = {"", "-", "n/a", "null", "none"}
DATES = ("iso", "dotted", "words", "american", "british", "ambiguous", "mixed", "short")
CANCELLATIONS = ("ja", "2026-01-15", "15.1.2026", "1/2/2026", "2026-01-15 10:00:00")
NO_DAYS = ["bald", "Ende März", "soon", "31.02.2026", "2026-13-01", "0.0.2026", "Q3", "1er mars", "", "99"]
# In the lists of some systems, readers pay by card if there is no column of it, and who has cancelled has no access.
KINDS = ("csv", "csv", "csv", "woocommerce", "memberful", "ghost")
CARDS_ONLY, ENDS_AT_ONCE = {"memberful", "ghost"}, {"woocommerce", "ghost"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")
HEADINGS = {
    "email": "email|E-Mail|correo", "plan": "plan|Tarif", "amount": "amount|Betrag", "currency": "currency|Währung",
    "interval": "interval|Intervall|intervalle", "status": "status|Zustand|estado",
    "payment": "payment method|Zahlungsart", "customer": "stripe customer|Stripe-Kunde",
    "next": "next payment|Nächste Zahlung",
}  # fmt: skip


def key(text):
    text = unicodedata.normalize("NFC", text).casefold().replace("_", " ").replace("-", " ")
    return " ".join(text.split())


def meanings_of(table, separator="|"):
    return {key(word): meaning for meaning, words in table.items() for word in words.split(separator)}


ACCEPTED = {
    "status": meanings_of(STATES, " "),
    "interval": meanings_of(INTERVALS),
    "payment": meanings_of(PAYMENTS),
    "currency": meanings_of(CURRENCIES),
}


@dataclass
class Row:
    """A row with its cells by column, and what it truly says of the amount and of the day."""

    cells: dict[str, str]
    minor: int | None
    day: date
    is_day: bool
    at_stripe: bool = False
    # Whether a column of cancellations says that the reader has cancelled.
    cancels: bool = False
    # Cells of further columns that say something that changes the price.
    is_harmful: bool = False


@dataclass
class GeneratedList:
    """A list of readers, written with `data`, and what an editor says about it."""

    rng: random.Random
    rows: list[Row] = field(default_factory=list)
    said: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self):
        rng = self.rng
        self.kind, self.dates = rng.choice(KINDS), rng.choice(DATES)
        optional = ("amount", "currency", "interval", "status", "payment")
        self.columns = [name for name in HEADINGS if name not in optional or rng.random() < 0.93]
        self.extra = rng.sample(sorted(HARMLESS), rng.choice((0, 0, 1, 2)))
        self.has_cancellations = rng.random() < 0.3
        # How often a cell has a word that is not known.
        self.strangeness = rng.choice((0, 0.05, 0.3, 0.9))
        # In most lists, one column has all of them, so that no other one refuses the row.
        self.strange_column = rng.choice(("", "", "", "", "status", "status", *OTHER))
        self.encoding, self.delimiter = rng.choice(ENCODINGS), rng.choice(",;\t|")
        for number in range(rng.randint(4, 16)):
            self.rows.append(self.row(number))
        if self.dates == "mixed":
            for row, order in zip(self.rows, ("%m/%d/%Y", "%d/%m/%Y"), strict=False):
                row.day = row.day.replace(day=rng.randint(13, 28))
                row.cells["next"] = row.day.strftime(order)
        if rng.random() < 0.5:
            self.explain()

    def row(self, number):
        rng = self.rng
        cells = {"email": f"r{number}@example.org", "plan": "Gold", "customer": f"cus_{number}"}
        if rng.random() < 0.03:
            cells["email"] = f"müller{number}@x.org"
        currency = rng.choice(sorted(CURRENCIES))
        for name, words in (("status", STATES["active"].split()), ("payment", PAYMENTS["card"].split("|"))):
            cells[name] = self.word(name, words if rng.random() < 0.7 else sorted(ACCEPTED[name]))
        cells["interval"] = self.word("interval", sorted(ACCEPTED["interval"]))
        cells["currency"] = self.word("currency", CURRENCIES[currency].split("|"))
        cells["amount"], minor = self.amount(currency)
        day = NOW + timedelta(days=rng.randint(5, 300))
        if self.dates == "ambiguous":
            day = day.replace(day=rng.randint(1, 12))
        cells["next"], is_day = self.date(day)
        harmful, cancels = False, False
        if self.has_cancellations:
            cells["Gekündigt am"] = rng.choice(("", "", "nein", *CANCELLATIONS, "vielleicht"))
            cancels = cells["Gekündigt am"] in CANCELLATIONS
            harmful = cells["Gekündigt am"] == "vielleicht"
        for name in self.extra:
            harmful |= (is_harmful := rng.random() < self.strangeness / 2)
            cells[name] = rng.choice((HARMFUL if is_harmful else HARMLESS)[name].split("|"))
        return Row(cells, minor, day, is_day, rng.random() < 0.3, cancels, is_harmful=harmful)

    def word(self, name, known):
        rng = self.rng
        if rng.random() >= self.strangeness or self.strange_column not in ("", name):
            word = rng.choice(known)
            return word.upper() if rng.random() < 0.1 and "ß" not in word else word
        kind = rng.random()
        if kind < 0.35:
            return rng.choice(sorted(NOTHING))
        if kind < 0.5:
            return (
                "".join(rng.choice("abcdefghijkxyzäöéñłß 0123456789?!") for _ in range(rng.randint(2, 12))).strip()
                or "q"
            )
        return rng.choice(OTHER[name].split("|"))

    def amount(self, currency):
        """Return an amount as somebody writes it, with what it truly is; None for what no one can know."""
        rng = self.rng
        if rng.random() < self.strangeness / 2 and not self.strange_column:
            strange = (
                "1.250",
                "1,250",
                "5.00 (-20%)",
                "about 5",
                "-5.00",
                "5.00 + MwSt",
                "5.00/5.95",
                "",
                "fünf",
                "5.005",
            )
            return rng.choice(strange), None
        minor = rng.choice((500, 500, 990, 6000, 129950, 0 if rng.random() < 0.2 else 500))
        whole, cents = divmod(minor, 100)
        forms = [f"{whole}.{cents:02}", f"{whole},{cents:02}"]
        forms += [f"{whole:,}.{cents:02}", f"{whole:,}".replace(",", ".") + f",{cents:02}"]
        return rng.choice(forms), minor

    def date(self, day):
        """Return a day as somebody writes it, and whether it is one."""
        rng = self.rng
        if rng.random() < self.strangeness / 4 and not self.strange_column:
            return rng.choice(NO_DAYS), False
        forms = {
            "iso": day.isoformat(), "dotted": f"{day.day}.{day.month}.{day.year}", "words": day.strftime("%d %b %Y"),
            "american": f"{day.month}/{day.day}/{day.year}", "british": f"{day.day}/{day.month}/{day.year}",
            "short": day.strftime("%m/%d/%y"),
        }  # fmt: skip
        forms["ambiguous"] = forms["american"]
        forms["mixed"] = forms[rng.choice(("american", "british"))]
        return forms[self.dates], True

    def explain(self):
        """Say what some of the unknown words mean, and what comes first in dates."""
        rng = self.rng
        for name, choices in (
            ("status", ["active", "cancelled", "unpaid", "over"]),
            ("payment", ["card", "transfer", "other"]),
            ("currency", ["EUR"]),
        ):
            words = {row.cells[name] for row in self.rows} if name in self.columns else {""}
            for word in sorted(words):
                if rng.random() < 0.6 and self.meaning(name, word) is None:
                    text = "" if key(word) in NOTHING else word
                    if key(text) not in map(key, self.said.get(name, {})):
                        self.said.setdefault(name, {})[text] = rng.choice(choices)
        if self.dates in ("american", "ambiguous"):
            self.said["dates"] = {"?/?/2026": "month first"}
        elif self.dates == "short":
            self.said["dates"] = {"?/?/26": "month first"}

    def data(self):
        """Return the file as bytes."""
        rng = self.rng
        names = [*self.columns, *self.extra, *(["Gekündigt am"] if self.has_cancellations else [])]
        rng.shuffle(names)
        lines = [[rng.choice(HEADINGS.get(name, name).split("|")) for name in names]]
        lines += [[row.cells[name] for name in names] for row in self.rows]
        quote = lambda cell: f'"{cell}"' if self.delimiter in cell or rng.random() < 0.1 else cell  # noqa: E731
        text = "\r\n".join(self.delimiter.join(map(quote, line)) for line in lines)
        if rng.random() < 0.2:
            text = unicodedata.normalize("NFD", text) if self.encoding != "cp1252" else text
        return text.encode(self.encoding, errors="replace")

    # The oracle

    def meaning(self, name, text):
        """Return what a cell means: as the editor says, or as everybody knows; None if no one knows it."""
        text = "" if key(text) in NOTHING or text.strip() in NOTHING else text
        said = {key(word): meaning for word, meaning in self.said.get(name, {}).items()}
        if key(text) in said:
            return said[key(text)]
        if name == "status" and key(text) in ("canceled", "cancelled") and self.kind in ENDS_AT_ONCE:
            return "over"
        return ACCEPTED[name].get(key(text)) if text else None

    def says(self, row, name):
        if name not in self.columns:
            is_card = name == "payment" and self.kind in CARDS_ONLY
            meaning = "card" if is_card else self.meaning(name, "")
        else:
            meaning = self.meaning(name, row.cells[name])
        return "cancelled" if name == "status" and meaning == "active" and row.cancels else meaning

    def knows_dates(self):
        """Whether the order of days and months is stated or shown by a row."""
        if self.dates in ("iso", "dotted", "words") or "dates" in self.said:
            return True
        shown = {"american": 1, "british": 0}
        if self.dates not in shown:
            return False
        parts = [row.cells["next"].split("/") for row in self.rows if row.cells["next"].count("/") == 2]
        return any(int(each[shown[self.dates]]) > 12 for each in parts)

    def refusal(self, row, *, at_stripe):
        """Return why nothing may be done with a row, "" if it may."""
        if not row.cells["email"].isascii():
            return "nobody can log in with the address"
        for name in ("status", "interval", "payment", "currency"):
            is_missing = name not in self.columns
            if self.says(row, name) is None and not (is_missing and at_stripe):
                return f"{name} {row.cells[name]!r}"
        if row.minor is None and (not at_stripe or "amount" in self.columns):
            return "amount"
        if "amount" not in self.columns and not at_stripe:
            return "no amounts"
        if row.is_harmful:
            return "something changes the price"
        if at_stripe and not row.cells["next"]:
            return ""  # Stripe knows the day.
        return "" if row.is_day and self.knows_dates() else f"date {row.cells['next']!r}"
