"""The rules of the record: every checker gives the same answer to every case."""

from django.test import SimpleTestCase, tag

from tests.truthlytics.transparency.rule_cases import CASES, FORMER
from tests.truthlytics.transparency.second_verifier_story import Story, Wrong, dump
from truthlytics.transparency.outside.rules import Ledger, in_words


def ledger_of(case):
    former = None
    if case.former is not None:
        former = Ledger(FORMER, "")
        for entry in case.former:
            former.add(dump(entry))
    ledger = Ledger("new.example/log", "", former)
    for entry in case.entries:
        ledger.add(dump(entry))
    return ledger


def first_verdict(case):
    return [(fault.rule, fault.position) for fault in ledger_of(case).finish()]


def second_verdict(case):
    """Return the rule of the first fault, or ""."""
    former = None
    if case.former is not None:
        former = Story(FORMER, "")
        former.tell(map(dump, case.former))
    try:
        Story("new.example/log", "", former).tell(map(dump, case.entries))
    except Wrong as wrong:
        return str(wrong)
    return ""


@tag("sqlite")
class RuleTests(SimpleTestCase):
    def test_every_case_has_its_faults(self):
        for case in CASES:
            with self.subTest(case.name):
                self.assertEqual(first_verdict(case), case.faults)

    def test_the_second_verifier_agrees(self):
        for case in CASES:
            with self.subTest(case.name):
                self.assertEqual(second_verdict(case), case.faults[0][0] if case.faults else "")

    def test_an_entry_that_two_programs_read_differently_is_none(self):
        doubled = b'{"kind":"log","kind":"key"}'
        for leaf in (doubled, b'{"time":1e400}', b"[]", b"null", b'"x"', b"\xff", b"{", b"[" * 60_000):
            with self.subTest(leaf[:20]):
                ledger = Ledger("new.example/log", "")
                ledger.add(leaf)
                self.assertEqual([fault.rule for fault in ledger.finish()], ["form"])

    def test_every_entry_can_be_said_in_words(self):
        for case in CASES:
            ledger = Ledger("new.example/log", "")
            for position, entry in enumerate(case.entries):
                self.assertIn(f"Entry {position}", in_words(position, ledger.add(dump(entry))))
