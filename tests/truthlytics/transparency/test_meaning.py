"""What a version has to say: the script finds the faults of every case, and none can be published."""

from django.test import SimpleTestCase, tag

from articles.corrections.rule import unsaid, unsaid_about_ai
from tests.truthlytics.transparency.meaning_cases import CASES
from truthlytics.transparency.outside.meaning import compare_contents

# How the script says each fault.
SENTENCES = {
    "kind": "does not say what kind of change it is",
    "figure": "but a figure is no longer there",
    "fact": "in which a fact changed, and has no note",
    "note": "has a kind of change and no note",
    "ai": "states less use of AI",
}


@tag("sqlite")
class MeaningTests(SimpleTestCase):
    def test_the_script_finds_the_faults_of_every_case(self):
        for case in CASES:
            with self.subTest(case.name):
                faults = compare_contents(case.item, case.before, case.after, case.said).faults
                self.assertEqual(len(faults), len(case.faults), faults)
                for name, fault in zip(case.faults, faults, strict=True):
                    self.assertIn(SENTENCES[name], fault)

    def test_no_fault_can_be_published(self):
        for case in CASES:
            facts = case.facts.split(",") if case.facts else []
            with self.subTest(case.name):
                if case.item == "article":
                    said = unsaid(case.before, case.after, kind=case.kind, facts=facts, note=case.note)
                else:
                    said = unsaid_about_ai(case.before, case.after, note=case.note)
                self.assertFalse(case.faults and not said)
