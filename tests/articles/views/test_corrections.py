import json
from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import etree, html

from articles.services.corrections import supersede
from articles.services.publishing import withdraw
from tests.factories import make_article, make_editor, make_version
from tests.schemas import atom_errors, json_feed_errors, vocabulary_errors

HOUR = timedelta(hours=1)
SENTENCE = "It cost 0.5 crowns, not 0.25."
FEEDS = ("rss.xml", "atom.xml", "feed.json")
ATOM = "{http://www.w3.org/2005/Atom}"


class CorrectionTestCase(TestCase):
    def setUp(self):
        cache.clear()
        self.editor = make_editor()
        self.now = timezone.now().replace(microsecond=0)
        self.article = make_article(headline="The price", body="<p>It cost 0.25 crowns.</p>", at=self.now - 9 * HOUR)
        self.path = self.article.get_absolute_url()

    def change(self, kind, article=None, **fields):
        fields = {"body": f"<p>It cost {kind} crowns.</p>", "note": SENTENCE, "kind": kind, "by": self.editor} | fields
        return make_version(article or self.article, **fields)

    def page(self, path=None):
        return html.fromstring(self.client.get(path or self.path).content)

    def structured_data(self):
        (script, *_) = self.page().xpath('//script[@type="application/ld+json"]/text()')
        return json.loads(script)

    def feed_date(self):
        feed = etree.fromstring(self.client.get("/feeds/atom.xml").content)
        return feed.findtext(f"{ATOM}entry/{ATOM}updated")

    def sitemap_date(self):
        sitemap = b"".join(self.client.get("/sitemap-articles-1.xml").streaming_content).decode()
        return sitemap.split("<lastmod>")[1].split("</lastmod>")[0]


class ArticlePageTests(CorrectionTestCase):
    def places(self, words):
        """Return whether the words are in the box above the text, and in the list below it."""
        page = self.page()
        text = {place: "".join(page.xpath(f'//*[@id="{place}"]//text()')) for place in ("corrections", "record")}
        return words in text["corrections"], words in text["record"]

    def test_corrections_and_retractions_are_above_the_text_and_other_changes_below(self):
        for kind in ("correction", "clarification", "update", "note", "retraction", "minor"):
            self.change(kind, note=f"Because of {kind}.")
            above = kind in {"correction", "retraction"}
            with self.subTest(kind):
                self.assertEqual(self.places(f"Because of {kind}."), (above, not above))

    def test_box_is_before_the_text_and_links_to_what_changed(self):
        self.change("correction")
        page = self.client.get(self.path).content.decode()
        self.assertLess(page.index('id="corrections"'), page.index("It cost correction crowns."))
        (link,) = self.page().xpath('//*[@id="corrections"]//a/@href')
        self.assertEqual(link, f"{self.path}history/1..2/")
        self.assertContains(self.client.get(link), "<ins", status_code=200)

    def test_superseded_correction_stays_visible(self):
        first = self.change("correction", note="It cost 0.6 crowns.")
        supersede(correction=first.correction, kind="correction", sentence=SENTENCE, by=self.editor)
        for words in ("It cost 0.6 crowns.", SENTENCE, "Superseded on"):
            with self.subTest(words):
                self.assertEqual(self.places(words), (True, False))
        self.assertContains(self.client.get(reverse("articles:corrections")), "It cost 0.6 crowns.")
        self.assertEqual([entry["text"] for entry in self.structured_data()["correction"]], [SENTENCE])

    def test_minor_edit_moves_no_date_and_correction_moves_all(self):
        def dates():
            page = self.page()
            return (
                self.structured_data()["dateModified"],
                page.xpath('//meta[@property="article:modified_time"]/@content')[0],
                self.feed_date().replace("Z", "+00:00"),
                self.sitemap_date(),
                "Updated" in page.xpath('string(//ul[@class="version-log"])'),
            )

        first = (self.now - 9 * HOUR).isoformat()
        self.change("minor", note="")
        self.assertEqual(dates(), (first, first, first, first, False))
        later = self.change("correction").public_from.isoformat()
        self.assertEqual(dates(), (later, later, later, later, True))
        self.assertGreater(later, first)

    def test_image_access_or_section_move_no_date(self):
        self.change("", body="<p>It cost 0.25 crowns.</p>", required_level=10, note="")
        self.assertEqual(self.structured_data()["dateModified"], (self.now - 9 * HOUR).isoformat())

    def test_article_without_corrections_has_no_box_and_needs_no_further_query(self):
        self.client.get(self.path)
        self.change("minor", note="")
        cache.clear()
        with CaptureQueriesContext(connection) as plain:
            page = self.client.get(self.path)
        self.assertNotContains(page, 'id="corrections"')
        self.assertNotContains(page, '"correction"')
        self.change("correction")
        with self.assertNumQueries(len(plain)):
            self.client.get(self.path)

    def test_structured_data_is_valid(self):
        self.change("correction")
        data = self.structured_data()
        self.assertEqual(data["correction"][0]["@type"], "CorrectionComment")
        self.assertEqual(vocabulary_errors([data]), [])

    def test_lists_say_corrected(self):
        for path in ("/latest/", "/"):
            with self.subTest(path):
                self.assertNotContains(self.client.get(path), "Corrected")
        self.change("correction")
        for path in ("/latest/", "/"):
            with self.subTest(path):
                self.assertContains(self.client.get(path), "Corrected")


class CorrectionsPageTests(CorrectionTestCase):
    path_of_page = "/corrections/"

    def test_kinds_that_are_no_corrections_are_not_listed(self):
        for kind in ("update", "minor"):
            self.change(kind, note=f"Because of {kind}.")
        self.assertContains(self.client.get(self.path_of_page), "Nothing has been corrected yet.")

    def test_counts_a_year_leave_superseded_corrections_out(self):
        first = self.change("correction")
        self.change("clarification", make_article())
        supersede(correction=first.correction, kind="retraction", sentence="All of it was wrong.", by=self.editor)
        row = self.page(self.path_of_page).xpath("//tbody/tr")[0]
        self.assertEqual([cell.text for cell in row], [str(self.now.year), "0", "1", "0", "1"])

    def test_withdrawn_and_scheduled_corrections_are_not_listed(self):
        self.change("correction")
        other = make_article()
        self.change("correction", other, note="Not yet.", at=self.now + HOUR)
        self.assertContains(self.client.get(self.path_of_page), SENTENCE)
        self.assertNotContains(self.client.get(self.path_of_page), "Not yet.")
        withdraw(item=self.article)
        self.assertNotContains(self.client.get(self.path_of_page), SENTENCE)

    def test_numbers_in_links_are_those_that_readers_count(self):
        self.change("minor", at=self.now + HOUR)  # never appears
        self.change("correction")
        (link,) = self.page(self.path_of_page).xpath(
            '//li[contains(@class, "correction")]//a[contains(@href, "..")]/@href'
        )
        self.assertEqual(link, f"{self.path}history/1..2/")

    def test_gated_words_are_not_shown(self):
        self.change("correction", body="<p>Free.</p><hr data-gate><p>Paid words.</p>", required_level=10)
        for path in (self.path_of_page, *(f"{self.path_of_page}feeds/{file}" for file in FEEDS)):
            with self.subTest(path):
                response = self.client.get(path)
                self.assertContains(response, SENTENCE)
                self.assertNotContains(response, "Paid words")

    def test_number_of_queries_does_not_grow(self):
        self.client.get(self.path_of_page)
        self.change("correction")
        with CaptureQueriesContext(connection) as one:
            self.client.get(self.path_of_page)
        for _ in range(5):
            self.change("clarification", make_article())
        with self.assertNumQueries(len(one)):
            self.client.get(self.path_of_page)

    def test_long_list_has_pages(self):
        for _ in range(31):
            self.change("correction", make_article())
        page = self.page(self.path_of_page)
        self.assertEqual(len(page.xpath('//li[contains(@class, "correction")]')), 30)
        (older,) = page.xpath('//a[@rel="next"]/@href')
        self.assertEqual(len(self.page(self.path_of_page + older).xpath('//li[contains(@class, "correction")]')), 1)
        self.assertEqual(self.client.get(f"{self.path_of_page}?after=x").status_code, 404)

    def test_footer_links_to_the_page(self):
        self.assertContains(self.client.get("/"), 'href="/corrections/"')

    def test_feeds_have_the_sentence_and_a_stable_id(self):
        first = self.change("correction")
        ids = set()
        for file in FEEDS:
            response = self.client.get(f"/corrections/feeds/{file}")
            with self.subTest(file):
                self.assertContains(response, SENTENCE)
                self.assertContains(response, "Correction: The price")
        for _ in range(2):
            feed = json.loads(self.client.get("/corrections/feeds/feed.json").content)
            ids.add(feed["items"][0]["id"])
            self.change("minor", headline="The prices")
        self.assertEqual(len(ids), 1)
        self.assertEqual(feed["items"][0]["date_published"], first.public_from.isoformat())

    def test_feeds_are_valid(self):
        self.change("correction")
        self.assertEqual(atom_errors(self.client.get("/corrections/feeds/atom.xml").content), [])
        self.assertEqual(json_feed_errors(self.client.get("/corrections/feeds/feed.json").content), [])
