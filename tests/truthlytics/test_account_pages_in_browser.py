"""Test the account pages in a browser: content security policy, narrow screens and accessibility."""

from django.urls import reverse

from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, make_section, make_user

PUBLIC_PAGES = [
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_reset_password",
    "/latest/",
    "/no/such/page/",
]
ACCOUNT_PAGES = [
    "account_email",
    "account_change_password",
    "mfa_index",
    "usersessions_list",
    "account_logout",
    "subscriptions:account",
    "subscriptions:payments",
    "subscriptions:name",
    "subscriptions:emails",
    "articles:saved",
    "articles:gift_links",
    "comments:mine",
    "privacy:data",
    "keys:keys",
    "privacy:deletion",
    "mfa_activate_totp",
    "mfa_add_webauthn",
]


class AccountPagesTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        make_section(name="Economy", slug="economy")
        self.user = make_user()
        # A public page is a 404 page; two account pages have password forms without a visible username.
        self.expected += ["404 (Not Found)", "(optionally hidden) username"]

    def open_page(self, **options):
        return self.new_page(reduced_motion="reduce", **options)

    def submit_login(self, page):
        page.goto(f"{reverse('account_login')}?next=/latest/")
        page.fill("[name=login]", self.user.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit] >> nth=0")
        page.wait_for_url("**/latest/")

    def reauthenticate(self, page):
        page.goto(f"{reverse('account_reauthenticate')}?next={reverse('mfa_index')}")
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(f"**{reverse('mfa_index')}")

    def assert_accessible(self, page):
        """Check everything in light mode, and the contrast in dark mode."""
        page.emulate_media(color_scheme="light")
        self.assertEqual(self.axe(page), [], page.url)
        page.emulate_media(color_scheme="dark")
        self.assertEqual(self.axe(page, only="color-contrast"), [], page.url)

    def assert_narrow(self, page):
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 320, page.url)

    def check_pages(self, page, names, check):
        for name in names:
            with self.subTest(name):
                path = name if name.startswith("/") else reverse(name)
                page.goto(path)
                self.assertTrue(page.url.endswith(path), page.url)
                check(page)

    def test_public_pages_fit_narrow_screens_and_obey_the_policy(self):
        page = self.open_page(color_scheme="dark", viewport={"width": 320, "height": 640})
        self.check_pages(page, PUBLIC_PAGES, self.assert_narrow)

    def test_public_pages_are_accessible_in_light_and_dark_mode(self):
        self.check_pages(self.open_page(), PUBLIC_PAGES, self.assert_accessible)

    def test_account_pages_fit_narrow_screens_and_obey_the_policy(self):
        page = self.open_page(viewport={"width": 320, "height": 640})
        self.submit_login(page)
        self.reauthenticate(page)
        self.check_pages(page, ACCOUNT_PAGES, self.assert_narrow)

    def test_account_pages_are_accessible_in_light_and_dark_mode(self):
        page = self.open_page()
        self.submit_login(page)
        self.reauthenticate(page)
        self.check_pages(page, ACCOUNT_PAGES, self.assert_accessible)

    def test_passkeys_are_hidden_without_javascript(self):
        page = self.open_page(java_script_enabled=False)
        page.goto(reverse("account_login"))
        self.assertFalse(page.locator("#passkey_login").is_visible())
        self.assertTrue(page.locator("main").get_by_text("Send me a code").is_visible())
        self.assertNotIn("JavaScript", page.inner_text("body"))

    def test_the_error_summary_gets_the_focus(self):
        page = self.open_page()
        page.goto(reverse("account_login"))
        page.click("main form button[type=submit] >> nth=0")
        page.get_by_text("Please correct 2 errors:").wait_for()
        self.assertTrue(page.evaluate("document.activeElement.matches('[data-errors]')"))
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        self.assertTrue(page.url.endswith("#id_login"))

    def test_a_passkey_can_be_created_and_used_to_log_in(self):
        page = self.open_page()
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
        self.submit_login(page)
        self.reauthenticate(page)
        page.goto(reverse("mfa_add_webauthn"))
        page.fill("[name=name]", "This laptop")
        self.assertTrue(page.is_checked("[name=passwordless]"))
        page.click("#mfa_webauthn_add")
        page.wait_for_url(lambda url: reverse("mfa_add_webauthn") not in url)
        page.goto(reverse("mfa_list_webauthn"))
        self.assertIn("This laptop", page.inner_text("main"))
        page.context.clear_cookies()
        page.goto(f"{reverse('account_login')}?next=/latest/")
        page.click("#passkey_login")
        page.wait_for_url("/latest/")
        self.assertIn("Account", page.inner_text(".masthead__tools"))

    def test_a_browser_without_a_passkey_says_so(self):
        page = self.open_page()
        page.goto(reverse("account_login"))
        self.assertTrue(page.evaluate("document.activeElement.matches('#id_login')"))
        refuse = "navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
        page.evaluate(f"() => {{ {refuse} }}")
        page.click("#passkey_login")
        page.get_by_role("alert").filter(has_text="Your browser offered no passkey").wait_for()

    def test_the_chosen_theme_is_applied_before_the_first_paint(self):
        page = self.open_page(color_scheme="light")
        page.goto("/latest/")
        page.get_by_role("button", name="Display").click()
        page.click("[data-theme-toggle]")
        page.route("**/site.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page.reload()
        self.assertEqual(page.evaluate("document.documentElement.dataset.theme"), "dark")
        self.assertEqual(page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(17, 22, 19)")
