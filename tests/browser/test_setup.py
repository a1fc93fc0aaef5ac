"""First start in the browser: setup, a logo and a colour in the settings, the front page."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import image_file
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
        page.get_by_label("Accent colour:").fill("#1a3f8b")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your settings are saved and live.")).to_be_visible()
        page.goto("/")
        expect(page.get_by_role("banner").get_by_role("img", name="The Harbour Review")).to_be_visible()
        accent = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')")
        self.assertEqual(accent, "#1a3f8b")

    def test_in_german_to_an_article_with_image_author_and_a_page_in_the_footer(self):
        page = self.page
        page.goto(f"/admin/setup/?token={make_token()}")
        page.get_by_label("Name of the publication").fill("Die Hafenzeitung")
        page.get_by_label("Language of the site").select_option("Deutsch")
        page.get_by_label("First section").fill("Große Straße")
        page.get_by_label("Your name").fill("Käthe Quay")
        page.get_by_label("Your email address").fill("kaethe@harbour.example")
        page.get_by_label("Password").fill("quay-and-crane-7")
        page.get_by_label("Send me a test email").uncheck()
        page.get_by_role("button", name="Set up").click()
        page.get_by_role("link", name="New article").first.click()
        self.write_article()
        self.publish_page_with_placeholders()
        page.goto("/admin/menus/")
        about = page.get_by_role("region", name="Footer column 3")
        about.get_by_label("Link to").last.select_option(label="Über uns")
        page.get_by_role("button", name="Save menus").click()
        page.goto("/")
        page.get_by_role("link", name="Die neue Brücke").first.click()
        expect(page.locator("article").get_by_role("link", name="Käthe Quay").first).to_be_visible()
        expect(page.locator("article img").first).to_be_visible()
        page.get_by_role("contentinfo").get_by_role("link", name="Über uns").click()
        expect(page.get_by_text("Wir schreiben über den Hafen.")).to_be_visible()

    def write_article(self):
        page = self.page
        page.locator("html[data-ready]").wait_for()
        page.get_by_label("Headline", exact=True).fill("Die neue Brücke")
        page.locator(".editor-content").click()
        page.keyboard.type("Sie ist fertig.")
        page.get_by_label("Section", exact=True).select_option("Große Straße")
        page.locator("summary", has_text="Lead image").click()
        page.locator("#side").get_by_role("button", name="Choose from the library: Image", exact=True).click()
        picker = page.locator("#picker")
        data = image_file(width=600, height=400).getvalue()
        picker.locator("input[type=file]").set_input_files(
            {"name": "bruecke.png", "mimeType": "image/png", "buffer": data}
        )
        picker.get_by_label("Alt text").fill("Die Brücke")
        picker.get_by_label("Credit").fill("Foto: K. Quay")
        picker.get_by_role("button", name="Save and insert").click()
        expect(page.locator("#side [data-image-choice] img").first).to_be_visible()
        page.get_by_role("button", name="Publish…").click()
        page.get_by_role("button", name="Publish now").click()
        expect(page.get_by_text("Version 1 is live.")).to_be_visible()

    def publish_page_with_placeholders(self):
        """The template's instructions must be replaced first."""
        page = self.page
        page.goto("/admin/articles/page/")
        page.get_by_role("link", name="Über uns").click()
        page.locator("html[data-ready]").wait_for()
        page.get_by_role("button", name="Publish…").click()
        expect(page.get_by_text("is an instruction to you").first).to_be_visible()
        expect(page.get_by_role("button", name="Publish now")).to_have_count(0)
        page.goto("/admin/articles/page/")
        page.get_by_role("link", name="Über uns").click()
        page.locator("html[data-ready]").wait_for()
        page.locator(".editor-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.type("Wir schreiben über den Hafen.")
        page.get_by_role("button", name="Publish…").click()
        page.get_by_role("button", name="Publish now").click()
        expect(page.get_by_text("is published.")).to_be_visible()
