"""Worker processes import rarely used libraries on first use."""

import subprocess
import sys
from unittest import mock

from allauth.mfa import urls as allauth_urls
from django.test import SimpleTestCase
from django.urls import URLPattern, get_resolver, reverse

from subscriptions import mfa_urls
from truthlytics.web.lazy_import import LazyModule, lazy_view

RARE = (
    "PIL.Image", "cryptography", "css_inline", "fido2", "qrcode", "tinytag", "markdown_it", "nh3", "prometheus_client",
    "psycopg2", "sentry_sdk", "tinycss2", "truthlytics.metrics", "requests", "jwt", "oauthlib",
)  # fmt: skip


class ImportTests(SimpleTestCase):
    def test_libraries_that_pages_do_not_need_are_not_imported(self):
        program = (
            "import sys; from truthlytics.wsgi import application; from django.urls import reverse;"
            f"reverse('articles:front'); print([name for name in {RARE} if name in sys.modules])"
        )
        environment = {"SECRET_KEY": "x" * 50, "DATABASE_URL": "sqlite:///var/none.sqlite3", "LOG_LEVEL": "ERROR"}
        environment |= {"OIDC_ISSUER": "https://a.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "a"}
        completed = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        self.assertEqual(completed.stdout.strip().splitlines()[-1], "[]")

    def test_lazy_modules_are_imported_on_first_use(self):
        with mock.patch("truthlytics.web.lazy_import.import_module") as load:
            module = LazyModule("somewhere")
            load.assert_not_called()
            self.assertIs(module.name, load.return_value.name)
            view = lazy_view("some.where.view")
            self.assertIs(view("request", pk=1), load.return_value.view.return_value)
        load.return_value.view.assert_called_once_with("request", pk=1)

    def test_lazy_mfa_urls_match_those_of_allauth(self):
        self.assertEqual(routes(mfa_urls.urlpatterns), routes(allauth_urls.urlpatterns))
        for name, route in routes(allauth_urls.urlpatterns).items():
            with self.subTest(name):
                keys = {"pk": 1} if "<" in route else {}
                url = f"/accounts/2fa/{route.replace('<int:pk>', '1')}"
                self.assertEqual(reverse(name, kwargs=keys), url)
                self.assertEqual(get_resolver().resolve(url).func.__name__.split(".")[-1], view_name(name))


def view_name(name):
    return {"mfa_index": "index"}.get(name, name.removeprefix("mfa_"))


def routes(patterns, prefix=""):
    """Return the routes of all patterns by name."""
    by_name = {}
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        by_name |= {pattern.name: route} if isinstance(pattern, URLPattern) else routes(pattern.url_patterns, route)
    return by_name
