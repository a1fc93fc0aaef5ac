"""Sources on public pages, and access to those in the gated part."""

import json
import re

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from articles.models import Source
from articles.services.denormalise import rerender_showing
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_lapsed_reader,
    make_price,
    make_source,
    make_subscriber,
    make_user,
    make_version,
)
from tests.html import page_of, text_of
from tests.invalidation import invalidates
from tests.schemas import article_errors, vocabulary_errors

URL = "https://example.org/report"
SECRET = "zylophantine"
BODY = f'<p>The free text.<sup data-footnote="The report. {URL}"></sup></p>'
GATED = (
    f'{BODY}<hr data-gate=""><p>Gated.<sup data-footnote="{SECRET} note https://example.org/{SECRET}"></sup></p>'
    f'<p><a href="https://example.org/2/{SECRET}" data-source="">{SECRET} link</a></p>'
)


def sources_in(response):
    found = re.search(r'<section class="sources".*?</section>', response.content.decode(), re.DOTALL)
    return found[0] if found else ""


class PageTests(TestCase):
    def page(self, article, path=""):
        return self.client.get(f"{article.get_absolute_url()}{path}")

    def test_page_lists_the_sources_as_cited(self):
        make_source(
            URL,
            title="Annual <report>",
            kind="report",
            publisher="Port",
            author="A. B.",
            published_on="2024-11",
            archived_url="https://archive.example/1",
            accessed_on="2026-05-03",
        )
        html = sources_in(self.page(make_article(body=BODY)))
        for part in (
            f'<a href="{URL}" rel="noopener">Annual &lt;report&gt;</a>',
            "<small>A. B., Port, November 2024</small>",
            "<small>Report</small>",
        ):
            self.assertInHTML(part, html)
        for part in ('href="https://archive.example/1"', "Archived copy", "accessed 3 May 2026"):
            self.assertIn(part, html)

    def test_page_without_sources_has_no_such_section(self):
        self.assertEqual(sources_in(self.page(make_article())), "")

    def test_marked_link_is_an_ordinary_link_in_the_text(self):
        body = f'<p><a href="{URL}" data-source="">report</a></p>'
        self.assertNotContains(self.page(make_article(body=body)), "data-source")

    def test_archived_copy_comes_first_once_the_original_is_gone(self):
        source = make_source(URL, title="Report", archived_url="https://archive.example/1")
        article = make_article(body=BODY)
        Source.objects.update(gone_at=article.published_at)
        with self.captureOnCommitCallbacks(execute=True):
            rerender_showing(source)
        html = sources_in(self.page(article))
        self.assertInHTML('<a href="https://archive.example/1" rel="noopener">Report</a>', html)
        self.assertIn("the original is no longer online", html)
        self.assertNotIn(URL, html)

    def test_gone_source_without_a_copy_is_not_linked(self):
        make_source(URL, title="Report", gone_at="2026-01-01T00:00Z")
        html = sources_in(self.page(make_article(body=BODY)))
        self.assertIn("No longer online", html)
        self.assertNotIn("<a ", html)

    def test_page_is_invalidated_when_a_source_is_gone(self):
        source = make_source(URL)
        article = make_article(body=BODY)
        Source.objects.update(gone_at=article.published_at)
        self.assertTrue(invalidates(self, [f"article:{article.pk}"], lambda: rerender_showing(source)))

    def test_sources_cost_the_page_no_query(self):
        plain, cited = make_article(), make_article(body=BODY)
        self.page(plain)
        with CaptureQueriesContext(connection) as queries:
            self.page(plain)
        with self.assertNumQueries(len(queries)):
            self.page(cited)

    def test_old_version_lists_its_own_sources(self):
        article = make_article(body=BODY)
        make_version(article, body=BODY.replace("/report", "/other"), kind="minor")
        self.assertIn(URL, sources_in(self.page(article, "versions/1/")))
        self.assertNotIn(URL, sources_in(self.page(article)))

    def test_comparison_names_changed_sources(self):
        article = make_article(body=BODY)
        make_version(article, body=BODY.replace("/report", "/other"), kind="minor")
        page = page_of(self.page(article, "history/1..2/"))
        for tag, url in (("del", URL), ("ins", "https://example.org/other")):
            (source,) = (found for found in page.iter(tag) if "The report" in text_of(found))
            self.assertTrue(text_of(source).endswith(f"The report, {url}"))

    def test_structured_data_names_the_free_sources(self):
        make_source(
            URL,
            title="Report",
            kind="report",
            publisher="Port",
            author="A. B.",
            published_on="2024-11",
            archived_url="https://archive.example/1",
        )
        html = self.page(make_article(body=GATED, required_level=10)).content.decode()
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])
        data = data[0] if isinstance(data, list) else data
        self.assertEqual([one["name"] for one in data["citation"]], ["Report"])
        self.assertEqual(vocabulary_errors(data) + article_errors(data), [])


class GatedSourceTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_price()
        cls.article = make_article(body=GATED, required_level=10)
        make_version(cls.article, body=f"{GATED}<p>More.</p>", kind="correction", note="More.", by=make_user())
        url = cls.article.get_absolute_url()
        cls.paths = [
            url, f"{url}history/", f"{url}history/1..2/", f"{url}versions/1/",
            "/", "/latest/", "/feeds/atom.xml", "/feeds/rss.xml", "/feeds/feed.json", "/search/?q=text", "/sitemap.xml",
        ]  # fmt: skip

    @takes_longer("Many requests, one after the other.")
    def test_readers_without_access_see_free_sources_only(self):
        for reader in (None, make_user(), make_lapsed_reader()):
            if reader:
                self.client.force_login(reader)
            for path in self.paths:
                with self.subTest(path, reader=reader):
                    response = self.client.get(path)
                    self.assertEqual(response.status_code, 200)
                    self.assertNotIn(SECRET, response.content.decode())
            self.assertEqual(sources_in(self.client.get(self.paths[0])).count("<li>"), 1)

    def test_subscribers_see_all_sources(self):
        self.client.force_login(make_subscriber())
        html = sources_in(self.client.get(self.paths[0]))
        self.assertEqual(html.count("<li>"), 3)
        self.assertIn(f"https://example.org/2/{SECRET}", html)

    def test_sources_of_a_version_that_was_free_follow_the_stricter_level(self):
        article = make_article(body=GATED)
        make_version(article, required_level=10)
        html = self.client.get(f"{article.get_absolute_url()}versions/1/").content.decode()
        self.assertNotIn(SECRET, html)
        self.assertIn(URL, html)
