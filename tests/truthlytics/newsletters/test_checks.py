"""`check --deploy` looks at the DNS records of senders and at the login of the mail server, and `check` does not."""

from unittest import mock

import dns.exception
import dns.resolver
from django.core.checks import run_checks
from django.test import SimpleTestCase, TestCase, override_settings

from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.newsletters.dns_records import NoAnswerError, txt_records

SMTP = "django.core.mail.backends.smtp.EmailBackend"
MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": {"username": "post@example.org"}}}
RECORDS = {
    "example.org": ["v=spf1 include:mail.example ~all", "other"],
    "_domainkey.example.org": [],
    "_dmarc.example.org": ["v=DMARC1; p=none"],
}
TOP = {"org": [], "example": []}


@override_settings(MAILERS=MAILERS, DEFAULT_FROM_EMAIL="post@example.org")
class SenderCheckTests(TestCase):
    def found(self, records, **options):
        """The ids and texts of the warnings about senders; `records` are all that exist, or an exception."""
        found = {"side_effect": records if isinstance(records, Exception) else (records | TOP if records else {}).get}
        with mock.patch("truthlytics.newsletters.dns_records.txt_records", **found) as lookup:
            messages = run_checks(**{"tags": ["security"], "include_deployment_checks": True} | options)
        self.lookups = [call.args[0] for call in lookup.call_args_list]
        return sorted((message.id, message.msg) for message in messages if str(message.id).startswith("newsletters."))

    def test_nothing_is_said_about_a_domain_with_all_records(self):
        self.assertEqual(self.found(RECORDS), [])
        self.assertEqual(self.lookups, list(RECORDS))

    def test_each_missing_record_is_named(self):
        for name, expected in [
            ("example.org", "W001"),
            ("_domainkey.example.org", "W002"),
            ("_dmarc.example.org", "W003"),
        ]:
            records = {key: value for key, value in RECORDS.items() if key != name}
            [(code, text)] = self.found(records)
            self.assertEqual(code, f"newsletters.{expected}")
            self.assertIn("example.org", text)
        two = RECORDS | {"example.org": ["v=spf1 -all", "V=SPF1 ~all"]}
        self.assertIn("2 SPF records", self.found(two)[0][1])

    def test_subdomains_have_the_dmarc_record_of_the_domain_above(self):
        make_newsletter(sender_address="weekly@news.example.org")
        records = RECORDS | {"news.example.org": ["v=spf1 -all"], "_domainkey.news.example.org": []}
        self.assertEqual(self.found(records), [])

    def test_the_domains_of_newsletters_are_looked_at_once(self):
        for _ in range(2):
            make_newsletter(sender_address="weekly@other.example")
        codes = [code for code, text in self.found(RECORDS) if "other.example" in text]
        self.assertEqual(codes, [f"newsletters.W00{number}" for number in (1, 2, 3, 4)])

    def test_without_an_answer_that_is_said_and_nothing_else_asked(self):
        make_newsletter(sender_address="weekly@news.example.org")
        text = "The DNS records of example.org, news.example.org could not be looked up."
        self.assertEqual(self.found(NoAnswerError()), [("newsletters.I001", text)])
        self.assertEqual(len(self.lookups), 1)

    def test_a_resolver_that_knows_no_public_names_is_no_answer(self):
        self.assertEqual([code for code, _text in self.found({})], ["newsletters.I001"])
        self.assertEqual(self.lookups, ["example.org", "org"])
        # A domain that does not exist is something else.
        self.assertEqual(len(self.found({"other.org": []})), 3)

    def test_nothing_is_looked_up_otherwise(self):
        self.found({}, include_deployment_checks=False)
        self.assertEqual(self.lookups, [])
        console = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
        for changes in ({"MAILERS": console}, {"DEMO": True}, {"DEBUG": True}):
            with self.subTest(changes), override_settings(**changes):
                self.assertEqual(self.found({}), [])
                self.assertEqual(self.lookups, [])

    def test_a_login_of_another_domain_is_named(self):
        for login, fits in [
            ("post@example.org", True),
            ("post@mail.example.org", True),
            ("token", True),
            ("", True),
            ("post@mailbox.example", False),
            ("post@notexample.org", False),
        ]:
            mailers = {"default": {"BACKEND": SMTP, "OPTIONS": {"username": login}}}
            with self.subTest(login), override_settings(MAILERS=mailers):
                found = self.found(RECORDS)
                self.assertEqual([code for code, _text in found], [] if fits else ["newsletters.W004"])

    def test_newsletters_have_a_login_of_their_own(self):
        make_newsletter(sender_address="weekly@example.org")
        own = {"newsletters": {"BACKEND": SMTP, "OPTIONS": {"username": "bulk@other.example"}}}
        with override_settings(MAILERS=MAILERS | own):
            [(code, text)] = self.found(RECORDS)
        self.assertEqual(
            (code, text), ("newsletters.W004", "Emails from weekly@example.org are sent with a login at other.example.")
        )


class LookUpTests(SimpleTestCase):
    def records(self, outcome):
        with mock.patch("dns.resolver.resolve", side_effect=[outcome]) as resolve:
            found = txt_records("example.org")
        self.assertEqual(resolve.call_args.kwargs["lifetime"], 2)
        return found

    def test_records_are_read(self):
        self.assertEqual(self.records([mock.Mock(strings=(b"v=spf1 ", b"-all"))]), ["v=spf1 -all"])
        self.assertEqual(self.records(dns.resolver.NoAnswer()), [])
        self.assertIsNone(self.records(dns.resolver.NXDOMAIN()))

    def test_what_is_not_known_is_no_answer(self):
        for problem in (dns.resolver.LifetimeTimeout, dns.resolver.NoResolverConfiguration, dns.exception.DNSException):
            with self.subTest(problem), self.assertRaises(NoAnswerError):
                self.records(problem())
        with mock.patch.dict("sys.modules", {"dns.resolver": None}), self.assertRaises(NoAnswerError):
            txt_records("example.org")
