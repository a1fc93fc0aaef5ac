"""Moderating comments in the list, with the mouse and by keyboard."""

from playwright.sync_api import expect

from comments.models import Comment
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_staff

PENDING = "/admin/comments/comment/?status__exact=waiting"


class ModerationTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        article = make_article()
        for number in (3, 2, 1):
            make_comment(article=article, status="waiting", text=f"Words {number}. " + "word " * 120 + "The end.")
        self.log_in(make_staff("comments.view_comment", "comments.moderate_comment"))
        self.page.goto(PENDING)

    def item(self, number):
        return self.page.get_by_role("article").filter(has_text=f"Words {number}.")

    def test_row_is_approved_without_a_reload_and_the_next_one_gets_the_focus(self):
        self.item(1).get_by_role("button", name="Approve").click()
        expect(self.page.get_by_text("1 comment approved.")).to_be_visible()
        expect(self.item(1)).to_have_count(0)
        expect(self.item(2)).to_be_focused()
        expect(self.page.locator("[data-count=waiting]")).to_have_text("2")

    def test_keys_move_expand_approve_and_remove(self):
        keyboard = self.page.keyboard
        self.item(1).focus()
        keyboard.press("e")
        expect(self.item(1).get_by_text("The end.")).to_be_visible()
        keyboard.press("j")
        expect(self.item(2)).to_be_focused()
        keyboard.press("r")
        keyboard.type("advertising")
        keyboard.press("Enter")
        expect(self.item(2)).to_have_count(0)
        expect(self.item(3)).to_be_focused()
        keyboard.press("k")
        keyboard.press("a")
        expect(self.item(1)).to_have_count(0)
        statuses = dict(Comment.objects.values_list("text", "status"))
        self.assertEqual(
            {text[6]: status for text, status in statuses.items()}, {"1": "visible", "2": "removed", "3": "waiting"}
        )
