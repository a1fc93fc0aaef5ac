"""What a worker loads: no more than pages need, whatever else the site can do."""

import subprocess
import sys
from unittest import mock

from allauth.mfa import urls as theirs
from django.test import SimpleTestCase
from django.urls import URLPattern, get_resolver, reverse

from subscriptions import mfa_urls
from truthlytics.web.lazy_import import Later, later_view

RARE = ("PIL.Image", "cryptography", "fido2", "qrcode", "tinytag", "markdown_it", "nh3", "psycopg2")


class WorkerTests(SimpleTestCase):
    def test_what_no_page_needs_is_not_loaded_with_the_site_and_all_its_addresses(self):
        program = (
            "import sys; from truthlytics.wsgi import application; from django.urls import reverse;"
            f"reverse('articles:front'); print([name for name in {RARE} if name in sys.modules])"
        )
        environment = {"SECRET_KEY": "x" * 50, "DATABASE_URL": "sqlite:///var/none.sqlite3", "LOG_LEVEL": "ERROR"}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        self.assertEqual(done.stdout.strip().splitlines()[-1], "[]")

    def test_a_module_comes_with_its_first_use(self):
        with mock.patch("truthlytics.web.lazy_import.import_module") as load:
            later = Later("somewhere")
            load.assert_not_called()
            self.assertIs(later.thing, load.return_value.thing)
            view = later_view("some.where.view")
            self.assertIs(view("request", pk=1), load.return_value.view.return_value)
        load.return_value.view.assert_called_once_with("request", pk=1)

    def test_the_second_factor_has_every_address_of_allauth(self):
        self.assertEqual(named(mfa_urls.urlpatterns), named(theirs.urlpatterns))
        for name, route in named(theirs.urlpatterns).items():
            with self.subTest(name):
                keys = {"pk": 1} if "<" in route else {}
                address = f"/accounts/2fa/{route.replace('<int:pk>', '1')}"
                self.assertEqual(reverse(name, kwargs=keys), address)
                self.assertEqual(get_resolver().resolve(address).func.__name__.split(".")[-1], view_name(name))


def view_name(name):
    return {"mfa_index": "index"}.get(name, name.removeprefix("mfa_"))


def named(patterns, before=""):
    """The routes of all patterns, by name."""
    found = {}
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        found |= {pattern.name: route} if isinstance(pattern, URLPattern) else named(pattern.url_patterns, route)
    return found
