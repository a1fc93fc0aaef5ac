"""Base case for remarks in the browser: open a draft, select text, read highlights."""

import json

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_draft, make_editor, make_member

BODY = "<p>The ferry leaves at nine.</p><p>The crane drivers see it first, the <em>crane</em> drivers.</p>"
HIGHLIGHTED = """(name) => [...(CSS.highlights.get(name) ?? [])].map((range) => range.toString())"""


class RemarkTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor(display_name="Mara Oduya", email="mara@example.org")
        self.tom = make_member("Editor", display_name="Tom Lee", email="tom@example.org")
        self.log_in(self.editor)

    def open_draft(self, body=BODY, **fields):
        self.draft = make_draft(body=body, **fields)
        return self.visit(self.draft)

    def visit(self, draft, path="change/"):
        self.page.goto(f"/admin/articles/article/{draft.pk}/{path}")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        return self.page.get_by_role("textbox", name="Text", exact=True)

    def expect_highlighted(self, *words, name="remark"):
        same = f"(words) => JSON.stringify(({HIGHLIGHTED})({json.dumps(name)})) === JSON.stringify(words)"
        self.page.wait_for_function(same, arg=list(words))

    def add_remark(self, words, text):
        self.select(words)
        self.page.keyboard.press("Control+Alt+m")
        self.page.keyboard.type(text)
        self.page.get_by_role("button", name="Add remark").click()
        expect(self.page.locator(".remark", has_text=text)).to_be_visible()
