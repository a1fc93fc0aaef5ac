"""The workflow in a browser: write, fix check results, send to review, approve, publish."""

import re

from django.core import mail
from playwright.sync_api import expect

from articles.models import Article
from tests.browser.base import BrowserTestCase
from tests.factories import make_author, make_draft, make_member, make_section

HIGHLIGHTED = "() => [...(CSS.highlights.get('check-target') ?? [])].map(String).join()"

OUTLINED = """() => document.getAnimations().filter(
  (outline) => outline.id === "check-target" && outline.playState === "running",
).length"""


class WorkflowTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.author = make_member("Author", display_name="Idris Vahl")
        self.editor = make_member("Editor", display_name="Edda Holm")
        self.byline = make_author(name="Idris Vahl", user=self.author)
        make_section(name="Climate")

    def open(self, user, article):
        page = self.new_page()
        self.log_in(user, page)
        page.goto(f"/admin/articles/article/{article.pk}/change/")
        page.locator("html[data-ready]").wait_for()
        return page

    def test_article_is_written_checked_reviewed_and_published(self):
        page = self.new_page()
        self.log_in(self.author, page)
        page.goto("/admin/articles/article/add/")
        page.locator("html[data-ready]").wait_for()
        page.get_by_label("Headline").fill("The harbour’s account")
        page.get_by_label("Standfirst").fill("Who counted the berths.")
        page.get_by_label("Section", exact=True).select_option("Climate")
        text = page.get_by_role("textbox", name="Text")
        text.click()
        self.pause(page)
        page.keyboard.type("Nobody counted.")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.keyboard.type("There are TK berths in all.")
        finding = page.get_by_role("link", name="“TK” is still in")
        expect(finding).to_be_visible()
        expect(page.locator("[data-check-count]")).to_have_text("1 to fix")
        finding.click()
        self.assertEqual(page.evaluate(HIGHLIGHTED), "There are TK berths in all.")
        expect(text).to_be_focused()
        self.select("TK", page)
        page.keyboard.type("41")
        expect(page.get_by_text("Ready to publish.")).to_be_visible()
        self.assertEqual(page.evaluate(HIGHLIGHTED), "")
        page.get_by_role("button", name="Send to review…").click()
        page.get_by_label("Message").fill("Is the end too short?")
        page.get_by_role("button", name="Send to review").click()
        expect(page.locator(".badge")).to_contain_text("In review")
        expect(page.get_by_text("Is the end too short?")).to_be_visible()
        article = Article.objects.get()
        self.assertIn("There are 41 berths in all.", article.body)
        self.approve_and_publish(article)

    def approve_and_publish(self, article):
        page = self.open(self.editor, article)
        page.get_by_role("button", name="Review…").click()
        page.get_by_role("button", name="Mark as ready").click()
        expect(page.locator(".badge").first).to_contain_text("Ready")
        page.get_by_role("button", name="Publish…").click()
        page.get_by_label("No AI", exact=True).check()
        page.get_by_role("button", name="Publish now").click()
        expect(page.get_by_text("Version 1 is live.")).to_be_visible()
        self.assertEqual([letter.to[0] for letter in mail.outbox], [self.editor.email, self.author.email])

    def test_check_results_link_to_every_kind_of_place(self):
        body = (
            '<p>Words<sup data-footnote="Good."></sup>.</p><h4>Too small</h4><p>So<sup data-footnote="?"></sup> it is, '
            'as <a href="/nowhere/">they <em>say</em></a> here.</p><ul><li>One</li><li></li></ul>'
        )
        article = make_draft(headline="x" * 90, section=None, authors=[self.byline], body=body, standfirst="")
        page = self.open(self.author, article)
        for words, highlighted in (
            ("Too small", "Too small"),
            ("they say", "they say"),
            ("Footnote 2", ""),
            ("list item", ""),
        ):
            page.locator(".check__link", has_text=words).click()
            with self.subTest(words):
                self.assertEqual(page.evaluate(HIGHLIGHTED), highlighted)
                self.assertEqual(page.evaluate(OUTLINED), 0 if highlighted else 1)
        for words, label in (("90 characters", "Headline"), ("standfirst", "Standfirst"), ("section", "Section")):
            page.locator(".check__link", has_text=words).first.click()
            expect(page.get_by_label(label, exact=True)).to_be_focused()

    def test_check_result_finds_moved_text(self):
        article = make_draft(authors=[self.byline], body="<p>One.</p><p>It has TK berths.</p>")
        page = self.open(self.author, article)
        page.route(re.compile("/checks/"), lambda route: route.abort())
        self.expected = ["ERR_FAILED"]
        text = page.get_by_role("textbox", name="Text")
        text.get_by_text("One.").click()
        self.pause(page)
        page.keyboard.press("Home")
        self.pause(page)
        for _ in range(3):
            page.keyboard.type("More.")
            page.keyboard.press("Enter")
        page.locator(".check__link", has_text="TK").click()
        self.assertEqual(page.evaluate(HIGHLIGHTED), "It has TK berths.")

    def test_publish_page_links_to_the_text(self):
        article = make_draft(headline="The TK account", body=f"{'<p>Line.</p>' * 60}<p>It has TK berths.</p>")
        page = self.open(self.editor, article)
        page.get_by_role("button", name="Publish…").click()
        page.wait_for_url("**/publish/")  # the editor has links with the same names
        self.assertEqual(page.get_by_role("button", name=re.compile("^Publish now")).count(), 0)
        self.screenshot("publish-not-yet", page)
        page.get_by_role("link", name="It has TK berths.").click()
        page.locator("html[data-ready]").wait_for()
        page.wait_for_function("CSS.highlights.has('check-target')")
        self.assertEqual(page.evaluate(HIGHLIGHTED), "It has TK berths.")
        expect(page.get_by_text("It has TK berths.", exact=True)).to_be_in_viewport()
        page.go_back()
        page.wait_for_url("**/publish/")
        page.get_by_role("link", name="is still in the headline").click()
        page.wait_for_url(re.compile(r"\?at="))
        page.locator("html[data-ready]").wait_for()
        expect(page.get_by_label("Headline")).to_be_focused()

    def test_workflow_pages_pass_axe(self):
        article = make_draft(headline="The TK account", authors=[self.byline])
        page = self.open(self.editor, article)
        paths = [f"/admin/articles/article/{article.pk}/{name}/" for name in ("change", "work", "publish")]
        self.log_in(make_member("Publisher"), page)
        for path in [*paths, f"/admin/subscriptions/user/{self.author.pk}/role/"]:
            page.goto(path)
            for scheme, width in (("light", 1440), ("dark", 390)):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size({"width": width, "height": 900})
                with self.subTest(path, scheme=scheme):
                    self.assertEqual(self.axe(page), [])
                    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    self.assertLessEqual(overflow, 0)


class WithoutScriptTests(BrowserTestCase):
    script = False

    def setUp(self):
        super().setUp()
        self.expected = ["422 (Unprocessable"]  # Chromium's message about an invalid form

    def test_article_is_reviewed_and_assigned_without_script(self):
        author, editor = make_member("Author"), make_member("Editor", display_name="Edda Holm")
        article = make_draft(authors=[make_author(user=author)])
        self.log_in(author)
        self.page.goto(f"/admin/articles/article/{article.pk}/change/")
        self.page.get_by_role("button", name="Send to review…").click()
        self.page.get_by_role("button", name="Send to review").click()
        page = self.new_page(java_script_enabled=False)
        self.log_in(editor, page)
        page.goto(f"/admin/articles/article/{article.pk}/work/")
        page.get_by_label("Assigned to").select_option("Edda Holm")
        page.get_by_role("button", name="Assign", exact=True).click()
        page.get_by_role("button", name="Send back").click()
        expect(page.get_by_text("Explain what needs to change.")).to_be_visible()
        page.get_by_label("Message").fill("Count again.")
        page.get_by_role("button", name="Send back").click()
        article.refresh_from_db()
        self.assertEqual((article.stage, article.assignee), ("draft", editor))
