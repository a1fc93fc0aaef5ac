import tomllib
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.test import SimpleTestCase

from articles.corrections.detector import propose
from articles.corrections.wording import Wording, wording, words_differ
from articles.management.commands.measure_detector import judge
from articles.models import ChangeKind


def text(*lines, headline="The dam", names=("Ines Halloran",)):
    return Wording(headline, "", names, lines)


class DetectorTests(SimpleTestCase):
    def assert_proposed(self, old, new, kind, *reasons):
        proposal = propose(text(old), text(new))
        self.assertEqual((proposal.kind, proposal.reasons[: len(reasons)]), (kind, reasons))

    def test_reasons_name_what_changed(self):
        for old, new, kind, reason in [
            ("It cost 0.25 crowns.", "It cost 0.5 crowns.", "correction", "A figure changed: 0.25 → 0.5."),
            ("It fell in May 1998.", "It fell in May 1999.", "correction", "A date changed: 1998 → 1999."),
            ("The owner, Ann Reil, left.", "The owner, Ann Rail, left.", "correction", "A name changed: Reil → Rail."),
            ("It was safe then.", "It was not safe then.", "correction", "A negation changed: – → not."),
            ("Rents rose at once.", "Rents fell at once.", "correction", "The meaning changed: rose → fell."),
            (
                "She said “we knew it all”.",
                "She said “we guessed it all”.",
                "correction",
                "A quotation changed: “we guessed it all”.",
            ),
            ("The fund pays.", "The fund pays. It began last week.", "update", "4 words were added."),
            ("It was recieved.", "It was received.", "minor", "Only spelling, punctuation or small words changed."),
        ]:
            with self.subTest(new):
                self.assert_proposed(old, new, kind, reason)

    def test_figures_that_changed_places_are_a_correction(self):
        self.assert_proposed(
            "It rose from 4 to 5.", "It rose from 5 to 4.", "correction", "A figure changed: 4, 5 → 5, 4."
        )

    def test_other_spellings_of_a_figure_are_minor(self):
        for old, new in [("It cost 1200.", "It cost 1,200."), ("All 2 fell.", "All two fell."), ("a 'b'", "a ‘b’")]:
            with self.subTest(old):
                self.assert_proposed(old, new, "minor")

    def test_new_byline_is_a_correction(self):
        proposal = propose(text("A.", names=("Ann",)), text("A.", names=("Ben",)))
        self.assertEqual(proposal.reasons, ("The byline changed: Ann → Ben.",))

    def test_typo_in_the_headline_is_minor(self):
        for headline, kind in [("The damm", "minor"), ("The lake", "clarification")]:
            with self.subTest(headline):
                self.assertEqual(propose(text("A."), text("A.", headline=headline)).kind, kind)

    def test_moved_sentences_are_minor(self):
        self.assert_proposed("It cost 4 crowns. Ann Reil left.", "Ann Reil left. It cost 4 crowns.", "minor")


class GermanTests(SimpleTestCase):
    """In German every noun has a capital letter."""

    PAIRS = tomllib.loads(Path("tests/articles/corrections/german_pairs.toml").read_text(encoding="utf-8"))["pair"]

    def test_facts_are_those_that_changed(self):
        for pair in self.PAIRS:
            with self.subTest(pair["new"]):
                self.assertEqual([fact.value for fact in judge(pair).facts], pair["facts"])

    def test_added_sentence_changes_neither_name_nor_figure(self):
        proposal = propose(text("Am Hafen wird gebaut."), text("Am Hafen wird gebaut. Der Kran trägt die Nummer 7."))
        self.assertEqual((proposal.kind, proposal.facts, proposal.reasons), ("update", (), ("6 words were added.",)))


class WordingTests(SimpleTestCase):
    CONTENT = {
        "headline": "A",
        "standfirst": "B",
        "body": "<p>C <a href='/x'>d</a></p><hr data-gate>",
        "kind": "report",
        "bylines": [],
        "lead": None,
        "pictures": {},
        "required_level": 0,
    }
    IMAGE = {"pictures": {"1": {"caption": "Old", "credit": "", "alt": "x", "sha256": "0" * 64}}}

    def differs(self, **changes):
        image = self.IMAGE | {"body": "<figure data-image='1'></figure>"}
        return words_differ(self.CONTENT | image, self.CONTENT | image | changes)

    def test_access_image_size_and_alt_text_are_no_words(self):
        alt = {"pictures": {"1": self.IMAGE["pictures"]["1"] | {"alt": "y", "sha256": "1" * 64}}}
        for changes in ({"required_level": 10}, {"body": "<figure data-image='1' data-size='wide'></figure>"}, alt):
            with self.subTest(changes):
                self.assertFalse(self.differs(**changes))

    def test_captions_and_headlines_are_words(self):
        caption = {"pictures": {"1": self.IMAGE["pictures"]["1"] | {"caption": "New"}}}
        for changes in (caption, {"headline": "Z"}, {"standfirst": "Z"}, {"bylines": [{"name": "Z"}]}):
            with self.subTest(changes):
                self.assertTrue(self.differs(**changes))

    def test_links_and_the_paywall_marker_are_no_words(self):
        self.assertEqual(wording(self.CONTENT), wording(self.CONTENT | {"body": "<p>C <a href='/y'>d</a></p>"}))


class MeasurementTests(SimpleTestCase):
    def test_command_prints_the_rates_that_the_docs_state(self):
        output = StringIO()
        call_command("measure_detector", stdout=output)
        docs = " ".join(Path("docs/record.md").read_text(encoding="utf-8").split())
        self.assertIn(output.getvalue().strip(), docs)

    def test_every_kind_is_measured(self):
        output = StringIO()
        call_command("measure_detector", stdout=output)
        self.assertGreaterEqual(int(output.getvalue().split()[0]), 60)
        pairs = Path("tests/articles/corrections/pairs.toml").read_text(encoding="utf-8")
        for kind in ChangeKind.values:
            self.assertIn(f'kind = "{kind}"', pairs)

    def test_missing_file_is_reported(self):
        with self.assertRaisesMessage(CommandError, "does not exist"):
            call_command("measure_detector", "/nowhere.toml")
