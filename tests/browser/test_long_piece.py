"""1,500 words with every element, and all that can go wrong on the way: the readers get each word, in its order."""

import re
from html import unescape

from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from articles.models import Article
from tests.factories import PASSWORD

from .test_desk_keeps import KeepingTestCase
from .test_editor import WritingTestCase

A_PARAGRAPH, PARAGRAPHS = 100, 15
WORD = re.compile(r"\bword\d{4}\b")
ELEMENTS = ("h2", "strong", "em", "a", "ul", "ol", "blockquote", "table", "figure", "aside", "sup")


class LongPieceTests(WritingTestCase):
    kept = KeepingTestCase.kept

    def setUp(self):
        super().setUp()
        # What Chromium notes by itself where the network or the log-in went on purpose.
        self.expected = ["Failed to load resource", "ERR_"]
        self.written = 0

    def write(self, paragraphs):
        """Numbered words at the end of the text, a paragraph at a time."""
        self.text.press("Control+End")
        for _ in range(paragraphs):
            words = [f"word{number:04}" for number in range(self.written, self.written + A_PARAGRAPH)]
            self.press("Enter")
            self.page.keyboard.insert_text(" ".join(words) + ".")
            self.written += A_PARAGRAPH
        return words[-1]

    def log_in_again(self):
        dialog = self.page.get_by_role("dialog", name="You are logged out")
        with self.page.expect_popup() as popup:
            dialog.get_by_role("link", name="Log in").click()
        window = popup.value
        window.get_by_label("E-mail").fill(self.editor.email)
        window.get_by_label("Password", exact=True).fill(PASSWORD)
        window.get_by_role("button", name="Log in", exact=True).click()
        expect(dialog).to_be_hidden()

    def test_network_login_and_tab_go_and_no_word_is_lost(self):
        self.open()
        self.write_everything()
        self.press("Control+End")
        self.press("Enter")
        self.type("1. first of a numbered list")
        self.press("Enter")
        self.press("Enter")
        self.kept(self.write(4))
        context = self.page.context
        context.set_offline(True)
        last = self.write(4)
        expect(self.page.locator("[data-saved]")).to_contain_text("Kept in this browser")
        context.set_offline(False)
        self.kept(last)
        Session.objects.all().delete()
        last = self.write(4)
        self.log_in_again()
        self.kept(last)
        article = Article.objects.get()
        self.page.close(run_before_unload=False)
        self.page = context.new_page()
        self.open(f"/admin/articles/article/{article.pk}/change/")
        self.page.get_by_role("button", name="Restore them").click()
        expect(self.text).to_contain_text(last)
        self.kept(self.write(PARAGRAPHS - 12))
        self.fill_in()
        self.page.get_by_role("button", name="Publish…").click()
        self.page.get_by_role("button", name="Publish now").click()
        expect(self.page.get_by_text("Readers see this text as version 1.")).to_be_visible()
        self.readers_have_all_of_it(article)

    def readers_have_all_of_it(self, article):
        article.refresh_from_db()
        page = self.client.get(article.get_absolute_url(), headers={"host": "localhost"}).content.decode()
        page = unescape(page)
        body = page[page.index('<article class="piece"') : page.index('id="comments"')]
        self.assertEqual(WORD.findall(re.sub("<[^>]+>", " ", body)), [f"word{n:04}" for n in range(self.written)])
        self.assertEqual(self.written, A_PARAGRAPH * PARAGRAPHS)
        for element in ELEMENTS:
            with self.subTest(element):
                self.assertRegex(body, rf"<{element}[ >]")
        for words in (
            "She said two things.",
            "Port authority, 2026.",
            "A quotation",
            "Nobody counted the berths.",
            "Wired",
        ):
            with self.subTest(words):
                self.assertIn(words, body)
