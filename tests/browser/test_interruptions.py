"""Scripts when the server fails, the session ends or the browser blocks storage."""

from functools import partial

from playwright.sync_api import Route, expect

from articles.models import Topic
from tests.browser.base import BrowserTestCase
from tests.browser.test_autosave import AutosaveTestCase
from tests.factories import make_draft

# Django's own scripts store the theme.
NO_STORAGE = """const { setItem } = Storage.prototype
const refuse = () => { throw new DOMException("blocked", "SecurityError") }
Storage.prototype.setItem = function (key, value) {
  key.startsWith("newsroom:") ? refuse() : setItem.call(this, key, value)
}
Object.defineProperty(window, "sessionStorage", { get: refuse })"""


class PollingTests(BrowserTestCase):
    def serve(self, *answers):
        """Answer requests for /page/ with each of `answers` in turn: a status and HTML, or a URL to redirect to."""
        rest = list(answers)

        def answer(route):
            status, html = rest.pop(0) if len(rest) > 1 else rest[0]
            headers = {"Location": html} if status == 302 else {}
            route.fulfill(status=status, headers=headers, body=html, content_type="text/html")

        self.page.route("**/page/", answer)
        self.page.route("**/login/", lambda route: route.fulfill(body="Log in", content_type="text/html"))

    def open(self, script, html):
        self.expected = ["Failed to load resource"]
        self.install_clock()
        html += f'<script type="module" src="/static/{script}"></script>'
        return html

    def test_a_pending_page_waits_until_the_server_answers_again(self):
        pending = self.open("js/site.js", "<div data-poll>Confirming</div>")
        self.serve((200, pending), (502, "Bad gateway"), (429, "Too many"), (200, "Thank you"))
        self.page.goto("/page/")
        for _ in range(3):
            with self.page.expect_response("**/page/"):
                self.page.clock.run_for(5000)
        expect(self.page.get_by_text("Thank you")).to_be_visible()

    def test_an_import_asks_to_log_in_once_the_session_has_ended(self):
        box = '<div data-import-progress="/state/"><p data-sentence></p><progress></progress></div>'
        running = self.open("newsroom/js/import/progress.js", box)
        self.serve((200, running), (302, "/login/"))
        self.page.route("**/state/", lambda route: route.fulfill(status=302, headers={"Location": "/login/"}))
        self.page.goto("/page/")
        self.page.clock.run_for(2000)
        expect(self.page.get_by_text("Log in")).to_be_visible()


class PrintTests(BrowserTestCase):
    def test_the_button_prints_once(self):
        self.page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1 }")
        scripts = "".join(f'<script type="module" src="/static/js/{name}.js"></script>' for name in ("site", "article"))
        html = f"<html lang=en><ul><li hidden><button data-print>Print</button></li></ul>{scripts}"
        self.page.route("**/page/", lambda route: route.fulfill(body=html, content_type="text/html"))
        self.page.goto("/page/")
        self.page.get_by_role("button", name="Print").click()
        self.assertEqual(self.page.evaluate("window.printed"), 1)


class BlockedStorageTests(AutosaveTestCase):
    def setUp(self):
        super().setUp()
        self.page = self.new_page()
        self.log_in(self.mara)
        self.page.add_init_script(NO_STORAGE)

    def test_autosave_does_not_say_that_this_browser_keeps_the_text(self):
        article = make_draft(body="<p>Before.</p>")
        self.open_editor(article)
        for status, words in ((503, "cannot save now"), (409, "Not saved"), (404, "Not saved"), (302, "Logged out")):
            with self.subTest(status):
                answer = partial(Route.fulfill, status=status, headers={"Location": "/"}, body='{"held": "09:00"}')
                self.page.route("**/autosave/", answer)
                if status == 302:
                    self.page.route("**/token/", answer)
                self.type(" More.")
                self.expect_status(words)
                expect(self.page.locator("main")).not_to_contain_text("in this browser")
                self.page.unroute("**/autosave/")

    def expect_status(self, words):
        expect(self.page.locator("[data-save-status]")).to_contain_text(words)

    def test_remarks_and_forms_work(self):
        draft = make_draft(body="<p>The ferry leaves at nine.</p>")
        self.open_editor(draft)
        self.select("ferry")
        self.page.keyboard.press("Control+Alt+m")
        self.page.keyboard.type("Which one?")
        self.page.get_by_role("button", name="Add remark").click()
        expect(self.page.locator(".remark", has_text="Which one?")).to_be_visible()
        topic = Topic.objects.create(name="Energy", slug="energy")
        self.page.goto(f"/admin/articles/topic/{topic.pk}/change/")
        self.page.get_by_label("Intro").fill("Lines and prices.")
        self.page.get_by_role("button", name="Save and continue editing").click()
        expect(self.page.locator(".messagelist")).to_be_visible()
