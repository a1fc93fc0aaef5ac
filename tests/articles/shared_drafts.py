"""A test case with a draft that is shared by link."""

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from articles.services.sharing import share
from tests.factories import make_draft, make_editor

BODY = "<p>Free text of the draft.</p><hr data-gate><p>Paid text of the draft.</p>"


def remarks_url(link):
    return reverse("articles:draft_remarks", args=[link.token])


class SharingTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor(display_name="Mara Oduya")
        cls.draft = make_draft(headline="The queue", body=BODY, required_level=20)
        cls.link = share(article=cls.draft, by=cls.editor, days=7, name="Ines, for her reading")

    def setUp(self):
        cache.clear()
