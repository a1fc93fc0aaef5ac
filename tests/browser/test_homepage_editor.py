"""The front page editor in a browser: by mouse, by keyboard and without script."""

from playwright.sync_api import expect

from articles.models import HomepageDraft, HomepageEdition
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_editor, make_image, make_section

EDITOR = "/admin/front/"


class HomepageEditorTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        section = make_section(name="Economy")
        self.old = make_article(headline="The old one", section=section, lead=make_image())
        make_article(headline="The middle one", section=make_section(name="Climate"), lead=make_image())
        make_article(headline="The newest one", section=section, lead=make_image())
        self.log_in(make_editor())
        self.page.goto(EDITOR)

    def slot(self, name):
        return self.page.get_by_role("group", name=name, exact=True)

    def button(self, name, inside=None):
        return (inside or self.page).get_by_role("button", name=name)


class HomepageEditorTests(HomepageEditorTestCase):
    def test_article_is_dragged_undone_moved_by_keyboard_and_published(self):
        lead, second = self.slot("Lead"), self.slot("Secondary 1")
        expect(lead).to_contain_text("The newest one")
        self.page.locator(".article-list li", has_text="The old one").locator("[data-drag-handle]").drag_to(lead)
        expect(self.page.get_by_role("status").first).to_have_text("Lead, manual: The old one.")
        self.button("Undo").click()
        expect(lead).to_contain_text("The newest one")
        # By keyboard only from here on.
        self.page.get_by_role("searchbox").focus()
        self.page.keyboard.type("old")
        expect(self.page.locator(".article-list li")).to_have_count(1)
        self.button("Place: The old one").press("Enter")
        expect(self.button("Place here: Lead")).to_be_focused()
        self.page.keyboard.press("Enter")
        expect(lead).to_contain_text("The old one")
        self.page.keyboard.press("Alt+ArrowDown")
        expect(second).to_contain_text("The old one")
        expect(self.button("Move Secondary 1 down")).to_be_focused()
        self.page.keyboard.press("Control+z")
        expect(lead).to_contain_text("The old one")
        expect(second.locator("button:focus")).to_have_count(1)
        self.button("Move Lead down").press("Alt+ArrowDown")
        expect(second).to_contain_text("The old one")
        expect(self.button("Move Secondary 1 down")).to_be_focused()
        self.page.keyboard.press("Alt+ArrowUp")
        expect(lead).to_contain_text("The old one")
        self.button("Preview").press("Enter")
        frame = self.page.frame_locator("iframe")
        expect(frame.locator(".front__lead")).to_contain_text("The old one")
        self.page.get_by_label("Phone").check()
        self.assertEqual(self.page.frames[1].evaluate("innerWidth"), 390)
        self.page.get_by_role("link", name="Publish…").click()
        self.button("Publish now").click()
        expect(self.page.get_by_text("Edition 1 is live.")).to_be_visible()
        self.assertEqual(HomepageEdition.objects.get().layout.lead.article, str(self.old.uuid))


class WithoutScriptTests(HomepageEditorTestCase):
    script = False

    def test_article_is_placed_and_the_draft_saved(self):
        search = self.page.get_by_role("searchbox")
        search.fill("old")
        search.press("Enter")
        self.button("Place: The old one").click()
        self.button("Place here: Secondary 1").click()
        self.slot("Lead").get_by_role("combobox").select_option("Newest in Climate")
        self.button("Set: Lead").click()
        expect(self.slot("Lead")).to_contain_text("The middle one")
        self.button("Save draft").click()
        layout = HomepageDraft.objects.get().layout
        self.assertEqual((layout.secondary[0].article, bool(layout.lead.newest)), (str(self.old.uuid), True))
