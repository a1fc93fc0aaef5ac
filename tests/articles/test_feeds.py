"""Feeds in three formats, of everything and of each section, topic and author."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import time_machine
from django.conf import settings
from django.test import TestCase
from lxml import etree, html

from articles.media.renditions import make_missing
from articles.models import Version
from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_image, make_section, make_topic, make_version
from tests.schemas import atom_errors, json_feed_errors, needs_schemas

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


class FeedCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.image = make_image(alt="A <teal> field")
        make_missing(cls.image)
        cls.section = make_section(name="Money & power", intro="Who pays.")
        cls.topic, cls.author = make_topic(), make_author(name="Ana O’Neil", bio="Writes.")
        with time_machine.travel(NOON, tick=False):
            cls.article = make_article(
                headline="Cuts <b>& costs</b>", body=BODY % cls.image.uuid, required_level=10, lead=cls.image,
                section=cls.section, topics=[cls.topic], authors=[cls.author, make_author()],
            )  # fmt: skip
        cls.homes = ["/", *(place.get_absolute_url() for place in (cls.section, cls.topic, cls.author))]

    def rss(self, home="/"):
        return etree.fromstring(self.client.get(f"{home}feeds/rss.xml").content)

    def atom(self, home="/"):
        return etree.fromstring(self.client.get(f"{home}feeds/atom.xml").content)

    def json(self, home="/"):
        return self.client.get(f"{home}feeds/feed.json").json()


class ValidTests(FeedCase):
    @needs_schemas
    def test_every_feed_keeps_to_its_schema(self):
        empty = make_topic().get_absolute_url()
        make_article(standfirst="", section=self.section)
        for home in [*self.homes, empty]:
            with self.subTest(home):
                self.assertEqual(atom_errors(self.client.get(f"{home}feeds/atom.xml").content), [])
                self.assertEqual(json_feed_errors(self.client.get(f"{home}feeds/feed.json").content), [])

    def test_characters_that_no_document_may_hold_break_nothing(self):
        wrong = "".join(map(chr, [1, 8, 11, 12, 31, 0xFFFE, 0xFFFF]))
        head = {**self.article.live.head, "bylines": [{"name": f"A{wrong}", "slug": "", "role": "", "portrait": ""}]}
        head["topics"] = [{"name": "\x1fT", "slug": "t"}]
        head["lead"]["alt"] = f"Alt{wrong}"
        Version.objects.update(
            headline=f"H{wrong}ead", standfirst=wrong, free_html=f"<p>&#1;Free{wrong}</p>", head=head
        )
        for home in self.homes:
            self.assertIn("Head", [e.text for e in self.rss(home).iter("title")])
            self.assertEqual(self.atom(home).findtext("atom:entry/atom:title", None, NAMES), "Head")
            self.assertEqual(self.json(home)["items"][0]["title"], "Head")

    def test_they_say_what_they_are_and_where(self):
        kinds = dict(zip(FILES, ("application/rss+xml", "application/atom+xml", "application/feed+json"), strict=True))
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

    def test_a_feed_of_a_place_bears_its_name(self):
        title = f"{settings.PUBLICATION['name']}: Money & power"
        home = self.section.get_absolute_url()
        self.assertEqual(self.json(home)["title"], title)
        self.assertEqual(self.rss(home).findtext("channel/title"), title)
        self.assertEqual(self.atom(home).findtext("atom:title", None, NAMES), title)
        self.assertEqual(self.atom(home).findtext("atom:id", None, NAMES), f"urn:uuid:{self.section.uuid}")


XML = "http://www.w3.org/XML/1998/namespace"


class ItemTests(FeedCase):
    def test_the_three_formats_say_the_same_of_a_piece(self):
        for home in self.homes:
            rss, atom = self.rss(home).find("channel/item"), self.atom(home).find("atom:entry", NAMES)
            item = self.json(home)["items"][0]
            said = [
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
            self.assertEqual(said[0], said[1])
            self.assertEqual(said[1], said[2])
        self.assertEqual(item["id"], f"urn:uuid:{self.article.uuid}")
        self.assertEqual(item["tags"], ["Money & power", self.topic.name])
        self.assertEqual(item["authors"][0]["url"], f"{settings.SITE_URL}{self.author.get_absolute_url()}")
        self.assertTrue(item["image"].startswith(f"{settings.SITE_URL}/media/"))

    def test_only_the_free_part_stands_in_it_in_plain_marks(self):
        content = self.json()["items"][0]["content_html"]
        address = f"{settings.SITE_URL}{self.article.get_absolute_url()}"
        self.assertIn("Free &amp; open.", content)
        self.assertNotIn("For subscribers.", content)
        self.assertNotIn("A note.", content)
        for mark in ("class=", "srcset", "<source", "<picture", "aria-", "tabindex", "<aside"):
            self.assertNotIn(mark, content)
        links = [link for _, _, link, _ in html.fromstring(content).iterlinks()]
        self.assertEqual(links[-1], address)
        self.assertIn(f"{address}#note-1", links)
        self.assertIn(f"{address}#a-heading", links)
        self.assertIn(f"{settings.SITE_URL}/latest/", links)
        self.assertTrue(all(link.startswith((settings.SITE_URL, "https://[broken")) for link in links))

    def test_a_change_moves_the_second_date_alone(self):
        later = NOON + timedelta(hours=5)
        with time_machine.travel(NOON, tick=False):
            make_version(self.article, headline="Changed", at=later)
        for moment, updated in ((later - timedelta(seconds=1), NOON), (later, later)):
            with time_machine.travel(moment, tick=False):
                item, rss = self.json()["items"][0], self.rss().find("channel/item")
                entry, feed = self.atom().find("atom:entry", NAMES), self.atom()
                self.assertEqual(item["id"], f"urn:uuid:{self.article.uuid}")
                self.assertEqual(parsedate_to_datetime(rss.findtext("pubDate")), NOON)
                dates = {item["date_modified"], *(e.findtext("atom:updated", None, NAMES) for e in (rss, entry, feed))}
                self.assertEqual({datetime.fromisoformat(date) for date in dates}, {updated})
                firsts = {item["date_published"], entry.findtext("atom:published", None, NAMES)}
                self.assertEqual({datetime.fromisoformat(date) for date in firsts}, {NOON})

    def test_the_newest_thirty_newest_first(self):
        for number in range(31):
            make_article(headline=f"N{number}", section=self.section, at=NOON + timedelta(minutes=number + 1))
        titles = [item["title"] for item in self.json(self.section.get_absolute_url())["items"]]
        self.assertEqual(titles, [f"N{number}" for number in range(30, 0, -1)])

    def test_what_is_withdrawn_is_gone(self):
        withdraw(article=self.article)
        for home in self.homes:
            self.assertEqual(self.json(home)["items"], [])


class ServingTests(FeedCase):
    def test_a_feed_costs_two_queries_however_much_is_published(self):
        for _ in range(2):
            for home in self.homes:
                for file in FILES:
                    with self.subTest(f"{home} {file}"), self.assertNumQueries(1 if home == "/" else 2):
                        self.client.get(f"{home}feeds/{file}")
            for _ in range(5):
                make_article(section=self.section, topics=[self.topic], authors=[self.author])

    def test_who_has_it_already_gets_no_second_copy(self):
        for file in FILES:
            tag = self.client.get(f"/feeds/{file}").headers["ETag"]
            again = self.client.get(f"/feeds/{file}", headers={"If-None-Match": tag})
            self.assertEqual((again.status_code, again.content), (304, b""))
            self.assertIn("public", again.headers["Cache-Control"])
        make_article()
        self.assertEqual(self.client.get(f"/feeds/{file}", headers={"If-None-Match": tag}).status_code, 200)

    def test_head_is_answered_without_a_body(self):
        for home in self.homes:
            response = self.client.head(f"{home}feeds/atom.xml")
            self.assertEqual((response.status_code, response.content), (200, b""))
            self.assertIn("listing", response.cache_tags)

    def test_what_nobody_made_is_not_found(self):
        for address in (
            "/sections/none/feeds/rss.xml", "/topics/none/feeds/atom.xml", "/authors/none/feeds/feed.json",
            "/feeds/rss", "/feeds/", "/feeds/all.xml", f"{self.section.get_absolute_url()}feeds/",
            "/sections/%00/feeds/rss.xml", f"/topics/{'x' * 3000}/feeds/rss.xml", "/feeds/rss.xml/",
        ):  # fmt: skip
            with self.subTest(address):
                self.assertEqual(self.client.get(address).status_code, 404)
        self.assertEqual(self.client.post("/feeds/feed.json").status_code, 405)

    def test_pages_name_their_feeds_in_the_head_and_in_words(self):
        for home in self.homes:
            page = html.fromstring(self.client.get(home).content)
            named = [link.get("href") for link in page.xpath("//head/link[@rel='alternate']")]
            own = [f"{home}feeds/{file}" for file in FILES]
            self.assertEqual(named, own if home == "/" else [*(f"/feeds/{file}" for file in FILES), *own])
            for address in named:
                self.assertEqual(self.client.get(address).status_code, 200)
            if home != "/":
                self.assertTrue(page.xpath(f"//main//a[@href='{own[0]}']"))
        self.assertContains(self.client.get(self.section.get_absolute_url()), "Feeds:")

    def test_json_is_read_as_it_was_written(self):
        raw = self.client.get("/feeds/feed.json").content
        self.assertEqual(json.loads(raw)["items"][0]["title"], "Cuts <b>& costs</b>")
