"""What is a fault for those who check a site is refused when it is published."""

from django.test import SimpleTestCase, tag

from articles.corrections.rule import unsaid, unsaid_about_ai
from tests.truthlytics.transparency.meaning_cases import CASES


@tag("sqlite")
class MeaningTests(SimpleTestCase):
    def test_no_fault_can_be_published(self):
        for case in CASES:
            facts = case.facts.split(",") if case.facts else []
            with self.subTest(case.name):
                if case.item == "article":
                    said = unsaid(case.before, case.after, kind=case.kind, facts=facts, note=case.note)
                else:
                    said = unsaid_about_ai(case.before, case.after, note=case.note)
                self.assertFalse(case.faults and not said)
