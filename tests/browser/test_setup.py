"""First start in the browser: setup, a logo and a colour in the settings, the front page."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.truthlytics.publication.test_settings import SVG
from truthlytics.setup.access import make_token


class SetupTests(BrowserTestCase):
    def test_from_the_printed_address_to_the_own_front_page(self):
        page = self.page
        page.goto(f"/admin/setup/?token={make_token()}")
        self.assertEqual(self.axe(), [])
        page.get_by_label("Name of the publication").fill("The Harbour Review")
        page.get_by_label("First section").fill("Port")
        page.get_by_label("Your name").fill("Ada Quay")
        page.get_by_label("Your email address").fill("ada@harbour.example")
        page.get_by_label("Password").fill("quay-and-crane-7")
        page.get_by_label("Sell a monthly subscription").check()
        page.get_by_label("Price per month").fill("8")
        page.get_by_label("Send me a test email").uncheck()
        page.get_by_role("button", name="Set up").click()
        expect(page.get_by_text("The Harbour Review is set up.")).to_be_visible()
        page.goto("/admin/truthlytics/publication/")
        self.assertEqual(self.axe(), [])
        page.get_by_label("Logo:").set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": SVG})
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your settings are saved and live.")).to_be_visible()
        page.goto("/admin/truthlytics/designsettings/")
        page.get_by_label("Accent colour", exact=True).fill("#1a3f8b")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("is what readers see now.")).to_be_visible()
        page.goto("/")
        expect(page.get_by_role("banner").get_by_role("img", name="The Harbour Review")).to_be_visible()
        accent = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')")
        self.assertIn("#1a3f8b", accent)
