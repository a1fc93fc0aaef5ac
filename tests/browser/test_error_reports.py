"""Readers report errors on a phone, with and without script; an editor makes one a correction by keyboard."""

import re

from playwright.sync_api import expect

from articles.models import ErrorReport
from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_author, make_editor, make_error_report, make_version

BODY = (
    "<p>Words before.</p><p>The bridge<sup data-footnote='A source.'></sup> cost 25 crowns, as they said.</p>"
    "<p>Another paragraph of the article.</p>"
)


class ReaderTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(headline="The price", body=BODY)
        self.page.set_viewport_size({"width": 390, "height": 800})

    def select_passage(self, words):
        self.page.get_by_text(words).evaluate(
            """(p, words) => {
              const node = [...p.childNodes].find((child) => child.data?.includes(words));
              const at = node.data.indexOf(words);
              getSelection().setBaseAndExtent(node, at, node, at + words.length);
            }""",
            words,
        )
        # The script that adds the selection to the link is loaded only now.
        expect(self.page.get_by_role("link", name="Report an error")).to_have_attribute("href", re.compile("#quote="))

    def report(self, **fields):
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " ")).fill(value)
        self.page.get_by_role("button", name="Send").click()
        expect(self.page.get_by_role("heading", name="Thank you")).to_be_visible()
        return ErrorReport.objects.get()

    def test_selected_text_is_filled_in_and_reaches_the_server_only_with_the_form(self):
        requested = []
        self.page.on("request", lambda request: requested.append(request.url))
        self.page.goto(self.article.get_absolute_url())
        self.select_passage("cost 25 crowns")
        link = self.page.get_by_role("link", name="Report an error")
        link.click()
        expect(self.page.get_by_label("The passage")).to_have_value("cost 25 crowns")
        self.assertEqual(axe_violations(self.page), [])
        report = self.report(What_is_wrong="It cost 50.")
        self.assertEqual((report.quote, report.suffix[:5]), ("cost 25 crowns", ", as "))
        self.assertFalse([url for url in requested if "quote=" in url.partition("#")[0]])
        self.assertEqual(axe_violations(self.page), [])

    def test_without_a_selection_the_passage_is_blank(self):
        self.page.goto(self.article.get_absolute_url())
        self.page.get_by_role("link", name="Report an error").click()
        expect(self.page.get_by_label("The passage")).to_have_value("")
        self.assertEqual(self.report(What_is_wrong="The headline.").quote, "")

    def test_error_in_an_old_version_is_reported_for_that_version(self):
        make_version(self.article, body=BODY.replace("25", "50"), kind="minor", note="A slip.", by=make_editor())
        self.page.goto(f"{self.article.get_absolute_url()}versions/1/")
        self.select_passage("cost 25 crowns")
        self.page.get_by_role("link", name="Report an error").click()
        expect(self.page.get_by_text("version 1 of 2")).to_be_visible()
        expect(self.page.get_by_label("The passage")).to_have_value("cost 25 crowns")
        report = self.report(What_is_wrong="It cost 50.")
        self.assertEqual((report.quote, report.version.number), ("cost 25 crowns", 1))


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_passage_is_typed(self):
        self.page.goto(make_article(body=BODY).get_absolute_url())
        self.page.get_by_role("link", name="Report an error").click()
        self.page.get_by_label("The passage").fill("cost 25 crowns")
        self.page.get_by_label("What is wrong?").fill("It cost 50.")
        self.page.get_by_role("button", name="Send").click()
        expect(self.page.get_by_role("heading", name="Thank you")).to_be_visible()
        self.assertTrue(ErrorReport.objects.get().prefix.endswith("The bridge "))


class EditorTests(BrowserTestCase):
    def test_report_becomes_a_correction_by_keyboard(self):
        editor = make_editor()
        article = make_article(headline="The price", body=BODY, authors=[make_author(user=editor)])
        report = make_error_report(article, quote="25", text="It cost 50.", name="Ola Nordmann")
        self.log_in(editor)
        self.page.goto("/admin/")
        self.page.get_by_role("region", name="Reported errors").get_by_role("link", name="The price").press("Enter")
        expect(self.page.locator("mark", has_text="25").first).to_be_visible()
        self.assertEqual(axe_violations(self.page), [])
        self.page.keyboard.press("Control+Enter")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        expect(self.page.get_by_text("It cost 50.").first).to_be_visible()
        self.select("25")
        self.page.keyboard.type("50")
        self.page.keyboard.press("Control+Enter")
        expect(self.page.get_by_role("radio", name="Correction")).to_be_focused()
        expect(self.page.get_by_role("checkbox", name="It cost 50.")).to_be_checked()
        self.assertEqual(axe_violations(self.page), [])
        self.page.keyboard.press("1")
        self.page.keyboard.type("It cost 50 crowns, not 25.")
        self.page.keyboard.press("Control+Enter")
        expect(self.page.get_by_text("Version 2 is published.")).to_be_visible()
        report.refresh_from_db()
        self.assertEqual(report.correction.sentence, "It cost 50 crowns, not 25. Reported by Ola Nordmann.")
