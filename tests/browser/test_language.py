"""The newsroom's scripts in a language in which translations stand in brackets: nothing else is to be read."""

from django.conf import settings
from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_draft, make_editor, make_image
from tests.pseudo_locale import LANGUAGE, bracketed, untranslated
from tests.truthlytics.newsroom.test_translated import content_words

VISIBLE = """() => {
  const copy = document.documentElement.cloneNode(true)
  for (const part of copy.querySelectorAll(".editor-content p")) part.remove()
  return copy.outerHTML
}"""


class NewsroomLanguageTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(bracketed())
        make_image()
        self.article = make_draft(body="<p>One two three.</p>")
        self.log_in(make_editor())
        self.page.context.add_cookies(
            [{"name": settings.LANGUAGE_COOKIE_NAME, "value": LANGUAGE, "url": self.live_server_url}]
        )
        self.content = content_words()

    def check(self):
        self.assertEqual(untranslated(self.page.evaluate(VISIBLE), self.content), [])

    def test_the_editor_and_its_dialogs(self):
        self.page.goto(f"/admin/articles/article/{self.article.pk}/change/")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        text = self.page.locator(".editor-content")
        self.check()
        self.to_end_of(text)
        self.page.keyboard.press("Enter")
        self.page.keyboard.type("/")
        expect(self.page.locator("#insert-menu")).to_be_visible()
        self.check()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Backspace")
        self.page.keyboard.press("Control+Alt+n")
        expect(self.page.locator("#prompt")).to_be_visible()
        self.check()
        self.page.keyboard.press("Escape")
        for command, dialog in (("link", "#link-dialog"), ("image", "#picker"), ("savedBlocks", "#saved-blocks")):
            self.page.locator(f"[data-toolbar] [data-cmd={command}]").click()
            expect(self.page.locator(dialog)).to_be_visible()
            self.pause()
            self.check()
            self.page.keyboard.press("Escape")
        text.focus()
        self.page.keyboard.press("Control+f")
        self.page.keyboard.type("zzz")
        self.check()

    def test_the_palette_and_the_upload(self):
        self.page.goto("/admin/articles/image/")
        self.page.keyboard.press("Control+k")
        self.page.locator("#palette input").fill("zzzz")
        expect(self.page.locator(".palette__status")).not_to_be_empty()
        self.content.add("zzzz")
        self.check()
