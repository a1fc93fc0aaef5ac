"""The masthead: one row with a menu on a phone, everything in view on a wide screen."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_price, make_section, make_user


class PhoneTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(section=make_section(name="Harbours"))
        make_price()
        self.page = self.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")

    def test_one_row_and_a_menu_that_keys_open_and_close(self):
        page = self.page
        for path in ("/", self.article.get_absolute_url()):
            page.goto(path)
            self.assertLess(page.locator(".masthead").bounding_box()["height"], 72)
            self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), 360)
        section = page.get_by_role("navigation", name="Sections").get_by_role("link", name="Harbours")
        expect(section).to_be_hidden()
        page.get_by_role("button", name="Menu").focus()
        page.keyboard.press("Enter")
        expect(section).to_be_visible()
        for name in ("Log in", "Subscribe"):
            expect(page.get_by_role("link", name=name).first).to_be_visible()
        self.assertEqual(self.axe(), [])
        page.get_by_role("button", name="Light mode").click()
        self.assertEqual(page.evaluate("document.documentElement.dataset.theme"), "light")
        page.keyboard.press("Escape")
        expect(section).to_be_hidden()

    def test_without_script_the_menu_opens_too(self):
        page = self.new_page(java_script_enabled=False, viewport={"width": 360, "height": 740})
        page.goto("/")
        page.get_by_role("button", name="Menu").click()
        with page.expect_navigation():
            page.get_by_role("link", name="Harbours").first.click()
        self.assertIn("/sections/", page.url)

    def test_a_cart_with_a_plan_is_in_the_row(self):
        self.log_in(make_user())
        page = self.page
        page.goto("/subscribe/")
        cart = page.locator(".mini-cart > button")
        expect(cart).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        cart.click()
        expect(page.get_by_text("Your cart is currently empty!")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        with page.expect_navigation():
            page.locator("main form button").first.click()
        page.goto("/")
        expect(cart).to_be_visible()
        self.assertLess(page.locator(".masthead").bounding_box()["height"], 72)


class WideTests(BrowserTestCase):
    def test_sections_and_tools_are_in_view_without_a_menu(self):
        make_article(section=make_section(name="Harbours"))
        for width in (768, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.goto("/")
            expect(
                self.page.get_by_role("navigation", name="Sections").get_by_role("link", name="Harbours")
            ).to_be_visible()
            expect(self.page.get_by_role("button", name="Menu")).to_be_hidden()
            expect(self.page.get_by_role("button", name="Light mode")).to_be_hidden()
            self.page.get_by_role("button", name="Display").click()
            expect(self.page.get_by_role("button", name="Dark mode")).to_be_visible()
            self.assertEqual(self.axe(), [])
