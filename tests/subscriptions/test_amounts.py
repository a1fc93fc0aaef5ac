"""Amounts of money that people type, with comma or full stop, in every language."""

from decimal import Decimal
from itertools import product

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.utils.translation import override

from subscriptions.forms.amounts import AmountField, minor_units, parse_typed_amount
from subscriptions.money import EXPONENTS

WHOLE = (0, 1, 9, 99, 990, 1250, 12_500, 1_234_567)
# How people write thousands and decimals: in English, German, Swiss and French.
STYLES = ((",", "."), (".", ","), ("'", "."), ("’", "."), (" ", ","), ("\N{NO-BREAK SPACE}", ","), ("", "."), ("", ","))


def cents_of(text):
    try:
        amount = AmountField().clean(text)
        return minor_units(amount, "EUR")
    except ValidationError:
        return None


class TypedAmountTests(SimpleTestCase):
    def test_what_is_typed_is_read_as_it_was_meant_or_refused(self):
        tries = 0
        for language, whole, cents, (group, separator), symbol in product(
            ("en-gb", "de"), WHOLE, ("", "5", "50", "05"), STYLES, ("{}", "€{}", "{} €", "EUR {}")
        ):
            typed = symbol.format(f"{whole:,}".replace(",", group) + (separator + cents if cents else ""))
            meant = whole * 100 + (int(cents.ljust(2, "0")) if cents else 0)
            tries += 1
            with override(language):
                read = cents_of(typed)
            self.assertIn(read, (meant, None), (language, typed))
            if cents or group not in (",", ".") or whole < 1000 or whole > 10**6:
                self.assertEqual(read, meant, (language, typed))
        self.assertEqual(tries, 2048)

    def test_one_separator_before_three_digits_is_refused(self):
        for language in ("en-gb", "de"):
            for typed in ("1.250", "1,250", "9.000", "9,000"):
                with self.subTest(language=language, typed=typed), override(language):
                    self.assertIsNone(cents_of(typed))

    def test_nonsense_is_refused(self):
        for typed in (
            "1,2,3",
            "1.25,0,0",
            "12,34.5.6",
            "1 25",
            "9..5",
            "free",
            "9 or 10",
            "٩",
            "1,2345.00",
            "€",
            "9,",
            "1e3",
            "-9",
        ):
            with self.subTest(typed):
                self.assertIsNone(cents_of(typed))

    def test_currencies_with_three_decimals_keep_them(self):
        with override("de"):
            self.assertEqual(parse_typed_amount("9,000"), Decimal("9.000"))
            self.assertEqual(minor_units(Decimal("9.000"), "KWD"), 9000)
        for currency, decimals in EXPONENTS.items():
            with self.assertRaises(ValidationError):
                minor_units(Decimal(1).scaleb(-decimals - 1) + 1, currency)
