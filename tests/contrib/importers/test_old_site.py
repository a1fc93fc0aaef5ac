"""Texts compared with what a stranger can read on the old site."""

import json
import tempfile
from functools import partial
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase, TestCase, override_settings

from articles.models import Article
from tests.articles.sources.listener import PUBLIC, listening
from tests.contrib.importers.running import import_site
from tests.contrib.importers.wordpress.files import export, item
from truthlytics.contrib.importers import run
from truthlytics.contrib.importers.media.web import MediaHosts
from truthlytics.contrib.importers.old_site import compare, text_of, words_in, words_on_page

LONG = " ".join(f"The bridge number {number} over the Varn was closed in May." for number in range(40))


def page(text, more=""):
    return f"<html><head><title>x</title></head><body><nav>Menu</nav>{more}<main>{text}</main></body></html>".encode()


class OldSiteTests(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(IMPORT_WORK_DIR=self.folder / "imports"))
        self.listener, self.waits = self.enterContext(listening()), []
        # A pause that no busy machine can use up.
        options = {"resolve": self.resolve, "connect": self.listener.connect, "sleep": self.waits.append, "pause": 60}
        hosts = partial(MediaHosts, **options)
        self.enterContext(mock.patch.object(run, "MediaHosts", hosts))

    def resolve(self, host, port):
        return ["10.0.0.7"] if host.startswith("inner") else [PUBLIC]

    def compare(self, *items, address="http://old.example", **options):
        path, report = self.folder / "export.xml", self.folder / "report.jsonl"
        path.write_bytes(export(*items))
        _, out = import_site("wordpress", path, report=report, compare=address, **options)
        lines = map(json.loads, report.read_text(encoding="utf-8").splitlines()) if report.exists() else []
        return out, [(line["code"], line["what"]) for line in lines]

    def states(self):
        return {article.slug: article.state() for article in Article.objects.all()}

    ITEMS = tuple(item(number, content=f"{LONG} Number {number}.") for number in range(1, 8))

    def serve(self):
        """Have the old site show 1 whole, 2 and 3 in part, 4 not at all, and 5 to 7 not."""
        below = "/2014/05/item-"
        self.listener.answers |= {
            f"{below}1/": page(f"<p>{LONG}</p><p>Number&nbsp;1.</p>"),
            f"{below}2/": page(LONG[:300], more=f"<script>{LONG}</script>"),
            f"{below}3/": page(f"{LONG[:400]}<div style='display: none'>{LONG}</div>Number 3."),
            f"{below}4/": (302, "/login/"),
            "/login/": page("Log in to read the text."),
            f"{below}5/": 404,
            f"{below}6/": (302, "http://elsewhere.example/"),
            f"{below}7/": (302, "http://inner.old.example/"),
        }

    def test_what_a_stranger_could_not_read_stays_a_draft(self):
        self.serve()
        out, losses = self.compare(*self.ITEMS)
        expected = dict.fromkeys((f"item-{number}" for number in range(2, 8)), "draft") | {"item-1": "published"}
        self.assertEqual(self.states(), expected)
        counts = "1 read whole, 2 in part, 1 not at all, 3 not reachable."
        self.assertIn(f"7 texts compared with the old site: {counts}", out)
        unread = [what for code, what in losses if code == "unread"]
        self.assertEqual(len(unread), 6)
        self.assertIn("words on the old site. http://old.example/2014/05/item-2/", unread[0])
        self.assertIn("could not be compared with the old site (status 404)", unread[3])

    def test_pages_are_fetched_once_with_pauses_and_without_cookies(self):
        self.serve()
        self.listener.headers["/2014/05/item-1/"] = {"Set-Cookie": "member=1"}
        seen = []
        with mock.patch("http.client.HTTPConnection.putheader", autospec=True, side_effect=self.noting(seen)):
            self.compare(*self.ITEMS[:2])
        self.assertNotIn("cookie", {name.lower() for name in seen})
        requested = sorted(path for _, _, path in self.listener.requests)
        self.assertEqual(requested, ["/2014/05/item-1/", "/2014/05/item-2/"])
        self.assertTrue(self.waits)

    def noting(self, seen):
        from http.client import HTTPConnection

        original = HTTPConnection.putheader

        def put(connection, header, *values):
            seen.append(header)
            return original(connection, header, *values)

        return put

    def test_a_dry_run_and_the_import_ask_once_but_again_for_what_was_not_reachable(self):
        self.serve()
        self.compare(*self.ITEMS, dry_run=True)
        self.listener.requests.clear()
        self.listener.answers["/2014/05/item-5/"] = page(f"{LONG} Number 5.")
        self.compare(*self.ITEMS)
        self.assertEqual({path[-2] for _, _, path in self.listener.requests}, {"5", "6", "7"})
        self.assertEqual({slug for slug, state in self.states().items() if state == "published"}, {"item-1", "item-5"})

    def test_texts_that_were_not_public_are_not_fetched_and_scheduled_ones_are_not_known(self):
        closed = item(1, wp_status="private"), item(2, wp_status="draft")
        scheduled = item(3, wp_status="future", wp_post_date_gmt="2999-01-01 00:00:00")
        self.compare(*closed, scheduled)
        self.assertEqual(self.listener.requests, [])
        self.assertEqual(set(self.states().values()), {"draft"})

    def test_addresses_that_are_none_and_hosts_that_are_not_public_are_refused(self):
        for address in ("ftp://old.example", "localhost", "http://x"):
            _, out = import_site("wordpress", self.folder / "none.xml", compare=address)
            self.assertIn("must be such as https://example.org", out)
        self.compare(self.ITEMS[0], address="http://inner.old.example")
        self.assertEqual((self.listener.requests, self.states()), ([], {"item-1": "draft"}))


class ComparingTests(SimpleTestCase):
    def outcome(self, text, shown):
        return compare(words_in(text), words_on_page(page(shown)), "").outcome

    def test_a_last_sentence_that_is_missing_is_noticed(self):
        self.assertEqual(self.outcome(LONG, LONG), "whole")
        self.assertEqual(self.outcome(f"{LONG} Only members learn who had paid for it.", LONG), "part")
        self.assertEqual(self.outcome(LONG, f"{LONG[:200]} … Join us to read on"), "part")
        self.assertEqual(self.outcome(LONG, ""), "none")

    def test_other_quotation_marks_entities_and_inserted_words_make_no_difference(self):
        shown = LONG.replace("bridge", "<b>bri</b>dge").replace("May.", "May&hellip;").replace("Varn", "Va&shy;rn")
        self.assertEqual(self.outcome(LONG, shown), "whole")
        half = len(LONG) // 2
        self.assertEqual(self.outcome(LONG, f"<p>{LONG[:half]}</p><p>Advertisement</p>{LONG[half:]}"), "whole")
        self.assertEqual(self.outcome("Two words", "Two words"), "whole")

    def test_scripts_and_hidden_parts_are_not_read(self):
        for html in ("<script>a</script>", "<noscript>a</noscript>", "<p hidden>a</p>", "<template>a</template>"):
            self.assertEqual(text_of(html).strip(), "", html)
        self.assertEqual(words_on_page("<meta charset=iso-8859-1>Köln".encode("latin-1")), ["köln"])
