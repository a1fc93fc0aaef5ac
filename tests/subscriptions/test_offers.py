"""What the page of plans offers: the longest period first, what it saves, and one recommendation."""

from django.test import TestCase
from django.urls import reverse

from subscriptions.models import Price
from subscriptions.offers import plan_offers
from tests.factories import make_plan, make_price


class OfferTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.first, cls.second = make_plan(position=1), make_plan(position=2)
        for plan, monthly in ((cls.first, 900), (cls.second, 1800)):
            make_price(plan=plan, minor=monthly)
            make_price(plan=plan, minor=monthly * 10, interval="year")

    def offers(self, currency="EUR"):
        return dict(plan_offers(Price.objects.current().filter(currency=currency)))

    def test_yearly_price_is_first_and_says_what_it_saves(self):
        yearly, monthly = self.offers()[self.first]
        self.assertEqual((yearly.price.minor, str(yearly.saving)), (9000, "€18.00"))
        self.assertEqual((monthly.price.minor, monthly.saving), (900, None))
        self.assertContains(self.client.get(reverse("subscriptions:plans")), "Save €18.00 a year")

    def test_one_price_is_recommended(self):
        recommended = [offer.price for offers in self.offers().values() for offer in offers if offer.is_recommended]
        self.assertEqual([(price.plan, price.interval) for price in recommended], [(self.first, "year")])
        page = self.client.get(reverse("subscriptions:plans"))
        self.assertContains(page, "Recommended", count=1)

    def test_saving_is_computed_in_each_currency(self):
        make_price(plan=self.first, minor=1000, currency="USD")
        make_price(plan=self.first, minor=11000, currency="USD", interval="year")
        self.assertEqual(str(self.offers("USD")[self.first][0].saving), "$10.00")

    def test_a_year_that_costs_as_much_as_twelve_months_saves_nothing(self):
        make_price(plan=self.second, minor=1000, currency="USD")
        make_price(plan=self.second, minor=12000, currency="USD", interval="year")
        yearly, _ = self.offers("USD")[self.second]
        self.assertEqual((yearly.saving, yearly.is_recommended), (None, False))
