"""Embeds in the editor: inserted, edited and removed without requests to other hosts."""

from playwright.sync_api import expect

from articles.models import Article
from tests.browser.base import BrowserTestCase
from tests.factories import make_author, make_draft, make_editor, make_image


class EmbedTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        make_author(name="Ines Calloway", user=self.editor)
        self.image = make_image(alt="Cranes at dusk", title="Cranes")
        self.article = make_draft(body="<p>Before.</p>")
        self.log_in(self.editor)
        self.page.goto(f"/admin/articles/article/{self.article.pk}/change/")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)
        self.prompt = self.page.locator("#prompt")

    def fill_prompt(self, **fields):
        for name, value in fields.items():
            self.prompt.locator(f"[name={name}]").fill(value)
        self.prompt.locator("[data-prompt-submit]").click()

    def save(self):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        return Article.objects.get().body

    def test_embed_is_inserted_by_keyboard_edited_and_illustrated(self):
        self.to_end_of(self.text)
        self.page.keyboard.press("Control+Alt+e")
        self.fill_prompt(embed="javascript:alert(1)")
        expect(self.prompt.get_by_text("Enter a full URL that starts with https://")).to_be_visible()
        self.fill_prompt(embed="www.youtube.com/watch?v=a1", title="The harbour by night")
        expect(self.text).to_be_focused()
        self.page.keyboard.type("After.")
        embed = '<div data-embed="https://www.youtube.com/watch?v=a1" data-title="The harbour by night"></div>'
        self.assertEqual(self.save(), f"<p>Before.</p>{embed}<p>After.</p>")
        card = self.page.locator(".embed-card")
        expect(card).to_contain_text("YouTube")
        card.get_by_role("button", name="Edit").click()
        self.fill_prompt(title="The harbour by day")
        card.get_by_role("button", name="Add image").click()
        self.page.locator("#picker").get_by_role("button", name="Cranes").click()
        expect(card.get_by_role("button", name="Remove image")).to_be_visible()
        self.screenshot("embed")
        self.assertIn(f'data-title="The harbour by day" data-image="{self.image.uuid}"', self.save())
        expect(self.page.locator(".embed-card").get_by_role("button", name="Remove image")).to_be_visible()
        self.assertEqual(self.axe(), [])

    def test_enter_edits_and_backspace_deletes_the_selected_embed(self):
        self.to_end_of(self.text)
        self.page.keyboard.press("Control+Alt+e")
        self.fill_prompt(embed="https://example.org/map")
        expect(self.page.locator(".embed-card")).to_be_visible()
        self.page.keyboard.press("ArrowUp")
        expect(self.page.locator(".embed-card.ProseMirror-selectednode")).to_be_visible()
        self.page.keyboard.press("Enter")
        expect(self.prompt).to_be_visible()
        self.page.keyboard.press("Escape")
        expect(self.text).to_be_focused()
        expect(self.page.locator(".embed-card.ProseMirror-selectednode")).to_be_visible()
        self.page.keyboard.press("Backspace")
        expect(self.page.locator(".embed-card")).to_have_count(0)
