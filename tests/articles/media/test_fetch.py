"""Images fetched from the web: what is accepted, and which addresses are never requested."""

import socket
from functools import partial
from unittest.mock import patch

from django.core.exceptions import ValidationError
from django.test import TestCase

from articles.media import fetch
from articles.media.renditions import create_first_renditions
from articles.models import Image
from articles.services import media
from articles.services.media import UNREACHABLE, add_image_from_url
from tests.articles.sources.listener import listening, resolve
from tests.articles.sources.test_availability import HOSTILE, quoted
from tests.budget import takes_longer
from tests.factories import image_file, make_image, make_user
from truthlytics.web.public_http import resolve_host

URL = "http://example.org/photos/quay%20at%20night.png?size=large"
PATH = "/photos/quay%20at%20night.png"


class FetchTests(TestCase):
    def setUp(self):
        self.listener = self.enterContext(listening())
        self.listener.answers[PATH] = image_file().getvalue()
        self.add = partial(add_image_from_url, resolve=resolve, connect=self.listener.connect)

    def assert_refused(self, code, url=URL, **options):
        with self.assertRaises(ValidationError) as caught:
            self.add(url=url, **options)
        self.assertEqual(caught.exception.code, code)
        self.assertFalse(Image.objects.exists())

    def test_image_is_added_with_alt_text_source_and_name(self):
        user = make_user()
        image, created = self.add(url=URL, alt="The quay", by=user)
        self.assertTrue(created)
        self.assertEqual((image.alt, image.terms, image.file_name), ("The quay", URL, "quay at night.png"))
        self.assertEqual((image.uploaded_by, image.format, image.complete), (user, "png", False))
        self.assertEqual(self.listener.requests, [("GET", "example.org", f"{PATH}?size=large")])

    def test_same_content_is_stored_once_and_own_renditions_return_their_image(self):
        known = make_image(file=image_file(), alt="Known")
        self.assertEqual(self.add(url=URL, alt="Other"), (known, False))
        known.refresh_from_db()
        self.assertEqual(known.alt, "Known")
        create_first_renditions(known)
        self.listener.requests.clear()
        name = known.renditions.first().file.name
        self.assertEqual(self.add(url=f"https://site.example/media/{name}"), (known, False))
        self.assertEqual(self.listener.requests, [])

    def test_long_addresses_are_not_kept_as_source(self):
        self.assertEqual(self.add(url=f"{URL}{'x' * 300}")[0].terms, "")

    def test_redirects_are_followed_a_few_times(self):
        self.listener.answers |= {"/a": (302, "//other.example/b"), "/b": (301, PATH), "/loop": (302, "/loop")}
        self.assertTrue(self.add(url="http://example.org/a")[1])
        Image.objects.all().delete()
        self.assert_refused(UNREACHABLE, "http://example.org/loop")

    def test_files_that_are_no_accepted_images_are_refused_by_their_content(self):
        cases = {"unknown_format": b"<html><script>", "damaged": image_file().getvalue()[:200]}
        for code, data in cases.items():
            with self.subTest(code):
                self.listener.answers[PATH] = data
                self.assert_refused(code)
        for answer in (404, 500, 204, ("drop", "")):
            with self.subTest(answer):
                self.listener.answers[PATH] = answer
                self.assert_refused(UNREACHABLE)

    def test_large_files_are_not_read(self):
        with patch.object(media, "MAX_BYTES", 50):
            self.assert_refused(UNREACHABLE)
        # Without a length, it is counted while it is read.
        endless = self.raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000)
        with patch.object(media, "MAX_BYTES", 100_000):
            self.assert_refused(UNREACHABLE, connect=endless)

    def test_incomplete_and_slow_files_are_refused(self):
        data = image_file().getvalue()
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(data) + 9)
        self.assert_refused(UNREACHABLE, connect=self.raw(head + data))
        with patch.object(fetch, "MAX_SECONDS", 0.2):
            self.assert_refused(UNREACHABLE, connect=self.raw(head + data, close=False))
            # Without a length, a file that was cut off looks complete.
            self.assert_refused(UNREACHABLE, connect=self.raw(b"HTTP/1.1 200 OK\r\n\r\n" + data, close=False))

    def raw(self, response, *, close=True):
        """Return a `connect` to a peer that answers with these bytes, and keeps the connection unless `close`."""

        def connect(address, timeout):
            ours, peer = socket.socketpair()
            ours.settimeout(5)
            peer.setblocking(False)
            peer.send(response)
            if close:
                peer.shutdown(socket.SHUT_WR)
            self.addCleanup(peer.close)
            return ours

        return connect

    def test_hostile_addresses_are_not_requested(self):
        for form in HOSTILE:
            url = form.replace("%%", "%").replace("%d", str(self.listener.port))
            with self.subTest(url):
                self.assert_refused(UNREACHABLE, url, resolve=resolve_host)
        self.assertEqual(self.listener.requests, [])

    @takes_longer("Large input shows how the time grows.")
    def test_redirects_to_hostile_addresses_are_not_followed(self):
        def by_name(host, port):
            return resolve(host, port) if host == "start.example" else resolve_host(host, port)

        for form in HOSTILE:
            url = form.replace("%%", "%").replace("%d", str(self.listener.port))
            if not url or any(character in url for character in "\r\n"):
                continue
            self.listener.answers["/start"] = (302, quoted(url))
            self.listener.requests.clear()
            with self.subTest(url):
                with self.assertRaises(ValidationError):
                    self.add(url="http://start.example/start", resolve=by_name)
                self.assertEqual({host for _, host, _ in self.listener.requests}, {"start.example"})
        self.assertFalse(Image.objects.exists())

    def test_name_with_a_private_address_is_not_requested(self):
        for answer in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"], []):
            self.assert_refused(UNREACHABLE, resolve=lambda *of, found=answer: found)
        self.assertEqual(self.listener.requests, [])

    def test_name_that_becomes_private_on_the_way_is_not_requested_again(self):
        self.listener.answers[PATH] = (302, URL)
        answers = iter([["93.184.215.14"], ["127.0.0.1"]])
        self.assert_refused(UNREACHABLE, resolve=lambda *of: next(answers))
        self.assertEqual(len(self.listener.requests), 1)
