"""Newsletters as readers and editors use them: from the sign-up to leaving, from the first word to the report."""

import re
from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Correction
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_author, make_draft, make_member
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Address, Delivery, Follow, Issue, SignUp
from truthlytics.newsletters.services import sending
from truthlytics.newsletters.services.followed_emails import send_due
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.roles import grant_roles

# Tasks wait until the test runs them.
QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


class ReaderTests(BrowserTestCase):
    def open_email(self, message):
        """Show the HTML of an email in a page of its own, with links to the server of this test."""
        html = message.alternatives[0].content.replace(settings.SITE_URL, self.live_server_url)
        page = self.new_page()
        page.set_content(html)
        return page

    def test_a_stranger_signs_up_follows_gets_the_article_leaves_and_comes_back(self):
        newsletter = make_newsletter(name="Weekly")
        author = make_author(name="Ines Vidal")
        page = self.page
        page.goto("/newsletters/")
        page.get_by_role("checkbox", name="Weekly").check()
        page.get_by_label("Your email address").fill("stranger@example.org")
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
        self.assertFalse(Address.objects.exists())
        email = self.open_email(mail.outbox[-1])
        email.get_by_role("link", name="Confirm").click()
        expect(email.get_by_role("heading", name="Confirm your newsletter sign-up")).to_be_visible()
        self.assertFalse(Address.objects.exists())
        email.get_by_role("button", name="Confirm").click()
        expect(email.get_by_role("heading", name="Your emails")).to_be_visible()
        address = Address.objects.get()
        self.assertEqual((address.email, address.user), ("stranger@example.org", None))
        self.assertEqual(SignUp.objects.active().get().newsletter, newsletter)

        page.goto(author.get_absolute_url())
        page.get_by_role("link", name="Follow by email").click()
        page.get_by_label("Your email address").fill("stranger@example.org")
        page.get_by_label("At once, an email for each article").check()
        page.get_by_role("button", name="Follow").click()
        page.get_by_label("Code").fill(re.search(r"(?m)^\d{6}$", mail.outbox[-1].body)[0])
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_label("New articles by Ines Vidal")).to_be_checked()
        self.assertEqual(Follow.objects.get().author, author)

        # Publication times are whole seconds: an article of the second in which it was followed is not sent.
        an_hour_ago = timezone.now() - timedelta(hours=1)
        Follow.objects.update(since=an_hour_ago)
        Address.objects.update(followed_until=an_hour_ago)
        mail.outbox.clear()
        article = make_article(headline="The harbour", body="<p>Nobody owns it.</p>", authors=[author])
        issue = make_issue(newsletter, article, subject="Read this")
        for _ in range(2):
            work_on.call(issue_id=issue.pk)
            send_due(timezone.now() + timedelta(minutes=5))
        self.assertEqual(
            [(message.subject, message.to) for message in mail.outbox],
            [("Read this", ["stranger@example.org"]), ("The harbour", ["stranger@example.org"])],
        )
        email = self.open_email(mail.outbox[0])
        expect(email.get_by_text("Nobody owns it.")).to_be_visible()
        email.get_by_role("link", name="Unsubscribe").click()
        expect(email.get_by_text("Do you want to leave this newsletter?")).to_be_visible()
        self.assertTrue(SignUp.objects.active().exists())
        email.get_by_role("button", name="Unsubscribe").click()
        expect(email.get_by_text("You’ve unsubscribed from this newsletter.")).to_be_visible()
        sign_up = SignUp.objects.get()
        self.assertEqual((sign_up.ended_at is None, sign_up.ended_by), (False, issue))
        self.assertTrue(Follow.objects.exists())
        email.get_by_role("button", name="Undo").click()
        expect(email.get_by_role("button", name="Unsubscribe")).to_be_visible()
        sign_up.refresh_from_db()
        self.assertEqual((sign_up.ended_at, sign_up.ended_by), (None, None))


class ArticleTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        grant_roles()
        self.newsletter = make_newsletter(name="Weekly")
        self.readers = [make_address(self.newsletter) for _ in range(3)]
        self.log_in(make_member("Editor"))
        self.enterContext(self.settings(TASKS=QUEUE))

    def test_an_article_is_sent_and_its_correction_goes_to_those_who_got_the_mistake(self):
        article = make_draft(headline="The harbour", body="<p>It cost 25 crowns, and nobody said so.</p>")
        page = self.page
        page.goto(f"/admin/articles/article/{article.pk}/publish/")
        page.locator("[name=email-newsletter]").select_option(label="Weekly (3 readers)")
        page.get_by_label("Subject").fill("What the harbour cost")
        page.get_by_role("button", name="Publish now").click()
        expect(page.get_by_text("Version 1 is published.")).to_be_visible()
        issue = Issue.objects.get()
        page.get_by_role("link", name="View the email").click()
        state, numbers = (
            page.get_by_role("status"),
            page.get_by_role("row").filter(has_text="All readers").get_by_role("cell"),
        )
        expect(state.filter(has_text="It begins in a moment.")).to_be_visible()
        # The page shows by itself what happens meanwhile.
        with self.settings(NEWSLETTER_PER_DAY=1), mock.patch.object(sending, "CLAIM_SIZE", 1):
            work_on.call(issue_id=issue.pk)
        expect(state.filter(has_text="33% done")).to_be_visible()
        expect(numbers).to_have_text(["3", "1", "2", "0", "0", "0"])
        self.assertEqual(len(mail.outbox), 1)
        refused = self.readers[2]
        Delivery.objects.filter(address=refused).update(state="rejected")
        work_on.call(issue_id=issue.pk)
        expect(state.filter(has_text="Sent")).to_be_visible()
        expect(numbers).to_have_text(["3", "2", "0", "1", "0", "0"])
        got = [reader.email for reader in self.readers[:2]]
        self.assertEqual([message.to[0] for message in mail.outbox], got)
        self.assertIn("It cost 25 crowns", mail.outbox[0].body)

        self.readers[0].sign_ups.update(ended_at=timezone.now())
        make_address(self.newsletter)
        page.goto(f"/admin/articles/article/{article.pk}/change/")
        expect(page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        self.select("25")
        page.keyboard.type("50")
        page.keyboard.press("Control+Enter")
        page.get_by_role("radio", name="Correction").check()
        page.get_by_label("Change note").fill("It cost 50 crowns, not 25.")
        page.get_by_role("button", name="Publish now").click()
        expect(page.get_by_text("Version 2 is published.")).to_be_visible()
        correction = Correction.objects.get()
        mail.outbox.clear()
        page.get_by_role("link", name="Tell those who got it").click()
        page.get_by_role("button", name="Send this correction to those who got it").click()
        page.get_by_label("No AI", exact=True).check()
        page.get_by_role("button", name="Send now to 2 readers").click()
        expect(state.filter(has_text="It begins in a moment.")).to_be_visible()
        letter = Issue.objects.get(corrects=issue, correction=correction)
        work_on.call(issue_id=letter.pk)
        expect(state.filter(has_text="Sent")).to_be_visible()
        self.assertEqual([message.to[0] for message in mail.outbox], got)
        self.assertIn("It cost 50 crowns, not 25.", mail.outbox[0].body)
        page.goto(f"/admin/newsletters/issue/{issue.pk}/sending/")
        expect(page.get_by_text("The harbour, version 1: All readers: 2 readers")).to_be_visible()
        expect(page.get_by_role("button", name="Send this correction")).to_be_hidden()


class LetterTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        grant_roles()
        self.log_in(make_member("Editor"))
        newsletter = make_newsletter(name="Weekly")
        self.readers = [make_address(newsletter).email for _ in range(2)]

    def test_a_letter_is_written_previewed_and_sent(self):
        # The checker looks into the frame of the preview, which is sandboxed.
        self.expected = ["postMessage"]
        self.page.goto("/admin/newsletters/issue/")
        self.page.get_by_role("link", name="New issue").first.click()
        expect(self.page.get_by_label("Article", exact=True)).to_be_hidden()
        self.page.get_by_role("button", name="Write the issue").click()
        self.wait_for_editors(self.page)
        self.page.get_by_label("Subject", exact=True).fill("What we learned")
        self.page.get_by_label("Preview text", exact=True).fill("A letter from the editor.")
        self.page.locator(".tiptap").click()
        self.pause()
        self.page.keyboard.type("Dear readers, thank you.")
        self.page.get_by_role("button", name="Heading").click()
        expect(self.page.locator(".tiptap h2")).to_have_text("Dear readers, thank you.")
        self.page.get_by_role("button", name="Save and preview").click()
        expect(self.page.frame_locator("iframe").get_by_text("Dear readers, thank you.")).to_be_visible()
        self.assertEqual(self.axe(), [])
        self.page.get_by_role("link", name="Plain text").click()
        expect(self.page.locator("pre")).to_contain_text("DEAR READERS, THANK YOU.")
        self.page.get_by_role("link", name="Send…").click()
        expect(self.page.get_by_role("button", name="Send on")).to_be_hidden()
        self.page.get_by_text("Only some of its readers").click()
        self.page.get_by_label("Not logged in since").fill("2026-01-01")
        expect(self.page.get_by_text("Recipients: 0 readers")).to_be_visible()
        expect(self.page.get_by_role("button", name="Send now")).to_be_hidden()
        self.assertEqual(self.axe(), [])
        self.page.get_by_label("Not logged in since").fill("")
        self.page.get_by_label("No AI", exact=True).check()
        self.page.get_by_role("button", name="Send now to 2 readers").click()
        expect(self.page.get_by_role("heading", name="What we learned")).to_be_visible()
        expect(self.page.get_by_role("status").filter(has_text="Sent")).to_be_visible()
        self.assertEqual(sorted(message.to[0] for message in mail.outbox), sorted(self.readers))
        self.assertEqual(self.axe(), [])

    def test_the_page_follows_what_is_sent(self):
        newsletter = make_newsletter()
        issue = Issue.objects.create(
            newsletter=newsletter, kind="letter", subject="Hello", state="preparing", created_at="2026-11-29T12:00Z"
        )
        self.page.goto(f"/admin/newsletters/issue/{issue.pk}/sending/")
        expect(self.page.get_by_text("The recipients are being fixed.")).to_be_visible()
        Issue.objects.update(state="stopped")
        expect(self.page.get_by_role("status").filter(has_text="Stopped")).to_be_visible()
