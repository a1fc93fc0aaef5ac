"""Images of pasted texts, which the server fetches for the editor."""

from functools import partial
from unittest.mock import patch

from articles.admin.media import image_fetch
from articles.models import Image
from articles.services.media import add_image_from_url
from tests.articles.admin.image_library import JSON, ImageLibraryTestCase, image_url, uploaded_file
from tests.articles.sources.listener import listening, resolve
from tests.factories import image_file, make_member, make_user

URL = "https://example.org/quay.png"


class FetchImageTests(ImageLibraryTestCase):
    def setUp(self):
        super().setUp()
        self.listener = self.enterContext(listening())
        self.listener.answers["/quay.png"] = image_file().getvalue()
        add = partial(add_image_from_url, resolve=resolve, connect=self.listener.connect)
        self.enterContext(patch.object(image_fetch, "add_image_from_url", add))

    def fetch(self, url="http://example.org/quay.png", **data):
        response = self.client.post(image_url("fetch"), {"url": url, **data}, headers=JSON)
        return response.status_code, response.json()["files"][0]

    def test_fetched_image_is_in_the_library(self):
        status, file = self.fetch(alt=" A\nquay\u202e " + "x" * 600)
        image = Image.objects.get()
        self.assertEqual((status, file["state"], file["uuid"]), (201, "added", str(image.uuid)))
        self.assertEqual((image.alt, image.uploaded_by), (f"A quay {'x' * 493}", self.editor))
        status, file = self.fetch()
        self.assertEqual((status, file["state"], file["uuid"]), (200, "known", str(image.uuid)))

    def test_reasons_tell_unreachable_images_from_refused_ones(self):
        self.listener.answers["/page"] = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        status, file = self.fetch("http://example.org/page")
        self.assertEqual((status, file["state"], file["unreachable"], file["name"]), (200, "refused", False, "page"))
        self.assertIn("SVG", file["says"])
        self.assertEqual(self.fetch("http://localhost/a.png")[1]["says"], "This image could not be fetched.")
        for url in ("http://localhost/a.png", "http://example.org:8000/a.png", "file:///etc/passwd", "", "http://["):
            self.assertTrue(self.fetch(url)[1]["unreachable"], url)
        self.assertFalse(Image.objects.exists())

    def test_only_those_who_may_upload_may_fetch(self):
        for user in (make_user(), make_member("Support")):
            self.client.force_login(user)
            self.assertIn(self.client.post(image_url("fetch"), {"url": URL}).status_code, {302, 403, 404})
        self.client.force_login(self.editor)
        self.assertEqual(self.client.get(image_url("fetch")).status_code, 405)
        self.assertEqual(self.listener.requests, [])

    def test_number_of_requests_is_limited(self):
        with patch.object(image_fetch, "PER_ACCOUNT", 1):
            self.fetch()
            status, file = self.fetch()
        self.assertEqual((status, file["state"], file["unreachable"]), (429, "refused", True))
        self.assertEqual(len(self.listener.requests), 1)

    def test_uploaded_image_keeps_its_alt_text(self):
        self.client.post(image_url("upload"), {"files": [uploaded_file()], "alt": "A quay"}, headers=JSON)
        self.assertEqual(Image.objects.get().alt, "A quay")
