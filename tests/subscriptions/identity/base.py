"""Steps of a login with another account."""

import html
import re

from django.core.cache import cache
from django.test import TestCase, override_settings

from subscriptions.identity import oidc
from tests.oidc_provider import Provider


class ProviderTestCase(TestCase):
    slug = "oidc"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.stop)
        cls.enterClassContext(override_settings(SOCIALACCOUNT_PROVIDERS=cls.provider.settings(cls.slug)))

    def setUp(self):
        self.provider.reset()
        oidc.configurations.clear()
        cache.clear()

    def leave(self, next_url="", path=""):
        """Begin a login. Returns the address at the provider to which the page leads."""
        path = path or f"/accounts/with/{self.slug}/"
        response = self.client.post(path, {"next": next_url} if next_url else {})
        self.assertContains(response, "http-equiv")
        return html.unescape(re.search(r'url=(http[^"]+)"', response.text)[1])

    def come_back(self, url=None, **options):
        """Log in at the provider and bring its answer back."""
        answer = self.provider.authorize(url or self.leave())
        return self.client.get(answer.removeprefix("http://testserver"), **options)

    @property
    def user(self):
        return self.client.get("/account/").wsgi_request.user
