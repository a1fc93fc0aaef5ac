"""The email with personal links: who gets it, once, and what an editor can write."""

from unittest import mock

from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from subscriptions.models import Coupon, Grant, SentEmail, User
from subscriptions.services.old_prices import offer_for
from tests.contrib.importers.newsroom.test_contracts import ContractPageCase
from tests.factories import make_member
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.contrib.importers.contracts import link_email
from truthlytics.contrib.importers.contracts.inviting import recipients
from truthlytics.contrib.importers.contracts.models import LinkEmail
from truthlytics.newsletters.models import Address, DeletedAddress, SignUp
from truthlytics.newsletters.models.addresses import digests_of

TEXT = "Dear [name],\n\n[link]\n\nYou pay [price], until [date]."


class LinkPageCase(ContractPageCase):
    """Three readers pay €5.00 a month in another account; a month costs €9.00 here."""

    def setUp(self):
        super().setUp()
        self.fake.cancel_in_dashboard(self.contract["id"], at_period_end=False)
        self.fake.lose()
        until = f"{self.due:%Y-%m-%d}"
        elsewhere = [("dot@example.org", "cus_other1"), ("eve@example.org", "cus_other2"), ("fay@example.org", "cus_3")]
        self.rows = [self.row_of(email, customer=customer, until=until) for email, customer in elsewhere]
        self.applied()
        mail.outbox.clear()

    def write(self, subject="Continue, [name]", text=TEXT):
        return self.post("import_links", subject=subject, text=text)

    def send(self, number=3):
        return self.post("import_links_send", number=number)

    def reader_named(self, name):
        return User.objects.get(email=f"{name}@example.org")

    def sent_to(self):
        return sorted(email.to[0].partition("@")[0] for email in mail.outbox)


class WritingTests(LinkPageCase):
    def test_a_draft_is_offered_but_not_sent(self):
        self.assertContains(self.get("import_links"), "3 readers have not got it yet.")
        self.assertContains(self.get("import_links"), "[link]")
        self.send()
        self.assertEqual((self.sent_to(), LinkEmail.objects.count()), ([], 0))

    def test_what_cannot_be_filled_in_is_refused(self):
        for fields, text in [
            ({"text": "Dear [name]"}, "Write [link] where"),
            ({"text": f"{TEXT} [nmae]"}, "There is no value for [nmae]."),
            ({"subject": "[link]"}, "The link belongs into the text."),
            ({"subject": ""}, "This field is required."),
        ]:
            with self.subTest(fields):
                self.assertContains(self.write(**fields), text, status_code=422)

    def test_the_preview_has_the_text_with_values(self):
        self.write(text=f"{TEXT}\n\n<script>alert(1)</script>")
        page = self.get("import_links_preview")
        self.assertContains(page, f"Dear {self.editor.display_name},")
        self.assertContains(page, "&lt;script&gt;")
        self.assertEqual(page["X-Frame-Options"], "SAMEORIGIN")
        self.assertIn("frame-ancestors 'self'", page["Content-Security-Policy"])

    def test_a_test_goes_to_oneself_only(self):
        self.write()
        self.post("import_links_test")
        self.assertEqual([email.to for email in mail.outbox], [[self.editor.email]])
        self.assertTrue(mail.outbox[0].subject.startswith("[Test] Continue, "))
        self.assertEqual(SentEmail.objects.count(), 0)

    def test_only_one_draft_can_be_stored(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            LinkEmail.objects.create(pk=2, subject="x", text="y")

    def test_only_those_who_import_contracts(self):
        self.client.force_login(make_member("Support"))
        for page in (self.get("import_links"), self.get("import_links_csv"), self.write(), self.send()):
            self.assertEqual(page.status_code, 403)


class SendingTests(LinkPageCase):
    def setUp(self):
        super().setUp()
        self.write()

    def assert_left_out(self, name="dot"):
        self.send(2)
        self.assertEqual(self.sent_to(), [who for who in ("dot", "eve", "fay") if who != name])

    def test_each_reader_gets_their_own_link_once(self):
        self.send()
        self.assertEqual(self.sent_to(), ["dot", "eve", "fay"])
        email = next(email for email in mail.outbox if email.to == ["eve@example.org"])
        token = email.body.partition("/continue/")[2].partition("/")[0]
        self.assertEqual(offer_for(token).coupon.reader, self.reader_named("eve"))
        self.assertIn("You pay €5.00 a month, until", email.body)
        self.send(0)
        self.send()
        self.assertEqual(len(mail.outbox), 3)
        self.assertContains(self.get("import_links"), "It was sent to 3 readers.")

    def test_another_process_sends_nothing_twice(self):
        invited = recipients()
        self.send()
        with self.committing():
            link_email._send(LinkEmail.objects.get(), invited[0].user)
        values = {"user": invited[0].user, "sent_at": timezone.now()}
        with self.assertRaises(IntegrityError), transaction.atomic():
            SentEmail.objects.create(kind="old_price", key=str(invited[0].user.pk), **values)
        self.assertEqual(len(mail.outbox), 3)

    def test_a_long_sending_takes_turns(self):
        with mock.patch.object(link_email, "TURN", -1.0), mock.patch("django.tasks.base.Task.enqueue") as enqueue:
            link_email.send_all.call()
            self.assertFalse(enqueue.called)
            LinkEmail.objects.update(sending_since=timezone.now())
            link_email.send_all.call()
        self.assertTrue(enqueue.called)

    def test_another_number_than_shown_sends_nothing(self):
        self.send(2)
        self.assertEqual(self.sent_to(), [])

    def test_closed_accounts(self):
        User.objects.filter(email="dot@example.org").update(is_active=False)
        self.assert_left_out()

    def test_those_who_cancelled(self):
        subscription = self.reader_named("dot").subscriptions.get()
        subscription.changes.create(
            at=timezone.now(), event="cancelled", was="active", became="active", mrr_minor=0, currency="EUR",
            actor="reader",
        )  # fmt: skip
        self.assert_left_out()

    def test_those_who_have_bought_something_here(self):
        subscription = self.reader_named("dot").subscriptions.get()
        Grant.objects.create(
            user=subscription.user, level=10, starts_at=timezone.now(), ends_at=self.due, source="invoice",
            subscription=subscription,
        )  # fmt: skip
        self.assert_left_out()

    def test_those_who_have_used_their_coupon(self):
        Coupon.objects.filter(reader__email="dot@example.org").update(uses=1)
        self.assert_left_out()

    def test_those_who_left_all_newsletters(self):
        address = Address.objects.create(email="dot@example.org")
        sign_up = SignUp.objects.create(
            address=address, newsletter=make_newsletter(), source="page", ended_at=timezone.now()
        )
        self.assertEqual(len(recipients()), 2)
        SignUp.objects.filter(pk=sign_up.pk).update(ended_at=None)
        self.assertEqual(len(recipients()), 3)

    def test_those_whose_emails_are_turned_off(self):
        Address.objects.create(email="other@example.org", user=self.reader_named("dot"), suppression="complaint",
                               suppressed_at=timezone.now())  # fmt: skip
        self.assert_left_out()

    def test_those_who_had_their_address_deleted(self):
        DeletedAddress.objects.create(digest=digests_of("dot@example.org")[0])
        self.assert_left_out()

    def test_those_who_leave_while_it_is_sent(self):
        invited = recipients()
        User.objects.filter(pk=invited[0].user.pk).update(is_active=False)
        for invitation in invited:
            with self.committing():
                link_email._send(LinkEmail.objects.get(), invitation.user)
        self.assertEqual(len(mail.outbox), 2)

    def test_the_number_of_queries_does_not_grow(self):
        with self.assertNumQueries(10):
            self.assertEqual(len(recipients()), 3)

    def test_undoing_leaves_those_who_got_their_link(self):
        Address.objects.create(email="dot@example.org", suppression="complaint", suppressed_at=timezone.now())
        self.send(2)
        self.undo()
        kept = set(Coupon.objects.exclude(reader=None).values_list("reader__email", flat=True))
        self.assertEqual(kept, {"eve@example.org", "fay@example.org"})

    def test_it_is_no_difference_when_moved_contracts_are_compared(self):
        self.send()
        self.verify()

    def test_the_links_can_be_downloaded(self):
        text = b"".join(self.get("import_links_csv").streaming_content).decode()
        self.assertEqual(text.count("/continue/"), 3)
