"""Checks of sources: which responses mean that a page is online, and which URLs are never requested."""

import socket
from functools import partial
from unittest.mock import patch

from django.test import SimpleTestCase

from articles.sources.availability import Outcome, check
from tests.articles.sources.listener import listening, resolve
from tests.budget import takes_longer
from truthlytics.web import public_http
from truthlytics.web.public_http import is_public

# `%d` is the port of the local listener.
HOSTILE = [
    "http://127.0.0.1:%d/", "http://127.0.0.1/", "http://localhost:%d/", "http://localhost/", "http://LOCALHOST./",
    "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://0.0.0.0/",
    "http://[::1]:%d/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://100.64.0.1/", "http://224.0.0.1/",
    "http://user@127.0.0.1/", "http://example.org@127.0.0.1/", "http://127.0.0.1#@example.org/",
    "http://127.0.0.1\\@example.org/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://127.0.0.1%%00.example.org/",
    "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:%d/_x", "javascript:alert(1)", "//127.0.0.1/",
    "http://example.org\r\nHost: 127.0.0.1/", "http:///127.0.0.1/", "http://127.0.0.1:99999/", "https://127.0.0.1:%d/",
    "http://example.org:%d/", "", "http://", "http://[", "http://" + "a" * 3000,
]  # fmt: skip
PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "::ffff:8.8.8.8", "::7f00:1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "64:ff9b::808:808", "2002:808:808::1", "2001:0:808::1",
    "2001:db8::1", "x", "",
]  # fmt: skip


def refuse(*args):
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


class OutcomeTests(SimpleTestCase):
    def setUp(self):
        context = listening()
        self.listener = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.check = partial(check, user_agent="test (+https://site.example/)", connect=self.listener.connect)

    def outcome(self, path="/", **options):
        return self.check(f"http://example.org{path}", **({"resolve": resolve} | options))

    def methods(self):
        return [method for method, _host, _path in self.listener.requests]

    def test_found_page_takes_one_head_request(self):
        self.assertEqual(self.outcome("/a?b=c"), Outcome.FOUND)
        self.assertEqual(self.listener.requests, [("HEAD", "example.org", "/a?b=c")])
        self.assertEqual(self.listener.agents, {"test (+https://site.example/)"})

    def test_page_that_only_answers_get_is_found(self):
        for answer in (404, 405, 500, ("drop", "")):
            self.listener.answers["HEAD /"] = answer
            self.assertEqual(self.outcome(), Outcome.FOUND)
        self.assertEqual(self.methods(), ["HEAD", "GET"] * 4)

    def test_missing_pages(self):
        for answer in (404, 410, 400, 500, 502):
            self.listener.answers["/"] = answer
            self.assertEqual(self.outcome(), Outcome.MISSING, answer)

    def test_statuses_that_say_nothing(self):
        for answer in (401, 403, 429, 451, 503, 304):
            self.listener.answers["/"] = answer
            self.assertEqual(self.outcome(), Outcome.UNKNOWN, answer)

    def test_redirects_are_followed(self):
        self.listener.answers |= {"/a": (301, "/b"), "/b": (302, "http://other.example/c"), "/c": 404}
        self.assertEqual(self.outcome("/a"), Outcome.MISSING)
        self.listener.answers["/c"] = 200
        self.assertEqual(self.outcome("/a"), Outcome.FOUND)
        self.assertIn(("HEAD", "other.example", "/c"), self.listener.requests)

    def test_redirect_loop_ends(self):
        self.listener.answers["/"] = (302, "/")
        self.assertEqual(self.outcome(), Outcome.UNKNOWN)
        self.assertEqual(len(self.listener.requests), public_http.MAX_REDIRECTS + 1)

    def test_unknown_host_is_missing_and_failing_resolver_says_nothing(self):
        self.assertEqual(self.outcome(resolve=refuse), Outcome.MISSING)

        def fail(*args):
            raise socket.gaierror(socket.EAI_AGAIN, "later")

        self.assertEqual(self.outcome(resolve=fail), Outcome.UNKNOWN)

    def test_unreachable_network_says_nothing(self):
        def connect(address, timeout):
            raise OSError(101, "Network is unreachable")

        self.assertEqual(self.outcome(connect=connect), Outcome.UNKNOWN)

    def test_connection_goes_to_the_address_that_was_checked(self):
        seen = []

        def connect(address, timeout):
            seen.append(address)
            return self.listener.connect(address, timeout)

        answers = iter([["93.184.215.14"], ["127.0.0.1"]])
        self.outcome(resolve=lambda host, port: next(answers), connect=connect)
        self.assertEqual(seen, [("93.184.215.14", 80)])

    def test_slow_response_is_cut_off(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        with patch.object(public_http, "REQUEST_TIMEOUT", 0.2):
            found = self.outcome(connect=lambda address, timeout: socket.create_connection(server.getsockname(), 5))
        self.assertEqual(found, Outcome.MISSING)


class GuardTests(SimpleTestCase):
    def test_hostile_addresses_are_not_requested(self):
        with listening() as listener:
            for form in HOSTILE:
                url = form.replace("%%", "%").replace("%d", str(listener.port))
                with self.subTest(url):
                    found = check(
                        url, user_agent="test", resolve=partial(public_http.resolve_host), connect=listener.connect
                    )
                    self.assertIn(found, {Outcome.UNKNOWN, Outcome.MISSING})
            self.assertEqual(listener.requests, [])
        self.assertGreaterEqual(len(HOSTILE), 30)

    @takes_longer("Large input shows how the time grows.")
    def test_redirects_to_hostile_addresses_are_not_followed(self):
        with listening() as listener:
            for form in HOSTILE:
                url = form.replace("%%", "%").replace("%d", str(listener.port))
                if not url or any(character in url for character in "\r\n"):
                    continue
                listener.answers["/start"] = (302, quoted(url))
                listener.requests.clear()

                def by_name(host, port):
                    return resolve(host, port) if host == "start.example" else public_http.resolve_host(host, port)

                with self.subTest(url):
                    check("http://start.example/start", user_agent="test", resolve=by_name, connect=listener.connect)
                    self.assertEqual({host for _, host, _ in listener.requests}, {"start.example"})

    def test_name_with_a_private_address_is_not_requested(self):
        with listening() as listener:
            for answer in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"], []):
                found = check(
                    "http://example.org/", user_agent="test", resolve=lambda *of, a=answer: a, connect=listener.connect
                )
                self.assertEqual(found, Outcome.UNKNOWN)
            self.assertEqual(listener.requests, [])

    def test_public_addresses(self):
        for address in ("93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
            self.assertTrue(is_public(address), address)
        for address in PRIVATE:
            self.assertFalse(is_public(address), address)


def quoted(url):
    """Return `url` encoded for a header."""
    return url.encode("utf-8").decode("latin-1")
