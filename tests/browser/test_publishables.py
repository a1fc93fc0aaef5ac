"""Pages and dossiers in a browser: checks, preview and scheduled expiry."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Page
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_dossier, make_editor, make_page


class PublishableTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.log_in(make_editor())

    def test_page_checks_update_and_link_to_the_text(self):
        page = make_page(published=False, body="<p>Who we are.</p>")
        self.page.goto(f"/admin/articles/page/{page.pk}/change/")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        expect(self.page.get_by_text("Ready to publish.")).to_be_visible()
        text = self.page.get_by_role("textbox", name="Text", exact=True)
        self.to_end_of(text)
        self.page.keyboard.type(" Founded in TK.")
        line = self.page.locator("[data-check-list] a")
        expect(line).to_contain_text("“TK” is still in")
        line.click()
        self.page.wait_for_function("(CSS.highlights.get('check-target')?.size ?? 0) > 0")

    def test_phone_preview_shows_unsaved_changes(self):
        page = make_page(published=False, body="<p>Who we are.</p>")
        self.page.goto(f"/admin/articles/page/{page.pk}/change/")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        text = self.page.get_by_role("textbox", name="Text", exact=True)
        self.to_end_of(text)
        self.page.keyboard.type(" And whom we ask.")
        self.wait_for_autosave("And whom we ask.")
        self.page.goto(f"/admin/articles/page/{page.pk}/preview/")
        self.page.get_by_role("link", name="Phone").click()
        frame = self.page.frame_locator("iframe")
        expect(frame.get_by_text("Who we are. And whom we ask.")).to_be_visible()
        self.assertLess(self.page.locator("iframe").bounding_box()["width"], 420)
        self.assertEqual(Page.objects.get().body, "<p>Who we are.</p>")

    def test_expiry_is_scheduled(self):
        dossier = make_dossier(make_article(), title="The talks")
        day = timezone.localdate() + timedelta(days=3)
        self.page.goto(f"/admin/articles/dossier/{dossier.pk}/change/")
        self.page.get_by_role("link", name="Schedule removal").click()
        self.page.get_by_label("Date").fill(f"{day}")
        self.page.get_by_label("Time (").fill("09:00")
        self.page.get_by_label("Message at the old URL").fill("The talks have ended.")
        self.page.get_by_role("button", name=f"Remove on {day:%a} {day.day} {day:%b}, 09:00").click()
        expect(self.page.get_by_text(f"It will be removed on {day:%a} {day.day} {day:%b %Y}, 09:00")).to_be_visible()
        expect(self.page.get_by_role("link", name="Change removal date")).to_be_visible()

    def test_pages_and_dossiers_pass_axe(self):
        self.expected = ["410"]
        page, dossier = make_page(), make_dossier(make_article())
        draft = make_page(published=False, body="<p>TK</p>")
        urls = [f"/admin/articles/page/{draft.pk}/{name}/" for name in ("publish", "change")]
        for kind, thing in (("page", page), ("dossier", dossier)):
            urls += [f"/admin/articles/{kind}/{thing.pk}/{name}/" for name in ("preview", "end", "withdraw")]
        for url in urls:
            self.page.goto(url)
            for scheme, width in (("light", 1440), ("dark", 390)):
                with self.subTest(url, scheme=scheme):
                    self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    self.page.set_viewport_size({"width": width, "height": 900})
                    self.assertEqual(self.axe(), [])
                    self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), width)
