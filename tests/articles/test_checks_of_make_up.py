"""What the checks find in pictures, in how a text is built, and in its links."""

from articles import checks
from articles.checks import Leads
from tests.articles.checking import FIGURE, PICTURE, CheckTestCase, shown


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
