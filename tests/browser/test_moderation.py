"""The moderation queue: by keyboard, with the mouse, by touch, without script, and by two moderators at once."""

from django.utils import timezone
from playwright.sync_api import expect

from comments.models import Comment, Decision, Report, Suspension
from comments.services import decide, edit_comment
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_member, make_user

QUEUE = "/admin/comments/queue/"
CONFLICT = "409 (Conflict)"


class QueueTestCase(BrowserTestCase):
    waiting = 4

    def setUp(self):
        super().setUp()
        self.article = make_article(headline="The harbour")
        self.comments = [self.make(f"Words {number}.") for number in range(1, self.waiting + 1)]
        self.moderator, self.other = (make_member("Moderator", display_name=name) for name in ("Mo", "Ada"))
        self.log_in(self.moderator)
        self.open()

    def make(self, text, **fields):
        fields.setdefault("author", make_user(display_name=f"Reader {Comment.objects.count() + 1}"))
        return make_comment(article=self.article, **{"status": "waiting", "hold": "first", "text": text} | fields)

    def open(self, path=QUEUE, page=None):
        (page or self.page).goto(path)

    def follow(self, name):
        """Follow a link, and wait until the script of the next page listens to keys."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).click()

    def shows(self, text, page=None):
        expect((page or self.page).locator("[data-part=comment]")).to_contain_text(text)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def statuses(self):
        return list(Comment.objects.order_by("pk").values_list("status", flat=True))

    def saved(self, number):
        expect(self.page.locator("[data-part=tabs] a").first).to_have_text(f"All {number}")


class TwentyCommentsTests(QueueTestCase):
    waiting = 20

    def test_a_moderator_clears_twenty_comments_by_keyboard(self):
        self.shows("Words 1.")
        for number in range(1, 21):
            self.shows(f"Words {number}.")
            if number % 5 == 0:
                self.press("r")
                self.page.keyboard.type("Advertising")
                self.press("Enter")
            else:
                self.press("a")
        self.shows("Nothing to review.")
        self.saved(0)
        self.assertEqual(self.statuses(), (["visible"] * 4 + ["removed"]) * 4)


class KeyboardTests(QueueTestCase):
    def test_the_next_and_the_previous_comment(self):
        self.press("j", "j")
        self.shows("Words 3.")
        self.press("k")
        self.shows("Words 2.")
        expect(self.page.locator("[data-item] [aria-current]")).to_contain_text("Words 2.")
        expect(self.page.locator("[data-part=comment]")).to_be_focused()

    def test_undo_returns_to_the_comment(self):
        self.press("a")
        self.shows("Words 2.")
        expect(self.page.get_by_role("status")).to_contain_text("Approved: Reader 1")
        self.press("u")
        self.shows("Words 1.")
        expect(self.page.locator("[data-undo]")).to_have_count(0)
        self.assertEqual(self.statuses(), ["waiting"] * 4)

    def test_several_decisions_are_undone_one_after_the_other(self):
        self.press("a")
        self.shows("Words 2.")
        self.press("a")
        self.shows("Words 3.")
        self.press("u", "u")
        self.shows("Words 1.")
        self.assertEqual(self.statuses(), ["waiting"] * 4)

    def test_undo_goes_away_after_ten_seconds(self):
        self.press("a")
        expect(self.page.locator("[data-undo]")).to_have_count(1)
        expect(self.page.locator("[data-undo]")).to_have_count(0, timeout=13_000)

    def test_asking_for_an_edit_and_suspending(self):
        self.press("e")
        self.page.keyboard.type("Leave out the address.")
        self.press("Enter")
        self.shows("Words 2.")
        self.press("s")
        expect(self.page.get_by_label("For")).to_be_focused()
        self.page.get_by_label("For").select_option("1 day")
        self.press("Tab")
        self.page.keyboard.type("Insults")
        self.press("Enter")
        self.shows("Words 3.")
        self.saved(2)
        self.assertEqual(Comment.objects.get(pk=self.comments[0].pk).edit_request, "Leave out the address.")
        self.assertEqual(Suspension.objects.get().reason, "Insults")

    def test_keys_are_letters_while_typing_and_escape_closes_the_form(self):
        self.press("r")
        self.page.keyboard.type("a joke u")
        expect(self.page.get_by_label("Reason").first).to_have_value("a joke u")
        self.press("Escape", "j")
        self.shows("Words 2.")
        self.assertEqual(self.statuses(), ["waiting"] * 4)

    def test_keys_do_nothing_outside_the_queue(self):
        self.page.get_by_role("link", name="All comments", exact=True).focus()
        self.press("a", "j", "?")
        expect(self.page.locator("[data-part=comment]")).to_contain_text("Words 1.")
        self.assertEqual(self.statuses(), ["waiting"] * 4)

    def test_question_mark_lists_the_keys(self):
        self.press("?")
        expect(self.page.get_by_role("dialog", name="Keys")).to_be_visible()
        self.press("Escape", "j")
        self.shows("Words 2.")


class TwoModeratorsTests(QueueTestCase):
    def test_the_second_moderator_sees_who_decided_and_continues(self):
        self.expected.append(CONFLICT)
        decide(comment=self.comments[0], kind="remove", by=self.other, reason="Advertising", seen=0)
        self.press("a")
        expect(self.page.get_by_role("status")).to_contain_text("Ada has already decided on this comment on")
        self.shows("Words 2.")
        self.follow("Open the comment")
        self.shows("Advertising")
        self.assertEqual(self.statuses(), ["removed", *["waiting"] * 3])

    def test_a_comment_edited_meanwhile_is_not_approved_unread(self):
        self.expected.append(CONFLICT)
        edit_comment(comment=self.comments[0], text="Other words.")
        self.press("a")
        expect(self.page.get_by_role("status")).to_contain_text("The writer has edited this comment")
        self.assertEqual(self.statuses(), ["waiting"] * 4)

    def test_without_a_connection_nothing_is_lost(self):
        self.expected += ["ERR_FAILED", "Failed to load"]
        self.page.route("**/decision/", lambda route: route.abort())
        self.press("a")
        self.shows("Words 2.")
        expect(self.page.get_by_role("status")).to_contain_text("could not be reached")
        self.page.unroute("**/decision/")
        self.follow("Open the comment")
        self.shows("Words 1.")
        self.press("a")
        self.saved(3)


class MouseTests(QueueTestCase):
    def test_every_decision_has_a_button(self):
        page = self.page
        page.locator("[data-item]").nth(1).click()
        self.shows("Words 2.")
        page.get_by_role("button", name="Approve").click()
        self.shows("Words 3.")
        page.get_by_text("Remove…").click()
        page.get_by_label("Reason").first.fill("Advertising")
        page.get_by_role("button", name="Remove", exact=True).click()
        self.shows("Words 4.")
        expect(page.get_by_role("status")).to_contain_text("Removed: Reader 3")
        page.get_by_role("button", name="Undo").first.click()
        self.shows("Words 3.")
        self.assertEqual(self.statuses(), ["waiting", "visible", "waiting", "waiting"])

    def test_by_touch_on_a_phone(self):
        phone = self.new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        self.log_in(self.moderator, phone)
        self.open(page=phone)
        phone.get_by_role("button", name="Approve").tap()
        self.shows("Words 2.", phone)
        phone.get_by_text("Suspend…").tap()
        phone.get_by_label("Reason").last.fill("Insults")
        phone.get_by_role("button", name="Suspend the writer").tap()
        self.shows("Words 3.", phone)
        expect(phone.get_by_role("status")).to_contain_text("Suspended: Reader 2")
        phone.get_by_role("button", name="Undo").first.tap()
        self.shows("Words 2.", phone)
        self.assertLessEqual(phone.evaluate("document.documentElement.scrollWidth"), 390)
        self.assertEqual(self.statuses(), ["visible", "waiting", "waiting", "waiting"])


class WithoutScriptTests(QueueTestCase):
    script = False

    def test_decisions_and_undo_are_plain_forms(self):
        page = self.page
        page.get_by_role("button", name="Approve").click()
        self.shows("Words 2.")
        page.get_by_text("Ask to edit…").click()
        page.get_by_label("What should change?").fill("Leave out the address.")
        page.get_by_role("button", name="Ask to edit", exact=True).click()
        self.shows("Words 3.")
        page.get_by_role("button", name="Undo").first.click()
        self.shows("Words 2.")
        page.get_by_role("link", name="Next").click()
        self.shows("Words 3.")
        self.assertEqual(self.statuses(), ["visible", "waiting", "waiting", "waiting"])


class AccessibilityTests(QueueTestCase):
    def states(self):
        """Open the queue with a reported reply, a long text, a right-to-left name and after a decision, then empty."""
        parent = self.make("Said before.", status="visible")
        reported = self.make("Rude.", status="visible", parent=parent, quote="never dredged", edited_at=timezone.now())
        reported.revisions.create(text="Ruder.")
        Report.objects.create(comment=reported, reporter=make_user(), reason="insult", words="An insult.")
        self.make("x" * 5000, hold="word", author=make_user(display_name="ليلى الحداد"))
        decide(comment=self.comments[0], kind="remove", by=self.moderator, reason="Advertising")
        yield "reported", QUEUE
        yield "long", f"{QUEUE}?show=held"
        Comment.objects.update(status="visible", approved_at=timezone.now())
        yield "empty", QUEUE

    def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(self):
        for name, path in self.states():
            for width, theme in ((1440, "light"), (390, "dark"), (768, "light")):
                page = self.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
                self.log_in(self.moderator, page)
                self.open(path, page)
                self.screenshot(f"queue-{name}-{width}", page)
                with self.subTest(name, width=width):
                    self.assertEqual(self.axe(page), [])
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
                page.close()

    def test_axe_finds_nothing_in_forms_notices_and_keys(self):
        self.press("s")
        self.assertEqual(self.axe(), [])
        self.press("Escape", "a", "?")
        expect(self.page.locator("[data-undo]")).to_have_count(1)
        self.assertEqual(self.axe(), [])
        self.assertEqual(Decision.objects.count(), 1)
