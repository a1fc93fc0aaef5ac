"""The page of a reader's account in the newsroom, and what support does there."""

from datetime import timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from subscriptions import emails
from subscriptions.models import AccountNote, Gift, Grant, Payment, Refund, SentEmail
from subscriptions.money import Money
from subscriptions.services import receipts, refunds
from subscriptions.services.access import access_for
from subscriptions.services.lifecycle import end_by_editor
from subscriptions.services.sentences import payment_state, state_sentence, unconfirmed_sentence
from tests.budget import takes_longer
from tests.factories import (
    make_comment,
    make_editor,
    make_grant,
    make_member,
    make_order,
    make_paid,
    make_payment,
    make_price,
    make_staff,
    make_subscription,
    make_user,
)
from tests.subscriptions.journeys import emails_to, on_demo
from truthlytics.audit.log import AuditEntry

READER = "subscriptions.view_user"


def url(name, *arguments):
    return reverse(f"admin:subscriptions_{name}", args=arguments)


class Newsroom(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.reader = make_user(display_name="Nadia Lund")

    def setUp(self):
        self.client.force_login(self.editor)

    def page(self):
        return self.client.get(url("user_change", self.reader.pk))

    def messages_about(self, row):
        return [entry.message for entry in AuditEntry.objects.about(row)]


class AccountPageTests(Newsroom):
    def fill(self, number):
        for index in range(number):
            ended = {"status": "ended", "ended_at": timezone.now(), "end_reason": "cancelled"}
            subscription = make_subscription(self.reader, **ended)
            make_payment(subscription, description="Reader, monthly", dispute="lost" if index == 0 else "")
            make_order_of_a_gift(self.reader)
            AccountNote.objects.create(user=self.reader, text=f"Phoned {index}.", by="Edith Orr")
            SentEmail.objects.create(
                user=self.reader,
                kind="ended",
                key=str(subscription.uuid),
                subject=f"Goodbye {index}",
                sent_at=timezone.now(),
            )
            make_comment(author=self.reader)

    @takes_longer("Long lists are made and read.")
    def test_account_shows_everything_that_support_needs(self):
        self.fill(1)
        live = make_subscription(self.reader, provider_ref="sub_1", card="Visa ending 4242")
        payment = make_payment(live)
        page = self.page()
        for text in (
            "Ended on",
            "charged to Visa ending 4242",
            "Succeeded, Chargeback lost",
            "Phoned 0.",
            "Goodbye 0",
            "Gifts given",
            "1 visible",
            url("subscription_end", live.pk),
            url("user_extend", self.reader.pk),
            url("user_access", self.reader.pk),
            url("payment_refund", payment.pk),
        ):
            with self.subTest(text):
                self.assertContains(page, text)
        charged_back = Payment.objects.get(dispute="lost")
        self.assertNotContains(page, url("payment_refund", charged_back.pk))

    def test_queries_do_not_grow_with_rows(self):
        self.fill(1)
        with CaptureQueriesContext(connection) as few:
            self.page()
        self.fill(6)
        with CaptureQueriesContext(connection) as many:
            self.page()
        self.assertEqual(len(many), len(few))

    def test_each_part_needs_its_permission(self):
        self.fill(1)
        self.client.force_login(make_staff(READER))
        page = self.page()
        for text in ("Subscriptions", "Payments", "Notes", "Goodbye", "Extend access", "Refund", "Gifts given"):
            with self.subTest(text):
                self.assertNotContains(page, text)


def make_order_of_a_gift(user):
    price = make_price()
    order = user.orders.create(
        kind="gift",
        status="paid",
        placed_at=timezone.now(),
        total_minor=price.minor,
        currency=price.currency,
        consented_at=timezone.now(),
        provider="demo",
    )
    dates = {"deliver_at": timezone.now(), "redeem_by": timezone.now()}
    return Gift.objects.create(order=order, price=price, recipient_name="Tom", **dates)


class ExtensionTests(Newsroom):
    def extend(self, days, **data):
        until = timezone.localdate() + timedelta(days=days)
        return self.client.post(url("user_extend", self.reader.pk), {"until": until, "level": 10, **data}, follow=True)

    def test_access_is_extended_until_the_end_of_a_day(self):
        page = self.extend(30, reason="Lost issues")
        grant = Grant.objects.get()
        self.assertEqual(
            (grant.source, grant.note, access_for(self.reader, timezone.now()).level), ("comp", "Lost issues", 10)
        )
        self.assertEqual(timezone.localdate(grant.ends_at), timezone.localdate() + timedelta(days=31))
        self.assertContains(page, "Nadia Lund has access until the end of")
        self.assertIn("Access extended until", self.messages_about(self.reader)[0])

    def test_day_in_the_past_is_refused(self):
        self.assertContains(self.extend(-1), "Choose today or a later date", status_code=422)
        self.assertFalse(Grant.objects.exists())

    def test_long_access_and_that_of_colleagues_needs_a_publisher(self):
        support, colleague = make_member("Support"), make_member("Author")
        for user, reader, days, status in (
            (support, self.reader, 300, 200),
            (support, self.reader, 400, 422),
            (support, colleague, 30, 422),
            (make_member("Publisher"), self.reader, 400, 200),
            (make_member("Publisher"), colleague, 400, 200),
        ):
            self.client.force_login(user)
            with self.subTest(user=str(user), days=days):
                data = {"until": timezone.localdate() + timedelta(days=days), "level": 20, "reason": "x"}
                page = self.client.post(url("user_extend", reader.pk), data, follow=True)
                self.assertEqual(page.status_code, status)

    def test_permission_to_give_access_is_needed(self):
        self.client.force_login(make_staff(READER))
        self.assertEqual(self.extend(30).status_code, 403)

    def test_form_proposes_a_month_after_the_present_access(self):
        grant = make_grant(self.reader, 20)
        page = self.client.get(url("user_extend", self.reader.pk))
        self.assertContains(page, f'value="{timezone.localdate(grant.ends_at) + timedelta(days=30)}"')
        self.assertContains(page, '<option value="20" selected>', html=False)


@on_demo
class OwnAccountTests(Newsroom):
    """Support gives nothing of worth to itself."""

    def setUp(self):
        self.reader = make_member("Support")
        self.client.force_login(self.reader)

    def assert_refused(self, response, row=None, status=403):
        self.assertContains(response, "This is your own account", status_code=status)
        self.assertIn("Refused for their own account", self.messages_about(self.reader)[0])

    def test_no_access(self):
        data = {"until": timezone.localdate() + timedelta(days=9), "level": 20}
        self.assert_refused(self.client.post(url("user_extend", self.reader.pk), data))
        start, end = timezone.now(), timezone.now() + timedelta(days=9)
        dates = {"starts_at_0": start.date(), "starts_at_1": "09:00", "ends_at_0": end.date(), "ends_at_1": "09:00"}
        add = url("grant_add")
        self.assert_refused(self.client.post(add, {"user": self.reader.pk, "level": 20, **dates}), status=200)
        self.assertFalse(Grant.objects.exists())
        other = make_user()
        self.assertRedirects(self.client.post(add, {"user": other.pk, "level": 20, **dates}), url("grant_changelist"))
        self.assertEqual(Grant.objects.get().user, other)

    def test_no_refund(self):
        make_paid(self.reader)
        payment = Payment.objects.get()
        self.assert_refused(self.client.post(url("payment_refund", payment.pk), {"amount": "9.00"}))
        self.assertFalse(Refund.objects.exists())
        refund = refunds.refund(payment=payment, amount=Money(100, "EUR"), by="Edith Orr", reason="")
        self.assert_refused(self.client.post(url("payment_transferred", payment.pk, refund.pk)))
        refund.refresh_from_db()
        self.assertNotEqual(refund.status, Refund.Status.DONE)

    def test_no_order_marked_as_paid(self):
        own, other = make_order(self.reader, provider="manual"), make_order(provider="manual")
        data = {"action": "mark_as_paid", "_selected_action": [own.pk, other.pk], "confirmed": "1"}
        self.assert_refused(self.client.post(url("order_changelist"), data, follow=True), status=200)
        self.assertEqual(list(Grant.objects.values_list("user", flat=True)), [other.user_id])

    def test_a_publisher_and_a_superuser_may(self):
        self.client.force_login(make_member("Publisher"))
        data = {"until": timezone.localdate() + timedelta(days=9), "level": 20}
        self.client.post(url("user_extend", self.reader.pk), data)
        self.client.force_login(self.editor)
        self.client.post(url("user_extend", self.editor.pk), data)
        self.assertCountEqual(Grant.objects.values_list("user", flat=True), [self.reader.pk, self.editor.pk])


class NoteTests(Newsroom):
    def add(self, text):
        return self.client.post(url("user_note", self.reader.pk), {"text": text}, follow=True)

    def test_note_is_kept_with_its_author_and_logged_without_its_text(self):
        self.assertContains(self.add("Phoned about the card."), "The note is saved.")
        note = AccountNote.objects.get()
        self.assertEqual((note.text, note.by), ("Phoned about the card.", "Edith Orr"))
        self.assertEqual(self.messages_about(self.reader), ["Note added."])

    @takes_longer("Many kinds of invalid input are sent.")
    def test_empty_and_long_notes_are_refused(self):
        for text in ("", "x" * 2001, "a\x00b"):
            with self.subTest(text[:3]):
                self.assertContains(self.add(text), "The note wasn’t saved")
        self.assertFalse(AccountNote.objects.exists())

    def test_get_adds_nothing(self):
        self.assertEqual(self.client.get(url("user_note", self.reader.pk)).status_code, 405)


class ResendTests(Newsroom):
    def test_receipt_is_sent_again_and_logged(self):
        payment = make_payment(user=self.reader)
        receipts.issue(payment=payment)
        emails.receipt(payment)
        sent = SentEmail.objects.get()
        page = self.client.post(url("user_resend", self.reader.pk, sent.pk), follow=True)
        self.assertContains(page, "is sent again.")
        self.assertEqual(SentEmail.objects.filter(user=self.reader, kind="receipt").count(), 2)
        self.assertIn("Sent again", self.messages_about(self.reader)[0])

    def test_email_that_is_no_longer_true_is_refused_with_the_reason(self):
        subscription = make_subscription(self.reader)
        sent = SentEmail.objects.create(
            user=self.reader, kind="ended", key=str(subscription.uuid), sent_at=timezone.now()
        )
        page = self.client.post(url("user_resend", self.reader.pk, sent.pk), follow=True)
        self.assertContains(page, "can’t be sent again")

    def test_email_of_another_reader_is_not_found(self):
        sent = SentEmail.objects.create(user=make_user(), kind="ended", key="x", sent_at=timezone.now())
        self.assertEqual(self.client.post(url("user_resend", self.reader.pk, sent.pk)).status_code, 404)


@on_demo
class RefundTests(Newsroom):
    def setUp(self):
        super().setUp()
        make_paid(self.reader)
        self.payment = Payment.objects.get()
        self.refund_url = url("payment_refund", self.payment.pk)

    def refund(self, amount, reason=""):
        return self.client.post(self.refund_url, {"amount": amount, "reason": reason}, follow=True)

    def test_part_of_a_payment_is_refunded_by_transfer(self):
        self.assertContains(self.client.get(self.refund_url), "At most €9.00.")
        self.assertContains(self.refund("4.00", "Goodwill"), "transfer €4.00")
        refund = Refund.objects.get()
        self.assertEqual((refund.minor, refund.by, refund.reason), (400, "Edith Orr", "Goodwill"))
        page = self.client.post(url("payment_transferred", self.payment.pk, refund.pk), follow=True)
        self.assertContains(page, "marked as transferred")
        refund.refresh_from_db()
        self.assertEqual(refund.status, Refund.Status.DONE)
        self.assertEqual(self.messages_about(self.payment)[0], "Refund of €4.00 transferred.")

    def test_complete_refund_says_before_and_after_what_ends_and_keeps_it_by_default(self):
        page = self.client.get(self.refund_url)
        self.assertContains(page, "… and end the subscription")
        self.assertContains(page, "If you don’t tick this, it stays: Paid until")
        self.assertNotContains(page, "checked")
        for ends, level, said in (("", 10, "The subscription stays. Paid until"), ("on", 1, "Ended on")):
            with self.subTest(ends):
                reader = make_paid().user
                payment = Payment.objects.get(user=reader)
                asked = self.client.post(
                    url("payment_refund", payment.pk), {"amount": "9.00", "ends": ends}, follow=True
                )
                self.assertContains(asked, "ends when the money is paid back" if ends else said)
                with self.captureOnCommitCallbacks(execute=True):
                    refund = payment.refunds.get().pk
                    page = self.client.post(url("payment_transferred", payment.pk, refund), follow=True)
                self.assertContains(page, said)
                self.assertEqual(access_for(reader, timezone.now()).level, level)
                self.assertEqual(reader.subscriptions.get().is_live, not ends)
                told = any("Your access stays as it is." in email.body for email in emails_to(reader.email))
                self.assertEqual(told, not ends)

    def test_a_part_does_not_end_the_subscription(self):
        page = self.client.post(self.refund_url, {"amount": "8.99", "ends": "on"})
        self.assertContains(page, "Only a refund of all that is left ends it.", status_code=422)
        self.assertFalse(Refund.objects.exists())

    def test_what_has_ended_before_is_no_choice(self):
        subscription = self.payment.subscription
        end_by_editor(subscription=subscription, now=timezone.now(), actor="Edith")
        self.assertNotContains(self.client.get(self.refund_url), "… and end")
        self.assertContains(self.refund("9.00"), "Ended on")

    def test_refund_that_was_not_sent_is_withdrawn(self):
        self.refund("9.00")
        self.client.post(url("payment_withdraw", self.payment.pk, Refund.objects.get().pk))
        self.payment.refresh_from_db()
        self.assertEqual(self.payment.refunded_minor, 0)

    def test_wrong_amounts_are_refused(self):
        for amount, message in {
            "9.01": "At most €9.00",
            "0": "Enter an amount in EUR",
            "1.001": "EUR has 2 decimals",
            "-1": "greater than",
        }.items():
            with self.subTest(amount):
                self.assertContains(self.refund(amount), message, status_code=422)
        self.assertFalse(Refund.objects.exists())

    def test_refunded_payment_offers_no_second_refund(self):
        self.refund("9.00")
        self.assertContains(self.client.get(self.refund_url), "Nothing of this payment can be refunded.")
        self.assertNotContains(self.client.get(url("payment_change", self.payment.pk)), self.refund_url)

    def test_permission_to_refund_is_needed(self):
        self.client.force_login(make_staff("subscriptions.view_payment"))
        self.assertEqual(self.refund("1.00").status_code, 403)
        self.assertNotContains(self.client.get(url("payment_change", self.payment.pk)), self.refund_url)


class EndTests(Newsroom):
    def end(self, subscription, when):
        data = {"when": when, "reason": "Asked by phone"}
        return self.client.post(url("subscription_end", subscription.pk), data, follow=True)

    def test_ended_now_revokes_access(self):
        subscription = make_subscription(self.reader)
        self.assertContains(self.end(subscription, "now"), "Ended on")
        self.assertEqual(access_for(self.reader, timezone.now()).level, 1)
        self.assertEqual(self.messages_about(subscription)[0], "Ended. Asked by phone")

    def test_ended_later_keeps_access(self):
        subscription = make_subscription(self.reader)
        self.assertContains(self.end(subscription, "later"), "Cancelled. Access ends on")
        self.assertEqual(access_for(self.reader, timezone.now()).level, 10)

    def test_ended_subscription_offers_nothing(self):
        subscription = make_subscription(self.reader, status="ended", ended_at=timezone.now())
        page = self.client.get(url("subscription_end", subscription.pk))
        self.assertContains(page, "This subscription has ended.")
        self.assertNotContains(page, 'name="when"')
        self.assertEqual(self.end(subscription, "now").status_code, 422)

    def test_permission_is_needed(self):
        subscription = make_subscription(self.reader)
        self.client.force_login(make_staff("subscriptions.view_subscription"))
        self.assertEqual(self.end(subscription, "now").status_code, 403)


class SentenceTests(TestCase):
    def test_each_state_has_a_sentence(self):
        card = {"provider_ref": "sub_1", "card": "Visa ending 4242"}
        now = timezone.now()
        cases = {
            "Renews on": card,
            "It does not renew": {},
            "A gift until": {"provider": "gift"},
            "Cancelled. Access ends on": card | {"cancel_at": now},
            "The renewal was not paid": card | {"status": "past_due"},
            "Then €9.00 a month is charged to Visa ending 4242": card | {"status": "trialing"},
            "Nothing is charged then": {"status": "trialing"},
            "Ordered, and not paid yet": {"status": "pending"},
            "Cancelled": {"status": "ended", "ended_at": now, "end_reason": "cancelled"},
        }
        for number, (text, fields) in enumerate(cases.items()):
            if "provider_ref" in fields:
                fields = fields | {"provider_ref": f"sub_{number}"}
            with self.subTest(text):
                self.assertIn(text, state_sentence(make_subscription(**fields)))

    def test_requests_that_the_provider_has_not_confirmed_are_named(self):
        for request, text in {"cancel": "the cancellation", "end": "the end", "": ""}.items():
            subscription = make_subscription(provider_request=request)
            self.assertIn(text, unconfirmed_sentence(subscription))
            self.assertEqual(bool(unconfirmed_sentence(subscription)), bool(request))

    def test_payments_name_refunds_and_chargebacks(self):
        for text, fields in {
            "Succeeded, €4.00 refunded": {"refunded_minor": 400},
            "Succeeded, refunded": {"refunded_minor": 900},
            "Surplus, Chargeback open": {"status": "surplus", "dispute": "open"},
        }.items():
            self.assertEqual(payment_state(make_payment(**fields)), text)
