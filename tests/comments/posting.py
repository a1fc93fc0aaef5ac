"""Somebody who may post, and a piece to post under."""

import uuid

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from comments.models import Comment, Thread
from tests.factories import make_article, make_commenter

IN_MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


WORDS = "Words that <must> not & cannot be lost."


SHOWN = "Words that &lt;must&gt; not &amp; cannot be lost."


class Posting(TestCase):
    """Shared by the classes below: an article, a trusted writer, and a way to post."""

    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(slug="a-piece")
        cls.url = reverse("comments:write", args=["a-piece"])
        cls.writer = make_commenter(display_name="Wen-Li")

    def setUp(self):
        cache.clear()

    def post(self, user=None, **data):
        if user:
            self.client.force_login(user)
        return self.client.post(self.url, {"text": WORDS, "key": str(uuid.uuid4()), **data})

    def written(self):
        return Comment.objects.filter(article=self.article)

    def count(self):
        return Thread.objects.counts([self.article.pk]).get(self.article.pk, 0)
