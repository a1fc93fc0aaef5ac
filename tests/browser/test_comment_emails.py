"""A reader follows an article, and turns its emails off with the link in one, with and without script."""

import re
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from comments.services.notification_emails import send_due
from comments.services.notifications import create_notifications
from subscriptions.services.access import access_for
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_user


class CommentEmailTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(headline="The harbour")
        make_comment(article=self.article, text="The first comment.")
        self.log_in(make_user(display_name="Nadia Lund"))

    def follow(self, page):
        page.goto(self.article.get_absolute_url())
        page.get_by_role("link", name="Follow the comments by email").click()
        page.get_by_role("button", name="Follow").click()
        page.get_by_role("heading", name="You follow the comments on this article").wait_for()

    def link_in_email(self, name):
        """The path of a link in the text of the email about a new comment."""
        create_notifications(make_comment(article=self.article, author=make_user(display_name="Per Holm")))
        self.assertEqual(send_due(timezone.now() + timedelta(minutes=1), access_for=access_for), 1)
        return re.search(rf"{name}: https?://[^/]+(\S+)", mail.outbox[-1].body)[1]

    def test_a_reader_follows_and_mutes_from_the_email(self):
        self.follow(self.page)
        self.assertEqual(self.axe(), [])
        link = self.link_in_email("Mute followed articles")
        visitor = self.new_page()
        visitor.goto(link)
        self.assertEqual(self.axe(visitor), [])
        visitor.get_by_role("button", name="Turn off").click()
        visitor.get_by_role("heading", name="You no longer get these emails").wait_for()
        visitor.get_by_role("button", name="Undo").click()
        visitor.get_by_text("You get these emails again.").wait_for()
        visitor.get_by_role("button", name="Turn off").click()
        self.page.goto("/account/emails/")
        self.assertFalse(self.page.get_by_label("New comments on articles that you follow").is_checked())
        self.assertTrue(self.page.get_by_label("Replies to your comments").is_checked())

    def test_without_script_on_a_phone(self):
        page = self.new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
        page.context.add_cookies(self.page.context.cookies())
        self.follow(page)
        page.goto(self.link_in_email("Mute this article"))
        page.get_by_role("button", name="Turn off").click()
        page.get_by_role("heading", name="You no longer get these emails").wait_for()
        page.goto("/account/followed/")
        page.get_by_role("button", name="Unmute The harbour").click()
        page.get_by_text("You get emails about comments on this article again.").wait_for()
        page.get_by_role("button", name="Unfollow The harbour").click()
        page.get_by_text("You don’t follow the comments on any article yet.").wait_for()

    def test_account_pages_are_accessible(self):
        self.follow(self.page)
        for path in ("/account/followed/", "/account/emails/"):
            self.page.goto(path)
            self.assertEqual(self.axe(), [])
