"""Two versions compared for readers: images, notes and facts, and the number of words."""

from django.test import SimpleTestCase

from articles.presenters.comparison import compare

IMAGE = "00000000-0000-4000-8000-000000000001"


def content(body="", *, alt="Alt", caption="Caption", file="a" * 64, **fields):
    pictures = {IMAGE: {"sha256": file, "alt": alt, "caption": caption, "credit": "N. N."}}
    return {"headline": "H", "standfirst": "S", "body": body, "pictures": pictures} | fields


def changed(comparison):
    return "".join(f"[{part.op}{part.text}]" for row in comparison.rows for part in row.parts if part.op != "=")


class ComparisonTests(SimpleTestCase):
    def test_words_are_counted_without_links_and_emphasis(self):
        old, new = content("<p>One cat <a href='/a/'>here</a>.</p>"), content("<p>One dog <b>and</b> bird here.</p>")
        comparison = compare(old, new)
        self.assertEqual((comparison.added, comparison.removed), (3, 1))
        link = compare(old, content("<p>One cat <a href='/b/'>here</a>.</p>"))
        self.assertFalse(link.empty)
        self.assertEqual((link.added, link.removed), (0, 0))

    def test_moved_paragraph_adds_no_words(self):
        moved, rest = "<p>A paragraph that moves down the page.</p>", "<p>First here.</p><p>Second here.</p>"
        comparison = compare(content(moved + rest), content(rest + moved))
        self.assertEqual((comparison.added, comparison.removed, comparison.empty), (0, 0, False))
        self.assertEqual([row.kind for row in comparison.rows], ["gone", "same", "moved"])
        self.assertEqual(comparison.rows[2].old, [])

    def test_images_are_compared_as_readers_see_them(self):
        figure = f"<figure data-image='{IMAGE}'><figcaption>%s</figcaption></figure>"
        old = content(figure % "")
        self.assertIn("[-Caption", changed(compare(old, content(figure % "Own"))))
        self.assertIn("[+Other", changed(compare(old, content(figure % "", caption="Other"))))
        self.assertIn("New alt", changed(compare(old, content(figure % "", alt="New alt"))))
        self.assertIn("bbbbbbbb", changed(compare(old, content(figure % "", file="b" * 64))))
        self.assertTrue(compare(old, content(figure % "")).empty)

    def test_lead_image_comes_first(self):
        lead = {"uuid": IMAGE, "caption": ""}
        comparison = compare(content("<p>Text.</p>", lead=None), content("<p>Text.</p>", lead=lead))
        self.assertEqual(comparison.rows[0].parts[0].text, "Image: Caption N. N.")
        self.assertEqual(comparison.facts, [])

    def test_facts_are_named_for_readers(self):
        old = content(kind="analysis", required_level=0, seo={"title": "A", "description": ""}, language="de")
        new = content(kind="opinion", required_level=10, seo={"title": "B", "description": ""}, language="fr")
        facts = {fact.label: (fact.old, fact.new) for fact in compare(old, new).facts}
        self.assertEqual(facts["Type"], ("Analysis", "Opinion"))
        self.assertEqual(facts["Access"], ("Everyone", "Subscribers"))
        self.assertEqual(facts["Title for search engines"], ("A", "B"))
        self.assertEqual(facts["Language"], ("Deutsch", "Français"))

    def test_bodies_can_be_limited(self):
        old, new = content("<p>Free.</p><p>Secret.</p>"), content("<p>Free!</p><p>Hidden.</p>")
        comparison = compare(old, new, bodies=("<p>Free.</p>", "<p>Free!</p>"))
        self.assertNotIn("Secret", str(comparison))
        self.assertNotIn("Hidden", str(comparison))

    def test_recordings_are_added_replaced_and_removed_in_plain_words(self):
        none, first, second = content(), *(content(audio={"sha256": digit * 64, "seconds": 60}) for digit in "ab")
        cases = [
            (none, first, ("–", "Recording")),
            (first, second, ("Previous recording", "New recording")),
            (second, none, ("Recording", "–")),
        ]
        for old, new, said in cases:
            with self.subTest(said):
                [fact] = compare(old, new).facts
                self.assertEqual((fact.label, fact.old, fact.new), ("Audio version", *said))
        self.assertEqual(compare(first, first).facts, [])
