"""Every check is listed and tested; what those of headline, place, words and notes find, and leave alone. Pure."""

import importlib
import inspect
import time

from django.test import SimpleTestCase

from articles import checks
from articles.checks import CHECKS, Check, Weight, look_at
from articles.checks.wording import LONG_SENTENCE
from tests.articles.checking import FIGURE, PICTURE, CheckTestCase, manuscript


class RegistryTests(SimpleTestCase):
    def test_every_check_is_in_the_list_says_why_and_has_tests_of_both_kinds(self):
        classes = [one for one in vars(checks).values() if inspect.isclass(one) and issubclass(one, Check)]
        self.assertEqual({*classes} - {Check}, {type(check) for check in CHECKS})
        self.assertEqual(set(Check.__subclasses__()), {type(check) for check in CHECKS})
        importlib.import_module("tests.articles.test_checks_of_make_up")  # the other half of the tests
        tested = {case.check: dir(case) for case in CheckTestCase.__subclasses__()}
        for check in CHECKS:
            with self.subTest(check.name()):
                self.assertNotEqual(inspect.getdoc(type(check)), inspect.getdoc(Check))
                names = tested[type(check)]
                self.assertTrue(any(name.startswith("test_found") for name in names))
                self.assertTrue(any(name.startswith("test_not_found") for name in names))

    def test_names_are_different_and_stay_what_they_are(self):
        self.assertEqual(len({check.name() for check in CHECKS}), len(CHECKS))
        self.assertEqual(checks.AltText.name(), "alt-text")

    def test_a_sound_text_has_no_finding(self):
        self.assertEqual(look_at(manuscript()), [])

    def test_what_blocks_comes_first(self):
        found = look_at(manuscript(headline="x" * 90, body="<p>TK</p>"))
        self.assertEqual([finding.check for finding in found], ["placeholder", "headline-length"])

    def test_only_what_weighs_enough_is_looked_for(self):
        bare = manuscript(section=None, body="<p>TK</p>", standfirst="")
        self.assertEqual(len(look_at(bare)), 3)
        self.assertEqual(len(look_at(bare, least=Weight.BLOCKING)), 2)
        self.assertEqual([f.check for f in look_at(bare, least=Weight.ESSENTIAL)], ["section-chosen"])

    def test_nothing_breaks_any_check(self):
        for body in ["", "<p></p>", "loose words TK", "<hr data-gate>",
                     "<table><tbody><tr><td></td></tr></tbody></table>",
                     "<ul><li><ul><li>TK</li></ul></li></ul>", "<blockquote></blockquote>", f"{FIGURE}<sup></sup>",
                     "<p>" + "<strong>" * 300 + "TK" + "</strong>" * 300 + "</p>"]:  # fmt: skip
            with self.subTest(body[:40]):
                look_at(manuscript(body=body, headline="", standfirst=""))

    def test_a_long_text_takes_less_than_fifty_milliseconds(self):
        line = "<p>" + "Words that go on and on. " * 40 + '<sup data-footnote="A source."></sup><a href="/x/">x</a></p>'
        long = manuscript(body=line * 60)
        begun = time.thread_time()
        look_at(long)
        self.assertLess(time.thread_time() - begun, 0.25)  # a busy machine may take longer than 50 ms


class HeadlineThereTests(CheckTestCase):
    check = checks.HeadlineThere

    def test_found_where_it_is_only_spaces(self):
        self.assertEqual(self.places(headline=" \n "), ["headline"])

    def test_not_found_with_one(self):
        self.assertEqual(self.places(), [])


class HeadlineLengthTests(CheckTestCase):
    check = checks.HeadlineLength

    def test_found_over_seventy(self):
        self.assertEqual(self.sentences(headline="x" * 71), ["The headline has 71 characters; lists cut it at 70."])

    def test_not_found_at_seventy_nor_for_spaces_that_nobody_sees(self):
        self.assertEqual(self.places(headline="é" * 70), [])
        self.assertEqual(self.places(headline="a" + " " * 80 + "b"), [])


class StandfirstThereTests(CheckTestCase):
    check = checks.StandfirstThere

    def test_found_without(self):
        self.assertEqual(self.places(standfirst=" "), ["standfirst"])

    def test_not_found_with_one(self):
        self.assertEqual(self.places(), [])


class SectionChosenTests(CheckTestCase):
    check = checks.SectionChosen

    def test_found_without(self):
        self.assertEqual(self.places(section=None), ["section"])

    def test_not_found_with_one(self):
        self.assertEqual(self.places(), [])


class AuthorNamedTests(CheckTestCase):
    check = checks.AuthorNamed

    def test_found_without(self):
        self.assertEqual(self.places(bylines=[]), ["bylines"])

    def test_not_found_with_one(self):
        self.assertEqual(self.places(), [])


class TextThereTests(CheckTestCase):
    check = checks.TextThere

    def test_found_where_nothing_is_said(self):
        for body in ("", "<p> </p>", "<hr>", FIGURE, '<p><sup data-footnote="A note."></sup></p>'):
            with self.subTest(body):
                self.assertEqual(self.places(body=body), ["body"])

    def test_not_found_with_a_word_anywhere(self):
        self.assertEqual(self.places(body="<table><tbody><tr><td>One</td></tr></tbody></table>"), [])


class PlaceholderTests(CheckTestCase):
    check = checks.Placeholder

    def test_found_in_each_field(self):
        for name in ("headline", "standfirst", "lead_caption", "seo_title", "seo_description"):
            with self.subTest(name):
                self.assertEqual(self.places(**{name: "It has TK berths"}), [name])

    def test_found_in_every_kind_of_block_with_the_words_around_it(self):
        for block in (
            "<p>{}</p>", "<h2>{}</h2>", "<ul><li>{}</li></ul>", "<blockquote><p>{}</p></blockquote>",
            "<table><tbody><tr><td>{}</td></tr></tbody></table>", "<aside>{}</aside>",
            f'<figure data-image="{PICTURE}"><figcaption>{{}}</figcaption></figure>', "<ol><li><p>{}</p></li></ol>",
        ):  # fmt: skip
            with self.subTest(block):
                found = self.places(body="<p>Before.</p>" + block.format("one TK two"))
                self.assertEqual(found, ["body.1.qone TK two"])

    def test_found_at_the_edges_and_written_twice(self):
        for words in (
            "TK",
            "(TK)",
            "TK, TK’s",
            "TKTK",
            "TK–2026",
            "<strong>T</strong>K",
            "€TK",
            "TK\N{NO-BREAK SPACE}km",
        ):
            with self.subTest(words):
                self.assertTrue(self.places(body=f"<p>{words}</p>"))

    def test_found_each_time_with_words_that_tell_them_apart(self):
        found = self.places(body="<p>first TK here, and quite a way further the second TK there</p>")
        self.assertEqual(found, ["body.0.qfirst TK here, and", "body.0.qthe second TK there"])

    def test_found_in_notes_and_beside_one(self):
        body = '<p>One<sup data-footnote="See TK."></sup> and<sup data-footnote="A source."></sup>TK</p>'
        self.assertEqual(self.places(body=body), ["body.0.qTK", "body.0.n1"])
        self.assertEqual(self.places(body='<aside data-by="TK">Said.</aside>'), ["body.0"])
        embed = '<div data-embed="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-title="TK"></div>'
        self.assertEqual(self.places(body=f"<p>Words.</p>{embed}"), ["body.1"])
        self.assertEqual(self.places(body="<p>10<sup>TK</sup></p>"), [])
        self.assertEqual(self.places(body="<p>See <sup>TK</sup></p>"), ["body.0.qSee TK"])

    def test_not_found_inside_of_words_in_small_letters_or_as_code(self):
        for words in ("ATK", "TKO", "tk", "Tk", "STK-3", "TK1", "T K", "_TK_", "<code>TK</code>"):
            with self.subTest(words):
                self.assertEqual(self.places(body=f"<p>{words}</p>"), [])
        self.assertEqual(self.places(body="<pre><code>TK = 1</code></pre>"), [])


class LongSentencesTests(CheckTestCase):
    check = checks.LongSentences
    long = "word " * LONG_SENTENCE + "end. "

    def test_found_where_more_than_a_quarter_is_long(self):
        body = f"<p>{'Short one. ' * 5}</p><p>{self.long * 3}</p>"
        self.assertEqual(len(self.sentences(body=body)), 1)
        self.assertIn("3 of 8 sentences", self.sentences(body=body)[0])
        self.assertTrue(self.places(body=body)[0].startswith("body.1.qword word"))

    def test_not_found_in_a_few_sentences_nor_in_a_quarter(self):
        self.assertEqual(self.sentences(body=f"<p>{self.long * 3}</p>"), [])
        self.assertEqual(self.sentences(body=f"<p>{self.long * 2}{'Short. ' * 6}</p>"), [])


class DeadCitationTests(CheckTestCase):
    check = checks.DeadCitation

    def test_found_where_a_note_says_nothing(self):
        marks = [f'<sup data-footnote="{note}"></sup>' for note in ("Source.", "…", "_ ?")]
        body = "<p>A{} b{}</p><p>c{}</p>".format(*marks)
        self.assertEqual(self.places(body=body), ["body.0.n2", "body.1.n3"])
        self.assertEqual(self.sentences(body=body)[0], "Note 2 says nothing.")

    def test_not_found_in_any_language(self):
        body = "".join(f'<p>x<sup data-footnote="{note}"></sup></p>' for note in ("S. 3", "出典", "مصدر", "7"))
        body += "<p>m<sup>2</sup> and x<sup>?</sup></p>"
        self.assertEqual(self.places(body=body), [])


class TypedCitationTests(CheckTestCase):
    check = checks.TypedCitation

    def test_found_as_word_processors_leave_it(self):
        self.assertEqual(self.places(body="<p>It was so. [3] Then</p>"), ["body.0.q[3]"])
        self.assertEqual(self.places(body="<p>It was [Citation needed]</p>"), ["body.0.q[Citation needed]"])

    def test_not_found_for_other_brackets(self):
        self.assertEqual(self.places(body="<p>a[3], [sic], [2024], [12a] and <code>x [3]</code></p>"), [])
