"""Pages and menus in a browser: writing, publishing, comparing and restoring a page; ordering menu links."""

from playwright.sync_api import expect

from articles.models import MenuEdition, Page
from articles.presenters.menus import place
from tests.browser.base import BrowserTestCase
from tests.factories import make_editor, make_page, make_section

BODY = (
    "<h2>Rules</h2><p>We say who pays<sup data-footnote='Accounts of 2025.'></sup>.</p><ul><li>One.</li></ul>"
    "<table><tbody><tr><th>Year</th><th>Paid by</th></tr><tr><td>2025</td><td>Readers</td></tr></tbody></table>"
)


class PagesTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.log_in(self.editor)

    def ready(self):
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)

    def button(self, name):
        self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()

    def publish(self, note=""):
        self.page.get_by_role("button", name="Publish").first.click()
        if note:
            self.page.get_by_label("Change note").fill(note)
        self.page.get_by_label("No AI", exact=True).check()
        self.page.get_by_role("button", name="Publish now").click()
        expect(self.page.get_by_text("is published.")).to_be_visible()

    def test_page_is_written_published_changed_compared_and_restored(self):
        self.page.goto("/admin/articles/page/add/")
        self.ready()
        self.page.get_by_label("Title", exact=True).fill("Ownership and funding")
        self.text.click()
        self.pause()
        self.page.keyboard.type("Readers pay for this.")
        self.button("Footnote")
        self.page.locator("#prompt [name=footnote]").fill("Accounts of 2025.")
        self.page.locator("#prompt [data-prompt-submit]").click()
        expect(self.text).to_be_focused()
        self.page.keyboard.press("Enter")
        self.button("Table")
        self.page.keyboard.type("Year")
        self.wait_for_autosave("Year")
        expect(self.page.locator("[data-save-status]")).to_contain_text("Saved")
        self.assertIn("/change/", self.page.url)
        self.page.reload()
        self.ready()
        expect(self.text).to_contain_text("Readers pay for this.")
        self.page.get_by_label("Type", exact=True).select_option("ownershipFundingInfo")
        self.publish()
        page = Page.objects.get()
        self.page.goto(page.get_absolute_url())
        for words in ("Ownership and funding", "Accounts of 2025.", "Unchanged since"):
            expect(self.page.get_by_text(words).first).to_be_visible()
        expect(self.page.get_by_role("columnheader", name="Year")).to_be_visible()
        self.page.goto(f"/admin/articles/page/{page.pk}/change/")
        self.ready()
        self.text.get_by_text("Readers pay for this.").click()
        self.pause()
        self.page.keyboard.press("Home")
        self.pause()
        self.page.keyboard.type("Only ")
        self.publish("Says who does not pay.")
        self.page.goto(page.get_absolute_url())
        expect(self.page.get_by_text("Says who does not pay.").first).to_be_visible()
        self.page.goto(f"/admin/articles/page/{page.pk}/history/?from=v1&to=v2")
        expect(self.page.locator(".diff ins").first).to_contain_text("Only")
        self.page.goto(f"/admin/articles/page/{page.pk}/history/v1/")
        self.page.get_by_role("button", name="Restore to draft").click()
        self.ready()
        expect(self.text).not_to_contain_text("Only")
        self.assertEqual(page.versions.count(), 2)

    def test_menu_is_ordered_by_keyboard_and_mouse(self):
        make_section(name="Economy", slug="economy")
        make_page(headline="Ethics")
        self.page.goto("/admin/menus/")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        masthead = self.page.get_by_role("region", name="Masthead")
        choice = masthead.get_by_label("Link to").nth(2)
        choice.select_option(label="Ethics")
        choice.press("Alt+ArrowUp")
        choice = masthead.get_by_label("Link to").nth(1)
        expect(choice).to_be_focused()
        expect(self.page.locator("[data-status]")).to_have_text("Ethics: position 2 of 4.")
        choice.press("Alt+ArrowUp")
        masthead.get_by_role("button", name="Move down").nth(0).click()
        masthead.get_by_role("button", name="Move up").nth(1).click()
        masthead.locator("[data-drag-handle]").nth(2).drag_to(masthead.locator("[data-drag-handle]").nth(0))
        self.page.get_by_role("button", name="Save menus").click()
        expect(self.page.get_by_text("Menus saved. The changes are live.")).to_be_visible()
        kinds = [item["kind"] for item in MenuEdition.objects.newest().content["main"]]
        self.assertEqual(kinds, ["place", "page", "sections"])
        self.page.goto("/")
        expect(self.page.locator(".masthead__sections a")).to_have_text(["Latest", "Ethics", "Economy"])

    def test_long_menus_do_not_scroll_sideways_and_pass_axe(self):
        page = make_page(headline="Ethics", standfirst="Who pays.", body=BODY)
        items = [place("latest"), {"kind": "page", "target": str(page.uuid), "label": ""}]
        items += [{"kind": "web", "target": f"https://example.org/{n}", "label": f"Elsewhere {n}"} for n in range(10)]
        MenuEdition.objects.create(number=1, content={"main": items, "columns": [{"title": "More", "items": items}]})
        browser = self.new_page()
        self.log_in(self.editor, browser)
        admin_url = f"/admin/articles/page/{page.pk}"
        urls = {"page": page.get_absolute_url(), "front": "/", "menus": "/admin/menus/"}
        for name, url in {**urls, "editor": f"{admin_url}/change/", "publish": f"{admin_url}/publish/"}.items():
            for scheme, width in (("light", 1440), ("dark", 360)):
                with self.subTest(url, scheme=scheme):
                    browser.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    browser.set_viewport_size({"width": width, "height": 900})
                    browser.goto(url)
                    self.screenshot(f"pages-{name}-{width}", browser)
                    self.assertEqual(browser.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                    self.assertEqual(self.axe(browser), [])


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_menu_is_ordered_by_number(self):
        self.log_in(make_editor())
        self.page.goto("/admin/menus/")
        masthead = self.page.get_by_role("region", name="Masthead")
        masthead.get_by_label("Position in Masthead").nth(0).fill("5")
        self.page.get_by_role("button", name="Save menus").click()
        self.assertEqual([item["kind"] for item in MenuEdition.objects.newest().content["main"]], ["place", "sections"])
