"""The thread as visitors and readers see it."""

import re

from django.test import TestCase

from tests.factories import make_article, make_comment


class ThreadTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.url = cls.article.get_absolute_url()

    def page(self, **query):
        return self.client.get(self.url, query)

    def test_a_visitor_reads_the_comments_and_is_invited_by_links(self):
        comment = make_comment(article=self.article, text="Well *put*.")
        page = self.page()
        self.assertContains(page, "Share your perspective")
        self.assertContains(page, f'<li class="comment" id="comment-{comment.pk}">')
        self.assertContains(page, '<p dir="auto">Well <em>put</em>.</p>', html=True)
        self.assertContains(page, "Already subscribed?")
        self.assertContains(page, "1 comment<")
        self.assertNotContains(page, "csrfmiddlewaretoken")
        self.assertNotIn("Set-Cookie", page.headers)
        self.assertNotIn("Cookie", page.headers.get("Vary", ""))
        self.assertFalse(page.cookies)

    def test_two_visitors_get_the_same_bytes(self):
        make_comment(article=self.article)
        nonce = re.compile(rb'nonce="[^"]*"')
        first, second = self.page().content, self.client_class().get(self.url).content
        self.assertEqual(nonce.sub(b"", first), nonce.sub(b"", second))
