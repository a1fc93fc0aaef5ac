"""Bank transfers: the QR code, the reference, and dates on which the page and the email agree."""

import re
from datetime import timedelta
from io import BytesIO

from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from PIL import Image

from subscriptions.models import Order
from subscriptions.money import Money
from subscriptions.services.sync import mark_paid
from subscriptions.transfers import transfer_of
from subscriptions.transfers.payment_codes import QUIET_ZONE, PaymentCode, payload
from tests.factories import make_member, make_order, make_plan, make_price, make_user
from tests.subscriptions.journeys import emails_to
from truthlytics.web.bank_accounts import in_groups, is_bic, is_iban

DETAILS = {
    "holder": "Hafenpresse Köhlbrand e. V.",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "amount": Money(1234, "EUR"),
    "reference": "2026-00042",
}
TEXT = "BCD\n002\n1\nSCT\nCOBADEFFXXX\nHafenpresse Köhlbrand e. V.\nDE89370400440532013000\nEUR12.34\n\n\n2026-00042"


def modules_of(png):
    """Return the modules of a QR code in an image, True for black."""
    image = Image.open(BytesIO(png)).convert("L")
    black = [[image.getpixel((x, y)) < 128 for x in range(image.width)] for y in range(image.height)]
    left = next(x for x in range(image.width) if any(row[x] for row in black))
    width = left // QUIET_ZONE
    return [[row[x] for x in range(width // 2, image.width, width)] for row in black[width // 2 :: width]]


def modules_in(path, size):
    """Return the modules of a QR code in the `d` of an SVG path."""
    rows = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for column in range(int(x), int(x) + int(width)):
            rows[int(y)][column] = True
    return rows


class BankAccountTests(SimpleTestCase):
    def test_valid_ibans(self):
        # Examples from the registry of ISO 13616.
        for iban in (
            "DE89370400440532013000",
            "gb29 NWBK 6016 1331 9268 19",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "AT611904300234573201",
            "CH9300762011623852957",
            "NL91ABNA0417164300",
        ):
            with self.subTest(iban):
                self.assertTrue(is_iban(iban))

    def test_invalid_ibans(self):
        table = {
            "check digits": "DE88370400440532013000",
            "one digit is missing": "DE8937040044053201300",
            "length of another country": "DE9386011117947",
            "unknown country": "XX89370400440532013000",
            "not ASCII": "DE8937040044053201300٠",
            "empty": "",
            "two letters": "DE",
            "words": "my account",
        }
        for why, iban in table.items():
            with self.subTest(why):
                self.assertFalse(is_iban(iban))

    def test_groups_and_bics(self):
        self.assertEqual(in_groups("de8937040044 0532013000"), "DE89 3704 0044 0532 0130 00")
        self.assertEqual([is_bic(bic) for bic in ("COBADEFF", "cobadeffxxx", "COBADEF", "COBA99FF")], [1, 1, 0, 0])


class PaymentCodeTests(SimpleTestCase):
    def test_the_text_follows_the_standard(self):
        self.assertEqual(payload(**DETAILS), TEXT)

    def test_there_is_none_for_other_currencies_and_amounts(self):
        for amount in (Money(1234, "CHF"), Money(0, "EUR"), Money(10**11, "EUR")):
            with self.subTest(amount):
                self.assertEqual(payload(**DETAILS | {"amount": amount}), "")
        self.assertEqual(payload(**DETAILS | {"holder": ""}), "")

    def test_long_names_are_shortened_and_cannot_add_lines(self):
        lines = payload(**DETAILS | {"holder": "Press\nEUR999\n" + "x" * 100}).split("\n")
        self.assertEqual((len(lines), lines[5]), (11, ("Press EUR999 " + "x" * 100)[:70]))

    def test_image_and_drawing_have_the_same_modules(self):
        code = PaymentCode(payload(**DETAILS))
        self.assertEqual(modules_of(code.png()), code.rows)
        self.assertEqual(modules_in(code.path, code.size), code.rows)
        edge = [*code.rows[:QUIET_ZONE], *(row[:QUIET_ZONE] for row in code.rows)]
        self.assertFalse(any(any(row) for row in edge))

    def test_the_longest_text_fits_into_the_largest_symbol_allowed(self):
        longest = payload(**DETAILS | {"holder": "ä" * 70, "iban": "MT84MALT011000012345MTLCAST001S"})
        self.assertLessEqual(PaymentCode(longest).size, 69 + 2 * QUIET_ZONE)


class TransferTests(TestCase):
    def setUp(self):
        self.user = make_user()
        self.client.force_login(self.user)

    def order(self, price=None):
        with self.captureOnCommitCallbacks(execute=True):
            return make_order(self.user, price, provider="manual")

    def pages(self, order):
        """The page of the order, that of the transfer, and both parts of the email, as text."""
        email = next(email for email in emails_to(self.user.email) if email.subject.startswith("How to pay"))
        texts = [self.client.get(url).content.decode() for url in (order.get_absolute_url(), order.checkout_url)]
        return [" ".join(text.split()) for text in (*texts, email.body, email.alternatives[0].content)]

    def assert_all_say(self, order, *words):
        for text in self.pages(order):
            for part in words:
                self.assertIn(part, text)

    def test_the_code_is_on_the_page_and_in_the_email(self):
        order = self.order()
        code = transfer_of(order).code
        self.assertEqual(code.text.split("\n")[-4:], ["EUR9.00", "", "", order.number])
        for url in (order.get_absolute_url(), order.checkout_url):
            page = self.client.get(url)
            self.assertContains(page, f'd="{code.path}"')
            self.assertContains(page, 'fill="#fff"')
            self.assertNotContains(page, "style=")
        message = emails_to(self.user.email)[-1].message()
        html = message.get_body(("related", "html"))
        self.assertEqual(html.get_content_type(), "multipart/related")
        image = next(html.iter_attachments())
        self.assertEqual((image["Content-ID"], image.get_content_disposition()), ("<payment-code>", "inline"))
        self.assertEqual(modules_of(image.get_content()), code.rows)
        self.assertIn('src="cid:payment-code"', message.get_body(("html",)).get_content())

    def test_other_currencies_have_the_details_without_a_code(self):
        order = self.order(make_price(currency="CHF"))
        self.assertNotContains(self.client.get(order.get_absolute_url()), "transfer__code")
        self.assertEqual([part for part in emails_to(self.user.email)[-1].message().walk() if part.get_filename()], [])
        self.assert_all_say(order, "DE89 3704 0044 0532 0130 00", order.number)

    def test_a_short_trial_has_one_date_everywhere(self):
        order = self.order(make_price(make_plan(trial_days=5)))
        found = transfer_of(order)
        self.assertEqual(found.pay_by, self.user.subscriptions.get().period_end)
        begin, end = (date_format(timezone.localtime(day), "DATE_FORMAT") for day in (found.begins_at, found.ends_at))
        self.assert_all_say(order, f"from {begin} to {end}")
        two_weeks = date_format(timezone.localtime(order.placed_at + timedelta(days=14)), "DATE_FORMAT")
        for text in self.pages(order):
            self.assertNotIn(two_weeks, text)
        mark_paid(order=order, by="Edith")
        self.assertEqual(self.user.subscriptions.get().period_end, found.ends_at)

    def test_an_extension_says_its_period(self):
        first = self.order()
        mark_paid(order=first, by="Edith")
        order = self.order(first.lines.get().price)
        found = transfer_of(order)
        mails = [email for email in emails_to(self.user.email) if order.number in email.subject]
        begin, end = (date_format(timezone.localtime(day), "DATE_FORMAT") for day in (found.begins_at, found.ends_at))
        words = f"we extend your subscription, from {begin} to {end}"
        self.assertIn(words, mails[0].body)
        self.assertIn(words, " ".join(self.client.get(order.get_absolute_url()).content.decode().split()))
        mark_paid(order=order, by="Edith")
        self.assertEqual(self.user.subscriptions.get().period_end, found.ends_at)

    def test_the_newsroom_finds_an_order_as_the_bank_prints_its_number(self):
        order = self.order()
        make_order(provider="manual")
        self.client.force_login(make_member("Support"))
        year, count = order.number.split("-")
        for typed in (order.number, f"{year} {count}", f"{year}{count}", f"Bestellung {year}.{count} N. Lund"):
            with self.subTest(typed):
                page = self.client.get(reverse("admin:subscriptions_order_changelist"), {"q": typed})
                self.assertEqual(list(page.context["cl"].queryset), [order])
        page = self.client.get(reverse("admin:subscriptions_order_change", args=[order.pk]))
        self.assertContains(page, f"Reference {order.number}, to DE89 3704 0044 0532 0130 00, by")

    def test_paid_orders_show_no_details(self):
        order = self.order()
        mark_paid(order=order, by="Edith")
        self.assertRedirects(self.client.get(order.checkout_url), order.get_absolute_url())
        self.assertIsNone(transfer_of(Order.objects.get()))
