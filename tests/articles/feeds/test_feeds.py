"""RSS, Atom and JSON feeds of all articles and of sections, topics and authors."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import time_machine
from django.conf import settings
from django.test import TestCase
from lxml import etree, html

from articles.media.renditions import create_missing_renditions
from articles.models import Version
from articles.services.publishing import withdraw
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_image, make_section, make_topic, make_version
from tests.schemas import atom_errors, json_feed_errors
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
FILES = ("rss.xml", "atom.xml", "feed.json")
NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
BODY = (
    "<h2>A heading</h2><p>Free &amp; open.<sup data-footnote='A note.'></sup> See <a href='/latest/'>all</a>, "
    "<a href='#a-heading'>above</a> and <a href='https://[broken'>there</a>.</p><figure data-image='%s'></figure>"
    "<table><tr><th>Year</th></tr><tr><td>2026</td></tr></table><aside class='pullquote'>Quoted.</aside>"
    "<hr data-gate><p>For subscribers.</p>"
)


class FeedTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.image = make_image(alt="A <teal> field")
        create_missing_renditions(cls.image)
        cls.section = make_section(name="Money & power", intro="Who pays.")
        cls.topic, cls.author = make_topic(), make_author(name="Ana O’Neil", bio="Writes.")
        with time_machine.travel(NOON, tick=False):
            cls.article = make_article(
                headline="Cuts <b>& costs</b>",
                body=BODY % cls.image.uuid,
                required_level=10,
                lead=cls.image,
                section=cls.section,
                topics=[cls.topic],
                authors=[cls.author, make_author()],
            )
        cls.homes = ["/", *(place.get_absolute_url() for place in (cls.section, cls.topic, cls.author))]

    def rss(self, home="/"):
        return etree.fromstring(self.client.get(f"{home}feeds/rss.xml").content)

    def atom(self, home="/"):
        return etree.fromstring(self.client.get(f"{home}feeds/atom.xml").content)

    def json(self, home="/"):
        return self.client.get(f"{home}feeds/feed.json").json()


class ValidityTests(FeedTestCase):
    def test_feeds_are_valid(self):
        empty = make_topic().get_absolute_url()
        make_article(standfirst="", section=self.section)
        for home in [*self.homes, empty]:
            with self.subTest(home):
                self.assertEqual(atom_errors(self.client.get(f"{home}feeds/atom.xml").content), [])
                self.assertEqual(json_feed_errors(self.client.get(f"{home}feeds/feed.json").content), [])

    def test_an_empty_feed_is_dated_when_the_publication_began(self):
        home = make_topic().get_absolute_url()
        self.assertEqual(self.atom(home).findtext("atom:updated", None, NAMES), "2026-05-03T12:00:00+00:00")
        self.assertEqual(self.rss("/corrections/").findtext("channel/lastBuildDate"), "Sun, 03 May 2026 12:00:00 +0000")

    def test_without_articles_feeds_are_dated_when_the_settings_were_saved(self):
        withdraw(item=self.article)
        with time_machine.travel(NOON + timedelta(days=1), tick=False):
            Publication.objects.create()
        self.assertEqual(self.atom().findtext("atom:updated", None, NAMES), "2026-05-04T12:00:00+00:00")

    def test_characters_that_are_invalid_in_xml_are_removed(self):
        invalid = "".join(map(chr, [1, 8, 11, 12, 31, 0xFFFE, 0xFFFF]))
        head = {**self.article.live.head, "bylines": [{"name": f"A{invalid}", "slug": "", "role": "", "portrait": ""}]}
        head["topics"] = [{"name": "\x1fT", "slug": "t"}]
        head["lead"]["alt"] = f"Alt{invalid}"
        Version.objects.update(
            headline=f"H{invalid}ead", standfirst=invalid, free_html=f"<p>&#1;Free{invalid}</p>", head=head
        )
        for home in self.homes:
            self.assertIn("Head", [e.text for e in self.rss(home).iter("title")])
            self.assertEqual(self.atom(home).findtext("atom:entry/atom:title", None, NAMES), "Head")
            self.assertEqual(self.json(home)["items"][0]["title"], "Head")

    def test_content_types_self_links_and_language(self):
        kinds = dict(zip(FILES, ("application/xml", "application/xml", "application/feed+json"), strict=True))
        for home in self.homes:
            whole = {file: f"{settings.SITE_URL}{home}feeds/{file}" for file in FILES}
            for file, kind in kinds.items():
                self.assertTrue(self.client.get(f"{home}feeds/{file}").headers["Content-Type"].startswith(kind))
            rss, atom, feed = self.rss(home), self.atom(home), self.json(home)
            self.assertEqual(rss.find("channel/atom:link[@rel='self']", NAMES).get("href"), whole["rss.xml"])
            self.assertEqual(atom.find("atom:link[@rel='self']", NAMES).get("href"), whole["atom.xml"])
            self.assertEqual(
                (feed["feed_url"], feed["version"]), (whole["feed.json"], "https://jsonfeed.org/version/1.1")
            )
            self.assertEqual(feed["home_page_url"], f"{settings.SITE_URL}{home}")
            languages = {rss.findtext("channel/language"), feed["language"], atom.get(f"{{{XML}}}lang")}
            self.assertEqual(languages, {"en-GB"})

    def test_feed_of_a_section_has_its_title_and_id(self):
        title = f"{get_publication().name}: Money & power"
        home = self.section.get_absolute_url()
        self.assertEqual(self.json(home)["title"], title)
        self.assertEqual(self.rss(home).findtext("channel/title"), title)
        self.assertEqual(self.atom(home).findtext("atom:title", None, NAMES), title)
        self.assertEqual(self.atom(home).findtext("atom:id", None, NAMES), f"urn:uuid:{self.section.uuid}")


XML = "http://www.w3.org/XML/1998/namespace"


class ItemTests(FeedTestCase):
    def test_formats_have_the_same_content(self):
        for home in self.homes:
            rss, atom = self.rss(home).find("channel/item"), self.atom(home).find("atom:entry", NAMES)
            item = self.json(home)["items"][0]
            items = [
                {"id": rss.findtext("guid"), "title": rss.findtext("title"), "url": rss.findtext("link"),
                 "summary": rss.findtext("description"), "content_html": rss.findtext("content:encoded", None, NAMES),
                 "authors": [e.text for e in rss.findall("dc:creator", NAMES)],
                 "tags": [e.text for e in rss.findall("category")],
                 "image": rss.find("media:content", NAMES).get("url")},
                {"id": atom.findtext("atom:id", None, NAMES), "title": atom.findtext("atom:title", None, NAMES),
                 "url": atom.find("atom:link", NAMES).get("href"),
                 "summary": atom.findtext("atom:summary", None, NAMES),
                 "content_html": atom.findtext("atom:content", None, NAMES),
                 "authors": [e.text for e in atom.findall("atom:author/atom:name", NAMES)],
                 "tags": [e.get("term") for e in atom.findall("atom:category", NAMES)],
                 "image": atom.find("media:content", NAMES).get("url")},
                {**{name: item[name] for name in ("id", "title", "url", "summary", "content_html", "tags", "image")},
                 "authors": [author["name"] for author in item["authors"]]},
            ]  # fmt: skip
            self.assertEqual(items[0], items[1])
            self.assertEqual(items[1], items[2])
        self.assertEqual(item["id"], f"urn:uuid:{self.article.uuid}")
        self.assertEqual(item["tags"], ["Money & power", self.topic.name])
        self.assertEqual(item["authors"][0]["url"], f"{settings.SITE_URL}{self.author.get_absolute_url()}")
        self.assertTrue(item["image"].startswith(f"{settings.SITE_URL}/media/"))

    def test_content_is_the_free_part_in_simple_markup(self):
        content = self.json()["items"][0]["content_html"]
        url = f"{settings.SITE_URL}{self.article.get_absolute_url()}"
        self.assertIn("Free &amp; open.", content)
        self.assertNotIn("For subscribers.", content)
        self.assertNotIn("A note.", content)
        for mark in ("class=", "srcset", "<source", "<picture", "aria-", "tabindex", "<aside"):
            self.assertNotIn(mark, content)
        links = [link for _, _, link, _ in html.fromstring(content).iterlinks()]
        self.assertEqual(links[-1], url)
        self.assertIn(f"{url}#note-1", links)
        self.assertIn(f"{url}#a-heading", links)
        self.assertIn(f"{settings.SITE_URL}/latest/", links)
        self.assertTrue(all(link.startswith((settings.SITE_URL, "https://[broken")) for link in links))

    def test_new_version_changes_the_modification_date_only(self):
        later = NOON + timedelta(hours=5)
        with time_machine.travel(NOON, tick=False):
            make_version(self.article, headline="Changed", at=later)
        for now, updated in ((later - timedelta(seconds=1), NOON), (later, later)):
            with time_machine.travel(now, tick=False):
                item, rss = self.json()["items"][0], self.rss().find("channel/item")
                entry, feed = self.atom().find("atom:entry", NAMES), self.atom()
                self.assertEqual(item["id"], f"urn:uuid:{self.article.uuid}")
                self.assertEqual(parsedate_to_datetime(rss.findtext("pubDate")), NOON)
                dates = {item["date_modified"], *(e.findtext("atom:updated", None, NAMES) for e in (rss, entry, feed))}
                self.assertEqual({datetime.fromisoformat(date) for date in dates}, {updated})
                firsts = {item["date_published"], entry.findtext("atom:published", None, NAMES)}
                self.assertEqual({datetime.fromisoformat(date) for date in firsts}, {NOON})

    @takes_longer("Many requests, one after the other.")
    def test_newest_thirty_articles_are_listed(self):
        for number in range(31):
            make_article(headline=f"N{number}", section=self.section, at=NOON + timedelta(minutes=number + 1))
        titles = [item["title"] for item in self.json(self.section.get_absolute_url())["items"]]
        self.assertEqual(titles, [f"N{number}" for number in range(30, 0, -1)])

    def test_withdrawn_articles_are_removed(self):
        withdraw(item=self.article)
        for home in self.homes:
            self.assertEqual(self.json(home)["items"], [])


class FeedViewTests(FeedTestCase):
    def test_query_count(self):
        for _ in range(2):
            for home in self.homes:
                for file in FILES:
                    with self.subTest(f"{home} {file}"), self.assertNumQueries(1 if home == "/" else 2):
                        self.client.get(f"{home}feeds/{file}")
            for _ in range(5):
                make_article(section=self.section, topics=[self.topic], authors=[self.author])

    def test_conditional_request_gets_304(self):
        for file in FILES:
            tag = self.client.get(f"/feeds/{file}").headers["ETag"]
            again = self.client.get(f"/feeds/{file}", headers={"If-None-Match": tag})
            self.assertEqual((again.status_code, again.content), (304, b""))
            self.assertIn("public", again.headers["Cache-Control"])
        make_article()
        self.assertEqual(self.client.get(f"/feeds/{file}", headers={"If-None-Match": tag}).status_code, 200)

    def test_head_request_has_no_body(self):
        for home in self.homes:
            response = self.client.head(f"{home}feeds/atom.xml")
            self.assertEqual((response.status_code, response.content), (200, b""))
            self.assertIn("listing", response.cache_tags)

    def test_unknown_feeds_are_not_found(self):
        for url in (
            "/sections/none/feeds/rss.xml",
            "/topics/none/feeds/atom.xml",
            "/authors/none/feeds/feed.json",
            "/feeds/rss",
            "/feeds/",
            "/feeds/all.xml",
            f"{self.section.get_absolute_url()}feeds/",
            "/sections/%00/feeds/rss.xml",
            f"/topics/{'x' * 3000}/feeds/rss.xml",
            "/feeds/rss.xml/",
        ):
            with self.subTest(url):
                self.assertEqual(self.client.get(url).status_code, 404)
        self.assertEqual(self.client.post("/feeds/feed.json").status_code, 405)

    def test_pages_link_to_their_feeds(self):
        for home in self.homes:
            page = html.fromstring(self.client.get(home).content)
            named = [link.get("href") for link in page.xpath("//head/link[@rel='alternate']")]
            own = [f"{home}feeds/{file}" for file in FILES]
            self.assertEqual(named, own if home == "/" else [*(f"/feeds/{file}" for file in FILES), *own])
            for url in named:
                self.assertEqual(self.client.get(url).status_code, 200)
            if home != "/":
                self.assertTrue(page.xpath(f"//main//a[@href='{own[0]}']"))
        self.assertContains(self.client.get(self.section.get_absolute_url()), "Feeds:")

    def test_json_feed_has_unescaped_text(self):
        raw = self.client.get("/feeds/feed.json").content
        self.assertEqual(json.loads(raw)["items"][0]["title"], "Cuts <b>& costs</b>")
