"""Files of redirects and routes, and the patterns in them."""

import json
import time
from datetime import UTC, datetime

from django.test import SimpleTestCase

from articles.models import Article, Redirect
from tests.contrib.importers.ghost.files import export, post
from tests.contrib.importers.ghost.test_import import ImportCase
from truthlytics.contrib.importers.ghost.patterns import NotListable, Values, addresses
from truthlytics.contrib.importers.ghost.redirects import Redirects, Rule, rules_in
from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.contrib.importers.yaml_texts import InvalidYaml, parse

MAY = datetime(2014, 5, 6, tzinfo=UTC)


class PatternTests(SimpleTestCase):
    def test_patterns_are_written_out(self):
        slug = {1: "bridge"}
        for pattern, groups, found in (
            ("^/what(/?)$", {}, ["/what", "/what/"]),
            (r"^\/resources\/a\-b(\/?)$", {}, ["/resources/a-b", "/resources/a-b/"]),
            (r"^\/(?:one|two)\/([A-Za-z0-9\-]+)", slug, ["/one/bridge", "/two/bridge"]),
            (
                r"^\/[0-9]{4}\/[0-9]{2}\/([a-z0-9\-]+)(\.html)?(\/)?$",
                slug,
                ["/2014/05/bridge", "/2014/05/bridge/", "/2014/05/bridge.html", "/2014/05/bridge.html/"],
            ),
            (r"^/(\d{4})/(\d+)/(\d+)/(.*)", {4: "bridge"}, ["/2014/05/06/bridge"]),
            ("^/prefix/([a-z0-9-]+)?", slug, ["/prefix/bridge"]),
            ("/page.html$", {}, ["/page.html"]),
            ("^/((a|b)(c))/x$", {1: "bridge"}, ["/bridge/x"]),
            ("^/x/(.*)", {1: "a/b"}, ["/x/a/b"]),
            ("^/x/([^/]+)", {1: "a/b"}, None),
            (r"^/x/(\d+)", slug, None),
            ("^/(en|de)/about$|^/us$", {}, None),
        ):
            with self.subTest(pattern):
                if found is None:
                    self.assertRaises(NotListable, addresses, pattern, Values(groups, MAY))
                else:
                    self.assertEqual(addresses(pattern, Values(groups, MAY)), found)

    def test_others_are_not_listed(self):
        for pattern in (
            "^/post/[0-9]+/x",
            "/old/.*",
            "^/[a-z]+$",
            "^/a{3}",
            "(",
            ")",
            "[",
            "a\\",
            "^/(?!x)a",
            "/x\\1",
            "*",
            "/(a|b|c|d)(a|b|c|d)(a|b|c|d)",
            "(a" * 400,
            "(" * 400 + ")" * 400,
            "/a(b",
            "[]",
            "{",
            "a**",
        ):
            with self.subTest(pattern[:20]), self.assertRaises(NotListable):
                addresses(pattern, Values({}, MAY))

    def test_patterns_are_never_run(self):
        start = time.process_time()
        with self.assertRaises(NotListable):
            addresses("^/(((a+)+)+)+$", Values({}, MAY))
        self.assertLess(time.process_time() - start, 1)


class YamlTests(SimpleTestCase):
    def test_mappings_lists_and_quotation_marks(self):
        text = """
# Routes
routes:
  /about/: about   # a page
collections:
  /:
    permalink: '/{year}/it''s/{slug}/'
    template:
    - index
    - post
  "/a: b/":
    filter: tag:[a, b]
    list: [a, "b, c"]
taxonomies:
"""
        self.assertEqual(
            parse(text),
            {
                "routes": {"/about/": "about"},
                "collections": {
                    "/": {"permalink": "/{year}/it's/{slug}/", "template": ["index", "post"]},
                    "/a: b/": {"filter": "tag:[a, b]", "list": ["a", "b, c"]},
                },
                "taxonomies": "",
            },
        )
        self.assertEqual(parse(""), {})

    def test_tags_make_no_objects(self):
        for tag in ("!!python/object/apply:os.system", "!!int", "!x"):
            self.assertEqual(parse(f"a: {tag} '1'\nb: 2024-01-01"), {"a": "1", "b": "2024-01-01"})

    def test_anything_else_is_refused(self):
        for text in (
            "a",
            "- a",
            "\ta: b",
            "a: b\n c: d",
            "a: *b",
            "a: &b [1]\nc: *b",
            "'a: b",
            "a: 'b",
            "a:\n  - b\n  c: d",
            "".join(f"{' ' * n}a:\n" for n in range(30)),
            "a: " + "[" * 100_000,
            "[a]: b",
            "a: \x00",
            "a: 1\n---\nb: 2",
        ):
            with self.subTest(text), self.assertRaises(InvalidYaml):
                parse(text)


class FileTests(SimpleTestCase):
    def test_rules_of_both_formats(self):
        rules = [Rule("/a/", "/b/"), Rule("^/c/(.*)$", "/$1")]
        rows = [{"from": "/a/", "to": "/b/", "permanent": True}, {"from": "^/c/(.*)$", "to": "/$1"}]
        self.assertEqual(rules_in(json.dumps(rows), "redirects.json"), rules)
        self.assertEqual(rules_in("301:\n  /a/: /b/\n302:\n  ^/c/(.*)$: /$1\n", "redirects.yaml"), rules)

    def test_only_so_many_patterns_are_compared(self):
        rules = [Rule(f"^/a{number}(/?)$", "/x/") for number in range(600)]
        redirects = Redirects([*rules, Rule("/b", "/x")], set(), {"/x": ("post", "1")})
        self.assertEqual(len(redirects.resolve()), 100)
        self.assertEqual(len(redirects.found["post", "1"]), 1001)

    def test_other_files_are_refused(self):
        for name, text in (
            ("redirects.json", "{}"),
            ("redirects.json", "["),
            ("redirects.json", "[1]"),
            ("redirects.json", "[" * 9999),
            ("redirects.json", '[{"from": 1, "to": "/x"}]'),
            ("redirects.yaml", "/a/: /b/"),
            ("redirects.yaml", "301: x"),
            ("redirects.yaml", "301:\n  /a/:\n"),
            ("redirects.yaml", "\x00"),
        ):
            with self.subTest(text[:20]), self.assertRaises(UnreadableFile):
                rules_in(text, name)


class ImportedRedirectTests(ImportCase):
    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_with(self, *files, **options):
        path = self.folder / "export.json"
        path.write_bytes(export(post(slug="bridge"), post(2, slug="about", type="page"), post(3, status="draft")))
        return self.run_file(path, *files, **options)

    def test_redirects_lead_to_articles_pages_and_lists(self):
        rules = [
            ("/older/", "/old"),
            ("/old/", "/bridge/"),
            ("/us", "https://www.old.example/about/?x=1"),
            ("/w/", "/tag/world/"),
            ("/?p=12", "/bridge/"),
            (r"^\/[0-9]{4}\/[0-9]{2}\/([a-z]+)(\/)?$", "/$1"),
            ("^/label/([^/]+)$", "/tag/$1"),
            ("/me/", "/author/ada/"),
            ("/a%20b/", "/bridge"),
            ("/draft", "/item-3/"),
            ("/out", "https://ghost.org"),
            ("/home", "/"),
            ("/none", "/nothing/"),
            ("^/post/(.*)", "/x/$1"),
            ("/l1", "/l2"),
            ("/l2", "/l1"),
            ("^/[0-9]+/(.*)", "/$1"),
        ]
        rows = json.dumps([{"from": source, "to": target} for source, target in rules])
        _, _, losses = self.run_with(self.write("redirects.json", rows), site_url="https://old.example")
        for old, new in {
            "/older/": "/articles/bridge/",
            "/old": "/articles/bridge/",
            "/us/": "/pages/about/",
            "/w": "/sections/world/",
            "/?p=12": "/articles/bridge/",
            "/2014/05/bridge/": "/articles/bridge/",
            "/label/bridges/": "/topics/bridges/",
            "/me/": "/authors/ada/",
            "/a%20b": "/articles/bridge/",
            "/draft/": 404,
            "/out": 404,
            "/l1": 404,
        }.items():
            with self.subTest(old):
                self.assertEqual(self.location(old), new)
        self.assertEqual(
            [what for code, what in losses if code == "address"],
            [
                "/out led to another site, https://ghost.org",
                "/home led to the front page",
                "/none led to /nothing/, which is not in the export",
                "^/post/(.*) is a pattern of addresses that cannot be listed, to /x/$1",
                "/l1 led to /l2, which is not in the export",
                "/l2 led to /l1, which is not in the export",
                "^/[0-9]+/(.*) is a pattern of addresses that cannot be listed, to /$1",
            ],
        )

    def test_routes_say_how_addresses_were_made(self):
        routes = """
collections:
  /:
    permalink: /{year}/{month}/{primary_tag}/{slug}/
  /podcast/:
    permalink: /podcast/{slug}/
    filter: tag:bridges
taxonomies:
  tag: /topic/{slug}/
  author: /by/{slug}/
"""
        self.run_with(self.write("routes.yaml", routes))
        for old, new in {
            "/2014/05/world/bridge/": "/articles/bridge/",
            "/podcast/bridge/": "/articles/bridge/",
            "/podcast/": "/topics/bridges/",
            "/topic/world/": "/sections/world/",
            "/by/ada/": "/authors/ada/",
            "/about/": "/pages/about/",
            "/bridge/": 404,
        }.items():
            with self.subTest(old):
                self.assertEqual(self.location(old), new)

    def test_the_setting_of_the_first_versions(self):
        settings = [
            {"key": "permalinks", "value": "/:year/:month/:day/:slug/"},
            {"key": "title", "value": "Old"},
            {"key": "activeTimezone", "value": "Pacific/Kiritimati"},
        ]
        self.run_import(post(published_at="2014-05-06T20:00:00Z"), settings=settings)
        self.assertEqual(self.location("/2014/05/07/item-1/"), "/articles/item-1/")

    def test_a_file_that_cannot_be_read_is_refused_before_anything_is_written(self):
        for name, text in (("redirects.yaml", "301:\n\t/a: /b"), ("routes.yaml", "a: *b"), ("redirects.json", "{}")):
            with self.subTest(name):
                status, out, _ = self.run_with(path := self.write(name, text))
                self.assertEqual(status, 1)
                self.assertIn(name, out)
                path.unlink()
        self.assertFalse(Article.objects.exists() or Redirect.objects.exists())
