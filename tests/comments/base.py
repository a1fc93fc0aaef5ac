"""A base class for tests that post comments."""

import uuid

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from comments.models import Comment, Thread
from tests.factories import make_article, make_commenter

IN_MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


TEXT = "A text that <must> not & cannot be lost."
TEXT_HTML = "A text that &lt;must&gt; not &amp; cannot be lost."


class PostingTestCase(TestCase):
    """An article, a user whose comments need no review, and a way to post."""

    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(slug="an-article")
        cls.url = reverse("comments:write", args=["an-article"])
        cls.commenter = make_commenter(display_name="Wen-Li")

    def setUp(self):
        cache.clear()

    def post(self, user=None, **data):
        if user:
            self.client.force_login(user)
        return self.client.post(self.url, {"text": TEXT, "key": str(uuid.uuid4()), **data})

    def comments(self):
        return Comment.objects.filter(article=self.article)

    def count(self):
        return Thread.objects.counts([self.article.pk]).get(self.article.pk, 0)
