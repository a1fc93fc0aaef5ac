"""robots.txt, the licence and trust.txt, as crawlers read them."""

from unittest import mock
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

from django.test import SimpleTestCase, TestCase, override_settings

from tests.factories import make_article
from truthlytics.crawlers import files
from truthlytics.crawlers.files import license_xml, robots_txt
from truthlytics.publication.crawlers import CRAWLERS
from truthlytics.publication.models import Publication
from truthlytics.web.agents import agent_of

DEFAULT = """\
User-agent: *
Disallow: /admin/
Disallow: /accounts/
Disallow: /account/
Disallow: /cart/
Disallow: /checkout/
Disallow: /comments/
Disallow: /search/
Disallow: /articles/*/report-error/

Sitemap: http://localhost:8000/sitemap.xml
Sitemap: http://localhost:8000/sitemap-news.xml
"""
# They only stand in robots.txt.
TOKENS = {"Google-Extended", "Applebot-Extended"}
# Agents that name themselves in their strings, but whose strings are on no list.
RSL = "{https://rslstandard.org/rsl}"


def parser_of(**columns):
    parser = RobotFileParser()
    parser.parse(robots_txt(Publication(**columns)).splitlines())
    return parser


class RobotsTests(SimpleTestCase):
    def test_by_default_nobody_is_refused(self):
        with mock.patch.object(files, "paths_without_crawlers", return_value=[]):
            self.assertEqual(robots_txt(Publication()), DEFAULT)

    def test_paths_of_features_and_plug_ins_are_named_with_the_others(self):
        with mock.patch.object(files, "paths_without_crawlers", return_value=["/tides/"]):
            first = robots_txt(Publication()).partition("\n\n")[0]
        self.assertEqual(first.splitlines()[-1], "Disallow: /tides/")

    def test_a_kind_is_refused_as_a_whole_and_others_keep_their_rules(self):
        parser = parser_of(allow_training=False, offers_license=True)
        for name in CRAWLERS["training"]:
            self.assertFalse(parser.can_fetch(name, "/articles/a/"), name)
            self.assertTrue(parser.can_fetch(name, "/license.xml"), name)
        for name in (*CRAWLERS["search"], *CRAWLERS["assistant"], "SomethingElse"):
            self.assertTrue(parser.can_fetch(name, "/articles/a/"), name)
            self.assertFalse(parser.can_fetch(name, "/admin/"), name)

    def test_single_names_are_exceptions_both_ways(self):
        parser = parser_of(allow_training=False, crawler_exceptions=["CCBot", "Bingbot"])
        allowed = {name: parser.can_fetch(name, "/") for name in ("CCBot", "GPTBot", "bingbot", "Googlebot")}
        self.assertEqual(allowed, {"CCBot": True, "GPTBot": False, "bingbot": False, "Googlebot": True})

    def test_names_in_robots_txt_are_those_of_requests(self):
        for kind, names in CRAWLERS.items():
            for name in set(names) - TOKENS:
                agent = agent_of(f"Mozilla/5.0 (compatible; {name}/1.0; +https://crawler.example)")
                self.assertEqual((agent.name.casefold(), agent.kind), (name.casefold(), kind))


class LicenseTests(TestCase):
    def usages(self, **columns):
        terms = ElementTree.fromstring(license_xml(Publication(**columns))).find(f"{RSL}content/{RSL}license")
        return [(element.tag.removeprefix(RSL), element.get("type"), element.text) for element in terms]

    def test_licence_says_what_each_kind_may_do(self):
        self.assertEqual(self.usages(), [("permits", "usage", "search ai-input ai-index ai-train")])
        self.assertEqual(
            self.usages(allow_training=False, allow_assistants=False),
            [("permits", "usage", "search"), ("prohibits", "usage", "ai-input ai-index ai-train")],
        )

    def test_name_of_the_owner_cannot_add_elements(self):
        content = license_xml(Publication(publisher="<permits>&", contact_email='a"b@example.org'))
        self.assertEqual(ElementTree.fromstring(content).findtext(f"{RSL}content/{RSL}copyright"), "<permits>&")

    def test_pages_link_to_it_only_while_it_is_offered(self):
        url = make_article().get_absolute_url()
        self.assertEqual(self.client.get("/license.xml").status_code, 404)
        self.assertNotIn("Link", self.client.get(url).headers)
        Publication.objects.update_or_create(pk=1, defaults={"offers_license": True})
        for path in (url, "/", "/latest/"):
            link = self.client.get(path).headers["Link"]
            self.assertEqual(link, '</license.xml>; rel="license"; type="application/rsl+xml"')
        for path in ("/robots.txt", "/feeds/rss.xml", "/account/", "/missing/"):
            self.assertNotIn("Link", self.client.get(path).headers)
        response = self.client.get("/license.xml")
        self.assertEqual(response.headers["Content-Type"], "application/rsl+xml")
        self.assertNotIn(b"icense", self.client.get("/robots.txt").content)


class TrustTests(TestCase):
    def test_without_entries_there_is_none(self):
        for path in ("/trust.txt", "/.well-known/trust.txt"):
            self.assertEqual(self.client.get(path).status_code, 404)

    @override_settings(SITE_URL="https://news.example")
    def test_entries_are_lines_and_training_follows_from_the_choice(self):
        entries = {"social": ["https://social.example/@a"], "member": ["https://b.example/", "https://a.example/"]}
        Publication.objects.update_or_create(pk=1, defaults={"trust_txt": entries, "allow_training": False})
        for path in ("/trust.txt", "/.well-known/trust.txt"):
            lines = self.client.get(path).content.decode().splitlines()
            self.assertEqual(lines, [
                "member=https://b.example/", "member=https://a.example/", "social=https://social.example/@a",
                "datatrainingallowed=no",
            ])  # fmt: skip
