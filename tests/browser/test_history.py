"""A reader finds what changed in an article, in a browser: by keyboard, on a phone and without scripts."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_version

BODY = "<p>The harbour has 41 berths.</p><p>Ships wait outside.</p><h2>Prices</h2><p>They rise.</p>"
HIDDEN = "e => { const box = e.getBoundingClientRect(); return box.width <= 1 && box.height <= 1 }"


class HistoryTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(headline="The harbour", body=BODY)
        make_version(self.article, body=BODY.replace("41", "42"), note="We missed a berth.")

    def test_what_changed_is_two_clicks_away_and_side_by_side_on_wide_screens(self):
        page = self.page
        page.goto(self.article.get_absolute_url())
        page.get_by_role("link", name="Version 2", exact=True).click()
        self.assertEqual(self.axe(), [])
        page.get_by_role("link", name="What changed in version 2").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What changed from version 1 to version 2")
        old, new = page.locator(".comparison__old"), page.locator(".comparison__new")
        expect(old).to_have_text("The harbour has 41 berths.")
        self.assertLess(old.bounding_box()["x"] + old.bounding_box()["width"], new.bounding_box()["x"])
        # Removed words are on the left; screen readers hear them where they were.
        self.assertTrue(new.locator("del").evaluate(HIDDEN))
        expect(new).to_contain_text("removed: 41")
        self.assertEqual(self.axe(), [])
        page.get_by_role("link", name="Read version 1").click()
        expect(page.get_by_role("note").first).to_contain_text("This is version 1 of 2")
        self.assertEqual(self.axe(), [])

    def test_by_keyboard_on_a_phone_without_scripts(self):
        page = self.new_page(java_script_enabled=False, viewport={"width": 360, "height": 740}, color_scheme="dark")
        page.goto(f"{self.article.get_absolute_url()}history/")
        page.get_by_role("link", name="What changed in version 2").focus()
        page.keyboard.press("Enter")
        new = page.locator(".comparison__new")
        expect(page.locator(".comparison__old")).to_be_hidden()
        expect(new.locator("del")).to_be_visible()
        expect(new.locator("ins")).to_be_visible()
        folded = page.get_by_text("Ships wait outside.")
        expect(folded).to_be_hidden()
        page.locator(".comparison summary").focus()
        page.keyboard.press("Enter")
        expect(folded).to_be_visible()
        self.assertLessEqual(new.bounding_box()["width"], 360)
        scripted = self.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
        scripted.goto(page.url)
        self.assertEqual(axe_violations(scripted), [])
