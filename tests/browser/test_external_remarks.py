"""Remarks by external readers of a shared draft, and remarks without script."""

from playwright.sync_api import expect

from articles.models import Remark
from articles.services.sharing import share
from tests.browser.base import BrowserTestCase
from tests.browser.remarks import BODY
from tests.factories import make_draft, make_editor


class ExternalRemarkScriptTests(BrowserTestCase):
    def test_selection_is_quoted_without_sending_it_to_the_server_early(self):
        body = "<p>Words twice.</p><p>Then<sup data-footnote='A source.'></sup> words twice, in the end.</p>"
        link = share(article=make_draft(body=body), by=make_editor(), days=1)
        requested = []
        self.page.on("request", lambda request: requested.append(request.url))
        self.page.goto(link.get_absolute_url())
        self.page.get_by_text("words twice, in").evaluate(
            "(p) => { const text = p.lastChild; getSelection().setBaseAndExtent(text, 7, text, 12) }"
        )
        self.page.get_by_role("link", name="Remark on selection").click()
        expect(self.page.get_by_label("Quoted text")).to_have_value("twice")
        self.page.get_by_label("Your name").fill("Ines Weber")
        self.page.get_by_label("Remark", exact=True).fill("Once is enough.")
        self.page.get_by_role("button", name="Send to editors").click()
        expect(self.page.get_by_text("Once is enough.")).to_be_visible()
        remark = Remark.objects.get()
        self.assertEqual((remark.prefix, remark.suffix), ("Words twice.\nThen words ", ", in the end."))
        self.assertFalse([url for url in requested if "quote=" in url.partition("#")[0]])


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_external_reader_adds_a_remark(self):
        draft = make_draft(headline="The queue", body=BODY)
        editor = make_editor(display_name="Mara Oduya")
        link = share(article=draft, by=editor, days=1)
        self.page.goto(link.get_absolute_url())
        expect(self.page.get_by_text("Draft, not for publication.")).to_be_visible()
        expect(self.page.get_by_text("The crane drivers see it first")).to_be_visible()
        self.page.get_by_role("link", name="Leave a remark").click()
        self.page.get_by_label("Your name").fill("Ines Weber")
        self.page.get_by_label("Quoted text").fill("crane drivers see")
        self.page.get_by_label("Remark", exact=True).fill("They told me otherwise.")
        self.page.get_by_role("button", name="Send to editors").click()
        expect(self.page.get_by_text("They told me otherwise.")).to_be_visible()
        self.log_in(editor)
        self.page.goto(f"/admin/articles/article/{draft.pk}/remarks/")
        expect(self.page.get_by_text("External")).to_be_visible()
        expect(self.page.get_by_text("crane drivers see")).to_be_visible()
        expect(self.page.get_by_text("no longer in the text")).to_be_hidden()

    def test_editor_adds_replies_and_resolves(self):
        editor = make_editor(display_name="Mara Oduya")
        draft = make_draft(body=BODY)
        self.log_in(editor)
        self.page.goto(f"/admin/articles/article/{draft.pk}/change/")
        self.page.get_by_text("Remarks", exact=True).click()
        self.page.get_by_role("link", name="Show all remarks").click()
        self.page.get_by_label("Quoted text").fill("crane drivers")
        self.page.get_by_label("Remark", exact=True).fill("Who are they?")
        self.page.get_by_role("button", name="Add remark").click()
        self.page.get_by_label("Reply to Mara Oduya").fill("Those of the port.")
        self.page.get_by_role("button", name="Reply to Mara Oduya").click()
        expect(self.page.locator(".remark__text", has_text="Those of the port.")).to_be_visible()
        self.page.get_by_role("button", name="Resolve").click()
        expect(self.page.get_by_text("Resolved by Mara Oduya")).to_have_count(1)
