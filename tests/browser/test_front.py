"""The front page's editor in a real browser: by mouse, by keyboard alone, and without script."""

from playwright.sync_api import expect

from articles.models import HomepageDraft, HomepageEdition
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_editor, make_image, make_section

EDITOR = "/admin/front/"


class Newsroom(BrowserTestCase):
    def setUp(self):
        super().setUp()
        section = make_section(name="Economy")
        self.old = make_article(headline="The old one", section=section, lead=make_image())
        make_article(headline="The middle one", section=make_section(name="Climate"), lead=make_image())
        make_article(headline="The newest one", section=section, lead=make_image())
        self.log_in(make_editor())
        self.page.goto(EDITOR)

    def place(self, name):
        return self.page.get_by_role("group", name=name, exact=True)

    def button(self, name, inside=None):
        return (inside or self.page).get_by_role("button", name=name)


class FrontTests(Newsroom):
    def test_a_piece_is_dragged_taken_back_and_moved_by_keys_and_the_page_is_published(self):
        lead, second = self.place("Lead"), self.place("Second 1")
        expect(lead).to_contain_text("The newest one")
        self.page.locator(".article-list li", has_text="The old one").locator("[data-drag-handle]").drag_to(lead)
        expect(self.page.get_by_role("status").first).to_have_text("Lead, by hand: The old one.")
        self.button("Undo").click()
        expect(lead).to_contain_text("The newest one")
        # By keys alone from here on.
        self.page.get_by_role("searchbox").focus()
        self.page.keyboard.type("old")
        expect(self.page.locator(".article-list li")).to_have_count(1)
        self.button("Place: The old one").press("Enter")
        expect(self.button("Place here: Lead")).to_be_focused()
        self.page.keyboard.press("Enter")
        expect(lead).to_contain_text("The old one")
        self.page.keyboard.press("Alt+ArrowDown")
        expect(second).to_contain_text("The old one")
        expect(self.button("Move Second 1 down")).to_be_focused()
        self.page.keyboard.press("Control+z")
        expect(lead).to_contain_text("The old one")
        expect(second.locator("button:focus")).to_have_count(1)
        self.button("Move Lead down").press("Alt+ArrowDown")
        expect(second).to_contain_text("The old one")
        expect(self.button("Move Second 1 down")).to_be_focused()
        self.page.keyboard.press("Alt+ArrowUp")
        expect(lead).to_contain_text("The old one")
        self.button("Preview").press("Enter")
        frame = self.page.frame_locator("iframe")
        expect(frame.locator(".front__lead")).to_contain_text("The old one")
        self.page.get_by_label("Phone").check()
        self.assertEqual(self.page.frames[1].evaluate("innerWidth"), 390)
        self.page.get_by_role("link", name="Publish…").click()
        self.button("Publish now").click()
        expect(self.page.get_by_text("Edition 1 is the front page.")).to_be_visible()
        self.assertEqual(HomepageEdition.objects.get().layout.lead.article, str(self.old.uuid))


class WithoutScriptTests(Newsroom):
    script = False

    def test_a_piece_is_placed_and_the_draft_is_saved(self):
        self.page.get_by_role("searchbox").fill("old")
        self.page.keyboard.press("Enter")
        self.button("Place: The old one").click()
        self.button("Place here: Second 1").click()
        self.place("Lead").get_by_role("combobox").select_option("Newest in Climate")
        self.button("Set: Lead").click()
        expect(self.place("Lead")).to_contain_text("The middle one")
        self.button("Save draft").click()
        layout = HomepageDraft.objects.get().layout
        self.assertEqual((layout.secondary[0].article, bool(layout.lead.newest)), (str(self.old.uuid), True))
