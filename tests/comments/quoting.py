"""A base class for tests of quoted passages."""

from django.test import Client
from django.urls import reverse

from tests.comments.base import PostingTestCase
from tests.factories import make_article, make_version

FREE = "The river rose for three days before anybody measured it."
GATED = "Only the subscribers learn who opened the sluice at night."
BODY = f"<p>{FREE}</p><p>A second free paragraph.</p><hr data-gate><p>{GATED}</p><p>The end of the story.</p>"
NOT_FOUND = "We couldn’t find this passage in the article."


class QuoteTestCase(PostingTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.article = make_article(slug="a-river", body=BODY, required_level=10)
        cls.url = reverse("comments:write", args=["a-river"])

    def quote(self, quote, user=None, **data):
        response = self.post(user or self.commenter, quote=quote, **data)
        self.assertEqual(
            response.status_code, 302, getattr(response, "context", None) and response.context["form"].errors
        )
        return self.comments().latest("pk")

    def republish(self, article=None, **changes):
        with self.captureOnCommitCallbacks(execute=True):
            make_version(article or self.article, **changes)

    def read(self, user=None):
        client = Client()
        if user:
            client.force_login(user)
        return client.get("/articles/a-river/")
