"""From the login to a published article, counting clicks, and the author page of someone who has none."""

from playwright.sync_api import expect

from articles.models import Article, Author
from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, image_file, make_author, make_editor, make_image, make_section

# Clicks by mouse, over several pages. Keys that press a button are none, and a click on a label is one.
COUNT_CLICKS = """addEventListener("pointerdown", () => {
  sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1
}, true)"""


class FirstArticleTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        make_section(name="Harbour")

    def start(self, page):
        page.get_by_role("link", name="New article").first.click()
        page.locator("html[data-ready]").wait_for()
        page.get_by_label("Headline", exact=True).fill("The new bridge")

    def test_article_with_an_image_is_published_with_five_clicks(self):
        editor, page = make_editor(), self.page
        make_author(user=editor)
        make_image(title="The bridge")
        self.write(editor)
        page.keyboard.type("/image")
        page.keyboard.press("Enter")
        page.locator("#picker").get_by_role("button", name="The bridge").click()
        self.publish()

    def test_article_with_a_new_image_is_published_with_five_clicks(self):
        editor, page = make_editor(), self.page
        make_author(user=editor)
        self.write(editor)
        page.keyboard.type("/image")
        page.keyboard.press("Enter")
        picker = page.locator("#picker")
        expect(picker.locator("input[type=file]")).to_be_focused()
        with page.expect_file_chooser() as chooser:
            picker.get_by_text("Upload", exact=True).click()
        data = image_file(width=300, height=200).getvalue()
        chooser.value.set_files({"name": "bridge.png", "mimeType": "image/png", "buffer": data})
        expect(picker.get_by_label("Alt text")).to_be_focused()
        page.keyboard.type("A bridge")
        page.keyboard.press("Tab")
        page.keyboard.type("A. Name")
        page.keyboard.press("Enter")
        self.publish()

    def write(self, editor):
        """Log in, and begin an article with a sentence."""
        page = self.page
        page.add_init_script(COUNT_CLICKS)
        page.goto("/admin/")
        page.get_by_label("Email").fill(editor.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        self.start(page)
        page.get_by_role("textbox", name="Text", exact=True).focus()
        page.keyboard.type("It is finished.")
        page.keyboard.press("Enter")

    def publish(self):
        """Publish the article, and count the clicks since the login."""
        page = self.page
        page.locator(".editor-content figure").wait_for()
        expect(page.get_by_label("Section", exact=True).locator("option:checked")).to_have_text("Harbour")
        page.get_by_role("button", name="Publish…").click()
        page.get_by_label("No AI", exact=True).check()
        page.get_by_role("button", name="Publish now").click()
        expect(page.get_by_text("Version 1 is live.")).to_be_visible()
        self.assertIn("data-image", Article.objects.get().live.content)
        self.assertLessEqual(int(page.evaluate("sessionStorage.clicks")), 5)

    def test_editor_without_an_author_page_creates_it_beside_the_article(self):
        editor, page = make_editor(display_name="Nora Quist"), self.page
        self.log_in(editor)
        page.goto("/admin/")
        self.start(page)
        page.get_by_role("link", name="Create your author page").click()
        chosen = page.locator(".byline-row select").first
        expect(chosen.locator("option:checked")).to_have_text("Nora Quist")
        expect(chosen).to_be_focused()
        expect(page.get_by_label("Headline", exact=True)).to_have_value("The new bridge")
        page.get_by_role("button", name="Save draft").click()
        expect(page.get_by_text("Saved.").first).to_be_visible()
        author = Author.objects.get()
        self.assertEqual((author.user, Article.objects.get().bylines.get().author), (editor, author))
        expect(page.get_by_role("link", name="Create your author page")).to_have_count(0)
