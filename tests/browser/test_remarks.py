"""Remarks in the editor: highlights, keyboard use, passages that move with the text."""

import re

from django.core import mail
from playwright.sync_api import expect

from articles.models import Remark
from articles.services.sharing import share
from tests.articles.richtext.test_anchors import BODY, LINES
from tests.browser.remarks import RemarkTestCase
from tests.factories import make_image

TOGGLES = {"Focus mode": "[data-focus-mode]", "Hide the panel": "[data-panel-toggle]"}


class RemarkTests(RemarkTestCase):
    def test_browser_counts_positions_like_the_server(self):
        image = make_image()
        self.open_draft(BODY.replace("00000000-0000-4000-8000-000000000001", str(image.uuid)))
        self.add_remark("end", "The last word.")
        remark = Remark.objects.get()
        self.assertEqual(remark.position, LINES.index("end"))
        self.assertEqual(remark.prefix, LINES[LINES.index("end") - 48 : LINES.index("end")])

    def test_highlight_moves_with_the_text(self):
        text = self.open_draft()
        before = text.inner_html()
        self.add_remark("crane drivers", "Who are they?")
        self.expect_highlighted("crane drivers")
        self.assertEqual(text.inner_html(), before)
        self.screenshot("remarks")
        self.select("")
        self.page.keyboard.type("In March, nobody came. ")
        self.page.keyboard.press("Enter")
        self.expect_highlighted("crane drivers")
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_text("Saved.", exact=True)).to_be_visible()
        self.expect_highlighted("crane drivers")
        self.draft.refresh_from_db()
        self.assertNotIn("Who are they?", self.draft.body)
        self.assertNotIn("remark", self.draft.body)
        self.assertIn("came. ", Remark.objects.get().prefix)

    def test_own_remark_is_edited_and_deleted_while_a_reply_is_unsent(self):
        self.open_draft()
        self.add_remark("crane drivers", "Who are they?")
        self.page.get_by_label("Reply to Mara Oduya").fill("Half an ans")
        self.page.get_by_text("Edit your remark").click()
        own = self.page.locator(".remark__edit").get_by_label("Your remark", exact=True)
        expect(own).to_have_value("Who are they?")
        own.fill("Who are these?")
        own.press("Control+Enter")
        expect(self.page.locator(".remark__text", has_text="Who are these?")).to_be_visible()
        expect(self.page.get_by_label("Reply to Mara Oduya")).to_have_value("Half an ans")
        self.expect_highlighted("crane drivers")
        self.page.get_by_text("Edit your remark").click()
        self.screenshot("remark-own")
        self.assertEqual(self.axe(only="label"), [])
        self.page.get_by_role("button", name="Delete", exact=True).click()
        expect(self.page.get_by_text("No open remarks.")).to_be_visible()
        expect(self.page.locator("[data-remarks] summary").first).to_be_focused()
        self.expect_highlighted()
        self.assertFalse(Remark.objects.exists())

    def test_remark_is_orphaned_until_its_passage_is_restored(self):
        text = self.open_draft()
        self.add_remark("crane drivers", "Who are they?")
        missing = self.page.locator("[data-missing]")
        expect(missing).to_be_hidden()
        self.select("crane drivers")
        self.page.keyboard.press("Delete")
        expect(missing).to_be_visible()
        self.expect_highlighted()
        text.press("Control+z")
        expect(missing).to_be_hidden()
        self.expect_highlighted("crane drivers")

    def test_navigation_between_passage_and_remark(self):
        text = self.open_draft()
        self.add_remark("ferry", "First.")
        self.add_remark("crane drivers", "Second.")
        self.expect_highlighted("crane drivers", name="remark-current")
        first = self.page.locator(".remark", has_text="First.")
        first.get_by_role("button", name="ferry").press("Enter")
        expect(text).to_be_focused()
        self.expect_highlighted("ferry", name="remark-current")
        selection = "() => getSelection().toString()"
        self.assertEqual(self.page.evaluate(selection), "ferry")
        box = self.page.evaluate("() => [...CSS.highlights.get('remark')][1].getBoundingClientRect().toJSON()")
        self.page.mouse.click(box["x"] + 20, box["y"] + 8)
        expect(self.page.locator(".remark", has_text="Second.")).to_have_class(re.compile("remark--current"))
        self.page.keyboard.press("Control+Alt+m")
        expect(self.page.locator(".remark", has_text="Second.")).to_be_focused()
        text.get_by_text("leaves at nine").click(position={"x": 260, "y": 10})
        self.expect_highlighted(name="remark-current")

    def test_mention_is_completed_by_keyboard_and_notified_by_email(self):
        self.open_draft()
        self.select("crane drivers")
        self.page.keyboard.press("Control+Alt+m")
        box = self.page.get_by_label("Your remark")
        expect(box).to_be_focused()
        self.page.keyboard.type("Sure, @le")
        expect(self.page.get_by_role("option", name="Tom Lee")).to_have_attribute("aria-selected", "true")
        self.assertEqual(self.axe(), [])
        self.page.keyboard.press("Enter")
        self.page.keyboard.type("?")
        expect(box).to_have_value("Sure, @Tom Lee ?")
        self.page.keyboard.press("Control+Enter")
        expect(self.page.locator(".remark", has_text="Sure, @Tom Lee ?")).to_be_focused()
        self.assertEqual([letter.to for letter in mail.outbox], [["tom@example.org"]])

    def test_new_remark_opens_the_panel(self):
        self.open_draft()
        for name in ("Focus mode", "Hide the panel"):
            self.page.evaluate("(name) => document.querySelector(name).click()", TOGGLES[name])
            expect(self.page.locator("#remarks")).to_be_hidden()
            self.select("ferry")
            self.page.keyboard.press("Control+Alt+m")
            expect(self.page.get_by_label("Your remark")).to_be_focused()
            self.page.keyboard.press("Escape")

    def test_reply_resolve_and_reopen(self):
        self.open_draft()
        self.add_remark("crane drivers", "Who are they?")
        remark = self.page.locator(".remark")
        remark.get_by_role("textbox").fill("Those of the port.")
        remark.get_by_role("button", name="Reply").click()
        expect(remark.locator(".remark__reply")).to_contain_text("Those of the port.")
        remark.get_by_role("button", name="Resolve").click()
        expect(self.page.locator("[data-remark-count]")).to_have_text("none")
        self.expect_highlighted()
        remark.get_by_role("button", name="Reopen").click()
        expect(self.page.locator("[data-remark-count]")).to_have_text("1 open")
        self.expect_highlighted("crane drivers")

    def test_unsent_text_is_kept_when_the_article_is_saved(self):
        self.open_draft()
        self.select("crane drivers")
        self.page.keyboard.press("Control+Alt+m")
        self.page.keyboard.type("Half a thou")
        self.page.keyboard.press("Control+s")
        expect(self.page.get_by_text("Saved.", exact=True)).to_be_visible()
        expect(self.page.get_by_label("Your remark")).to_have_value("Half a thou")
        self.page.get_by_role("button", name="Add remark").click()
        self.expect_highlighted("crane drivers")
        self.assertEqual(Remark.objects.get().quote, "crane drivers")

    def test_empty_remark_is_rejected(self):
        self.expected = ["422"]
        self.open_draft()
        self.select("crane drivers")
        self.page.get_by_role("button", name="Remark", exact=True).click()
        self.page.get_by_role("button", name="Add remark").click()
        expect(self.page.locator("[data-remark-status]")).to_contain_text("Write something first")
        self.assertFalse(Remark.objects.exists())

    def test_email_link_opens_the_remark(self):
        self.open_draft()
        self.add_remark("crane drivers", "Who are they?")
        self.visit(self.draft, f"change/#remark-{Remark.objects.get().pk}")
        self.page.reload()
        expect(self.page.locator(".remark")).to_be_focused()


class AccessibilityTests(RemarkTestCase):
    def test_remark_and_sharing_pages_pass_axe(self):
        self.open_draft(required_level=10)
        self.add_remark("crane drivers", "Who are they?")
        self.add_remark("leaves at", "When?")
        self.page.locator(".remark", has_text="When?").get_by_role("button", name="Resolve").click()
        expect(self.page.locator("[data-remark-count]")).to_have_text("1 open")
        self.page.locator("summary", has_text="Resolved").click()
        link = share(article=self.draft, by=self.editor, days=7, name="Ines")
        share(article=self.draft, by=self.editor, days=7).revoke(by=self.editor)
        base = f"/admin/articles/article/{self.draft.pk}/"
        pages = ["change/", "preview/", "preview/?width=phone", "sharing/", "remarks/"]
        shared = link.get_absolute_url()
        page = self.new_page(reduced_motion="reduce")
        self.log_in(self.editor, page)
        for path in [*(base + path for path in pages), shared, f"{shared}remarks/"]:
            page.goto(path)
            for scheme, width in (("light", 1440), ("dark", 390)):
                with self.subTest(path, scheme=scheme):
                    page.emulate_media(color_scheme=scheme)
                    page.set_viewport_size({"width": width, "height": 900})
                    self.assertEqual(self.axe(page), [])
                    self.assertLessEqual(page.evaluate("() => document.documentElement.scrollWidth"), width)
                    self.screenshot(
                        f"sharing-{path.strip('/').replace('/', '-').replace('?', '-')[-24:]}-{scheme}", page
                    )
