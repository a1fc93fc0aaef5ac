"""A reader begins an account with another one, in German, and a policy that allows forms to this site only."""

from django.test import override_settings

from subscriptions.identity import oidc
from subscriptions.models import LoginProvider, User
from tests.browser.base import BrowserTestCase
from tests.oidc_provider import Provider
from truthlytics.publication.models import Publication


class OtherAccountTests(BrowserTestCase):
    script = False

    def setUp(self):
        super().setUp()
        provider = Provider()
        self.addCleanup(provider.stop)
        self.enterContext(override_settings(SOCIALACCOUNT_PROVIDERS=provider.settings()))
        self.addCleanup(oidc.configurations.clear)
        self.expected = [f"request to another host: {provider.issuer}/authorize?"]
        LoginProvider.objects.create(slug="oidc", label="Beispiel", domains="example.org")
        Publication.objects.create(pk=1, language="de")

    def test_the_journey(self):
        page = self.page
        page.goto("/accounts/login/?next=/latest/")
        self.screenshot("login")
        page.get_by_role("button", name="Mit Beispiel anmelden").click()
        page.wait_for_url("**/accounts/with/sign-up/")
        self.assertEqual(self.axe(self.in_script()), [])
        self.screenshot("sign-up")
        page.get_by_label("Anzeigename").fill("Nora")
        page.get_by_role("button", name="Registrieren").click()
        page.wait_for_url("**/latest/")
        self.assertEqual(User.objects.get().email, "nora@example.org")
        page.goto("/account/logins/")
        page.get_by_text("Mit diesen Konten können Sie sich hier anmelden.").wait_for()
        self.assertEqual(self.axe(self.in_script()), [])
        self.screenshot("connected")
        page.get_by_role("button", name="Entfernen Beispiel").click()
        page.get_by_text("Das Konto ist nicht mehr verknüpft.").wait_for()
        page.get_by_role("button", name="Beispiel verknüpfen").click()
        page.get_by_text("Sie können sich nun mit Beispiel anmelden.").wait_for()

    def in_script(self):
        """Return the same page in a context with scripts, which axe needs."""
        page = self.new_page(java_script_enabled=True)
        page.context.add_cookies(self.page.context.cookies())
        page.goto(self.page.url)
        return page
