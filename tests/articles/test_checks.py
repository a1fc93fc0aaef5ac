"""Every check: what it finds and where, what it leaves alone, and what is hard to read. Pure."""

import inspect
import time

from django.test import SimpleTestCase

from articles import checks
from articles.checks import CHECKS, Check, Leads, Manuscript, Shown, Weight, look_at
from articles.checks.words import LONG_SENTENCE
from articles.prose import clean

TEXT = {
    "headline": "A headline",
    "standfirst": "A standfirst.",
    "body": "<p>Words.</p>",
    "section": {"uuid": "1", "name": "Climate"},
    "bylines": [{"uuid": "2", "name": "Ines Calloway"}],
    "required_level": 0,
    "lead": None,
    "lead_caption": "",
    "seo_title": "",
    "seo_description": "",
}
PICTURE = "11111111-2222-4333-8444-555555555555"
FIGURE = f'<figure data-image="{PICTURE}"><figcaption></figcaption></figure>'


def manuscript(*, pictures=None, leads=None, **text):
    text = TEXT | text
    return Manuscript(text | {"body": clean(text["body"])}, pictures or {}, leads or {})


def shown(**facts):
    return {PICTURE: Shown(**{"pk": 7, "name": "The docks", "alt": "Docks", "credit": "Photo: N. N."} | facts)}


class CheckTestCase(SimpleTestCase):
    """`check` is the one that is tested."""

    check: type[Check]

    def sentences(self, **text):
        return [finding.sentence for finding in self.findings(**text)]

    def places(self, **text):
        return [str(finding.place) for finding in self.findings(**text)]

    def findings(self, **text):
        return list(self.check().look(manuscript(**text)))


class RegistryTests(SimpleTestCase):
    def test_every_check_is_in_the_list_says_why_and_has_tests_of_both_kinds(self):
        classes = [one for one in vars(checks).values() if inspect.isclass(one) and issubclass(one, Check)]
        self.assertEqual({*classes} - {Check}, {type(check) for check in CHECKS})
        self.assertEqual(set(Check.__subclasses__()), {type(check) for check in CHECKS})
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
        begun = time.perf_counter()
        look_at(long)
        self.assertLess(time.perf_counter() - begun, 0.25)  # a busy machine may take longer than 50 ms


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


class PictureThereTests(CheckTestCase):
    check = checks.PictureThere

    def test_found_once_where_the_library_has_it_no_more(self):
        self.assertEqual(self.places(body=f"<p>Words.</p>{FIGURE}{FIGURE}"), ["body.1"])
        self.assertEqual(self.places(lead=PICTURE, body=FIGURE), ["lead"])
        embed = f'<div data-embed="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-image="{PICTURE}"></div>'
        self.assertEqual(self.places(body=f"<p>Words.</p>{embed}"), ["body.1"])

    def test_not_found_where_it_is_there(self):
        self.assertEqual(self.places(lead=PICTURE, body=FIGURE, pictures=shown()), [])


class AltTextTests(CheckTestCase):
    check = checks.AltText

    def test_found_without_a_description(self):
        found = self.findings(body=f"<p>Words.</p>{FIGURE}", pictures=shown(alt=" "))
        self.assertEqual([(str(f.place), f.picture, f.blocking) for f in found], [("body.1", 7, True)])
        self.assertIn("The docks", found[0].sentence)

    def test_not_found_with_one(self):
        self.assertEqual(self.places(lead=PICTURE, pictures=shown()), [])
        self.assertEqual(self.places(lead=PICTURE), [])


class CreditTests(CheckTestCase):
    check = checks.Credit

    def test_found_where_nobody_is_named(self):
        self.assertEqual(self.places(lead=PICTURE, pictures=shown(credit="")), ["lead"])

    def test_not_found_with_a_name(self):
        self.assertEqual(self.places(lead=PICTURE, pictures=shown()), [])


class PictureWeightTests(CheckTestCase):
    check = checks.PictureWeight

    def test_found_over_two_megabytes(self):
        found = self.sentences(lead=PICTURE, pictures=shown(weight=3 * 1024**2))
        self.assertIn("weighs 3.0 MB", found[0])

    def test_not_found_up_to_it_nor_while_no_size_is_made(self):
        for weight in (0, 2 * 1024**2):
            self.assertEqual(self.places(lead=PICTURE, pictures=shown(weight=weight)), [])


class HeadingLevelsTests(CheckTestCase):
    check = checks.HeadingLevels

    def test_found_where_a_level_is_left_out(self):
        self.assertEqual(self.places(body="<h3>Small</h3><p>w</p>"), ["body.0.qSmall"])
        self.assertEqual(self.places(body="<h2>A</h2><p>w</p><h4>B</h4><h2>C</h2><h3>D</h3>"), ["body.2.qB"])
        self.assertIn("is a small heading where a heading should come first", self.sentences(body="<h3>S</h3>")[0])

    def test_not_found_going_down_by_one_and_up_by_any(self):
        self.assertEqual(self.places(body="<h2>A</h2><h3>B</h3><h4>C</h4><h2>D</h2><h3>E</h3>"), [])


class NothingEmptyTests(CheckTestCase):
    check = checks.NothingEmpty

    def test_found_in_headings_lists_and_quotations(self):
        for block in (
            "<h2> </h2>",
            "<ul><li>One</li><li></li></ul>",
            "<blockquote><p></p></blockquote>",
            "<aside> </aside>",
        ):
            with self.subTest(block):
                self.assertEqual(self.places(body=f"<p>Words.</p>{block}"), ["body.1"])

    def test_not_found_in_tables_captions_and_lines_that_the_editor_leaves(self):
        body = (
            f"<p></p>{FIGURE}<table><tbody><tr><td></td></tr></tbody></table><hr><ul><li>a<ul><li>b</li></ul></li></ul>"
        )
        self.assertEqual(self.places(body=body), [])
        self.assertEqual(self.places(body='<ul><li><sup data-footnote="x"></sup></li></ul>'), [])


class GateInPlaceTests(CheckTestCase):
    check = checks.GateInPlace

    def test_found_where_it_does_nothing(self):
        self.assertIn("no effect", self.sentences(body="<p>a</p><hr data-gate><p>b</p>")[0])
        self.assertIn("nothing is free", self.sentences(body="<hr data-gate><p>b</p>", required_level=10)[0])
        self.assertIn("all of it is free", self.sentences(body="<p>a</p><hr data-gate>", required_level=10)[0])

    def test_not_found_in_a_gated_text_with_or_without_it(self):
        self.assertEqual(self.places(body="<p>a</p><hr data-gate><p>b</p>", required_level=10), [])
        self.assertEqual(self.places(body="<p>a</p><hr><p>b</p>", required_level=10), [])


class LinkCheckTestCase:
    """The three kinds of links, by where they lead."""

    where: tuple[Leads, ...]
    body = '<p>a</p><p>See <a href="/articles/x/">that <em>piece</em></a>.</p>'

    def test_found_where_it_leads_there(self):
        for where in self.where:
            found = self.findings(body=self.body, leads={"/articles/x/": where})
            self.assertEqual([str(f.place) for f in found], ["body.1.qthat piece"])
            self.assertIn("that piece", found[0].sentence)

    def test_not_found_for_other_links(self):
        for where in set(Leads) - set(self.where):
            self.assertEqual(self.places(body=self.body, leads={"/articles/x/": where}), [])
        self.assertEqual(self.places(body='<p><a href="https://other.example/">x</a></p>'), [])


class LinkToDraftTests(LinkCheckTestCase, CheckTestCase):
    check, where = checks.LinkToDraft, (Leads.DRAFT,)


class DeadLinkTests(LinkCheckTestCase, CheckTestCase):
    check, where = checks.DeadLink, (Leads.NOWHERE, Leads.NEWSROOM)


class OldLinkTests(LinkCheckTestCase, CheckTestCase):
    check, where = checks.OldLink, (Leads.ON,)
