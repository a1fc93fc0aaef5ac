import json
from datetime import timedelta

import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from lxml import etree, html

from articles.models import Withdrawal
from articles.services import expiry
from articles.services.corrections import supersede
from articles.services.publishing import restore, withdraw
from articles.services.redaction import redact
from articles.services.scheduling import promote_all_due
from tests.budget import takes_longer
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
        self.change("minor", note="", body="<p>It costs 0.25 crowns.</p>")
        self.assertEqual(dates(), (first, first, first, first, False))
        later = self.change("minor", note="A slip.").public_from.isoformat()
        self.assertEqual(dates(), (later, later, later, later, True))
        later = self.change("correction").public_from.isoformat()
        self.assertEqual(dates(), (later, later, later, later, True))
        self.assertGreater(later, first)

    def test_image_access_or_section_move_no_date(self):
        self.change("", body="<p>It cost 0.25 crowns.</p>", required_level=10, note="")
        self.assertEqual(self.structured_data()["dateModified"], (self.now - 9 * HOUR).isoformat())

    def test_article_without_corrections_has_no_box_and_needs_no_further_query(self):
        self.client.get(self.path)
        self.change("minor", note="", body="<p>It costs 0.25 crowns.</p>")
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

    def test_boxes_are_headed_by_their_kind(self):
        def headings():
            return self.page().xpath('//*[@id="corrections" or @id="record"]//h2/text()')

        self.change("clarification")
        self.assertEqual(headings(), ["Clarification"])
        self.change("update")
        self.assertEqual(headings(), ["Changes"])
        self.change("retraction")
        self.assertEqual(headings(), ["Retraction", "Changes"])
        self.change("correction")
        self.change("correction", body="<p>It cost 7 crowns.</p>")
        self.assertEqual(headings(), ["Retraction", "Corrections", "Changes"])

    def test_lists_and_search_say_retraction(self):
        self.change("retraction")
        for path in ("/latest/", "/", "/search/?q=crowns"):
            with self.subTest(path):
                self.assertContains(self.client.get(path), '<strong class="corrected">Retraction</strong>')

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

    def counts(self):
        """The counts of this year by column."""
        page = self.page(self.path_of_page)
        names = [name.text_content() for name in page.xpath("//thead//th")]
        values = [value.text_content() for value in page.xpath("//tbody/tr[1]/*")]
        return {name: int(value) for name, value in zip(names, values, strict=True) if value != "0"}

    def test_counts_never_fall(self):
        first = self.change("correction")
        self.change("clarification", make_article())
        self.change("minor", make_article(body="<p>It cost 3 crowns.</p>"))
        counts = {"Year": self.now.year, "Corrections": 1, "Clarifications": 1, "Labelled minor": 1}
        self.assertEqual(self.counts(), counts)
        supersede(correction=first.correction, kind="retraction", sentence="All of it was wrong.", by=self.editor)
        self.assertEqual(self.counts(), counts := counts | {"Retractions": 1})
        withdraw(item=self.article)
        self.assertEqual(self.counts(), counts := counts | {"Withdrawals": 1})
        restore(item=self.article)
        self.assertEqual(self.counts(), counts)

    def test_withdrawn_article_keeps_its_entries_without_its_text(self):
        self.change("correction")
        self.change("correction", make_article(), note="Not yet.", at=self.now + HOUR)
        self.assertContains(self.client.get(self.path_of_page), f"{self.path}history/1..2/")
        withdraw(item=self.article, note="The source was forged.")
        page = self.client.get(self.path_of_page)
        day = date_format(timezone.localdate())
        for text in (SENTENCE, "The price", f"Article withdrawn on {day}.", "Withdrawal", "The source was forged."):
            self.assertContains(page, text)
        for text in ("Not yet.", "history/1..2/", "It cost correction crowns."):
            self.assertNotContains(page, text)
        for file in FEEDS:
            feed = self.client.get(f"{self.path_of_page}feeds/{file}")
            for text in (SENTENCE, "Withdrawal: The price", f"Article withdrawn on {day}."):
                self.assertContains(feed, text)
            self.assertNotContains(feed, "history/1..2/")
        self.assertEqual(atom_errors(self.client.get("/corrections/feeds/atom.xml").content), [])
        restore(item=self.article)
        page = self.client.get(self.path_of_page)
        self.assertContains(page, "Restored on")
        self.assertContains(page, f"{self.path}history/1..2/")

    def test_headline_never_seen_or_removed_is_not_shown(self):
        self.change("correction")
        self.change("update", headline="Never seen", at=self.now + HOUR)
        withdraw(item=self.article)
        with time_machine.travel(self.now + 2 * HOUR, tick=False):
            self.assertNotContains(self.client.get(self.path_of_page), "Never seen")
            promote_all_due()
            self.assertNotContains(self.client.get(self.path_of_page), "Never seen")
            self.article.refresh_from_db()
            redact(item=self.article, version=self.article.versions.get(number=2), reason="A court ordered it.")
            page = self.client.get(self.path_of_page)
        self.assertNotContains(page, "The price")
        self.assertContains(page, "An article whose text was removed", 2)
        self.assertContains(page, SENTENCE)

    def test_removal_on_schedule_is_listed_from_its_time_on(self):
        expiry.schedule_expiry(item=self.article, at=self.now + HOUR)
        self.assertNotContains(self.client.get(self.path_of_page), "Withdrawal")
        with time_machine.travel(self.now + 2 * HOUR, tick=False):
            self.assertContains(self.client.get(self.path_of_page), "<b>Withdrawal</b>")

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

    @takes_longer("Long lists are made and read.")
    def test_pages_have_each_correction_and_withdrawal_once(self):
        at = self.now - 20 * HOUR
        for number in range(1, 21):
            article = make_article(headline=f"Article {number}", at=at)
            self.change("correction", article, headline=f"Article {number} corrected", at=at + number * HOUR / 2)
            article.withdrawn_at = at + number * HOUR / 2
            article.save()
            Withdrawal.objects.create(article=article, at=article.withdrawn_at)
        found, path = [], self.path_of_page
        while path:
            page = self.page(path)
            found += page.xpath('//li[contains(@class, "correction")]//h3//a/text()')
            older = page.xpath('//a[@rel="next"]/@href')
            path = self.path_of_page + older[0] if older else ""
        self.assertEqual(sorted(found), sorted(2 * [f"Article {number} corrected" for number in range(1, 21)]))

    @takes_longer("Long lists are made and read.")
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
