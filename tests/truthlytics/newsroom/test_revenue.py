"""The revenue page, its charts and CSV files."""

import csv
from datetime import timedelta

from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.services.redirects import slug_changed
from subscriptions.models import Order, Payment, Refund
from subscriptions.services import receipts
from tests.factories import (
    make_article,
    make_draft,
    make_member,
    make_payment,
    make_price,
    make_staff,
    make_subscription,
    make_user,
    make_version,
)
from tests.subscriptions.test_receipts import make_refund
from truthlytics.newsroom.charts import Bars

PAGE = reverse("admin:revenue")


def make_conversion(path, **fields):
    now = timezone.now()
    values = {"status": "paid", "paid_at": now, "placed_at": now, "consented_at": now, "provider": "demo"}
    return Order.objects.create(user=make_user(), currency="EUR", total_minor=900, came_from=path, **values | fields)


class RevenueTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")
        make_price()
        make_price(currency="USD")

    def setUp(self):
        self.client.force_login(self.publisher)

    def rows(self, table, **query):
        response = self.client.get(reverse("admin:revenue_csv", args=[table]), query)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        return list(csv.DictReader(response.getvalue().decode().splitlines()))

    def test_page_shows_figures_with_their_definition(self):
        receipts.issue(payment=make_payment(make_subscription(), minor=123_400))
        page = self.client.get(PAGE)
        for text in ("€1,234.00", "a yearly price counts as one twelfth", "New less churned"):
            self.assertContains(page, text)
        self.assertContains(page, '<th scope="row">', 12)
        self.assertNotContains(page, "style=")

    def test_currency_and_period_are_chosen(self):
        receipts.issue(payment=make_payment(make_subscription(), currency="USD", minor=500))
        page = self.client.get(PAGE, {"currency": "USD", "months": "6"})
        self.assertContains(page, "$5.00")
        self.assertContains(page, '<th scope="row">', 6)
        self.assertContains(page, "<option selected>USD</option>", html=True)

    def test_unknown_choices_become_the_default(self):
        make_subscription()
        for query in ({"currency": "XXX"}, {"months": "-1"}, {"months": "9" * 999}):
            with self.subTest(query):
                page = self.client.get(PAGE, query)
                self.assertEqual((page.context["choice"].currency, page.context["choice"].period), ("EUR", 12))

    def test_months_as_csv_have_decimal_amounts(self):
        payment = make_payment(make_subscription(), minor=950, refunded_minor=50)
        receipts.issue(payment=payment)
        receipts.issue_credit_note(refund=make_refund(payment, 50))
        rows = self.rows("months")
        self.assertEqual(len(rows), 12)
        last = rows[-1]
        self.assertEqual((last["month"], last["received"]), (f"{timezone.localdate():%Y-%m}", "9.50"))
        self.assertEqual((last["refunded"], last["revenue"], last["currency"]), ("0.50", "9.00", "EUR"))

    def test_months_have_the_tax_on_receipts_and_credit_notes(self):
        payment = make_payment(make_subscription(), minor=900, tax_minor=59, tax_rate=700, tax_kind="rate")
        receipts.issue(payment=payment)
        refund = Refund.objects.create(payment=payment, minor=450, status="done", requested_at=payment.recorded_at)
        receipts.issue_credit_note(refund=refund)
        Payment.objects.update(refunded_minor=450)
        last = self.rows("months")[-1]
        self.assertEqual((last["revenue"], last["tax"], last["revenue_before_tax"]), ("4.50", "0.30", "4.20"))
        self.assertContains(self.client.get(PAGE), "€0.30")

    def test_articles_are_named_even_after_their_url_changed(self):
        article = make_article(headline="A scoop", slug="a-scoop")
        path = article.get_absolute_url()
        make_conversion(path)
        make_conversion(path)
        make_conversion(make_draft(headline="Secret plans").get_absolute_url())
        make_version(article, slug="the-scoop")
        slug_changed(item=article, old_slug="a-scoop")
        page = self.client.get(PAGE)
        self.assertContains(page, f'<a href="{article.get_absolute_url()}">A scoop</a>', html=True)
        self.assertNotContains(page, "Secret plans")
        self.assertEqual(self.rows("articles")[0], {"path": path, "orders": "2", "currency": "EUR", "amount": "18.00"})

    def test_orders_before_the_period_are_left_out(self):
        make_conversion("/articles/old/", paid_at=timezone.now() - timedelta(days=400))
        self.assertContains(self.client.get(PAGE), "No orders from articles in this period.")

    def test_queries_do_not_grow(self):
        self.fill()
        with CaptureQueriesContext(connection) as few:
            self.client.get(PAGE)
        for _ in range(5):
            self.fill()
        with CaptureQueriesContext(connection) as many:
            self.client.get(PAGE)
        self.assertEqual(len(many), len(few))

    def fill(self):
        receipts.issue(payment=make_payment(make_subscription()))
        make_conversion(make_article().get_absolute_url())

    def test_permission_is_needed(self):
        self.client.force_login(make_staff("subscriptions.view_payment"))
        for url in (PAGE, reverse("admin:revenue_csv", args=["months"])):
            self.assertEqual(self.client.get(url).status_code, 403)

    def test_unknown_table_is_not_found(self):
        self.assertEqual(self.client.get(reverse("admin:revenue_csv", args=["users"])).status_code, 404)

    def test_menu_leads_to_the_page_with_permission_only(self):
        self.assertContains(self.client.get(reverse("admin:index")), f'href="{PAGE}"')
        self.client.force_login(make_staff("subscriptions.view_payment"))
        self.assertNotContains(self.client.get(reverse("admin:index")), f'href="{PAGE}"')


class BarsTests(SimpleTestCase):
    def test_highest_bar_fills_the_height(self):
        bars = Bars((5, 10, 0)).rectangles
        self.assertEqual([(bar["y"], bar["height"]) for bar in bars], [("50", "50"), ("0", "100")])

    def test_bars_below_share_the_scale(self):
        chart = Bars((6,), below=(2,))
        self.assertEqual(chart.base, "75")
        self.assertEqual(
            [(bar["y"], bar["height"], bar["is_below"]) for bar in chart.rectangles],
            [("0", "75", False), ("75", "25", True)],
        )

    def test_negative_and_empty_months_stay_inside_the_image(self):
        for chart in (Bars((-5, 10)), Bars((-5,)), Bars((0, 0))):
            for bar in chart.rectangles:
                self.assertLessEqual(float(bar["y"]) + float(bar["height"]), chart.height + 0.05)
