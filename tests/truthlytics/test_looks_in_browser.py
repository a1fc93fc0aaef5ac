"""The accounts' pages in a real browser: our policy breaks none of them, and axe finds nothing."""

from django.urls import reverse

from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, make_section, make_user

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


class AccountsInBrowserTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        make_section(name="Economy", slug="economy")
        self.user = make_user()
        # One of the doors is a page that is not there; two rooms ask for the password alone, of who is logged in.
        self.expected += ["404 (Not Found)", "(optionally hidden) username"]

    def visitor(self, **options):
        return self.new_page(reduced_motion="reduce", **options)

    def enter(self, page):
        """By the door itself, as a reader does."""
        page.goto(f"{reverse('account_login')}?next=/latest/")
        page.fill("[name=login]", self.user.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit] >> nth=0")
        page.wait_for_url("**/latest/")

    def confirm(self, page):
        page.goto(f"{reverse('account_reauthenticate')}?next={reverse('mfa_index')}")
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(f"**{reverse('mfa_index')}")

    def assert_sound(self, page):
        """By day for everything; by night for what alone the night can change."""
        page.emulate_media(color_scheme="light")
        self.assertEqual(self.axe(page), [], page.url)
        page.emulate_media(color_scheme="dark")
        self.assertEqual(self.axe(page, only="color-contrast"), [], page.url)

    def assert_narrow(self, page):
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 320, page.url)

    def walk(self, page, names, check):
        for name in names:
            with self.subTest(name):
                path = name if name.startswith("/") else reverse(name)
                page.goto(path)
                self.assertTrue(page.url.endswith(path), page.url)
                check(page)

    # Axe tries inline styles of its own, so its walks go without the policy, and the others with it.

    def test_doors_keep_the_policy_and_a_narrow_screen(self):
        page = self.visitor(color_scheme="dark", viewport={"width": 320, "height": 640})
        self.walk(page, DOORS, self.assert_narrow)

    def test_doors_are_sound_by_day_and_by_night(self):
        self.walk(self.visitor(bypass_csp=True), DOORS, self.assert_sound)

    def test_rooms_keep_the_policy_and_a_narrow_screen(self):
        page = self.visitor(viewport={"width": 320, "height": 640})
        self.enter(page)
        self.confirm(page)
        self.walk(page, ROOMS, self.assert_narrow)

    def test_rooms_are_sound_by_day_and_by_night(self):
        page = self.visitor(bypass_csp=True)
        self.enter(page)
        self.confirm(page)
        self.walk(page, ROOMS, self.assert_sound)

    def test_without_script_no_passkey_is_offered(self):
        page = self.visitor(java_script_enabled=False)
        page.goto(reverse("account_login"))
        self.assertFalse(page.locator("#passkey_login").is_visible())
        self.assertTrue(page.locator("main").get_by_text("Send me a code").is_visible())
        self.assertNotIn("JavaScript", page.inner_text("body"))

    def test_what_is_wrong_is_where_one_goes_on(self):
        page = self.visitor()
        page.goto(reverse("account_login"))
        page.click("main form button[type=submit] >> nth=0")
        page.get_by_text("Please correct 2 errors:").wait_for()
        self.assertTrue(page.evaluate("document.activeElement.matches('[data-errors]')"))
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        self.assertTrue(page.url.endswith("#id_login"))

    def test_a_passkey_is_made_and_then_logs_in(self):
        page = self.visitor()
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
        self.enter(page)
        self.confirm(page)
        page.goto(reverse("mfa_add_webauthn"))
        page.fill("[name=name]", "This laptop")
        page.check("[name=passwordless]")
        page.click("#mfa_webauthn_add")
        page.wait_for_url(lambda url: reverse("mfa_add_webauthn") not in url)
        page.goto(reverse("mfa_list_webauthn"))
        self.assertIn("This laptop", page.inner_text("main"))
        page.context.clear_cookies()
        page.goto(f"{reverse('account_login')}?next=/latest/")
        page.click("#passkey_login")
        page.wait_for_url("/latest/")
        self.assertIn("Account", page.inner_text(".masthead__tools"))

    def test_the_chosen_theme_is_kept_and_there_before_the_first_paint(self):
        page = self.visitor(color_scheme="light")
        page.goto("/latest/")
        page.click("[data-theme-toggle]")
        page.route("**/site.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page.reload()
        self.assertEqual(page.evaluate("document.documentElement.dataset.theme"), "dark")
        self.assertEqual(page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(17, 22, 19)")
