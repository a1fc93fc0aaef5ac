"""The command palette, saved filters and bulk actions in a browser."""

from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Article, SavedFilter
from articles.services.revisions import save_revision
from tests.browser.base import BrowserTestCase
from tests.factories import add_reads, make_article, make_author, make_draft, make_editor, make_section


class PaletteTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.drafts = [make_draft(headline=headline) for headline in ("Small water", "Water", "Dry land")]
        save_revision(item=self.drafts[2], by=self.editor)
        self.log_in(self.editor)
        self.page.goto("/admin/")
        self.input = self.page.locator("#palette input")

    def selected(self):
        return self.page.locator("#palette [aria-selected=true]")

    def open(self):
        self.page.keyboard.press("Control+k")
        self.page.wait_for_selector("#palette [role=option]")

    def expect_results(self, number):
        expect(self.page.locator("#palette [role=option]")).to_have_count(number)

    def test_palette_is_used_by_keyboard(self):
        self.open()
        self.assertIn("Dry land", self.selected().inner_text())
        self.page.keyboard.type("water")
        self.expect_results(2)
        self.assertIn("Water", self.selected().inner_text())
        self.assertEqual(self.input.get_attribute("aria-activedescendant"), self.selected().get_attribute("id"))
        self.page.keyboard.press("ArrowDown")
        self.assertIn("Small water", self.selected().inner_text())
        self.page.keyboard.press("ArrowDown")
        self.assertNotIn("Small water", self.selected().inner_text())
        self.page.keyboard.press("ArrowUp")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"**/article/{self.drafts[0].pk}/change/")

    def test_escape_closes_the_palette_and_restores_focus(self):
        link = self.page.locator("[data-palette-open]")
        link.focus()
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#palette [role=option]")
        self.page.keyboard.press("Escape")
        self.assertFalse(self.page.locator("#palette").is_visible())
        self.assertTrue(link.evaluate("link => link === document.activeElement"))

    def test_older_response_does_not_replace_a_newer_one(self):
        held = []
        self.open()
        self.page.route("**/find/answers/?q=w", lambda route: held.append(route))
        with self.page.expect_request("**/find/answers/?q=w"):
            self.page.keyboard.type("w")
        self.page.keyboard.type("ater")
        self.expect_results(2)
        held[0].fulfill(json={"groups": []})
        self.pause()
        self.assertEqual(self.page.locator("#palette [role=option]").count(), 2)

    def test_palette_shows_no_results_and_expired_session(self):
        self.open()
        self.page.keyboard.type("nothing like this")
        self.page.get_by_text("Nothing found for “nothing like this”").wait_for()
        self.page.context.clear_cookies()
        self.page.keyboard.type("x")
        self.page.get_by_text("You are logged out").wait_for()

    def test_palette_in_the_editor_does_not_change_the_article(self):
        self.page.goto(f"/admin/articles/article/{self.drafts[0].pk}/change/")
        self.page.locator("[name=headline]").focus()
        self.open()
        self.page.keyboard.type("dry")
        self.expect_results(1)
        self.assertEqual(self.page.locator("[name=headline]").input_value(), "Small water")
        self.assertEqual(self.axe(), [])

    def test_palette_passes_axe(self):
        for width in (1440, 390):
            for scheme in ("light", "dark"):
                page = self.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
                self.log_in(self.editor, page)
                for path in ("/admin/", "/admin/find/?q=water", "/admin/articles/article/?state=draft"):
                    page.goto(path)
                    self.assertEqual(self.axe(page), [], (width, scheme, path))
                page.goto("/admin/")
                page.locator("[data-palette-open]").click()
                page.wait_for_selector("#palette [role=option]")
                self.assertEqual(self.axe(page), [], (width, scheme))
                self.screenshot(f"palette-{width}-{scheme}", page)


class ListTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.log_in(make_editor())
        self.section = make_section(name="Harbours")

    def test_filter_is_saved_used_and_deleted(self):
        make_draft(headline="Still a draft")
        make_article(headline="Out already")
        # The tab “Drafts” has this filter, so it can be saved with a search only.
        self.page.goto("/admin/articles/article/?state=draft&q=still")
        self.page.get_by_text("Save filter").click()
        self.page.get_by_label("Name", exact=True).fill("My drafts")
        self.page.get_by_role("button", name="Save", exact=True).click()
        self.page.goto("/admin/articles/article/")
        self.page.get_by_role("link", name="My drafts").click()
        self.assertEqual(self.page.locator(".views [aria-current]").inner_text(), "My drafts")
        self.assertEqual(self.page.locator("#result_list tbody tr").count(), 1)
        self.page.get_by_role("button", name="Delete filter").click()
        self.page.get_by_text("deleted").wait_for()
        self.assertFalse(SavedFilter.objects.exists())

    def test_list_never_scrolls_sideways(self):
        make_article(authors=[make_author(name="Oluwaseun Adebayo-Lindqvist") for _ in range(2)])
        self.page.goto("/admin/articles/article/")
        for width in (390, 768, 1024, 1280, 1440):
            self.page.set_viewport_size({"width": width, "height": 800})
            self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), width)

    def test_bulk_move_to_section_asks_for_confirmation(self):
        drafts = [make_draft(headline=f"Quay {number}") for number in range(3)]
        add_reads({(timezone.localdate(), drafts[0].pk): 7})
        self.page.goto("/admin/articles/article/?q=quay")
        for row in range(2):
            self.page.locator(".action-select").nth(row).check()
        self.page.get_by_label("Action:").select_option(label="Move to a section…")
        self.page.get_by_role("button", name="Run").click()
        self.page.get_by_role("heading", name="2 articles").wait_for()
        self.assertEqual(self.axe(), [])
        self.screenshot("bulk")
        self.page.get_by_label("Section:").select_option(label="Harbours")
        self.page.get_by_role("button", name="Move", exact=True).click()
        self.page.get_by_text("2 drafts moved to the section Harbours.").wait_for()
        self.assertIn("q=quay", self.page.url)
        self.assertEqual(Article.objects.filter(section=self.section).count(), 2)


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_search_page_replaces_the_palette(self):
        make_draft(headline="Small water")
        self.log_in(make_editor())
        self.page.goto("/admin/")
        self.page.get_by_role("link", name="Search").click()
        self.page.locator("#search-query").fill("small")
        self.page.get_by_role("button", name="Search").click()
        self.page.get_by_role("link", name="Small water").click()
        self.page.wait_for_url("**/change/")
