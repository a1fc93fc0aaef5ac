"""The one function that computes tax, and the sentence about it."""

from datetime import date

from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import translation

from subscriptions import tax
from subscriptions.money import Money
from subscriptions.tax import Buyer, Kind, share_of, tax_on, vat_ids
from subscriptions.tax.computing import tax_in
from truthlytics.publication.models import Publication
from truthlytics.publication.tax_rates import TaxRate

NINE = Money(900, "EUR")
DAY = date(2026, 11, 28)
SCHEME = "No VAT is charged under § 19 UStG."


def make_publication(**fields):
    """A publication with a tax. Its orders ask for no immediate start, which tests of withdrawals cover."""
    defaults = {"name": "The Harbour Review", "country": "DE", "tax_rate": 7, "immediate_start": "never"}
    return Publication.objects.create(**defaults | fields)


class RoundingTests(SimpleTestCase):
    def test_net_is_rounded_half_up_and_the_tax_is_the_rest(self):
        for gross, rate, expected in [
            (900, 700, 59), (900, 1900, 144), (1, 700, 0), (0, 700, 0), (900, 0, 0), (900, 550, 47), (900, 210, 19),
            # Net 0.5 and 1.5: half a cent goes up.
            (1, 10_000, 0), (3, 10_000, 1), (107, 700, 7), (10**15, 700, 65_420_560_747_664),
        ]:  # fmt: skip
            with self.subTest(gross=gross, rate=rate):
                self.assertEqual(tax_in(gross, rate), expected)

    def test_the_net_is_the_nearest_amount(self):
        for gross in range(0, 3000, 7):
            for rate in (210, 550, 700, 1900, 2000, 2550, 2700):
                net = gross - tax_in(gross, rate)
                self.assertLessEqual(abs(net * (10_000 + rate) - gross * 10_000) * 2, 10_000 + rate)

    def test_the_shares_of_all_parts_add_up(self):
        for parts in ([333, 333, 334], [1, 998, 1], [1000], [100] * 10):
            with self.subTest(parts=parts):
                shares = [share_of(159, whole=1000, before=sum(parts[:n]), part=parts[n]) for n in range(len(parts))]
                self.assertEqual(sum(shares), 159)
                self.assertGreaterEqual(min(shares), 0)


class VatIdTests(SimpleTestCase):
    def test_valid_numbers_of_member_states(self):
        for vat_id, country in {
            "DE123456788": "DE", "ATU12345675": "AT", "FR40303265045": "FR", "FRK7399859412": "FR", "EL094259216": "GR",
            "NL004495445B01": "NL", "IE6433435F": "IE", "IE6433435OA": "IE", "IE8D79739I": "IE", "ESX2482300W": "ES",
            "SE123456789701": "SE", "BE0697449992": "BE", "CY10259033P": "CY", "LT119511515": "LT", "RO18547290": "RO",
        }.items():  # fmt: skip
            with self.subTest(vat_id):
                self.assertEqual(vat_ids.country_of(vat_id), country)

    def test_other_texts_have_no_country(self):
        for text in ("", "DE", "DE12345678", "DE123456789", "GR094259216", "GB980780684", "XX123456789", "AT12345675",
                     "DE12345678８", "FRIO303265045", "BE697449992", "ELEL094259216", "DE123-456788"):  # fmt: skip
            with self.subTest(text):
                self.assertEqual(vat_ids.country_of(text), "")

    def test_spaces_dots_and_case_do_not_matter(self):
        self.assertEqual(vat_ids.normalised(" de 123.456-788 "), "DE123456788")


class TaxTests(TestCase):
    def test_without_settings_nothing_is_claimed(self):
        found = tax_on(NINE, buyer=Buyer("FR", "FR40303265045"))
        self.assertEqual((found.minor, found.rate, found.kind, found.net), (0, None, "", NINE))
        self.assertEqual(tax.sentence("€9.00 a month", found), "€9.00 a month")

    def test_the_same_rate_applies_everywhere_without_a_table(self):
        make_publication()
        for country in ("", "DE", "FR", "US"):
            found = tax_on(NINE, buyer=Buyer(country))
            self.assertEqual((found.minor, found.rate, found.kind), (59, 700, Kind.RATE))
            self.assertEqual(found.country, country or "DE")

    def test_the_table_applies_from_its_days_on(self):
        make_publication()
        TaxRate.objects.create(country="FR", rate="2.10", valid_from=date(2026, 1, 1))
        TaxRate.objects.create(country="FR", rate="5.50", valid_from=date(2026, 11, 28))
        TaxRate.objects.create(country="DE", rate="19", valid_from=date(2027, 1, 1))
        for country, day, rate in [
            ("FR", date(2025, 12, 31), 700),
            ("FR", date(2026, 11, 27), 210),
            ("FR", DAY, 550),
            ("DE", DAY, 700),
            ("DE", date(2027, 1, 1), 1900),
            # Countries without a row of their own follow ours.
            ("AT", DAY, 700),
            ("AT", date(2027, 1, 1), 1900),
        ]:
            with self.subTest(country=country, day=day):
                self.assertEqual(tax_on(NINE, buyer=Buyer(country), on=day).rate, rate)

    def test_a_rate_of_zero_says_why(self):
        make_publication()
        TaxRate.objects.create(country="CH", rate=0, valid_from=DAY, note="Not subject to VAT in the EU.")
        found = tax_on(NINE, buyer=Buyer("CH"), on=DAY)
        self.assertEqual((found.minor, found.rate, found.note), (0, 0, "Not subject to VAT in the EU."))
        self.assertEqual(tax.sentence("€9.00", found), "€9.00. Not subject to VAT in the EU.")

    def test_companies_in_other_member_states_owe_the_tax_themselves(self):
        make_publication()
        abroad = tax_on(NINE, buyer=Buyer("AT", "ATU12345675"))
        self.assertEqual((abroad.minor, abroad.rate, abroad.kind, abroad.country), (0, 0, Kind.REVERSE_CHARGE, "AT"))
        self.assertIn("Reverse charge", abroad.description)
        for buyer in (Buyer("DE", "DE123456788"), Buyer("CH", "CHE123456788"), Buyer("AT", "ATU1234")):
            self.assertEqual(tax_on(NINE, buyer=buyer).kind, Kind.RATE)

    def test_only_publishers_in_the_european_union_reverse_the_charge(self):
        make_publication(country="CH", tax_rate="2.6")
        self.assertEqual(tax_on(NINE, buyer=Buyer("AT", "ATU12345675")).rate, 260)

    def test_small_businesses_charge_no_tax_and_say_why(self):
        make_publication(small_business=True, small_business_note=SCHEME)
        for buyer in (Buyer(), Buyer("FR"), Buyer("AT", "ATU12345675")):
            found = tax_on(NINE, buyer=buyer)
            self.assertEqual((found.minor, found.rate, found.kind), (0, None, Kind.SMALL_BUSINESS))
            self.assertEqual(tax.sentence("€9.00 a month", found), f"€9.00 a month. {SCHEME}")

    @override_settings(STRIPE_AUTOMATIC_TAX=True)
    def test_ours_is_never_applied_beside_the_automatic_tax_of_the_provider(self):
        make_publication()
        found = tax_on(NINE)
        self.assertEqual((found.minor, found.rate, found.kind), (0, None, Kind.PROVIDER))
        self.assertEqual(tax.sentence("€9.00", found), "€9.00, including tax")

    def test_the_sentence_in_english_and_german(self):
        make_publication()
        self.assertEqual(tax.sentence("€9.00 a month", tax_on(NINE)), "€9.00 a month, including 7% VAT")
        self.assertEqual(
            [tax.as_percent(rate) for rate in (700, 1950, 210, 2000, 0)],
            ["7%", "19.5%", "2.1%", "20%", "0%"],
        )
        with translation.override("de"):
            german = tax.sentence("9,00 € im Monat", tax_on(NINE))
            self.assertEqual(german, "9,00 € im Monat, inkl. 7\N{NO-BREAK SPACE}% MwSt.")
            self.assertEqual(tax.as_percent(1950), "19,5\N{NO-BREAK SPACE}%")
