"""Withdrawals and cancellations declared without a login: anyone can send them, only their reader applies them."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from unittest import mock

import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from lxml.html import document_fromstring

from subscriptions.models import Declaration, Grant, Subscription
from subscriptions.services import declarations, withdrawals
from tests.factories import make_member, make_paid, make_renewing, make_user
from tests.html import page_of, text_of
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.test_withdrawals import age, order_of

# What a stranger types to have it delivered to others.
LURES = [
    "Call 0900 123456 now",
    "evil.example/login",
    "https://evil.example",
    "<b>Pay here</b>",
    "{{ secret }}",
    "x" * 200,
    "evil。example or www.evil.example:8080/x@evil.example",
    "evil．example\nhttp:\\\\evil.example",
]
# What mail programs make links of.
LINK = re.compile(r"evil\W?\.|\w\.\w*[a-z]|@evil|://|//|www\.", re.IGNORECASE)


class DeclarationCase(TestCase):
    """`declare` sends the form of a page as a visitor, `click` opens the newest link and presses its button."""

    def setUp(self):
        super().setUp()
        cache.clear()
        mail.outbox.clear()

    def declare(self, path="/withdraw/", **fields):
        data = {"name": "Nadia Lund", "email": "nadia@example.org", "contract": "my plan", "ends_on": "", "reason": ""}
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(path, data | fields, follow=True)

    def post(self, url):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, follow=True)

    def link(self):
        links = [re.search(r"/declared/[^/\s]+/confirmation/", email.body) for email in mail.outbox]
        return [found[0] for found in links if found][-1]

    def click(self):
        return self.post(self.link())

    def has_access(self):
        return Grant.objects.running(timezone.now()).exists()


@on_demo
class StrangerTests(DeclarationCase):
    """A stranger knows the email address of a reader, and guesses order numbers."""

    @classmethod
    def setUpTestData(cls):
        cls.reader = make_user(email="nadia@example.org")
        cls.order = order_of(make_paid(cls.reader))

    def test_guessed_numbers_change_nothing(self):
        year, count = str(self.order.number).split("-")
        guesses = [f"{year}-{int(count) + step:05d}" for step in range(-2, 3)]
        guesses += [f"{self.order.number}-AAAAAAAA", f"{self.order.number}-", str(self.order.uuid)[:8], "my plan"]
        for number, contract in enumerate(guesses):
            with self.subTest(contract):
                self.client.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
                self.declare(contract=contract)
                self.declare("/cancel/", contract=contract)
        self.order.refresh_from_db()
        subscription = Subscription.objects.get()
        self.assertEqual((self.order.status, subscription.status, subscription.cancel_at), ("paid", "active", None))
        self.assertTrue(self.has_access())
        self.assertFalse(Declaration.objects.exclude(order=None, subscription=None).exists())
        self.assertEqual(Declaration.objects.from_unknown_senders().count(), 2 * len(guesses))

    def test_the_email_confirms_the_content_and_the_time_at_once(self):
        for path, end in (("/withdraw/", ""), ("/cancel/", "as soon as possible")):
            with self.subTest(path):
                mail.outbox.clear()
                self.declare(path, contract="S-2026-00012 monthly", reason="No paper since May." if end else "")
                time = date_format(timezone.localtime(Declaration.objects.latest("pk").declared_at), "j F Y, H:i")
                (email,) = mail.outbox
                for text in (email.body, text_of(document_fromstring(email.alternatives[0].content))):
                    for words in ("Nadia Lund", "nadia@example.org", "S-2026-00012 monthly", time, end):
                        self.assertIn(words, text)
                    self.assertEqual("No paper since May." in text, bool(end))

    def test_emails_repeat_what_was_typed_without_links(self):
        for path, lure in itertools.product(("/withdraw/", "/cancel/"), LURES):
            with self.subTest(path=path, lure=lure):
                cache.clear()
                mail.outbox.clear()
                self.declare(path, name=lure[:100], contract=lure, reason=lure, email=f"{len(lure)}@example.org")
                self.declare(path, name=lure[:100], contract=lure, reason=lure)
                self.assertEqual(len(mail.outbox), 2)
                for email in mail.outbox:
                    self.assertNotIn("evil", email.subject)
                    typed = [
                        line
                        for line in email.body.splitlines()
                        if line.startswith(("  Name:", "  Contract:", "  For cause:"))
                    ]
                    self.assertGreaterEqual(len(typed), 2)
                    for line in typed:
                        self.assertIsNone(LINK.search(line), line)
                    self.assertNotIn("<b>Pay", email.alternatives[0].content)
                    self.assertNotIn("evil.example", email.alternatives[0].content)

    def test_an_address_gets_five_emails_a_day_and_every_declaration_counts(self):
        for number in range(7):
            self.assertContains(self.declare(contract=f"Try {number}"), "We have received your withdrawal")
        self.assertEqual((len(mail.outbox), Declaration.objects.waiting().count()), (5, 7))

    def test_the_answer_is_the_same_for_unknown_addresses(self):
        known, unknown = self.declare(), self.declare(email="unknown@example.org")
        self.assertEqual(len(known.redirect_chain), len(unknown.redirect_chain))
        self.assertContains(unknown, "We have received your withdrawal")
        self.assertIn("We know no account with this address", mail.outbox[-1].body)
        self.assertNotIn("/confirmation/", mail.outbox[-1].body)

    def test_the_browser_that_sent_it_sees_and_keeps_the_whole_declaration_with_its_time(self):
        page = self.declare("/cancel/", reason="You were offline", contract="My plan")
        time = date_format(timezone.localtime(Declaration.objects.get().declared_at), "j F Y, H:i")
        for words in ("Nadia Lund", "nadia@example.org", "My plan", "You were offline", time):
            self.assertContains(page, words)
        url = page.redirect_chain[-1][0]
        file = self.client.get(f"{url}copy/")
        text = file.getvalue().decode()
        for words in (
            "Nadia Lund",
            "nadia@example.org",
            "My plan",
            "as soon as possible",
            "You were offline",
            time,
            "“Cancel now” on http://localhost:8000/cancel/",
        ):
            self.assertIn(words, text)
        self.assertIn('attachment; filename="Cancellation ', file["Content-Disposition"])
        self.assertEqual(file["Content-Type"], "text/plain; charset=utf-8")
        with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
            self.assertNotContains(self.client.get(url), "My plan")

    def test_no_one_can_have_their_own_words_shown_to_others(self):
        for lure in LURES:
            with self.subTest(lure):
                page = self.declare(name="Support", contract=lure)
                url = page.redirect_chain[-1][0]
                cookie = self.client.cookies["declaration"]
                self.assertEqual((cookie["path"], cookie["httponly"], cookie["samesite"]), (url, True, "Lax"))
                victim = Client()
                self.assertNotIn(escape(lure), text_of(page_of(victim.get(url))))
                self.assertEqual(victim.get(f"{url}copy/").status_code, 404)
                cache.clear()

    def test_a_cookie_shows_no_other_declaration(self):
        first = self.declare(contract="first").redirect_chain[-1][0]
        cookie = self.client.cookies["declaration"].value
        second = self.declare(contract="second").redirect_chain[-1][0]
        self.assertNotContains(self.client.get(first), "second")
        for forged in (cookie, str(Declaration.objects.latest("pk").pk), f"{cookie}x", ""):
            self.client.cookies["declaration"] = forged
            self.assertEqual(self.client.get(f"{second}copy/").status_code, 404)

    def test_forged_and_old_links_apply_nothing(self):
        self.declare(contract=str(self.order.number))
        made, link = Declaration.objects.get(), self.link()
        receipt = declarations.receipt_token(made)
        for url in (link.replace("/confirmation/", "x/confirmation/"), f"/declared/{receipt}/confirmation/"):
            self.assertEqual(self.client.post(url).status_code, 410)
        with mock.patch(
            "django.core.signing.time.time", return_value=(timezone.now() + timedelta(days=31)).timestamp()
        ):
            self.assertEqual(self.client.post(link).status_code, 410)
        self.assertTrue(self.has_access())

    def test_opening_the_link_or_logging_in_applies_nothing(self):
        self.declare(contract=str(self.order.number))
        self.assertContains(self.client.get(self.link()), "It has changed nothing yet")
        self.client.force_login(self.reader)
        self.assertContains(self.client.get("/account/"), "did you send it?")
        self.assertContains(self.client.get(f"/account/declarations/{Declaration.objects.get().pk}/"), "I sent this")
        self.assertTrue(self.has_access())

    def test_others_cannot_confirm_refuse_or_undo_it(self):
        self.declare(contract=str(self.order.number))
        made = Declaration.objects.get()
        self.client.force_login(make_user())
        for name in ("declaration_confirmation", "declaration_rejection", "declaration_undoing"):
            url = reverse(f"subscriptions:{name}", args=[made.pk])
            self.assertEqual(self.client.post(url).status_code, 404)
            self.assertEqual(self.client.get(url).status_code, 405)
        self.assertTrue(self.has_access())

    def test_a_link_of_a_changed_account_works_no_more(self):
        self.declare()
        link, self.reader.is_active = self.link(), False
        self.reader.save()
        self.assertEqual(self.client.post(link).status_code, 410)


@on_demo
class KnownSenderTests(DeclarationCase):
    def setUp(self):
        super().setUp()
        self.reader = make_user(email="nadia@example.org")

    def test_the_click_withdraws_from_the_time_of_receipt(self):
        order = age(order_of(make_paid(self.reader)), 10)
        mail.outbox.clear()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            self.declare(contract=order.reference, name="Nadia O’Brien")
            clock.shift(timedelta(days=9))  # The 14 days are over.
            self.assertContains(self.click(), "You have withdrawn from order")
        made = Declaration.objects.get()
        self.assertEqual((made.order, made.sender_known_by), (order, "email"))
        self.assertFalse(self.has_access())
        self.assertEqual([due.amount.minor for due in withdrawals.refunds_due(made)], [900])
        self.assertIn("Nadia O’Brien", mail.outbox[-1].body)
        self.assertIn(f"{timezone.localtime(made.declared_at):%H:%M}", mail.outbox[-1].body)

    def test_the_click_cancels_and_is_confirmed_with_all_that_was_declared(self):
        subscription = make_renewing(self.reader)
        mail.outbox.clear()
        page = self.declare("/cancel/", email="Nadia@Example.org")
        self.assertContains(page, "We have received your cancellation")
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)
        self.click()
        subscription.refresh_from_db()
        self.assertEqual(subscription.cancel_at, subscription.period_end)
        made = Declaration.objects.get()
        self.assertEqual((made.subscription, made.handled_by), (subscription, "site"))
        self.assertIn("Nothing more will be charged".lower(), mail.outbox[-1].body.lower())

    def test_a_login_applies_it_too(self):
        order = order_of(make_paid(self.reader))
        self.declare(contract=order.number)
        self.client.force_login(self.reader)
        self.post(reverse("subscriptions:declaration_confirmation", args=[Declaration.objects.get().pk]))
        self.assertEqual(Declaration.objects.get().sender_known_by, "account")
        self.assertFalse(self.has_access())

    def test_a_logged_in_reader_needs_no_click_and_their_own_address_is_used(self):
        order = order_of(make_paid(self.reader))
        mail.outbox.clear()
        self.client.force_login(self.reader)
        self.declare(contract=order.number, email="other@example.org")
        self.assertEqual(Declaration.objects.get().email, self.reader.email)
        self.assertFalse(self.has_access())
        self.assertEqual([email.to for email in mail.outbox], [[self.reader.email]])

    def test_the_only_contract_needs_no_number_but_a_wrong_number_is_not_replaced(self):
        make_paid(self.reader)
        self.declare(contract="2026-99999")
        self.click()
        self.assertTrue(self.has_access())
        self.declare(contract="my subscription")
        self.click()
        self.assertFalse(self.has_access())

    def test_a_reference_sent_from_another_address_is_confirmed_by_the_account(self):
        order = order_of(make_paid(self.reader))
        mail.outbox.clear()
        self.declare(email="work@example.org", contract=order.reference.lower())
        links = {email.to[0]: "/confirmation/" in email.body for email in mail.outbox}
        self.assertEqual(links, {"work@example.org": False, "nadia@example.org": True})
        self.click()
        self.assertFalse(self.has_access())

    def test_what_the_reader_did_not_send_is_closed(self):
        make_paid(self.reader)
        self.declare()
        self.post(self.link().replace("confirmation", "rejection"))
        self.assertContains(self.click(), "It is settled and has changed nothing.")
        self.assertTrue(self.has_access())
        self.assertEqual(Declaration.objects.get().handled_by, "reader")

    def test_a_subscription_that_began_later_is_another_contract(self):
        self.declare("/cancel/")
        link = self.link()
        subscription = make_renewing(self.reader)
        self.post(link)
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)

    def test_for_cause_or_for_a_later_day_an_editor_decides(self):
        subscription = make_renewing(self.reader)
        later = timezone.localdate(subscription.period_end) + timedelta(days=40)
        self.declare("/cancel/", ends_on=later.isoformat())
        self.click()
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)
        self.declare("/cancel/", reason="The site was down for weeks.")
        self.click()
        subscription.refresh_from_db()
        self.assertIsNotNone(subscription.cancel_at)
        self.assertEqual(Declaration.objects.waiting().count(), 2)
        self.assertIn("The site was down for weeks.", mail.outbox[-1].body)

    def test_incomplete_declarations_are_refused_and_keep_what_was_typed(self):
        refused = self.declare(name="")
        self.assertContains(refused, "Enter your name.", status_code=422)
        self.assertContains(refused, "nadia@example.org", status_code=422)
        past = self.declare("/cancel/", ends_on="2020-01-01")
        self.assertContains(past, "Choose today or a later day.", status_code=422)
        self.assertFalse(Declaration.objects.exists())

    def test_a_wrong_address_of_the_receipt_is_not_found(self):
        self.assertEqual(self.client.get("/declared/forged/").status_code, 404)


class SupportTests(DeclarationCase):
    def setUp(self):
        super().setUp()
        self.reader = make_user(email="nadia@example.org")
        self.order = order_of(make_paid(self.reader))
        self.declare(email="work@example.org", contract="the paper")
        self.made = Declaration.objects.get()
        self.url = reverse("admin:subscriptions_declaration_assignment", args=[self.made.pk])
        self.change = reverse("admin:subscriptions_declaration_change", args=[self.made.pk])
        self.client.force_login(make_member("Support"))

    def test_a_decision_applies_it_from_the_time_of_receipt(self):
        self.assertContains(self.client.get(self.change), "decide within a working day")
        self.assertContains(self.client.get(self.url), "which is easy to guess")
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(self.url, {"found": self.order.reference})
        self.made.refresh_from_db()
        self.assertEqual((self.made.order, self.made.effective_at), (self.order, self.made.declared_at))
        self.assertFalse(self.has_access())
        self.assertEqual(mail.outbox[-1].to, ["nadia@example.org"])

    def test_a_cancellation_is_decided_by_the_account(self):
        Declaration.objects.update(kind="cancellation")
        self.assertEqual(self.client.post(self.url, {"found": "work@example.org"}).status_code, 422)
        self.client.post(self.url, {"found": "Nadia@example.org"})
        self.assertIsNotNone(Subscription.objects.get().cancel_at)
        self.assertEqual(self.client.post(self.url, {"found": "nadia@example.org"}).status_code, 422)

    def test_a_reference_that_was_typed_is_entered_already(self):
        Declaration.objects.update(contract=f"Re {self.order.reference}")
        self.assertContains(self.client.get(self.url), f'value="{self.order.number}"')

    def test_a_working_day_leaves_out_the_weekend(self):
        friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
        self.made.declared_at = friday
        for days, overdue in [(1, False), (3, False), (4, True)]:
            self.assertEqual(self.made.is_overdue(friday + timedelta(days=days)), overdue)
        Declaration.objects.update(declared_at=timezone.now() - timedelta(days=5))
        self.assertContains(self.client.get(self.change), "Decide now")
