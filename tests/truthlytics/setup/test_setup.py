"""First start: in the browser and by command, once."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from articles.models import Author, Section
from subscriptions.models import Plan, Price, User
from tests.budget import takes_longer
from tests.factories import make_editor, make_user
from tests.html import page_of
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.setup.access import is_valid, make_token, setup_url
from truthlytics.setup.service import AlreadySetUp, set_up
from truthlytics.web.mail_errors import MailServerError

URL = "/admin/setup/"
PASSWORD = "quay-and-crane-7"
FIELDS = {
    "name": "The Harbour Review",
    "language": "en-gb",
    "time_zone": "Europe/London",
    "section": "Port news",
    "display_name": "Ada Quay",
    "email": "ada@harbour.example",
    "password": PASSWORD,
    "plan": "free",
}
IN_MEMORY = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


class BrowserSetupTests(TestCase):
    def send(self, **fields):
        return self.client.post(URL, FIELDS | {"token": make_token()} | fields)

    def test_one_form_sets_up_everything_and_logs_in(self):
        page = self.client.get(setup_url().partition("8000")[2] or URL)
        self.assertContains(page, "Set up your publication")
        response = self.send(plan="paid", price="8.50")
        self.assertRedirects(response, reverse("admin:index"), fetch_redirect_response=False)
        user = User.objects.get()
        self.assertEqual([group.name for group in user.groups.all()], ["Publisher"])
        self.assertTrue(user.is_staff and user.verified_at and user.check_password(PASSWORD))
        self.assertEqual((get_publication().name, get_publication().tagline), ("The Harbour Review", ""))
        self.assertEqual(Section.objects.get().slug, "port-news")
        self.assertEqual((Author.objects.get().user, Author.objects.get().slug), (user, "ada-quay"))
        price = Price.objects.get()
        self.assertEqual((price.minor, price.interval), (850, "month"))
        dashboard = self.client.get(reverse("admin:index"))
        self.assertContains(dashboard, "The Harbour Review is set up.")
        self.assertNotContains(self.client.get("/"), "The Harbour Review: ")
        models = set(AuditEntry.objects.values_list("model", flat=True))
        self.assertTrue({"truthlytics.publication", "subscriptions.user", "articles.section"} <= models)

    def test_a_price_with_a_comma_is_taken_as_it_was_typed(self):
        self.assertRedirects(
            self.send(plan="paid", price="9,90"), reverse("admin:index"), fetch_redirect_response=False
        )
        self.assertEqual(Price.objects.get().minor, 990)

    def test_a_price_that_can_be_read_in_two_ways_is_refused(self):
        self.assertContains(self.send(plan="paid", price="1,250"), "no separator of thousands", status_code=422)
        self.assertFalse(User.objects.exists())

    def test_the_page_has_the_language_of_the_browser_and_proposes_its_time_zone(self):
        for header, words, zone in (
            ("de-AT,de;q=0.9", "Zeitzone", "Europe/Berlin"),
            ("fr", "Time zone", "UTC"),
            ("", "Time zone", "UTC"),
        ):
            with self.subTest(header), override_settings(TIME_ZONE="UTC"):
                page = self.client.get(URL, {"token": make_token()}, headers={"accept-language": header})
                self.assertContains(page, words)
                selected = page_of(page).xpath("//select[@name='time_zone']/option[@selected]/@value")
                self.assertEqual(selected, [zone])

    def test_messages_are_in_the_language_that_was_chosen(self):
        self.send(language="de", time_zone="Europe/Vienna")
        self.assertEqual(get_publication().time_zone, "Europe/Vienna")
        self.assertContains(self.client.get(reverse("admin:index")), "The Harbour Review ist eingerichtet.")

    def test_free_for_now_creates_no_plan(self):
        self.send()
        self.assertFalse(Plan.objects.exists())

    def test_without_the_token_nothing_happens(self):
        self.assertContains(self.client.get(URL), "Open that address, or enter the token")
        for token in ("wrong", "", "ü"):
            self.assertNotEqual(self.send(token=token).status_code, 302)
        self.assertEqual(self.client.get(URL, {"token": "wrong"}).status_code, 403)
        self.assertFalse(User.objects.exists())
        self.assertFalse(Publication.objects.exists())

    def test_the_address_is_gone_once_there_is_a_staff_account(self):
        token = make_token()
        self.send()
        for client in (self.client, Client()):
            self.assertEqual(client.get(URL, {"token": token}).status_code, 404)
            self.assertEqual(client.post(URL, FIELDS | {"token": token}).status_code, 404)
        User.objects.all().delete()
        self.assertFalse(is_valid(token))

    def test_readers_do_not_count_as_staff(self):
        make_user()
        self.assertEqual(self.client.get(URL).status_code, 200)
        make_editor()
        self.assertEqual(self.client.get(URL).status_code, 404)

    def test_wrong_fields_keep_the_others(self):
        for field, value in {
            "name": " ",
            "email": "ada",
            "password": "12345678",
            "section": "—",
            "language": "xx",
            "display_name": " ",
        }.items():
            with self.subTest(field):
                response = self.send(**{field: value})
                self.assertEqual((response.status_code, list(response.context["form"].errors)), (422, [field]))
        for price in ("", "0", "1.005", "x"):
            self.assertEqual(list(self.send(plan="paid", price=price).context["form"].errors), ["price"])
        self.assertContains(self.send(name=" "), "ada@harbour.example", status_code=422)

    def test_forged_requests_are_refused(self):
        client = Client(enforce_csrf_checks=True)
        self.assertEqual(client.post(URL, FIELDS | {"token": make_token()}).status_code, 403)

    def test_the_page_has_the_policy_of_the_newsroom(self):
        policy = self.client.get(setup_url().partition("8000")[2] or URL).headers["Content-Security-Policy"]
        self.assertIn("script-src 'self' 'nonce-", policy)
        self.assertNotIn("unsafe", policy)

    def test_too_many_tries_are_refused(self):
        for _attempt in range(31):
            response = self.client.get(URL, {"token": "wrong"})
        self.assertEqual(response.status_code, 429)

    @override_settings(MAILERS=IN_MEMORY)
    def test_a_test_email_is_sent_and_reported(self):
        self.send(test_email="on")
        self.assertEqual(mail.outbox[0].to, ["ada@harbour.example"])
        self.assertIn("The Harbour Review", mail.outbox[0].from_email)
        self.assertContains(self.client.get(reverse("admin:index")), "accepted the test email")

    @override_settings(MAILERS=IN_MEMORY)
    def test_the_test_email_is_in_the_language_of_the_site(self):
        self.send(test_email="on", language="de")
        self.assertEqual(mail.outbox[0].subject, "Test-E-Mail von The Harbour Review")

    @takes_longer("Many requests, one after the other.")
    @override_settings(MAILERS={"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}})
    def test_a_missing_mail_server_is_reported(self):
        self.send(test_email="on")
        self.assertContains(self.client.get(reverse("admin:index")), "Set SMTP_URL.")

    @override_settings(MAILERS=IN_MEMORY)
    def test_a_refused_email_is_reported(self):
        with mock.patch(
            "truthlytics.publication.mail._send", side_effect=MailServerError("ConnectionRefusedError: no")
        ):
            self.send(test_email="on")
        self.assertContains(
            self.client.get(reverse("admin:index")), "The test email was not sent: ConnectionRefusedError"
        )


class ConcurrentSetupTests(TransactionTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(RECORD_KEY_FILE=self.folder / "key.pem"))

    def test_two_submissions_make_one_account(self):
        def submit(number):
            try:
                set_up(
                    name="The Quay",
                    language="en-gb",
                    time_zone="UTC",
                    section="News",
                    display_name="Ada",
                    password=PASSWORD,
                    email=f"ada{number}@harbour.example",
                    minor=None,
                )
            except AlreadySetUp:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(submit, range(4)))
        self.assertEqual(sum(done), 1)
        self.assertEqual(User.objects.filter(is_staff=True).count(), 1)
        self.assertEqual(Section.objects.count(), 1)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["key.pem"])


class CommandTests(TestCase):
    def run_command(self, *arguments, password=PASSWORD):
        out = StringIO()
        with mock.patch.dict(os.environ, {"SETUP_PASSWORD": password}):
            call_command("setup", *arguments, stdout=out, stderr=out)
        return out.getvalue()

    def test_options_set_up_everything(self):
        out = self.run_command(
            "--noinput", "--name", "The Harbour Review", "--language", "de", "--email", "ada@harbour.example",
            "--display-name", "Ada", "--section", "Hafen", "--price", "9",
        )  # fmt: skip
        self.assertIn("The Harbour Review is set up. Log in at /admin/ as ada@harbour.example.", out)
        self.assertEqual((get_publication().language, Section.objects.get().name), ("de", "Hafen"))
        self.assertEqual(Price.objects.get().minor, 900)

    def test_prices_may_have_a_comma(self):
        self.run_command(
            "--noinput",
            "--name",
            "The Quay",
            "--email",
            "ada@harbour.example",
            "--display-name",
            "Ada",
            "--price",
            "4,90",
        )
        self.assertEqual(Price.objects.get().minor, 490)

    def test_languages_are_listed_in_the_question(self):
        prompts, answers = [], iter(["The Quay", "de", "", "Ada", "ada@harbour.example", "free", "n"])

        def answer(prompt):
            prompts.append(prompt)
            return next(answers)

        with mock.patch("builtins.input", answer):
            self.run_command()
        self.assertIn("Language of the site (en-gb for English, de for Deutsch) [en-gb]: ", prompts)

    def test_everything_that_is_missing_is_listed(self):
        with self.assertRaises(CommandError) as caught:
            self.run_command("--noinput", "--price", "x", password="short")
        for label in ("Name of the publication", "Your email address", "Password", "Price per month"):
            self.assertIn(label, str(caught.exception))
        with self.assertRaisesMessage(CommandError, "Password: Set SETUP_PASSWORD."):
            self.run_command("--noinput", password="")

    def test_questions_are_asked_again_until_the_answers_are_right(self):
        answers = iter(["The Quay", "", "", "Ada", "ada", "ada@harbour.example", "x", "free", "n"])
        with mock.patch("builtins.input", lambda prompt: next(answers)):
            out = self.run_command()
        self.assertIn("Your email address: Enter a valid email address", out)
        self.assertIn("Price per month: Enter an amount with two decimals at most", out)
        self.assertEqual((get_publication().name, Section.objects.get().name), ("The Quay", "News"))
        self.assertEqual(User.objects.get().email, "ada@harbour.example")

    def test_the_password_is_asked_until_it_was_typed_twice_and_is_good(self):
        passwords = iter(["short", "short", PASSWORD, "other", PASSWORD, PASSWORD])
        with (
            mock.patch("truthlytics.management.commands.setup.getpass", lambda prompt: next(passwords)),
            mock.patch("builtins.input", lambda prompt: "n"),
        ):
            out = self.run_command(
                "--name", "The Quay", "--language", "de", "--section", "Hafen", "--email", "ada@harbour.example",
                "--display-name", "Ada", "--price", "free", password="",
            )  # fmt: skip
        self.assertIn("Password: This password is too short.", out)
        self.assertIn("The passwords differ. Enter them again.", out)
        self.assertTrue(User.objects.get().check_password(PASSWORD))

    def test_it_runs_once(self):
        make_editor()
        with self.assertRaisesMessage(CommandError, "there is a staff account"):
            self.run_command("--noinput")

    def test_serve_prints_the_address_until_the_site_is_set_up(self):
        from truthlytics.management.commands.serve import Command

        for expected in (True, False):
            out = StringIO()
            with mock.patch("django.db.connection.close"):
                Command(stdout=out).print_setup_address()
            self.assertEqual(f"/admin/setup/?token={make_token()}" in out.getvalue(), expected)
            make_editor()
