"""The accounts' pages in a real browser: our policy breaks none of them, and axe finds nothing."""

import os
import shutil
from contextlib import contextmanager
from unittest import SkipTest

from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.urls import reverse

from tests.factories import PASSWORD, make_section, make_user

try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

# Playwright's loop runs in this thread, and Django refuses the database beside a running loop.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
DOORS = [
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_reset_password",
    "/latest/",
    "/no/such/page/",
]
ROOMS = [
    "account_email",
    "account_change_password",
    "mfa_index",
    "usersessions_list",
    "account_logout",
    "mfa_activate_totp",
    "mfa_add_webauthn",
]


def chromium():
    return os.environ.get("BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")


class AccountsInBrowserTests(StaticLiveServerTestCase):
    host = "localhost"

    @classmethod
    def setUpClass(cls):
        if sync_playwright is None or not chromium():
            if os.environ.get("CI"):
                raise AssertionError("The browser tests need playwright and a Chromium.")
            raise SkipTest("No browser here.")
        super().setUpClass()
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        cls.browser = cls.playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", *QUIET]
        )
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        make_section(name="Economy", slug="economy")
        self.user = make_user()

    @contextmanager
    def page(self, **options):
        """A page of a fresh visitor; fails for a console message that is not a plain 404, or for another host."""
        context = self.browser.new_context(reduced_motion="reduce", **options)
        page = context.new_page()
        complaints = self.complaints = []
        page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda r: None if self.live_server_url in r.url or r.url[:5] == "data:" else complaints.append(r.url),
        )
        yield page
        context.close()
        self.assert_quiet()

    def assert_quiet(self):
        self.assertEqual([text for text in self.complaints if "404 (Not Found)" not in text], [])

    def log_in(self, page):
        page.goto(f"{self.live_server_url}{reverse('account_login')}?next=/latest/")
        page.fill("[name=login]", self.user.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit] >> nth=0")
        page.wait_for_url(f"{self.live_server_url}/latest/")

    def confirm(self, page):
        page.goto(f"{self.live_server_url}{reverse('account_reauthenticate')}?next={reverse('mfa_index')}")
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(f"**{reverse('mfa_index')}")

    def assert_sound(self, page):
        found = Axe().run(page).response["violations"]
        self.assertEqual([(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found], [], page.url)

    def assert_narrow(self, page):
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 320, page.url)

    def walk(self, page, names, check):
        for name in names:
            with self.subTest(name):
                path = name if name.startswith("/") else reverse(name)
                page.goto(self.live_server_url + path)
                self.assertTrue(page.url.endswith(path), page.url)
                check(page)

    # Axe tries inline styles of its own, so its walks go without the policy, and the others with it.

    def test_doors_keep_the_policy_and_a_narrow_screen(self):
        with self.page(color_scheme="dark", viewport={"width": 320, "height": 640}) as page:
            self.walk(page, DOORS, self.assert_narrow)

    def test_doors_are_sound_by_day_and_by_night(self):
        for scheme in ["light", "dark"]:
            with self.page(color_scheme=scheme, bypass_csp=True) as page:
                self.walk(page, DOORS, self.assert_sound)

    def test_rooms_keep_the_policy_and_a_narrow_screen(self):
        with self.page(viewport={"width": 320, "height": 640}) as page:
            self.log_in(page)
            self.confirm(page)
            self.walk(page, ROOMS, self.assert_narrow)

    def test_rooms_are_sound_by_day_and_by_night(self):
        for scheme in ["light", "dark"]:
            with self.page(color_scheme=scheme, bypass_csp=True) as page:
                self.log_in(page)
                self.confirm(page)
                self.walk(page, ROOMS, self.assert_sound)

    def test_a_passkey_is_made_and_then_logs_in(self):
        with self.page() as page:
            cdp = page.context.new_cdp_session(page)
            cdp.send("WebAuthn.enable")
            options = {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
            }
            options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
            cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
            self.log_in(page)
            self.confirm(page)
            page.goto(self.live_server_url + reverse("mfa_add_webauthn"))
            page.fill("[name=name]", "This laptop")
            page.check("[name=passwordless]")
            page.click("#mfa_webauthn_add")
            page.wait_for_url(lambda url: reverse("mfa_add_webauthn") not in url)
            page.goto(self.live_server_url + reverse("mfa_list_webauthn"))
            self.assertIn("This laptop", page.inner_text("main"))
            page.context.clear_cookies()
            page.goto(f"{self.live_server_url}{reverse('account_login')}?next=/latest/")
            page.click("#passkey_login")
            page.wait_for_url(f"{self.live_server_url}/latest/")
            self.assertIn("Account", page.inner_text(".masthead__tools"))

    def test_the_chosen_theme_is_kept_and_there_before_the_first_paint(self):
        with self.page(color_scheme="light") as page:
            page.goto(f"{self.live_server_url}/latest/")
            page.click("[data-theme-toggle]")
            page.route("**/comfort.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
            page.reload()
            self.assertEqual(page.evaluate("document.documentElement.dataset.theme"), "dark")
            self.assertEqual(page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(17, 22, 19)")
