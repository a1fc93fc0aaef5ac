"""A letter to readers, from the first word to the report."""

from django.core import mail
from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_member
from tests.truthlytics.newsletters.factories import make_address, make_newsletter
from truthlytics.newsletters.models import Issue
from truthlytics.roles import grant_roles


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
