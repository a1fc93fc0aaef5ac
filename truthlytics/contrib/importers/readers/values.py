"""The values of cells: dates, answers, amounts, intervals and lists of labels."""

import csv
import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from subscriptions.money import EXPONENTS

YES = {"true", "yes", "y", "1", "t", "on", "x", "ja", "wahr", "sí", "si", "oui", "vrai", "active", "subscribed"}
NO = {"false", "no", "n", "0", "f", "off", "nein", "falsch", "non", "faux", "inactive", "unsubscribed"}
NOTHING = {"", "null", "none", "nil", "n/a", "na", "-", "–", "0000-00-00", "0000-00-00 00:00:00"}
# Access without an end, which some systems write as a date in the next century.
FOR_LIFE = 2100
_NUMERIC = re.compile(
    r"(\d{4}|\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[ ,T]+(\d{1,2}:\d{2}(?::\d{2})?)(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_WORDS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y")
_ZONE = re.compile(r"(.*\d) ?(?:UTC|GMT|([+-]\d{2}):?(\d{2}))")
_AMOUNT = re.compile(
    r"(?P<before>[^\d.,-]*?) ?"
    r"(?P<number>\d[\d.,'’ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]*\d|\d) ?"
    r"(?P<after>[^\d.,-]*)"
)
# The currencies that a sign can mean.
_SIGNS = {
    "€": {"EUR"}, "EURO": {"EUR"}, "£": {"GBP"}, "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD"}, "US$": {"USD"},
    "¥": {"JPY", "CNY"}, "SFR": {"CHF"}, "KR": {"SEK", "NOK", "DKK", "ISK"}, "ZŁ": {"PLN"},
}  # fmt: skip
_SECONDS = re.compile(r"\d{10}|\d{13}")


def parse_answer(text: str) -> bool | None:
    """Return what a cell answers; None if it says neither yes nor no."""
    word = text.strip().casefold()
    return True if word in YES else False if word in NO else None


def is_nothing(text: str) -> bool:
    return text.strip().casefold() in NOTHING


def parse_date(text: str, zone: tzinfo, *, month_first: bool = False) -> datetime | None:
    """Return the time in UTC; None if it is none. `zone` is that of times without one."""
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), tz=UTC)
    if match := _ZONE.fullmatch(text):
        text = match[1].strip() + (f"{match[2]}:{match[3]}" if match[2] else "+00:00")
    found: datetime | None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = _numeric(text, month_first=month_first) or _in_words(text)
    if found is None or found.year < 1970:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return None


def _numeric(text: str, *, month_first: bool) -> datetime | None:
    match = _NUMERIC.fullmatch(text.removesuffix("+00:00"))
    if match is None:
        return None
    first, second, third = (int(part) for part in match.groups()[:3])
    year, month, day = (first, second, third) if len(match[1]) == 4 else (third, second, first)
    if len(match[1]) != 4 and month_first and ("/" in text or "-" in text):
        month, day = day, month
    try:
        found = datetime(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
    hour, minute, second = (int(part) for part in f"{match[4] or '0:0'}:0".split(":")[:3])
    if match[5]:
        hour = hour % 12 + (12 if match[5] in "pP" else 0)
    try:
        found = found.replace(hour=hour, minute=minute, second=second)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if text.endswith("+00:00") else found


def _in_words(text: str) -> datetime | None:
    plain = " ".join(text.replace(",", " ").split())
    for form in _WORDS:
        try:
            return datetime.strptime(plain, form)
        except ValueError:
            continue
    return None


def is_for_life(moment: datetime | date) -> bool:
    return moment.year >= FOR_LIFE


def parse_amount(text: str, currency: str) -> int | None:
    """Return an amount such as "1,299.50" in the smallest unit of `currency`.

    None for what says more than an amount, says another currency, or can be read in two ways: 1.250 is one and a
    quarter, or a thousand.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or not all(_is_sign(sign, currency) for sign in (match["before"], match["after"])):
        return None
    digits = _decimal(match["number"])
    if digits is None:
        return None
    amount = Decimal(digits).scaleb(EXPONENTS.get(currency, 2))
    return int(amount) if amount == int(amount) else None


def _is_sign(sign: str, currency: str) -> bool:
    sign = sign.strip().upper()
    return not sign or sign == currency or currency in _SIGNS.get(sign, ())


def _decimal(number: str) -> str | None:
    """Return a number with a point before its decimals, and without marks between thousands."""
    whole, mark, decimals = number, "", ""
    if match := re.fullmatch(r"(.*\d)([.,])(\d{1,2})", number):
        whole, mark, decimals = match.groups()
    groups = re.split(r"[^\d]", whole)
    marks = set(re.findall(r"[^\d]", whole))
    is_grouped = len(marks) == 1 and mark not in marks and len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])
    if marks and not is_grouped:
        return None
    if len(groups) == 2 and marks <= {".", ","} and not mark:
        return None
    return f"{''.join(groups)}.{decimals or 0}"


def parse_labels(text: str) -> tuple[str, ...]:
    """Return labels that are separated by commas or semicolons, and may be in quotation marks."""
    if is_nothing(text):
        return ()
    delimiter = "," if "," in text or ";" not in text else ";"
    try:
        cells = next(csv.reader([text.replace("\n", " ")], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        cells = text.split(delimiter)
    labels = (" ".join(cell.strip().strip('"').split())[:100] for cell in cells)
    return tuple(dict.fromkeys(label for label in labels if label))
