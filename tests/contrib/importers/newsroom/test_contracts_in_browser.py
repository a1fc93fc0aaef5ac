"""Contracts move in, in a browser: plan, map of prices, apply, compare, invite, undo; the key pages in German, too."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path

import time_machine
from django.core import mail
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import expect

from subscriptions.models import Subscription
from tests.browser.base import BrowserTestCase, axe_violations
from tests.contrib.importers.contracts.base import OldSystem
from tests.factories import make_editor, make_plan, make_price, make_tier
from tests.fakestripe import SECRET, FakeStripe, serve
from tests.fakestripe.connection import PROVIDER

NO_CONTRAST = {"color-contrast": {"enabled": False}}
HEADINGS = "email,plan,amount,currency,interval,status,payment method,stripe customer id,next payment"


class ImportContractsTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(self.settings(IMPORT_WORK_DIR=folder / "work", IMPORT_DIR=folder / "server"))
        self.fake = FakeStripe()
        traveller = time_machine.travel(self.fake.now)
        traveller.start()
        self.addCleanup(traveller.stop)
        stripe = serve(self.fake)
        self.addCleanup(stripe.stop)
        changes = {"PAYMENT_PROVIDERS": [PROVIDER], "STRIPE_SECRET_KEY": "sk_test_fake"}
        changes |= {"STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_API_BASE": self.fake.base_url}
        self.enterContext(override_settings(SITE_URL=self.live_server_url, **changes))
        plan = make_plan(make_tier(10), slug="reader")
        make_price(plan)
        self.list = folder / "members.csv"
        self.list.write_text("\n".join([HEADINGS, *self.rows()]), encoding="utf-8")
        self.editor = make_editor()
        self.log_in(self.editor)

    def rows(self):
        """Ada has a contract at Stripe, and another one; Cid a saved card; Dot pays elsewhere."""
        old = OldSystem(self.fake)
        self.price = old.price()
        ada = old.subscribe("ada@example.org", listed=False)["customer"]
        old.subscribe("ada@example.org", customer=ada, listed=False)
        cid = old.customer("cid@example.org")["id"]
        due = f"{timezone.now() + timedelta(days=20):%Y-%m-%d}"
        yield f"ada@example.org,Old plan,5.00,EUR,month,active,card,{ada},"
        yield f"cid@example.org,Old plan,5.00,EUR,month,active,card,{cid},{due}"
        yield f"dot@example.org,Old plan,5.00,EUR,month,active,card,cus_elsewhere,{due}"
        yield f"eva@example.org,Old plan,5.00,EUR,month,pausiert,card,{cid},{due}"

    def press(self, name):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).click()

    def follow(self, name):
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=True).click()

    def look(self, name):
        """Take a picture, and check the page. Contrast is measured in test_axe: here it may still be painted."""
        self.screenshot(name)
        self.assertEqual(axe_violations(self.page, iframes=False, rules=NO_CONTRAST), [])

    def in_german(self, heading, name):
        self.press("Deutsch")
        expect(self.page.get_by_role("heading", name=heading)).to_be_visible()
        self.look(name)
        self.press("English")

    def test_the_whole_way(self):
        page = self.page
        page.goto("/admin/import/")
        self.follow("Contracts")
        page.get_by_label("Export files").set_input_files(self.list)
        page.get_by_label("Another table (CSV)").check()
        self.look("import-contracts-choose")
        self.press("Make the plan")
        for old in (self.price, "Old plan €5.00 a month"):
            page.get_by_label(old).select_option(label="Reader, at the same amount")
        self.press("Save and plan again")
        self.explains_words()
        expect(page.get_by_role("heading", name="2 contracts of readers who are probably paying twice")).to_be_visible()
        self.look("import-contracts-plan")
        self.in_german("Was aus den Verträgen wird", "import-contracts-plan-de")
        # The browser does not send the form without the statement.
        page.get_by_role("button", name="Apply the plan").click()
        page.get_by_label("The old shop charges nothing any more").check()
        self.press("Apply the plan")
        expect(page.get_by_role("heading", name="What was done")).to_be_visible()
        self.assertEqual(Subscription.objects.live().count(), 3)
        self.press("Compare with Stripe and the list")
        expect(page.get_by_text("3 contracts were compared.")).to_be_visible()
        self.look("import-contracts-compared")
        self.invites()
        self.undoes()

    def explains_words(self):
        """Eva's state is not known: she is refused until the editor says that her contract has ended."""
        page = self.page
        expect(page.get_by_text("1 row not known")).to_be_visible()
        expect(page.get_by_text("“pausiert” is not known under")).to_be_visible()
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            self.assertFalse(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
            self.look(f"import-contracts-words-{width}")
        self.in_german("Wörter der Liste", "import-contracts-words-de")
        page.get_by_label("pausiert 1 ×").select_option(label="has ended, or never paid: nothing is charged, no access")
        self.press("Save the words and check again")
        expect(page.get_by_text("not known under")).to_have_count(0)
        page.get_by_text("Mapping as a file").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the mapping").click()
        said = json.loads(download.value.path().read_text(encoding="utf-8"))
        self.assertEqual((said["words"], said["prices"]["Old plan"]), ({"status": {"pausiert": "over"}}, "reader"))

    def invites(self):
        self.follow("Personal links…")
        page = self.page
        page.get_by_label("Subject").fill("Continue, [name]")
        self.press("Save")
        expect(page.frame_locator("iframe").get_by_text("Dear")).to_be_visible()
        self.look("import-contracts-links")
        self.in_german("Wer sie bekommt", "import-contracts-links-de")
        self.press("Send a test to yourself")
        self.press("Send to 1 reader")
        self.assertEqual([email.to for email in mail.outbox], [[self.editor.email], ["dot@example.org"]])
        self.follow("Contracts")

    def undoes(self):
        page = self.page
        page.goto("/admin/import/contracts/")
        self.follow("members.csv")
        self.follow("Undo the import…")
        expect(page.get_by_text("its reader was sent their personal link")).to_be_visible()
        self.look("import-contracts-undo")
        self.press("Undo the import")
        self.assertEqual(Subscription.objects.get().user.email, "dot@example.org")
