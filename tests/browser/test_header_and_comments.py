"""The cart in the page header, the invitation to subscribe, and the script of the comments."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_commenter, make_price, make_user

INVITATION = "today to stay informed and dive deeper into the issues that matter."
LOGIN = "to join the conversation and share your thoughts in the comments below!"


class MiniCartTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        make_price()
        self.article = make_article()
        self.button, self.panel = self.page.locator(".mini-cart > button"), self.page.locator(".mini-cart__panel")

    def test_empty_cart_opens_by_keyboard_and_closes_with_escape(self):
        self.page.goto("/")
        self.button.focus()
        self.page.keyboard.press("Enter")
        expect(self.panel).to_contain_text("Your cart is currently empty!")
        self.page.keyboard.press("Tab")
        expect(self.panel.get_by_role("link", name="See plans")).to_be_focused()
        self.page.keyboard.press("Escape")
        expect(self.panel).to_be_hidden()
        expect(self.button).to_be_focused()

    def test_chosen_plan_is_shown_on_every_page(self):
        self.page.goto("/subscribe/")
        self.page.get_by_role("button", name=re.compile("^Choose")).first.click()
        self.page.goto(self.article.get_absolute_url())
        self.button.click()
        expect(self.panel).to_contain_text("Reader, monthly")
        expect(self.panel).to_contain_text("€9.00")
        self.panel.get_by_role("link", name="Go to checkout").click()
        self.page.wait_for_url("**/cart/")

    def test_panel_opens_below_its_button(self):
        self.page.goto("/")
        self.button.click()
        button, panel = self.button.bounding_box(), self.panel.bounding_box()
        self.assertAlmostEqual(panel["y"], button["y"] + button["height"], delta=1)
        self.assertAlmostEqual(panel["x"] + panel["width"], button["x"] + button["width"], delta=1)

    def test_panel_closes_when_the_focus_leaves_it(self):
        self.page.goto("/")
        self.button.click()
        self.panel.get_by_role("link", name="View cart").focus()
        self.page.keyboard.press("Tab")
        expect(self.panel).to_be_hidden()
        self.button.click()
        self.panel.get_by_role("link", name="View cart").focus()
        self.button.click()
        expect(self.panel).to_be_hidden()

    def test_panel_fits_on_a_phone_and_a_tap_elsewhere_closes_it(self):
        self.page.set_viewport_size({"width": 320, "height": 700})
        self.page.goto("/")
        self.page.get_by_role("button", name="Menu").click()
        self.button.click()
        box = self.panel.bounding_box()
        self.assertTrue(box["x"] >= 0 and box["x"] + box["width"] <= 320, box)
        self.page.locator("main").click(position={"x": 2, "y": 300})
        expect(self.panel).to_be_hidden()


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_cart_opens(self):
        self.page.goto("/")
        self.page.locator(".mini-cart > button").click()
        expect(self.page.locator(".mini-cart__panel")).to_contain_text("Your cart is currently empty!")

    def test_comments_show_the_date(self):
        comment = make_comment(article=make_article())
        self.page.goto(comment.article.get_absolute_url())
        written = timezone.localtime(comment.created_at)
        expect(self.page.locator(".comment__head time")).to_contain_text(f"{written:%H:%M %Z}")


class CommentsTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article()

    def test_invitation_depends_on_the_reader(self):
        for user, sentences in ((None, {INVITATION, LOGIN}), (make_user(), {INVITATION}), (make_commenter(), set())):
            page = self.new_page()
            if user:
                self.log_in(user, page)
            page.goto(self.article.get_absolute_url())
            text = page.locator("#comments").inner_text()
            self.assertEqual({sentence for sentence in (INVITATION, LOGIN) if sentence in text}, sentences)

    def test_recent_comments_say_how_long_ago_they_were_written(self):
        hours, days = (timezone.now() - timedelta(**ago) for ago in ({"hours": 3, "minutes": 5}, {"days": 9}))
        make_comment(article=self.article, created_at=hours)
        make_comment(article=self.article, created_at=days)
        self.page.goto(self.article.get_absolute_url())
        times = self.page.locator(".comment__head time")
        expect(times.first).to_have_text(re.compile(r"^3 hours ago, \d.*UTC$"))
        self.assertEqual(times.first.evaluate("(time) => time.firstChild.textContent"), "3 hours ago")
        expect(times.first).to_have_attribute("title", re.compile(r"\d{4}, \d\d:\d\d UTC$"))
        expect(times.last).to_have_text(re.compile(r"UTC$"))

    def test_comments_since_the_last_visit_are_counted_and_marked(self):
        make_comment(article=self.article, created_at=timezone.now() - timedelta(hours=1))
        self.page.goto(self.article.get_absolute_url())
        expect(self.page.locator(".thread__new")).to_have_count(0)
        for _ in range(2):
            make_comment(article=self.article, created_at=timezone.now() + timedelta(minutes=1))
        self.page.goto(self.article.get_absolute_url())
        expect(self.page.locator(".thread__new")).to_have_text("2 new since your last visit")
        expect(self.page.locator(".comment--new")).to_have_count(2)
        self.page.reload()
        expect(self.page.locator(".thread__new")).to_have_count(0)

    def test_message_about_a_comment_awaiting_review_covers_no_other(self):
        make_comment(article=self.article)
        self.log_in(make_commenter(trusted=False))
        self.page.goto(self.article.get_absolute_url())
        self.page.get_by_label("Your comment").fill("A thought.")
        self.page.get_by_role("button", name="Post").click()
        message = self.page.locator(".comment--waiting > .messages")
        expect(message).to_be_visible()
        self.assertNotEqual(message.evaluate("(element) => getComputedStyle(element).position"), "sticky")
