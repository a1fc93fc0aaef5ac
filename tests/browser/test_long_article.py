"""A 1,500-word article with every editor feature survives network loss, logout and a closed tab without losing a word.

Every word is numbered and typed once, so that the published text can be compared word by word.
"""

import re
from itertools import count, islice
from urllib.parse import parse_qs

from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from articles.models import Article, Autosave, Revision
from articles.services.revisions import save_revision
from tests.browser.test_autosave import AutosaveTestCase
from tests.factories import PASSWORD, make_author, make_draft, make_editor, make_image, make_section, make_subscriber

ROOTS = ("quay", "crane", "berth", "señal", "dock", "naïve", "tide", "größe")
SELECTION_EMPTY = "document.querySelector('.editor-content').editor.state.selection.empty"
WORD = re.compile(r"[^\W\d_]+\d{4}")


class NumberedWordsTestCase(AutosaveTestCase):
    def setUp(self):
        super().setUp()
        self.number = count(1)

    def words(self, count):
        """Return new numbered words."""
        return " ".join(f"{ROOTS[number % len(ROOTS)]}{number:04}" for number in islice(self.number, count))


class LongArticleTests(NumberedWordsTestCase):
    def setUp(self):
        super().setUp()
        make_section(name="Environment")
        make_author(name="Mara Oduya", user=self.mara)
        self.image = make_image(title="Cranes", alt="Cranes at dusk")
        self.typed, self.notes = [], []

    def write(self, count):
        """Type new words at the cursor, a sentence at a time."""
        for _ in range(0, count, 20):
            sentence = self.words(min(20, count))
            count -= 20
            self.typed += sentence.split()
            self.page.keyboard.insert_text(f"{sentence}. ")

    def inline(self, count=1):
        text = self.words(count)
        self.typed += text.split()
        self.page.keyboard.insert_text(text)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pause()

    def button(self, name):
        self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()

    def fill_prompt(self, **fields):
        dialog = self.page.locator("dialog[open]")
        for name, value in fields.items():
            dialog.locator(f"[name={name}]").fill(value)
        dialog.locator("[data-prompt-submit]").click()
        expect(self.text()).to_be_focused()

    def note(self):
        text = self.words(12)
        self.notes += text.split()
        self.press("Control+Alt+n")
        self.fill_prompt(footnote=text)

    def paragraphs(self, count, words=60):
        for _ in range(count):
            self.write(words)
            self.press("Enter")

    def heading(self, markdown):
        self.page.keyboard.type(f"{markdown} ")
        self.inline(4)
        self.press("Enter")

    def start_writing(self):
        """Type text, notes, emphasis, a link, headings and lists."""
        self.open("/admin/articles/article/add/")
        self.page.get_by_label("Headline").fill("Every berth of the harbour")
        self.page.get_by_label("Standfirst").fill("What was counted.")
        self.text().click()
        self.write(80)
        self.note()
        self.button("Paywall")
        self.heading("##")
        self.write(60)
        for key in ("Control+b", "Control+i"):
            self.press(key)
            self.inline(2)
            self.press(key)
            self.page.keyboard.insert_text(" ")
        self.inline()
        self.press("Shift+Control+ArrowLeft", "Control+k")
        expect(self.page.locator("dialog[open]")).to_have_count(1)
        self.fill_prompt(href="example.org/counted")
        self.press("End")
        self.page.wait_for_function(SELECTION_EMPTY)
        self.press("Enter")
        self.paragraphs(3)
        for mark in ("- ", "1. "):
            self.page.keyboard.type(mark)
            self.inline(5)
            self.press("Enter")
            self.inline(5)
            self.press("Enter", "Enter")
        self.write(40)
        self.page.wait_for_url("**/change/")
        self.expect_saved()

    def write_offline(self):
        """Add a subheading, a quotation and a pull quote while offline."""
        self.page.context.set_offline(True)
        self.press("Enter")
        self.heading("###")
        self.paragraphs(4)
        self.page.keyboard.type("> ")
        self.inline(20)
        self.press("Enter", "Enter")
        self.inline(8)
        self.button("Pull quote")
        self.press("Enter")
        self.page.keyboard.type("A harbour master")
        self.press("Enter")
        self.write(40)
        expect(self.page.locator("[data-save-status]")).to_contain_text("Saved in this browser")
        self.assertNotIn(self.typed[-1], self.autosave())
        self.page.context.set_offline(False)
        self.expect_saved()
        self.assertIn(self.typed[-1], self.autosave())

    def write_while_logged_out(self):
        """Add a table, then log in again in a new window."""
        Session.objects.all().delete()
        self.press("Enter")
        self.button("Table")
        for _ in range(8):
            self.inline()
            self.press("Tab")
        self.inline()
        dialog = self.page.get_by_role("dialog", name="You are logged out")
        expect(dialog).to_be_visible()
        with self.page.expect_popup() as popup:
            dialog.get_by_role("link", name="Log in").click()
        popup.value.get_by_label("Email").fill("mara@example.org")
        popup.value.get_by_label("Password", exact=True).fill(PASSWORD)
        popup.value.get_by_role("button", name="Log in", exact=True).click()
        expect(dialog).to_be_hidden()
        self.expect_saved()

    def add_media(self):
        """Add a captioned image from the library and an embedded video."""
        self.press("Control+End")
        self.button("Image")
        self.page.locator("#picker").get_by_role("button", name="Cranes").click()
        expect(self.page.locator(".editor-content figure")).to_be_visible()
        self.inline(6)
        self.press("Control+End", "Enter")
        self.paragraphs(4)
        self.press("Control+Alt+e")
        title = self.words(4)
        self.typed += title.split()
        self.fill_prompt(embed="https://www.youtube.com/watch?v=a1", title=title)
        self.paragraphs(5)
        self.write(60)
        self.note()
        self.expect_saved()

    def restore_in_another_browser(self):
        """Close the tab, and restore the autosave in another browser."""
        url = self.page.url
        self.page.close(run_before_unload=False)
        self.page = self.new_page()
        self.log_in(self.mara)
        self.open(url)
        expect(self.text()).to_contain_text(self.typed[-1])
        self.to_end_of(self.text())
        self.press("Enter")
        self.paragraphs(4)
        self.write(60)

    def publish(self):
        self.page.get_by_label("Section", exact=True).select_option("Environment")
        self.page.get_by_label("Access", exact=True).select_option("Subscribers")
        self.page.get_by_role("button", name="Publish…").click()
        self.page.wait_for_url("**/publish/")
        self.page.get_by_label("No AI", exact=True).check()
        self.page.get_by_role("button", name="Publish now").click()
        expect(self.page.get_by_text("Version 1 is live.")).to_be_visible()

    def autosave(self):
        return str(parse_qs(Autosave.objects.get().form_data))

    def read(self, user=None):
        """Return the words and the notes that `user` sees in the published article, and the page."""
        page = self.new_page()
        if user:
            self.client = self.client_class()
            self.log_in(user, page)
        page.goto(Article.objects.get().get_absolute_url())
        prose = " ".join(part.inner_text() for part in page.locator(".ruled .prose").all())
        notes = " ".join(part.inner_text() for part in page.locator(".endnotes li").all())
        in_margin = set(WORD.findall(" ".join(page.locator(".sidenote").all_text_contents())))
        # Sidenotes repeat the notes and are not part of the text.
        return [word for word in WORD.findall(prose) if word not in in_margin], WORD.findall(notes), page

    def test_article_is_published_with_every_word(self):
        self.start_writing()
        self.write_offline()
        self.write_while_logged_out()
        self.add_media()
        self.restore_in_another_browser()
        self.publish()
        self.assertGreaterEqual(len(self.typed), 1500)
        words, notes, page = self.read(make_subscriber())
        self.assertEqual(words, self.typed)
        self.assertEqual(notes, self.notes)
        for selector, number in {
            "h2": 1, "h3": 1, "strong": 1, "em": 1, 'a[href="https://example.org/counted"]': 1, "ul > li": 2,
            "ol > li": 2, "blockquote": 1, "figure img": 1, "table :is(th, td)": 9, "aside": 1,
            'a[href="https://www.youtube.com/watch?v=a1"]': 1,
        }.items():  # fmt: skip
            with self.subTest(selector):
                self.assertEqual(page.locator(f".ruled .prose {selector}").count(), number)
        self.screenshot("long-article", page)
        free, none, _ = self.read()
        self.assertEqual(free, self.typed[:80])
        self.assertEqual(none, self.notes[:12])


class TwoBrowsersTests(NumberedWordsTestCase):
    def append(self, page, paragraph, count=10):
        """Add new words at the end of a paragraph."""
        text = self.words(count)
        self.text(page).locator("> p").nth(paragraph).click()
        self.pause(page)
        page.keyboard.press("End")
        self.pause(page)
        page.keyboard.insert_text(f" {text}")
        self.typed |= set(text.split())
        return text

    def test_merging_concurrent_edits_keeps_every_word(self):
        body = "".join(f"<p>{self.words(25)}</p>" for _ in range(60))
        self.typed = set(WORD.findall(body))
        article = make_draft(headline="Every berth", body=body)
        save_revision(item=article, by=self.mara)
        other = self.new_page()
        self.client = self.client_class()  # keep the session of the first user
        self.log_in(make_editor(display_name="Tom Verbeek"), other)
        self.open_editor(article)
        self.open_editor(article, other)
        mine, theirs = {}, {}
        for place in (3, 20, 40, 59):
            mine[place] = self.append(self.page, place)
        for place in (10, 20, 40, 59):
            theirs[place] = self.append(other, place)
        other.get_by_role("button", name="Save draft").click()
        expect(other.get_by_text("Saved.", exact=True)).to_be_visible()
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_role("heading", name="Tom Verbeek saved while you were writing")).to_be_visible()
        both = self.page.get_by_role("group").filter(has_text="changed in both versions")
        expect(both).to_have_count(3)
        both.nth(0).get_by_label("Your version").check()
        both.nth(1).get_by_label("Tom Verbeek’s").check()
        both.nth(2).get_by_label("Keep both").check()
        self.page.get_by_role("button", name="Save merged version").click()
        expect(self.page.get_by_text("Saved the merged version.")).to_be_visible()
        article.refresh_from_db()
        for text in (mine[3], theirs[10], mine[20], theirs[40], mine[59], theirs[59]):
            self.assertIn(text, article.body)
        for text in (theirs[20], mine[40]):
            self.assertNotIn(text, article.body)
        history = "".join(Revision.objects.values_list("content", flat=True))
        self.assertEqual(self.typed - set(WORD.findall(article.body)) - set(WORD.findall(history)), set())
        self.assertEqual(self.typed - set(WORD.findall(article.body)), set(f"{theirs[20]} {mine[40]}".split()))
