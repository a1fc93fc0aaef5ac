"""Varnish never mixes answers to keys with those of visitors."""

from tests.factories import make_article
from tests.truthlytics.cache import test_caches_in_between as caches
from truthlytics.contrib.api.models import Key, Scope


class KeyTests(caches.CacheInBetweenCase):
    def test_varnish(self):
        """Ask for the same address with a key, without one and with a wrong one, in turn."""
        port = self.start_varnish()
        article = make_article(required_level=10)
        key = Key.objects.issue(name="Archive", scopes=[Scope.ARTICLES])[1]
        for authorization in ["", f"Bearer {key}", f"Bearer {key}x", "Basic eDp5"] * 2 + [""]:
            sent = {"Authorization": authorization} if authorization else {}
            headers, body = self.get(port, f"/api/v1/articles/{article.slug}", "*/*", **sent)
            with self.subTest(authorization[:12]):
                self.assertEqual(b"The gated text" in body, authorization == f"Bearer {key}")
                self.assertEqual(b'"status": 401' in body, authorization == f"Bearer {key}x")
        self.assertEqual(len(headers["X-Varnish"].split()), 2)
