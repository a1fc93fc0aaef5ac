"""The pages Settings → Payments and Settings → Email, and which of newsroom and environment is used."""

import smtplib

import time_machine
from django.core import mail
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Price
from subscriptions.offers import shown_currency
from subscriptions.providers.manual import Manual
from tests.budget import takes_longer
from tests.factories import make_member, make_order, make_price, make_staff
from tests.truthlytics.web.mail_server import MailServer
from tests.truthlytics.web.smtp_server import smtp_server
from truthlytics.audit.log import AuditEntry
from truthlytics.publication import bank_account, default_currency, sender
from truthlytics.publication.models import Publication

IBAN, OTHER_IBAN = "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19"
ENVIRONMENT = {"holder": "Old Press Ltd", "iban": OTHER_IBAN, "bic": "NWBKGB2L"}
TEST_EMAIL = reverse("admin:truthlytics_emailsettings_test_email")
SMTP = {"default": {"BACKEND": "tests.truthlytics.web.mail_server.MailServer"}}


class SettingsCase(TestCase):
    page = ""

    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")
        Publication.objects.create(name="The Harbour Review", publisher="Harbour Press Ltd", language="de")

    def setUp(self):
        self.client.force_login(self.publisher)
        self.client.cookies["language"] = "en-gb"
        self.url = reverse(f"admin:truthlytics_{self.page}settings_change", args=[1])

    def save(self, **fields):
        """Send the form as a publisher would; return its errors."""
        response = self.client.post(self.url, fields)
        return {} if response.status_code == 302 else response.context["adminform"].form.errors


@override_settings(BANK_TRANSFER=ENVIRONMENT, DEFAULT_CURRENCY="GBP")
class PaymentSettingsTests(SettingsCase):
    page = "payment"

    def test_the_environment_is_used_until_something_is_entered(self):
        self.assertEqual(bank_account(), ("Old Press Ltd", OTHER_IBAN, "NWBKGB2L"))
        self.assertEqual(default_currency(), "GBP")
        page = self.client.get(self.url)
        self.assertContains(page, f"Old Press Ltd, {OTHER_IBAN}, from the environment (BANK_IBAN)")
        self.assertContains(page, "GBP, from the environment (DEFAULT_CURRENCY)")

    def test_the_account_of_the_newsroom_replaces_the_whole_account(self):
        self.assertEqual(self.save(bank_iban="de89370400440532013000", default_currency="EUR"), {})
        self.assertEqual(bank_account(), ("Harbour Press Ltd", IBAN, ""))
        self.assertEqual((default_currency(), shown_currency("", {"EUR", "GBP"})), ("EUR", "EUR"))
        page = self.client.get(self.url)
        self.assertContains(page, f"Harbour Press Ltd, {IBAN}, from this page")
        self.assertContains(page, "EUR, from this page")
        entry = AuditEntry.objects.get(model="truthlytics.paymentsettings")
        self.assertEqual((entry.before["bank_iban"], entry.after["bank_iban"]), ("", IBAN))

    def test_everyone_who_may_change_the_account_is_told(self):
        owner, former = make_staff(is_superuser=True), make_member("Publisher", is_active=False)
        make_member("Editor")
        now = timezone.now()
        with time_machine.travel(now, tick=False), self.captureOnCommitCallbacks(execute=True):
            self.save(bank_iban=IBAN, bank_holder="Harbour Press")
        self.assertEqual({message.to[0] for message in mail.outbox}, {self.publisher.email, owner.email})
        self.assertNotIn(former.email, {message.to[0] for message in mail.outbox})
        body = mail.outbox[0].body
        for words in (
            self.publisher.email,
            f"{timezone.localtime(now):%Y, %H:%M}",
            "Old Press Ltd, IBAN",
            "6819",
            "Harbour Press, IBAN",
            "3000",
            self.url.removesuffix("1/change/"),
        ):
            self.assertIn(words, body)
        for whole in (IBAN, OTHER_IBAN, IBAN.replace(" ", ""), "3704", "6016"):
            self.assertNotIn(whole, body)

    def test_a_change_of_the_bic_alone_can_be_told_apart(self):
        self.save(bank_iban=IBAN, bank_bic="COBADEFFXXX")
        with self.captureOnCommitCallbacks(execute=True):
            self.save(bank_iban=IBAN, bank_bic="DEUTDEFFXXX")
        body = mail.outbox[-1].body
        self.assertIn("3000, BIC COBADEFFXXX", body)
        self.assertIn("3000, BIC DEUTDEFFXXX", body)

    def test_only_a_change_of_the_account_is_told(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.save(default_currency="EUR")
            self.save(bank_iban="DE00")
        self.assertEqual(mail.outbox, [])
        for iban in (IBAN, ""):
            with self.captureOnCommitCallbacks(execute=True):
                self.save(bank_iban=iban)
        self.assertEqual(len(mail.outbox), 2)

    def test_readers_see_the_account_of_the_newsroom(self):
        self.save(bank_iban=IBAN, bank_holder="Harbour Press", bank_bic="cobadeffxxx", default_currency="")
        order = make_order(provider="manual")
        self.client.force_login(order.user)
        page = self.client.get(order.get_absolute_url())
        for words in (IBAN, "Harbour Press", "COBADEFFXXX"):
            self.assertContains(page, words)

    def test_without_an_account_transfers_are_not_offered(self):
        with override_settings(BANK_TRANSFER={"holder": "", "iban": "", "bic": ""}):
            self.assertFalse(Manual().offered())
            self.assertContains(self.client.get(self.url), "None. Readers cannot pay by bank transfer.")
            self.save(bank_iban=IBAN)
            self.assertTrue(Manual().offered())

    def test_wrong_values_are_told_in_a_sentence(self):
        table = [
            ({"bank_iban": "DE00"}, "bank_iban", "This is not a valid IBAN"),
            ({"bank_iban": "DE88370400440532013000"}, "bank_iban", "This is not a valid IBAN"),
            ({"bank_iban": "370400440532013000"}, "bank_iban", "This is not a valid IBAN"),
            ({"bank_iban": IBAN, "bank_bic": "COBA"}, "bank_bic", "A BIC has 8 or 11"),
            ({"bank_holder": "Harbour Press"}, "bank_iban", "Enter the IBAN of this account"),
            ({"default_currency": "XXX"}, "default_currency", "Choose one of the currencies."),
        ]
        for fields, name, words in table:
            with self.subTest(fields):
                self.assertIn(words, self.save(**fields)[name][0])
        self.assertEqual(bank_account().iban, OTHER_IBAN)

    def test_prices_keep_their_currency(self):
        make_price(currency="GBP")
        self.save(default_currency="EUR")
        self.assertEqual(Price.objects.get().currency, "GBP")


@override_settings(DEFAULT_FROM_EMAIL="Desk <desk@harbour.example>")
class EmailSettingsTests(SettingsCase):
    page = "email"

    def send(self, email="ada@harbour.example"):
        page = self.client.post(TEST_EMAIL, {"email": email}, follow=True)
        return [str(message) for message in page.context["messages"]]

    def test_the_environment_is_used_until_something_is_entered(self):
        self.assertContains(
            self.client.get(self.url), "Desk &lt;desk@harbour.example&gt;, from the environment (MAIL_FROM)"
        )
        self.assertEqual(self.save(sender_name="The  Harbour", sender_address=""), {})
        self.assertEqual(sender(), "The Harbour <desk@harbour.example>")
        self.assertEqual(self.save(sender_name="", sender_address="news@harbour.example"), {})
        self.assertEqual(sender(), "Desk <news@harbour.example>")
        self.assertContains(self.client.get(self.url), "Desk &lt;news@harbour.example&gt;, from this page")
        self.assertIn("sender_address", self.save(sender_name="", sender_address="post"))

    def test_the_test_email_is_in_the_language_of_the_site_and_from_the_sender(self):
        self.save(sender_name="Die Redaktion", sender_address="news@harbour.example")
        self.assertEqual(self.send()[-1], "The mail server accepted the test email to ada@harbour.example.")
        message = mail.outbox[0]
        self.assertEqual(message.subject, "Test-E-Mail von The Harbour Review")
        self.assertEqual(
            (message.to, message.from_email), (["ada@harbour.example"], "Die Redaktion <news@harbour.example>")
        )
        self.assertIn("E-Mails kommen an", message.body)

    @takes_longer("Many requests, one after the other.")
    def test_the_answer_of_the_mail_server_is_shown(self):
        with smtp_server() as received:
            self.assertEqual(self.send()[0].split("example. ")[1], "It answered: 250 ok")
            self.assertEqual(len(received), 1)

    def test_a_refused_email_is_reported_with_the_answer(self):
        self.addCleanup(MailServer.fail)
        refused = smtplib.SMTPSenderRefused(553, b"5.7.1 Sender address rejected: not owned by user", "x")
        for error, words in [
            ({"on_send": refused}, "553 5.7.1 Sender address rejected: not owned by user"),
            ({"on_open": ConnectionRefusedError(111, "Connection refused")}, "Connection refused"),
        ]:
            MailServer.fail(**error)
            with self.subTest(words), override_settings(MAILERS=SMTP):
                self.assertIn(words, self.send()[0])
                self.assertIn("was not sent", self.send()[0])

    def test_a_missing_mail_server_and_a_wrong_address_are_reported(self):
        console = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
        with override_settings(MAILERS=console):
            self.assertIn("SMTP_URL", self.send()[0])
            self.assertContains(self.client.get(self.url), "None. Set SMTP_URL.")
        self.assertIn("Enter the email address", self.send("ada")[0])

    def test_the_password_of_the_mail_server_is_not_shown(self):
        options = {"host": "mail.harbour.example", "username": "harbour", "password": "secret-word"}
        with override_settings(MAILERS={"default": {"BACKEND": "x.EmailBackend", "OPTIONS": options}}):
            page = self.client.get(self.url)
        self.assertContains(page, "mail.harbour.example, from the environment (SMTP_URL)")
        self.assertNotContains(page, "secret-word")

    def test_test_emails_are_limited(self):
        for _ in range(20):
            self.client.post(TEST_EMAIL, {"email": ""})
        self.assertEqual(self.client.post(TEST_EMAIL, {"email": "ada@harbour.example"}).status_code, 429)
