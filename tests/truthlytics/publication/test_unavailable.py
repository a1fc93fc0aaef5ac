"""The page of a busy site returns what was typed, and a comment can be sent again from it."""

import re
import uuid
from html import unescape
from unittest import mock

from django.core.cache import cache
from django.db import OperationalError
from django.test import Client, TestCase

from comments.models import Comment
from tests.factories import make_article, make_commenter
from truthlytics.publication.unavailable import SERVER_IS_BUSY

TEXT = '\n A text that <must> not & "cannot" be lost.\n\nTwo paragraphs.'
ORIGIN = {"Origin": "http://testserver"}


class BusyTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.commenter = make_commenter()
        cls.url = f"{make_article().get_absolute_url()}comments/"

    def setUp(self):
        cache.clear()
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.client.force_login(self.commenter)
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.client.get(self.url).content.decode())[1]
        self.data = {"csrfmiddlewaretoken": token, "key": str(uuid.uuid4()), "parent": "", "text": TEXT}

    def locked(self):
        return mock.patch("comments.views.writing.post_comment", side_effect=OperationalError("database is locked"))

    def fields(self, page):
        """The fields of the form on the page, as a browser sends them."""
        text = page.content.decode()
        fields = {
            name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text)
        }
        # Browsers leave out a line break at the beginning.
        return fields | {"text": unescape(re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", text, re.S)[1])}

    def test_a_comment_is_sent_again_from_the_page(self):
        with self.locked():
            page = self.client.post(self.url, self.data, headers=ORIGIN)
        self.assertContains(page, "Send again", status_code=503)
        self.assertEqual(self.fields(page), self.data)
        for _ in range(2):
            self.assertEqual(self.client.post(self.url, self.fields(page), headers=ORIGIN).status_code, 302)
        self.assertEqual(Comment.objects.filter(text__contains="A text that <must> not").count(), 1)

    def test_a_server_without_a_free_thread_answers_alike(self):
        page = self.client.post(self.url, self.data, headers=ORIGIN, **{SERVER_IS_BUSY: True})
        self.assertEqual((page.status_code, self.fields(page)), (503, self.data))

    def test_a_script_gets_no_json_and_keeps_its_form(self):
        with self.locked():
            page = self.client.post(self.url, self.data, headers=ORIGIN | {"Accept": "application/json"})
        self.assertEqual((page.status_code, page["Content-Type"]), (503, "text/html; charset=utf-8"))
        self.assertNotContains(page, "boxed-form", status_code=503)

    def test_other_sites_and_forms_with_secrets_get_no_form(self):
        for data, headers in (
            (self.data, {"Origin": "https://evil.example"}),
            (self.data, {}),
            (self.data | {"password": "my secret words"}, ORIGIN),
            ({"message": "Two words."}, ORIGIN),
        ):
            page = self.client.post("/contact/", data, headers=headers, **{SERVER_IS_BUSY: True})
            self.assertNotContains(page, "<form", status_code=503)
            self.assertNotContains(page, "my secret words", status_code=503)
