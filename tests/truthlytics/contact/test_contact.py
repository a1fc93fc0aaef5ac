"""The contact page, tips, and messages in the newsroom."""

from unittest import mock

from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from tests.factories import make_member
from truthlytics.audit.log import AuditEntry
from truthlytics.contact import services
from truthlytics.contact.models import Message
from truthlytics.publication.models import Publication

URL = "/contact/"
LIST = "/admin/truthlytics/message/"


class ContactTests(TestCase):
    def setUp(self):
        cache.clear()

    def send(self, subject="question", text="Where do the figures come from?", **fields):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(URL, {"subject": subject, "text": text, **fields})

    def test_a_message_is_kept_in_the_newsroom(self):
        self.assertRedirects(self.send(name="Ola", email="ola@example.org"), "/contact/sent/")
        message = Message.objects.get()
        self.assertEqual((message.name, message.email, message.handled_at), ("Ola", "ola@example.org", None))
        self.assertEqual(mail.outbox, [])

    def test_a_message_is_also_emailed_to_the_contact_address(self):
        Publication.objects.create(contact_email="desk@example.org")
        self.assertContains(self.client.get(URL), "mailto:desk@example.org")
        self.send()
        self.assertEqual(mail.outbox[0].to, ["desk@example.org"])
        self.assertIn("Where do the figures come from?", mail.outbox[0].body)
        self.assertEqual(Message.objects.count(), 1)

    def test_tips_go_to_their_address_and_are_not_stored(self):
        Publication.objects.create(contact_email="desk@example.org", tips_email="tips@example.org")
        self.send(subject="tip", text="Look at the harbour contract.")
        self.assertEqual([email.to for email in mail.outbox], [["tips@example.org"]])
        self.assertFalse(Message.objects.exists())

    def test_strangers_do_not_fill_the_mailbox_of_the_newsroom(self):
        Publication.objects.create(contact_email="desk@example.org", tips_email="tips@example.org")
        with mock.patch.object(services, "EMAILS_PER_HOUR", 3):
            for number in range(5):
                self.client.defaults["REMOTE_ADDR"] = f"203.0.113.{number}"
                self.send(text=f"Message {number}.")
            self.send(subject="tip", text="Look at the harbour contract.")
        self.assertEqual(Message.objects.count(), 5)
        self.assertEqual([email.to[0] for email in mail.outbox], ["desk@example.org"] * 3 + ["tips@example.org"])

    def test_tips_are_kept_in_the_newsroom_without_an_address(self):
        Publication.objects.create(contact_email="desk@example.org")
        self.send(subject="tip", text="Look at the harbour contract.")
        self.assertEqual(Message.objects.get().subject, "tip")
        self.assertEqual(mail.outbox, [])

    def test_errors_keep_the_text(self):
        for fields, error in [
            ({"subject": ""}, "Choose what it is about."),
            ({"text": ""}, "Write your message."),
            ({"email": "no address"}, "Enter a valid email address, such as name@example.org."),
            ({"text": "x" * 20_001}, "Use at most 20000 characters."),
        ]:
            page = self.send(**({"name": "Kept name"} | fields))
            self.assertContains(page, error, status_code=422)
            self.assertContains(page, "Kept name", status_code=422)
        self.assertFalse(Message.objects.exists())

    def test_programs_that_fill_in_every_field_are_ignored(self):
        self.assertRedirects(self.send(website="https://spam.example"), "/contact/sent/")
        self.assertFalse(Message.objects.exists())

    def test_messages_are_limited_per_address(self):
        for _ in range(20):
            self.send()
        self.assertContains(self.send(text="One more."), "One more.", status_code=429)
        self.assertEqual(Message.objects.count(), 20)

    def test_the_subject_can_be_chosen_by_a_link(self):
        self.assertContains(self.client.get(f"{URL}?about=tip"), 'value="tip" id="id_subject_2" required checked')
        self.assertNotContains(self.client.get(f"{URL}?about=%00"), "required checked")

    def test_the_footer_links_to_it(self):
        self.assertContains(self.client.get("/"), '<a href="/contact/">Contact</a>')


class MessageAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.message = Message.objects.create(subject="tip", text="Look at the harbour contract.", name="Ola")
        cls.editor = make_member("Editor")

    def test_editors_mark_messages_as_handled(self):
        self.client.force_login(self.editor)
        self.assertContains(self.client.get(reverse("admin:index")), "1 message from a reader")
        self.assertContains(self.client.get(LIST), "Look at the harbour contract.")
        for _ in range(2):
            self.client.post(LIST, {"action": "mark_as_handled", "_selected_action": self.message.pk})
        self.message.refresh_from_db()
        self.assertEqual(self.message.handled_by, self.editor)
        self.assertEqual(AuditEntry.objects.filter(model="truthlytics.message").count(), 1)
        self.assertNotContains(self.client.get(f"{LIST}?state=waiting"), "Look at the harbour contract.")

    def test_page_of_a_message_offers_a_reply_and_handled(self):
        self.client.force_login(self.editor)
        message = Message.objects.create(subject="question", text="When?", email="ola+x@example.org")
        url = f"{LIST}{message.pk}/change/"
        page = self.client.get(url)
        self.assertContains(page, 'href="mailto:ola%2Bx@example.org?subject=Your%20message%20to%20')
        self.assertContains(page, "not yet")
        self.assertNotContains(page, 'name="_save"')
        data = {"CHANGE_FORM-action": "mark_as_handled", "_selected_action": message.pk}
        self.assertContains(self.client.post(url, data, follow=True), f" by {self.editor}")
        self.assertContains(self.client.get(f"{LIST}{self.message.pk}/change/"), "None, so you can’t reply.")

    def test_empty_list_says_what_it_is_for(self):
        self.client.force_login(self.editor)
        self.assertContains(self.client.get(f"{LIST}?q=nothing"), "Nothing matches the search and the filters.")
        Message.objects.all().delete()
        self.assertContains(self.client.get(LIST), "What readers write on the contact page arrives here.")

    def test_the_audit_log_does_not_keep_the_text_of_a_deleted_message(self):
        self.client.force_login(self.editor)
        self.client.post(f"{LIST}{self.message.pk}/delete/", {"post": "yes"})
        self.assertFalse(Message.objects.exists())
        entry = AuditEntry.objects.get(model="truthlytics.message")
        self.assertNotIn("harbour", f"{entry.row_name}{entry.before}{entry.after}")

    def test_authors_and_moderators_do_not_see_messages(self):
        for role in ("Author", "Moderator"):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(LIST).status_code, 403)
