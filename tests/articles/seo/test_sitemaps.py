"""Sitemaps: all public pages and nothing else, in files of limited size."""

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import time_machine
from django.conf import settings
from django.test import TestCase
from lxml import etree

from articles.services.publishing import withdraw
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_section,
    make_series,
    make_topic,
    make_version,
)
from tests.schemas import sitemap_errors
from truthlytics.publication import get_publication

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
NEWS = {"news": "http://www.google.com/schemas/sitemap-news/0.9"}


LISTS = ["/", "/latest/", "/archive/", "/topics/", "/series/", "/dossiers/", "/authors/", "/corrections/"]


def locations(document: bytes) -> list[str]:
    found = re.findall(r"<loc>([^<]+)</loc>", document.decode())
    assert all(url.startswith(f"{settings.SITE_URL}/") for url in found)
    return [url.removeprefix(settings.SITE_URL) for url in found]


class SitemapTestCase(TestCase):
    def files(self) -> dict[str, bytes]:
        return {file: self.client.get(file).getvalue() for file in locations(self.client.get("/sitemap.xml").content)}

    def everything(self) -> list[str]:
        return [url for document in self.files().values() for url in locations(document)]

    def news(self):
        return etree.fromstring(self.client.get("/sitemap-news.xml").content)


class SitemapTests(SitemapTestCase):
    def test_every_public_page_is_listed_once(self):
        section, topic, author = make_section(), make_topic(), make_author()
        series = make_series()
        article = make_article(section=section, topics=[topic], authors=[author], series=series, series_part=1)
        places = (article, section, topic, author, series, make_dossier(article))
        pages = [
            *LISTS,
            *(place.get_absolute_url() for place in places),
        ]
        self.assertCountEqual(self.everything(), pages)

    def test_lists_without_public_articles_are_left_out(self):
        make_section(), make_topic(), make_author()
        withdrawn, draft = make_article(topics=[make_topic()]), make_draft(topics=[make_topic()])
        withdraw(item=withdrawn)
        self.assertEqual(self.everything(), LISTS)
        self.assertEqual(list(self.files()), ["/sitemap-pages.xml"])
        self.assertEqual(self.client.get("/sitemap-articles-1.xml").status_code, 404)
        self.assertIsNotNone(draft)

    def test_files_are_valid(self):
        make_article(topics=[make_topic()])
        self.assertEqual(sitemap_errors(self.client.get("/sitemap.xml").content, "siteindex.xsd"), [])
        for file, document in self.files().items():
            with self.subTest(file):
                self.assertEqual(sitemap_errors(document), [])

    def test_lastmod_is_the_date_of_the_served_version(self):
        later = NOON + timedelta(hours=3)
        with time_machine.travel(NOON, tick=False):
            make_version(make_article(), at=later, headline="Changed")
        for now, changed in ((later - timedelta(seconds=1), NOON), (later, later)):
            with time_machine.travel(now, tick=False):
                (document,) = (document for file, document in self.files().items() if "articles" in file)
                self.assertEqual(re.findall(rb"<lastmod>(.*)</lastmod>", document), [changed.isoformat().encode()])

    def test_files_are_split_by_key_and_read_in_batches(self):
        urls = [make_article().get_absolute_url() for _ in range(9)]
        with patch("articles.seo.sitemaps.SPAN", 4), patch("articles.seo.sitemaps.BATCH", 3):
            files = {file: locations(document) for file, document in self.files().items() if "-articles-" in file}
            self.assertGreaterEqual(len(files), 3)
            self.assertTrue(all(1 <= len(found) <= 4 for found in files.values()))
            self.assertEqual([url for found in files.values() for url in found], urls)

    def test_query_counts(self):
        for _ in range(5):
            make_article(topics=[make_topic()], series=make_series(), series_part=1)
        with self.assertNumQueries(12):
            self.client.get("/sitemap.xml")
        (file,) = (file for file in self.files() if "-articles-" in file)
        with self.assertNumQueries(2):
            self.client.get(file).getvalue()

    def test_unknown_parts_are_not_found(self):
        make_article()
        for url in (
            "/sitemap-articles-0.xml",
            "/sitemap-articles-999.xml",
            f"/sitemap-articles-{'9' * 40}.xml",
            "/sitemap-topics-1.xml",
            "/sitemap-users-1.xml",
            "/sitemap-articles--1.xml",
            "/sitemap-articles-².xml",
        ):
            with self.subTest(url):
                self.assertEqual(self.client.get(url).status_code, 404)

    def test_head_request_has_no_body(self):
        make_article()
        for file in [*self.files(), "/sitemap.xml", "/sitemap-news.xml"]:
            response = self.client.head(file)
            self.assertEqual((response.status_code, response.getvalue()), (200, b""))

    def test_robots_txt_lists_both_sitemaps(self):
        robots = self.client.get("/robots.txt").content.decode()
        for file in ("/sitemap.xml", "/sitemap-news.xml"):
            self.assertIn(f"Sitemap: {settings.SITE_URL}{file}\n", robots)


class NewsSitemapTests(SitemapTestCase):
    def test_articles_are_listed_for_48_hours(self):
        with time_machine.travel(NOON, tick=False):
            make_article(headline="Cuts & <costs>")
        cases = ((NOON, 1), (NOON + timedelta(hours=47, minutes=59), 1), (NOON + timedelta(hours=48), 0))
        for now, count in cases:
            with time_machine.travel(now, tick=False):
                self.assertEqual(len(self.news()), count)

    def test_new_version_keeps_the_publication_date(self):
        with time_machine.travel(NOON, tick=False):
            article = make_article(headline="Old")
        with time_machine.travel(NOON + timedelta(hours=47), tick=False):
            make_version(article, headline="Old, and corrected")
            self.assertEqual(self.news().findtext(".//news:title", None, NEWS), "Old, and corrected")
            date = self.news().findtext(".//news:publication_date", None, NEWS)
            self.assertEqual(datetime.fromisoformat(date), NOON)

    def test_news_sitemap_is_valid(self):
        make_article(headline="Cuts\x0b & <costs>")
        document = self.client.get("/sitemap-news.xml").content
        self.assertEqual(sitemap_errors(document, "sitemap-all.xsd"), [])
        self.assertEqual(self.news().findtext(".//news:title", None, NEWS), "Cuts & <costs>")
        self.assertEqual(self.news().findtext(".//news:language", None, NEWS), "en")
        self.assertEqual(self.news().findtext(".//news:name", None, NEWS), get_publication().name)

    def test_newest_thousand_articles_in_one_query(self):
        with patch("articles.seo.sitemaps.MAX_NEWS", 3):
            urls = [make_article().get_absolute_url() for _ in range(5)]
            with self.assertNumQueries(1):
                document = self.client.get("/sitemap-news.xml").content
        self.assertEqual(locations(document), urls[:1:-1])
