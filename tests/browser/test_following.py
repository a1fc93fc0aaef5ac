"""A stranger signs up by email, follows an author, gets an article, turns the emails off, and changes their mind."""

import re
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_author, make_user
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.newsletters.models import Address
from truthlytics.newsletters.services.followed_emails import send_due
from truthlytics.publication.models import Publication


class NewsletterTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        Publication.objects.create(name="The Paper")
        self.newsletter = make_newsletter(name="Dispatch", description="What we published, every Friday.")
        self.author = make_author(name="Ines Vidal")
        self.article = make_article(headline="The harbour", authors=[self.author])

    def path_in_email(self, pattern):
        return re.search(pattern, mail.outbox[-1].body)[0]

    def no_violations(self, page=None):
        page = page or self.page
        for scheme, width in (("light", 1440), ("dark", 360)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            self.assertEqual(self.axe(page), [])
            self.assertEqual(page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)"), 0)

    def test_a_stranger_signs_up_follows_gets_an_article_and_leaves(self):
        page = self.page
        page.goto(self.article.get_absolute_url())
        self.no_violations()
        page.get_by_label("Your email address").fill("stranger@example.org")
        page.get_by_role("button", name="Sign up").click()
        page.get_by_role("heading", name="Check your email").wait_for()
        self.no_violations()
        page.goto(self.path_in_email(r"/newsletters/confirm/\S+"))
        self.no_violations()
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("heading", name="Your emails").wait_for()
        self.assertTrue(page.get_by_role("checkbox", name="Dispatch").is_checked())

        page.goto(self.author.get_absolute_url())
        page.get_by_role("link", name="Follow by email").click()
        self.no_violations()
        page.get_by_label("Your email address").fill("stranger@example.org")
        page.get_by_label("At once, an email for each article").check()
        page.get_by_role("button", name="Follow").click()
        page.get_by_role("heading", name="Check your email").wait_for()
        page.get_by_label("Code").fill(self.path_in_email(r"(?m)^\d{6}$"))
        page.get_by_role("button", name="Confirm").click()
        page.get_by_label("New articles by Ines Vidal").wait_for()
        self.no_violations()

        make_article(headline="The second harbour", authors=[self.author])
        self.assertEqual(send_due(timezone.now() + timedelta(minutes=5)), 1)
        self.assertEqual(
            (mail.outbox[-1].subject, mail.outbox[-1].to), ("The second harbour", ["stranger@example.org"])
        )
        page.goto(self.path_in_email(r"/newsletters/stop/\S+"))
        self.no_violations()
        page.get_by_role("button", name="Turn these emails off").click()
        page.get_by_text("You no longer get these emails.").wait_for()
        self.assertIsNotNone(Address.objects.get().follows_stopped_at)
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("button", name="Turn these emails off").wait_for()
        self.assertIsNone(Address.objects.get().follows_stopped_at)

    def test_a_reader_without_script_chooses_all_emails_on_one_page(self):
        page = self.new_page(java_script_enabled=False, viewport={"width": 360, "height": 800})
        self.log_in(make_user(), page)
        page.goto(self.author.get_absolute_url())
        page.get_by_role("link", name="Follow by email").click()
        page.get_by_role("button", name="Follow").click()
        page.get_by_text("You follow Ines Vidal.").wait_for()
        page.goto("/account/emails/")
        page.get_by_role("checkbox", name="Dispatch").check()
        page.get_by_label("One email a week").check()
        page.get_by_role("button", name="Save").first.click()
        page.get_by_text("Saved.").wait_for()
        self.assertTrue(page.get_by_role("checkbox", name="Dispatch").is_checked())
        self.assertEqual(Address.objects.get().frequency, "weekly")
        page.get_by_label("New articles by Ines Vidal").uncheck()
        page.get_by_role("button", name="Save").first.click()
        page.get_by_text("You’re not following anything yet.").wait_for()

    def test_the_pages_of_a_reader_are_accessible(self):
        self.log_in(make_user())
        for path in ("/account/emails/", "/newsletters/", self.newsletter.get_absolute_url(), "/accounts/signup/"):
            self.page.goto(path)
            self.no_violations()
