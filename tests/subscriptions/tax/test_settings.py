"""The page Settings → Tax."""

from datetime import date

from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.urls import reverse

from tests.budget import takes_longer
from tests.factories import make_member, make_staff
from truthlytics.audit.log import AuditEntry
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.publication.tax_rates import TaxRate

FIELDS = {
    "country": "DE",
    "tax_id": "Tax number 12/345/67890",
    "vat_id": "de 123 456 788",
    "tax_rate": "7",
    "small_business_note": "",
    "tax_rates-TOTAL_FORMS": "1",
    "tax_rates-INITIAL_FORMS": "0",
    "tax_rates-0-country": "",
    "tax_rates-0-rate": "",
    "tax_rates-0-note": "",
}


class TaxSettingsTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")

    def setUp(self):
        self.client.force_login(self.publisher)

    def save(self, **fields):
        """Send the form as a publisher would; return its errors."""
        name = "change" if Publication.objects.exists() else "add"
        url = reverse(f"admin:truthlytics_taxsettings_{name}", args=[1] if name == "change" else [])
        response = self.client.post(url, FIELDS | {key.replace("__", "-"): value for key, value in fields.items()})
        if response.status_code == 302:
            return {}
        errors = dict(response.context["adminform"].form.errors)
        for formset in response.context["inline_admin_formsets"]:
            errors |= {f"rates: {name}": text for row in formset.formset.errors for name, text in row.items()}
        return errors

    def row(self, number, country, rate, day, note=""):
        fields = {"country": country, "rate": rate, "valid_from": day, "note": note}
        return {f"tax_rates-{number}-{name}": value for name, value in fields.items()}

    def test_the_first_save_creates_the_row_and_later_ones_change_it(self):
        self.assertEqual(self.save(), {})
        publication = get_publication()
        self.assertEqual((publication.country, publication.vat_id, publication.tax_rate), ("DE", "DE123456788", 7))
        self.assertEqual(self.save(tax_rate="19"), {})
        self.assertEqual(get_publication().tax_rate, 19)
        self.assertEqual(AuditEntry.objects.filter(model="truthlytics.taxsettings").count(), 2)

    def test_other_settings_are_kept(self):
        Publication.objects.create(name="The Harbour Review", language="de")
        self.assertEqual(self.save(), {})
        self.assertEqual((get_publication().name, get_publication().language), ("The Harbour Review", "de"))

    def test_rates_by_country_are_used_at_once(self):
        rows = self.row(0, "FR", "2.10", "2026-01-01")
        self.assertEqual(self.save(**rows), {})
        self.assertEqual(get_publication().tax_rate_for("FR", date(2026, 11, 28))[0], TaxRate.objects.get().rate)
        self.assertEqual(get_publication().tax_rate_for("FR", date(2025, 11, 28))[0], 7)
        TaxRate.objects.get().delete()
        self.assertEqual(get_publication().tax_rate_for("FR", date(2026, 11, 28))[0], 7)

    @takes_longer("Many kinds of invalid input are sent.")
    def test_wrong_values_are_refused(self):
        for fields, name in [
            ({"country": ""}, "country"),
            ({"vat_id": "ATU12345675"}, "vat_id"),
            ({"vat_id": "123456789"}, "vat_id"),
            ({"tax_rate": "-1"}, "tax_rate"),
            ({"tax_rate": "107"}, "tax_rate"),
            ({"small_business": "on"}, "small_business_note"),
            (self.row(0, "CH", "0", "2026-01-01"), "rates: note"),
            (self.row(0, "XX", "5", "2026-01-01"), "rates: country"),
        ]:
            with self.subTest(fields):
                self.assertEqual(list(self.save(**fields)), [name])
        self.assertFalse(Publication.objects.exists())

    def test_there_is_one_rate_for_a_country_and_day(self):
        self.save(**self.row(0, "FR", "2.10", "2026-01-01"))
        again = self.row(1, "FR", "5.50", "2026-01-01")
        first = self.row(0, "FR", "2.10", "2026-01-01") | {"tax_rates-0-id": TaxRate.objects.get().pk}
        counts = {"tax_rates-TOTAL_FORMS": "2", "tax_rates-INITIAL_FORMS": "1"}
        self.assertIn("rates: __all__", self.save(**counts, **first, **again))
        with self.assertRaises(IntegrityError), transaction.atomic():
            TaxRate.objects.create(country="FR", rate=1, valid_from=date(2026, 1, 1))

    @takes_longer("Many kinds of invalid input are sent.")
    @override_settings(STRIPE_AUTOMATIC_TAX=True)
    def test_a_rate_is_refused_beside_the_automatic_tax_of_stripe(self):
        self.assertEqual(list(self.save()), ["__all__"])
        self.assertEqual(list(self.save(tax_rate="", small_business="on", small_business_note="§ 19")), ["__all__"])
        self.assertEqual(self.save(tax_rate=""), {})

    def test_a_missing_legal_address_is_pointed_out(self):
        Publication.objects.create(name="The Harbour Review")
        self.save()
        page = self.client.get(reverse("admin:truthlytics_taxsettings_change", args=[1]))
        self.assertContains(page, "Invoices need your legal address")

    def test_the_pages_of_settings_link_each_other(self):
        page = self.client.get(reverse("admin:truthlytics_publication_changelist"), follow=True)
        self.assertContains(page, reverse("admin:truthlytics_taxsettings_changelist"))
        page = self.client.get(reverse("admin:truthlytics_taxsettings_changelist"), follow=True)
        self.assertContains(page, reverse("admin:truthlytics_publication_changelist"))
        self.assertContains(page, "<h1>Tax</h1>")

    def test_the_settings_need_their_permission(self):
        self.client.force_login(make_staff("subscriptions.view_order"))
        self.assertEqual(self.client.get(reverse("admin:truthlytics_taxsettings_changelist")).status_code, 403)
