"""Pure functions: money, periods, states, display names, device names."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from subscriptions.devices import device_name
from subscriptions.display_names import clean_display_name
from subscriptions.money import Money
from subscriptions.periods import add_intervals, as_adjective, per_interval
from subscriptions.states import EVENTS, TRANSITIONS, IllegalTransition, after


def day(text):
    return datetime.fromisoformat(f"{text}T09:30:00").replace(tzinfo=UTC)


class MoneyTests(SimpleTestCase):
    def test_formatted_for_readers(self):
        table = [
            (Money(900, "EUR"), "€9.00"),
            (Money(5, "EUR"), "€0.05"),
            (Money(0, "EUR"), "€0.00"),
            (Money(120_050, "USD"), "$1,200.50"),
            (Money(-120_050, "USD"), "−$1,200.50"),
            (Money(900, "JPY"), "¥900"),
            (Money(9_000, "KWD"), "KWD\u00a09.000"),
            (Money(1_000, "ISK"), "ISK\u00a01,000"),
            (Money(2**53 + 1, "EUR"), "€90,071,992,547,409.93"),
        ]
        for money, text in table:
            with self.subTest(text):
                self.assertEqual(str(money), text)

    def test_two_currencies_cannot_be_added(self):
        self.assertEqual(Money(1, "EUR") + Money(2, "EUR"), Money(3, "EUR"))
        with self.assertRaises(ValueError):
            Money(1, "EUR") + Money(1, "USD")

    def test_floats_and_unknown_currencies_are_rejected(self):
        for minor, currency, error in [(9.0, "EUR", TypeError), (True, "EUR", TypeError), (1, "XXX", ValueError)]:
            with self.subTest(minor=minor, currency=currency), self.assertRaises(error):
                Money(minor, currency)


class PeriodTests(SimpleTestCase):
    def test_intervals_are_counted_from_the_anchor(self):
        table = [
            ("2026-01-31", "month", 1, "2026-02-28"),
            ("2026-01-31", "month", 2, "2026-03-31"),
            ("2024-01-31", "month", 1, "2024-02-29"),
            ("2024-02-29", "year", 1, "2025-02-28"),
            ("2024-02-29", "year", 4, "2028-02-29"),
            ("2026-12-15", "month", 1, "2027-01-15"),
            ("2026-11-30", "month", 3, "2027-02-28"),
            ("2026-11-30", "month", 0, "2026-11-30"),
        ]
        for anchor, interval, count, end in table:
            with self.subTest(anchor=anchor, interval=interval, count=count):
                self.assertEqual(add_intervals(day(anchor), interval, count), day(end))

    def test_unknown_interval_is_rejected(self):
        with self.assertRaises(ValueError):
            add_intervals(day("2026-01-01"), "fortnight", 1)

    def test_interval_descriptions(self):
        self.assertEqual([per_interval("month", 1), per_interval("year", 2)], ["a month", "every 2 years"])
        self.assertEqual([as_adjective("year", 1), as_adjective("month", 3)], ["yearly", "every 3 months"])


class StateTests(SimpleTestCase):
    def test_illegal_transitions_are_rejected(self):
        for state in ["pending", "active", "ended"]:
            for event in [*EVENTS, "nonsense"]:
                with self.subTest(state=state, event=event):
                    if (state, event) in TRANSITIONS:
                        self.assertEqual(after(state, event), TRANSITIONS[state, event])
                    else:
                        with self.assertRaises(IllegalTransition):
                            after(state, event)

    def test_only_undoing_a_withdrawal_continues_what_has_ended(self):
        events = {event for state, event in TRANSITIONS if state == "ended"}
        self.assertEqual(events, {"withdrawal_undone", "trial_resumed"})


class DisplayNameTests(SimpleTestCase):
    def test_name_is_cleaned(self):
        table = [
            ("  Nadia   Ferreira-Lund ", "Nadia Ferreira-Lund"),
            ("Zoe\u0308", "Zoë"),
            ("Evil\u202eknow", "Evilknow"),
            ("a\x00b\nc", "ab c"),
            ("李小龍", "李小龍"),
        ]
        for typed, name in table:
            with self.subTest(typed):
                self.assertEqual(clean_display_name(typed), name)

    def test_name_is_rejected(self):
        for typed in ["", "   ", "\u200b\u200b", "\x00", "\u202e", "x" * 61, "a" + "\u0334" * 9]:
            with self.subTest(repr(typed)), self.assertRaises(ValidationError):
                clean_display_name(typed)


class DeviceTests(SimpleTestCase):
    def test_device_names(self):
        table = [
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.0) Gecko/20100101 Firefox/140.0", "Firefox on a Mac"),
            ("curl/8", "curl/8"),
            ("x" * 200, "x" * 80),
            ("", "Unknown browser"),
        ]
        for agent, name in table:
            with self.subTest(agent):
                self.assertEqual(device_name(agent), name)
