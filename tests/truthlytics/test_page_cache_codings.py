"""What is sent over the line: in the coding that the reader takes, tightly packed once a page is popular."""

import gzip
import tempfile
from pathlib import Path

import brotli
from django.test import RequestFactory, SimpleTestCase, override_settings

from truthlytics.cache.compression import accepted
from truthlytics.cache.store import Entry, Store
from truthlytics.cache.wsgi import POPULAR, PageCache
from truthlytics.web.generations import Generations

WORDS = b"<p>All the words of a page that are said more than once.</p>" * 400
UNPACK = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class CodingTests(SimpleTestCase):
    def test_accept_encoding_is_read_as_it_is_meant(self):
        for header, taken in [
            ("", ""),
            ("gzip", "gzip"),
            ("gzip, deflate, br, zstd", "gzip br"),
            ("BR;q=0.1, GZIP", "gzip br"),
            ("gzip;q=0, br", "br"),
            ("gzip; q=0.0, br;q=0", ""),
            ("*", "gzip br"),
            ("*;q=0, gzip", "gzip"),
            ("br;q=0, *", "gzip"),
            ("identity", ""),
            ("xgzip, gzip;q=none", ""),
            (";;,=,", ""),
        ]:
            self.assertEqual(accepted(header), taken, header)

    def test_a_page_that_does_not_pack_is_sent_as_it_was(self):
        page = Entry("200 OK", [], b"x", (), 0)
        page.squeeze()
        self.assertEqual({coding: len(form.body) for coding, form in page.forms.items()}["br"], 1)

    def test_the_bound_of_the_store_counts_the_largest_that_a_page_can_be(self):
        page = Entry("200 OK", [], WORDS, (), 0)
        page.squeeze()
        self.assertLessEqual(sum({id(form): len(form.body) for form in page.forms.values()}.values()), page.size)


@override_settings(ALLOWED_HOSTS=["testserver"])
class PopularTests(SimpleTestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        known = Generations(Path(folder) / "g")
        self.cache = PageCache(self.page, store=Store(10**7), generations=known)

    def page(self, environ, start_response):
        start_response("200 OK", [("X-Page-Expires", str(10**10)), ("Content-Type", "text/html")])
        return [WORDS]

    def read(self, accept="", method="GET", **headers):
        asked = RequestFactory(HTTP_HOST="testserver", HTTP_ACCEPT_ENCODING=accept).generic(method, "/", **headers)
        said = {}
        body = self.cache(asked.environ, lambda status, headers: said.update(dict(headers), status=status))
        said["body"] = b"".join(body)
        return said

    def be_popular(self):
        for _ in range(POPULAR):
            self.read()
        self.cache.packers.shutdown()

    def test_a_popular_page_is_sent_in_fewer_bytes_and_is_the_same(self):
        first = {}
        for accept in ("gzip", "gzip, br"):
            self.setUp()
            first[accept] = self.read(accept)
        self.be_popular()
        for accept, coding in [("", None), ("gzip", "gzip"), ("br", "br"), ("gzip, br", "br"), ("gzip;q=0", None)]:
            with self.subTest(accept):
                answer = self.read(accept)
                self.assertEqual(answer.get("Content-Encoding"), coding)
                self.assertEqual(answer["Vary"], "Accept-Encoding")
                self.assertEqual(UNPACK[coding](answer["body"]), WORDS)
                self.assertEqual(int(answer["Content-Length"]), len(answer["body"]))
                if accept in first:
                    self.assertLess(len(answer["body"]), len(first[accept]["body"]))

    def test_each_coding_has_an_etag_of_its_own_and_all_are_not_modified(self):
        tags = {self.read(accept)["ETag"] for accept in ("", "gzip")}
        self.be_popular()
        tags |= {self.read(accept)["ETag"] for accept in ("", "gzip", "br")}
        self.assertEqual(len(tags), 4)
        for tag in tags:
            again = self.read("br", HTTP_IF_NONE_MATCH=tag)
            self.assertEqual((again["status"], again["body"]), ("304 Not Modified", b""))

    def test_what_a_server_does_to_its_headers_is_not_seen_by_the_next(self):
        def greedy(status, headers):
            headers.clear()

        asked = RequestFactory(HTTP_HOST="testserver").get("/").environ
        for _ in range(3):
            self.cache(dict(asked), greedy)
        self.assertEqual(self.read()["Content-Type"], "text/html")

    def test_conditional_readers_make_a_page_popular_too(self):
        tag = self.read("br")["ETag"]
        for _ in range(POPULAR):
            self.read("br", HTTP_IF_NONE_MATCH=tag)
        self.cache.packers.shutdown()
        self.assertEqual(self.read("br")["Content-Encoding"], "br")
