"""Remarks beside the text: marked without a node, following their words, left by key; by outsiders without script."""

import json
import re

from django.core import mail
from playwright.sync_api import expect

from articles.models import Remark
from articles.services.sharing import share
from tests.articles.test_anchors import CASES, EVERYTHING, LINES
from tests.factories import make_draft, make_editor, make_image, make_member

from .base import BrowserTestCase

BODY = "<p>The ferry leaves at nine.</p><p>The crane drivers see it first, the <em>crane</em> drivers.</p>"
SELECT = """(words) => {
  const { editor } = document.querySelector(".written")
  let from
  editor.state.doc.descendants((node, pos) => {
    if (node.isText && from === undefined && node.text.includes(words)) from = pos + node.text.indexOf(words)
  })
  editor.view.focus()
  editor.commands.setTextSelection({ from, to: from + words.length })
}"""
MARKED = """(name) => [...(CSS.highlights.get(name) ?? [])].map((range) => range.toString())"""
SHUT = {"Only the text": "[data-focus-mode]", "Fold the panel": "[data-panel-fold]"}
FIND = """async (cases) => {
  const { finder } = await import("/static/newsroom/js/anchors.js")
  return cases.map(({ text, anchor: [quote, prefix, suffix, position] }) => {
    const span = finder(text)({ quote, prefix, suffix, position })
    return span && [Array.from(text).slice(...span).join(""), span[0]]
  })
}"""


class RemarkTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor(display_name="Mara Oduya", email="mara@example.org")
        self.tom = make_member("Editor", display_name="Tom Lee", email="tom@example.org")
        self.log_in(self.editor)

    def desk(self, body=BODY, **fields):
        self.draft = make_draft(body=body, **fields)
        return self.go(self.draft)

    def go(self, draft, end="change/"):
        self.page.goto(f"/admin/articles/article/{draft.pk}/{end}")
        expect(self.page.locator("html[data-ready][data-keeping]")).to_be_attached()
        return self.page.get_by_role("textbox", name="Text", exact=True)

    def choose(self, words):
        self.page.evaluate(SELECT, words)

    def marked(self, *words, name="remark"):
        same = f"(words) => JSON.stringify(({MARKED})({json.dumps(name)})) === JSON.stringify(words)"
        self.page.wait_for_function(same, arg=list(words))

    def leave(self, words, text):
        self.choose(words)
        self.page.keyboard.press("Control+Alt+m")
        self.page.keyboard.type(text)
        self.page.get_by_role("button", name="Leave the remark").click()
        expect(self.page.locator(".remark", has_text=text)).to_be_visible()


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
        self.page.get_by_text("Change your words").click()
        mine = self.page.get_by_label("Your words", exact=True)
        expect(mine).to_have_value("Who are they?")
        mine.fill("Who are these?")
        mine.press("Control+Enter")
        expect(self.page.locator(".remark__text", has_text="Who are these?")).to_be_visible()
        expect(self.page.get_by_label("Reply to Mara Oduya")).to_have_value("Half an ans")
        self.marked("crane drivers")
        self.page.get_by_text("Change your words").click()
        self.picture("remark-own")
        self.assertEqual(self.axe(only="label"), [])
        self.page.get_by_role("button", name="Take it back").click()
        expect(self.page.get_by_text("No open remarks.")).to_be_visible()
        expect(self.page.locator("[data-remarks] summary").first).to_be_focused()
        self.marked()
        self.assertFalse(Remark.objects.exists())

    def test_words_that_go_leave_an_orphan_until_they_come_back(self):
        text = self.desk()
        self.leave("crane drivers", "Who are they?")
        lost = self.page.locator("[data-lost]")
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
        self.marked("crane drivers", name="remark-now")
        first = self.page.locator(".remark", has_text="First.")
        first.get_by_role("button", name="ferry").press("Enter")
        expect(text).to_be_focused()
        self.marked("ferry", name="remark-now")
        chosen = "() => getSelection().toString()"
        self.assertEqual(self.page.evaluate(chosen), "ferry")
        box = self.page.evaluate("() => [...CSS.highlights.get('remark')][1].getBoundingClientRect().toJSON()")
        self.page.mouse.click(box["x"] + 20, box["y"] + 8)
        expect(self.page.locator(".remark", has_text="Second.")).to_have_class(re.compile("remark--now"))
        self.page.keyboard.press("Control+Alt+m")
        expect(self.page.locator(".remark", has_text="Second.")).to_be_focused()
        text.get_by_text("leaves at nine").click(position={"x": 150, "y": 10})
        self.marked(name="remark-now")

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
        for hide in ("Only the text", "Fold the panel"):
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
        remark.get_by_role("button", name="Open again").click()
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
        self.page.get_by_role("button", name="Leave the remark").click()
        self.marked("crane drivers")
        self.assertEqual(Remark.objects.get().quote, "crane drivers")

    def test_a_refusal_is_said_and_the_words_stay(self):
        self.expected = ["422"]
        self.desk()
        self.choose("crane drivers")
        self.page.get_by_role("button", name="Remark", exact=True).click()
        self.page.get_by_role("button", name="Leave the remark").click()
        expect(self.page.locator("[data-remark-said]")).to_contain_text("write a word or two")
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


class OutsideWithScriptTests(BrowserTestCase):
    def test_selected_words_go_along_to_the_remark_and_tell_the_server_nothing_on_the_way(self):
        body = "<p>Words twice.</p><p>Then<sup data-footnote='A source.'></sup> words twice, in the end.</p>"
        link = share(article=make_draft(body=body), by=make_editor(), days=1)
        asked = []
        self.page.on("request", lambda request: asked.append(request.url))
        self.page.goto(link.get_absolute_url())
        self.page.get_by_text("words twice, in").evaluate(
            "(p) => { const text = p.lastChild; getSelection().setBaseAndExtent(text, 7, text, 12) }"
        )
        self.page.get_by_role("link", name="Remark on these words").click()
        expect(self.page.get_by_label("On which words")).to_have_value("twice")
        self.page.get_by_label("Your name").fill("Ines Weber")
        self.page.get_by_label("Remark", exact=True).fill("Once is enough.")
        self.page.get_by_role("button", name="Send to the editors").click()
        expect(self.page.get_by_text("Once is enough.")).to_be_visible()
        remark = Remark.objects.get()
        self.assertEqual((remark.prefix, remark.suffix), ("Words twice.\nThen words ", ", in the end."))
        self.assertFalse([url for url in asked if "quote=" in url.partition("#")[0]])


class OutsideTests(BrowserTestCase):
    script = False

    def test_an_outsider_leaves_a_remark_without_account_or_script(self):
        draft = make_draft(headline="The queue", body=BODY)
        editor = make_editor(display_name="Mara Oduya")
        link = share(article=draft, by=editor, days=1)
        self.page.goto(link.get_absolute_url())
        expect(self.page.get_by_text("Draft, not for publication.")).to_be_visible()
        expect(self.page.get_by_text("The crane drivers see it first")).to_be_visible()
        self.page.get_by_role("link", name="Leave a remark").click()
        self.page.get_by_label("Your name").fill("Ines Weber")
        self.page.get_by_label("On which words").fill("crane drivers see")
        self.page.get_by_label("Remark", exact=True).fill("They told me otherwise.")
        self.page.get_by_role("button", name="Send to the editors").click()
        expect(self.page.get_by_text("They told me otherwise.")).to_be_visible()
        self.log_in(editor)
        self.page.goto(f"/admin/articles/article/{draft.pk}/remarks/")
        expect(self.page.get_by_text("from outside")).to_be_visible()
        expect(self.page.get_by_text("crane drivers see")).to_be_visible()
        expect(self.page.get_by_text("no longer in the text")).to_be_hidden()

    def test_the_newsroom_has_all_of_it_without_script(self):
        editor = make_editor(display_name="Mara Oduya")
        draft = make_draft(body=BODY)
        self.log_in(editor)
        self.page.goto(f"/admin/articles/article/{draft.pk}/change/")
        self.page.get_by_text("Remarks", exact=True).click()
        self.page.get_by_role("link", name="All remarks on a page").click()
        self.page.get_by_label("On which words").fill("crane drivers")
        self.page.get_by_label("Remark", exact=True).fill("Who are they?")
        self.page.get_by_role("button", name="Leave the remark").click()
        self.page.get_by_label("Reply to Mara Oduya").fill("Those of the port.")
        self.page.get_by_role("button", name="Reply to Mara Oduya").click()
        expect(self.page.locator(".remark__text", has_text="Those of the port.")).to_be_visible()
        self.page.get_by_role("button", name="Resolve").click()
        expect(self.page.get_by_text("Resolved by Mara Oduya")).to_have_count(1)
