"""A test case with a draft and two editors, for remarks."""

from uuid import uuid4

from django.test import TestCase
from django.urls import reverse

from articles.richtext.anchors import Anchor
from articles.services.remarks import add_remark
from tests.articles.admin.editor import form_data
from tests.factories import make_draft, make_editor, make_member

BODY = "<p>The ferry leaves at nine.</p><p>The crane drivers see it first.</p>"


class RemarkTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor(display_name="Mara Oduya", email="mara@example.org")
        cls.tom = make_member("Editor", display_name="Tom Lee", email="tom@example.org")
        cls.draft = make_draft(headline="The queue", body=BODY, created_by=cls.editor)

    def setUp(self):
        self.client.force_login(self.editor)

    def url(self, name="remarks", *key, article=None):
        return reverse(f"admin:articles_article_{name}", args=[(article or self.draft).pk, *key])

    def add_remark(self, quote, text="Is this sure?", by=None, article=None):
        article = article or self.draft
        return add_remark(article=article, by=by or self.editor, text=text, anchor=Anchor(quote), key=uuid4())

    def save(self, body):
        self.assertEqual(self.client.post(self.url("change"), form_data(self.draft, body=body)).status_code, 302)
        self.draft.refresh_from_db()
