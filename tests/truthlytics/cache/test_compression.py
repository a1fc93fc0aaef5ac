"""Compression of cached pages: in an accepted encoding, and thoroughly once a page is popular."""

import gzip
import tempfile
from pathlib import Path

import brotli
from django.test import RequestFactory, SimpleTestCase, override_settings

from truthlytics.cache.compression import accepted_encodings
from truthlytics.cache.store import Entry, Store
from truthlytics.cache.wsgi import POPULAR_HITS, PageCache
from truthlytics.web.generations import Generations

BODY = b"<p>A paragraph that is repeated, so that it compresses well.</p>" * 400
DECOMPRESS = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class EncodingTests(SimpleTestCase):
    def test_accept_encoding_is_parsed(self):
        for header, encodings in [
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
            self.assertEqual(accepted_encodings(header), encodings, header)

    def test_an_incompressible_page_is_sent_as_it_is(self):
        page = Entry("200 OK", [], b"x", (), 0)
        page.compress()
        self.assertEqual(len(page.encodings["br"].body), 1)

    def test_the_size_of_an_entry_covers_all_encodings(self):
        page = Entry("200 OK", [], BODY, (), 0)
        page.compress()
        self.assertLessEqual(
            sum({id(encoded): len(encoded.body) for encoded in page.encodings.values()}.values()), page.size
        )


@override_settings(ALLOWED_HOSTS=["testserver"])
class PopularPageTests(SimpleTestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        generations = Generations(Path(folder) / "g")
        self.cache = PageCache(self.page, store=Store(10**7), generations=generations)

    def page(self, environ, start_response):
        start_response("200 OK", [("X-Page-Expires", str(10**10)), ("Content-Type", "text/html")])
        return [BODY]

    def read(self, accept="", method="GET", **headers):
        request = RequestFactory(HTTP_HOST="testserver", HTTP_ACCEPT_ENCODING=accept).generic(method, "/", **headers)
        response = {}
        body = self.cache(request.environ, lambda status, headers: response.update(dict(headers), status=status))
        response["body"] = b"".join(body)
        return response

    def make_popular(self):
        for _ in range(POPULAR_HITS):
            self.read()
        self.cache.compressors.shutdown()

    def test_a_popular_page_is_sent_in_fewer_bytes(self):
        first = {}
        for accept in ("gzip", "gzip, br"):
            self.setUp()
            first[accept] = self.read(accept)
        self.make_popular()
        for accept, encoding in [("", None), ("gzip", "gzip"), ("br", "br"), ("gzip, br", "br"), ("gzip;q=0", None)]:
            with self.subTest(accept):
                response = self.read(accept)
                self.assertEqual(response.get("Content-Encoding"), encoding)
                self.assertEqual(response["Vary"], "Accept-Encoding")
                self.assertEqual(DECOMPRESS[encoding](response["body"]), BODY)
                self.assertEqual(int(response["Content-Length"]), len(response["body"]))
                if accept in first:
                    self.assertLess(len(response["body"]), len(first[accept]["body"]))

    def test_each_encoding_has_its_own_etag_and_all_are_not_modified(self):
        etags = {self.read(accept)["ETag"] for accept in ("", "gzip")}
        self.make_popular()
        etags |= {self.read(accept)["ETag"] for accept in ("", "gzip", "br")}
        self.assertEqual(len(etags), 4)
        for etag in etags:
            again = self.read("br", HTTP_IF_NONE_MATCH=etag)
            self.assertEqual((again["status"], again["body"]), ("304 Not Modified", b""))

    def test_headers_changed_by_the_server_do_not_affect_later_responses(self):
        def clear_headers(status, headers):
            headers.clear()

        environ = RequestFactory(HTTP_HOST="testserver").get("/").environ
        for _ in range(3):
            self.cache(dict(environ), clear_headers)
        self.assertEqual(self.read()["Content-Type"], "text/html")

    def test_conditional_requests_count_as_hits(self):
        etag = self.read("br")["ETag"]
        for _ in range(POPULAR_HITS):
            self.read("br", HTTP_IF_NONE_MATCH=etag)
        self.cache.compressors.shutdown()
        self.assertEqual(self.read("br")["Content-Encoding"], "br")
