"""Remarks beside the text: marked without a node, following their words, left by key."""

import re

from django.core import mail
from playwright.sync_api import expect

from articles.models import Remark
from articles.services.sharing import share
from tests.articles.test_anchors import CASES, EVERYTHING, LINES
from tests.browser.remarking import RemarkTestCase
from tests.factories import make_image

SHUT = {"Focus mode": "[data-focus-mode]", "Hide the panel": "[data-panel-toggle]"}


FIND = """async (cases) => {
  const { anchorFinder } = await import("/static/newsroom/js/anchors.js")
  return cases.map(({ text, anchor: [quote, prefix, suffix, position] }) => {
    const span = anchorFinder(text)({ quote, prefix, suffix, position })
    return span && [Array.from(text).slice(...span).join(""), span[0]]
  })
}"""


class DeskTests(RemarkTestCase):
    def test_the_browser_finds_places_as_the_server_does(self):
        self.desk()
        found = self.page.evaluate(FIND, CASES)
        for case, span in zip(CASES, found, strict=True):
            with self.subTest(case["name"]):
                self.assertEqual(span, case["found"] and [case["found"], case["at"]])

    def test_the_browser_counts_a_text_as_the_server_does(self):
        image = make_image()
        self.desk(EVERYTHING.replace("00000000-0000-4000-8000-000000000001", str(image.uuid)))
        self.leave("end", "The last word.")
        remark = Remark.objects.get()
        self.assertEqual(remark.position, LINES.index("end"))
        self.assertEqual(remark.prefix, LINES[LINES.index("end") - 48 : LINES.index("end")])

    def test_select_remark_edit_before_it_and_the_mark_follows(self):
        text = self.desk()
        before = text.inner_html()
        self.leave("crane drivers", "Who are they?")
        self.marked("crane drivers")
        self.assertEqual(text.inner_html(), before)
        self.picture("remarks")
        text.press("Control+Home")
        self.page.keyboard.type("In March, nobody came. ")
        self.page.keyboard.press("Enter")
        self.marked("crane drivers")
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_text("Saved.", exact=True)).to_be_visible()
        self.marked("crane drivers")
        self.draft.refresh_from_db()
        self.assertNotIn("Who are they?", self.draft.body)
        self.assertNotIn("remark", self.draft.body)
        self.assertIn("came. ", Remark.objects.get().prefix)

    def test_ones_own_is_changed_by_key_beside_a_half_written_answer_and_taken_back(self):
        self.desk()
        self.leave("crane drivers", "Who are they?")
        self.page.get_by_label("Reply to Mara Oduya").fill("Half an ans")
        self.page.get_by_text("Edit your remark").click()
        mine = self.page.locator("details[open]").get_by_label("Your remark", exact=True)
        expect(mine).to_have_value("Who are they?")
        mine.fill("Who are these?")
        mine.press("Control+Enter")
        expect(self.page.locator(".remark__text", has_text="Who are these?")).to_be_visible()
        expect(self.page.get_by_label("Reply to Mara Oduya")).to_have_value("Half an ans")
        self.marked("crane drivers")
        self.page.get_by_text("Edit your remark").click()
        self.picture("remark-own")
        self.assertEqual(self.axe(only="label"), [])
        self.page.get_by_role("button", name="Delete", exact=True).click()
        expect(self.page.get_by_text("No open remarks.")).to_be_visible()
        expect(self.page.locator("[data-remarks] summary").first).to_be_focused()
        self.marked()
        self.assertFalse(Remark.objects.exists())

    def test_words_that_go_leave_an_orphan_until_they_come_back(self):
        text = self.desk()
        self.leave("crane drivers", "Who are they?")
        lost = self.page.locator("[data-missing]")
        expect(lost).to_be_hidden()
        self.choose("crane drivers")
        self.page.keyboard.press("Delete")
        expect(lost).to_be_visible()
        self.marked()
        text.press("Control+z")
        expect(lost).to_be_hidden()
        self.marked("crane drivers")

    def test_it_is_jumped_to_both_ways(self):
        text = self.desk()
        self.leave("ferry", "First.")
        self.leave("crane drivers", "Second.")
        self.marked("crane drivers", name="remark-current")
        first = self.page.locator(".remark", has_text="First.")
        first.get_by_role("button", name="ferry").press("Enter")
        expect(text).to_be_focused()
        self.marked("ferry", name="remark-current")
        chosen = "() => getSelection().toString()"
        self.assertEqual(self.page.evaluate(chosen), "ferry")
        box = self.page.evaluate("() => [...CSS.highlights.get('remark')][1].getBoundingClientRect().toJSON()")
        self.page.mouse.click(box["x"] + 20, box["y"] + 8)
        expect(self.page.locator(".remark", has_text="Second.")).to_have_class(re.compile("remark--current"))
        self.page.keyboard.press("Control+Alt+m")
        expect(self.page.locator(".remark", has_text="Second.")).to_be_focused()
        text.get_by_text("leaves at nine").click(position={"x": 150, "y": 10})
        self.marked(name="remark-current")

    def test_a_name_is_completed_by_keys_and_its_owner_gets_a_letter(self):
        self.desk()
        self.choose("crane drivers")
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

    def test_a_remark_brings_the_panel_back(self):
        self.desk()
        for hide in ("Focus mode", "Hide the panel"):
            self.page.evaluate("(name) => document.querySelector(name).click()", SHUT[hide])
            expect(self.page.locator("#remarks")).to_be_hidden()
            self.choose("ferry")
            self.page.keyboard.press("Control+Alt+m")
            expect(self.page.get_by_label("Your remark")).to_be_focused()
            self.page.keyboard.press("Escape")

    def test_reply_resolve_and_open_again_without_leaving_the_desk(self):
        self.desk()
        self.leave("crane drivers", "Who are they?")
        remark = self.page.locator(".remark")
        remark.get_by_role("textbox").fill("Those of the port.")
        remark.get_by_role("button", name="Reply").click()
        expect(remark.locator(".remark__reply")).to_contain_text("Those of the port.")
        remark.get_by_role("button", name="Resolve").click()
        expect(self.page.locator("[data-remark-count]")).to_have_text("none")
        self.marked()
        remark.get_by_role("button", name="Reopen").click()
        expect(self.page.locator("[data-remark-count]")).to_have_text("1 open")
        self.marked("crane drivers")

    def test_words_that_were_not_sent_are_there_after_the_article_is_saved(self):
        self.desk()
        self.choose("crane drivers")
        self.page.keyboard.press("Control+Alt+m")
        self.page.keyboard.type("Half a thou")
        self.page.keyboard.press("Control+s")
        expect(self.page.get_by_text("Saved.", exact=True)).to_be_visible()
        expect(self.page.get_by_label("Your remark")).to_have_value("Half a thou")
        self.page.get_by_role("button", name="Add remark").click()
        self.marked("crane drivers")
        self.assertEqual(Remark.objects.get().quote, "crane drivers")

    def test_a_refusal_is_said_and_the_words_stay(self):
        self.expected = ["422"]
        self.desk()
        self.choose("crane drivers")
        self.page.get_by_role("button", name="Remark", exact=True).click()
        self.page.get_by_role("button", name="Add remark").click()
        expect(self.page.locator("[data-remark-status]")).to_contain_text("Write something first")
        self.assertFalse(Remark.objects.exists())

    def test_a_letter_leads_to_its_remark(self):
        self.desk()
        self.leave("crane drivers", "Who are they?")
        self.go(self.draft, f"change/#remark-{Remark.objects.get().pk}")
        self.page.reload()
        expect(self.page.locator(".remark")).to_be_focused()


class LooksTests(RemarkTestCase):
    def test_axe_finds_nothing_on_any_of_its_pages(self):
        self.desk(required_level=10)
        self.leave("crane drivers", "Who are they?")
        self.leave("leaves at", "When?")
        self.page.locator(".remark", has_text="When?").get_by_role("button", name="Resolve").click()
        expect(self.page.locator("[data-remark-count]")).to_have_text("1 open")
        self.page.locator("summary", has_text="Resolved").click()
        link = share(article=self.draft, by=self.editor, days=7, name="Ines")
        share(article=self.draft, by=self.editor, days=7).revoke(by=self.editor)
        base = f"/admin/articles/article/{self.draft.pk}/"
        pages = ["change/", "preview/", "preview/?width=phone", "sharing/", "remarks/"]
        outside = link.get_absolute_url()
        page = self.new_page(bypass_csp=True, reduced_motion="reduce")
        self.log_in(self.editor, page)
        for path in [*(base + one for one in pages), outside, f"{outside}remarks/"]:
            page.goto(path)
            for scheme, width in (("light", 1440), ("dark", 390)):
                with self.subTest(path, scheme=scheme):
                    page.emulate_media(color_scheme=scheme)
                    page.set_viewport_size({"width": width, "height": 900})
                    self.assertEqual(self.axe(page), [])
                    self.assertLessEqual(page.evaluate("() => document.documentElement.scrollWidth"), width)
                    self.picture(f"sharing-{path.strip('/').replace('/', '-').replace('?', '-')[-24:]}-{scheme}", page)
