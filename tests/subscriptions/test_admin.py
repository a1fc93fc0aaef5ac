"""Admin of orders, grants, subscriptions and prices."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Coupon, Gift, Grant, Order, Payment, Price, Subscription, User
from subscriptions.services.access import access_for
from tests.budget import takes_longer
from tests.factories import (
    make_comment,
    make_editor,
    make_order,
    make_paid,
    make_payment,
    make_plan,
    make_price,
    make_staff,
    make_subscription,
    make_user,
)
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry

MODELS = ["user", "tier", "plan", "price", "order", "payment", "subscription", "grant"]


@on_demo
class AdminTests(TransactionTestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)

    def list(self, model, **query):
        return self.client.get(reverse(f"admin:subscriptions_{model}_changelist"), query)

    def act(self, model, action, *rows):
        data = {"action": action, "_selected_action": [row.pk for row in rows], "confirmed": "1"}
        return self.client.post(reverse(f"admin:subscriptions_{model}_changelist"), data, follow=True)

    def form(self, row):
        return reverse(f"admin:subscriptions_{row._meta.model_name}_change", args=[row.pk])

    @takes_longer("Long lists are made and read.")
    def test_every_list_and_form_opens_with_constant_queries(self):
        make_paid()
        self.assertEqual([self.list(model, q="reader").status_code for model in MODELS], [200] * len(MODELS))
        first = [self.queries(model) for model in MODELS]
        for _ in range(4):
            make_paid()
        self.assertEqual([self.queries(model) for model in MODELS], first)
        for model in [User, Price, Order, Payment, Subscription, Grant]:
            self.assertEqual(self.client.get(self.form(model.objects.first())).status_code, 200)

    def test_form_of_a_user_reads_all_permissions_at_once(self):
        user = make_user()
        self.client.get(self.form(user))
        with CaptureQueriesContext(connection) as queries:
            page = self.client.get(self.form(user))
        self.assertContains(page, "Can publish and withdraw articles")
        self.assertLess(len(queries), 50)

    def queries(self, model):
        with CaptureQueriesContext(connection) as queries:
            self.list(model)
        return len(queries)

    def test_mark_paid_grants_access_once(self):
        order = make_order(provider="manual")
        page = self.act("order", "mark_as_paid", order)
        until = f"{timezone.localtime(Payment.objects.get().period_end):%-d %b %Y}"
        self.assertContains(page, f"€9.00 received from {order.user}. Access until {until}; invoice sent.")
        self.assertContains(self.act("order", "mark_as_paid", order), "No order was marked as paid.")
        self.assertEqual((Payment.objects.count(), access_for(order.user, timezone.now()).level), (1, 10))

    @takes_longer("Many requests, one after the other.")
    def test_marking_as_paid_asks_first(self):
        order, paid = make_order(provider="manual"), make_paid()
        urls = {
            reverse("admin:subscriptions_order_changelist"): {"action": "mark_as_paid"},
            self.form(order): {"CHANGE_FORM-action": "mark_as_paid"},
        }
        for url, data in urls.items():
            with self.subTest(url):
                page = self.client.post(url, data | {"_selected_action": order.pk})
                self.assertContains(page, f"€9.00 from {order.user}")
                self.assertContains(page, "begins at once")
                self.assertEqual(Payment.objects.filter(order=order).count(), 0)
                again = dict(page.context["selected"])
        self.assertRedirects(self.client.post(self.form(order), again | {"confirmed": "1"}), self.form(order))
        self.assertEqual(Payment.objects.filter(order=order).count(), 1)
        done = {"action": "mark_as_paid", "_selected_action": paid.user.orders.get().pk}
        page = self.client.post(reverse("admin:subscriptions_order_changelist"), done)
        self.assertContains(page, "None of these orders awaits a bank transfer.")

    @takes_longer("Many requests, one after the other.")
    def test_many_orders_are_counted(self):
        orders = [make_order(provider="manual") for _ in range(11)]
        self.assertContains(self.act("order", "mark_as_paid", *orders), "11 orders marked as paid; invoices sent.")

    def test_orders_of_other_providers_are_reported(self):
        order = make_order(provider="manual")
        Order.objects.update(provider="demo")
        self.assertContains(self.act("order", "mark_as_paid", order), "isn’t paid by bank transfer")

    def test_only_orders_awaiting_a_transfer_offer_to_be_marked_as_paid(self):
        order = make_order(provider="manual")
        self.assertContains(self.client.get(self.form(order)), 'value="mark_as_paid"')
        self.act("order", "mark_as_paid", order)
        self.assertNotContains(self.client.get(self.form(order)), "mark_as_paid")

    def test_order_links_to_its_reader(self):
        order = make_order()
        self.assertContains(self.client.get(self.form(order)), f'href="{self.form(order.user)}"')

    def test_page_of_a_user_shows_their_account(self):
        subscription = make_paid()
        reader, order = subscription.user, Order.objects.get()
        comment = make_comment(author=reader, text="Well said.")
        page = self.client.get(self.form(reader))
        for row in (subscription, order, order.payments.get(), comment, Grant.objects.get()):
            self.assertContains(
                page, f'href="{reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])}"'
            )
        self.client.force_login(make_staff("subscriptions.view_user"))
        page = self.client.get(self.form(reader))
        self.assertNotContains(page, "Payments")
        self.assertNotContains(page, "Well said.")

    def test_plan_page_shows_its_prices_and_tier_and_adds_prices_as_money(self):
        price = make_price()
        url = self.form(price.plan)
        page = self.client.get(url)
        for text in (
            "€9.00 a month",
            "on sale",
            "Access level: Subscriber",
            self.form(price),
            self.form(price.plan.tier),
        ):
            self.assertContains(page, text)
        plan = price.plan
        data = {
            "name": plan.name,
            "slug": plan.slug,
            "position": 0,
            "trial_days": 0,
            "tier": plan.tier_id,
            "prices-TOTAL_FORMS": 1,
            "prices-INITIAL_FORMS": 0,
            "prices-0-plan": plan.pk,
            "prices-0-currency": "USD",
            "prices-0-interval": "year",
            "prices-0-count": 1,
        }
        self.assertContains(self.client.post(url, data | {"prices-0-amount": "9.999"}), "USD has 2 decimals.")
        self.assertEqual(self.client.post(url, data | {"prices-0-amount": "99.50"}).status_code, 302)
        self.assertEqual(Price.objects.get(currency="USD").minor, 9950)
        self.client.post(
            self.form(price), {"plan": plan.pk, "amount": "12", "currency": "JPY", "interval": "month", "count": 3}
        )
        price.refresh_from_db()
        self.assertEqual((str(price.money), price.per), ("¥12", "every 3 months"))

    @takes_longer("Many requests, one after the other.")
    def test_prices_and_plans_are_archived_and_restored_on_the_page_of_the_plan(self):
        price = make_paid().price
        for row in (price, price.plan):
            name = row._meta.model_name
            urls = [reverse(f"admin:subscriptions_{name}_{verb}", args=[row.pk]) for verb in ("archive", "restore")]
            for url, archived in zip(urls, (True, False), strict=True):
                with self.subTest(url):
                    self.assertContains(self.client.get(self.form(price.plan)), f'="{url}"')
                    if archived:
                        self.assertContains(self.client.get(url), "1 subscription is unchanged")
                        row.refresh_from_db()
                        self.assertIsNone(row.archived_at)
                    self.assertRedirects(self.client.post(url), self.form(price.plan))
                    row.refresh_from_db()
                    self.assertEqual(row.archived_at is not None, archived)
            self.assertEqual([entry.message for entry in AuditEntry.objects.about(row)], ["Restored.", "Archived."])

    def test_price_is_not_restored_beside_another_one_for_its_period(self):
        old = make_price(archived_at=timezone.now())
        make_price(old.plan)
        url = reverse("admin:subscriptions_price_restore", args=[old.pk])
        self.assertContains(self.client.post(url, follow=True), "This plan already has a price for this period")
        old.refresh_from_db()
        self.assertIsNotNone(old.archived_at)

    def test_plans_show_subscribers_of_each_price_and_the_free_trial(self):
        price = make_price(make_plan(trial_days=14))
        make_subscription(price=price)
        make_subscription(price=price, status="ended", ended_at=timezone.now())
        page = self.list("plan")
        self.assertContains(page, "€9.00 a month (1)")
        self.assertContains(page, "14 days")
        self.assertContains(self.client.get(self.form(price.plan)), "1 subscriber<")

    def test_plans_and_prices_are_not_deleted(self):
        price = make_price()
        for row in (price, price.plan):
            delete = reverse(f"admin:subscriptions_{row._meta.model_name}_delete", args=[row.pk])
            self.assertEqual(self.client.post(delete, {"post": "yes"}).status_code, 403)

    def test_orders_are_filtered_by_kind_and_coupon(self):
        order, other = make_order(), make_order()
        coupon = Coupon.objects.create(code="SPRING25", percent=25)
        Order.objects.filter(pk=order.pk).update(coupon=coupon, kind=Order.Kind.EXTENSION)
        for query in ({"coupon": "SPRING25"}, {"coupon": "any"}, {"kind__exact": "extension"}):
            with self.subTest(query):
                page = self.list("order", **query)
                self.assertContains(page, order.number)
                self.assertNotContains(page, other.number)

    def test_page_of_a_gift_order_shows_the_gift_without_its_code(self):
        order = make_order()
        Order.objects.filter(pk=order.pk).update(kind=Order.Kind.GIFT)
        gift = Gift.objects.create(
            order=order,
            price=order.lines.get().price,
            recipient_name="Nadia Lund",
            deliver_at=timezone.now(),
            redeem_by=timezone.now(),
        )
        page = self.client.get(self.form(order))
        self.assertContains(page, "Nadia Lund")
        self.assertNotContains(page, gift.code)

    def test_payments_are_filtered_by_what_needs_attention(self):
        paid, surplus = make_payment(), make_payment(status="surplus", minor=700)
        disputed = make_payment(dispute="open", minor=800)
        refunded = make_payment(refunded_minor=100, minor=600)
        refunded.refunds.create(minor=100, requested_at=timezone.now())
        type(refunded).objects.filter(pk=refunded.pk).update(provider="manual")
        expected = {
            "needed": {surplus, disputed},
            "surplus": {surplus},
            "dispute": {disputed},
            "refunded": {refunded},
            "transfer": {refunded},
            "": {paid, surplus, disputed, refunded},
        }
        for value, payments in expected.items():
            with self.subTest(value):
                rows = self.list("payment", **({"attention": value} if value else {})).context["cl"].queryset
                self.assertEqual(set(rows), payments)

    def test_view_permission_cannot_mark_paid(self):
        order = make_order(provider="manual")
        self.client.force_login(make_staff("subscriptions.view_order"))
        self.act("order", "mark_as_paid", order)
        self.assertFalse(Payment.objects.exists())

    def test_complimentary_access_until_a_date(self):
        user, until = make_user(), timezone.now() + timedelta(days=30)
        data = {
            "user": user.pk,
            "level": 10,
            "may_comment": "on",
            "starts_at_0": "2026-01-01",
            "starts_at_1": "00:00",
            "ends_at_0": f"{until:%Y-%m-%d}",
            "ends_at_1": "00:00",
        }
        url = reverse("admin:subscriptions_grant_add")
        self.assertContains(
            self.client.post(url, data | {"ends_at_0": "2025-01-01"}), "The end must be after the start."
        )
        self.client.post(url, data)
        self.assertEqual(access_for(user, timezone.now()).level, 10)
        self.act("grant", "revoke", Grant.objects.get())
        self.assertEqual(access_for(user, timezone.now()).level, 1)

    def test_paid_grants_are_read_only(self):
        subscription = make_paid()
        price = subscription.price
        self.client.post(self.form(price), {"minor": 1, "archived_at_0": "", "archived_at_1": ""})
        self.assertEqual(Price.objects.get().minor, 900)
        for row in [Order.objects.get(), Payment.objects.get(), subscription, Grant.objects.get()]:
            with self.subTest(row):
                self.assertEqual(self.client.post(self.form(row), {}).status_code, 403)
                delete = reverse(f"admin:subscriptions_{row._meta.model_name}_delete", args=[row.pk])
                self.assertEqual(self.client.post(delete, {"post": "yes"}).status_code, 403)

    def test_a_price_is_archived_after_a_confirmation(self):
        address = reverse("admin:subscriptions_price_archive", args=[make_price().pk])
        self.client.get(address)
        self.assertIsNone(Price.objects.get().archived_at)
        self.client.post(address)
        self.assertIsNotNone(Price.objects.get().archived_at)
        self.assertNotContains(self.list("price"), "Archive (take off sale)")

    def test_only_superusers_edit_staff_flags(self):
        clerk = make_staff("subscriptions.view_user", "subscriptions.change_user", "subscriptions.add_user")
        self.client.force_login(clerk)
        reader = make_user()
        data = {"display_name": "New Name", "is_active": "on", "is_staff": "on", "is_superuser": "on", "email": "x@y.z"}
        self.client.post(self.form(reader), data)
        reader.refresh_from_db()
        self.assertEqual((reader.display_name, reader.is_staff, reader.is_superuser), ("New Name", False, False))
        self.assertNotEqual(reader.email, "x@y.z")
        for staff in [clerk, make_staff()]:
            self.assertEqual(self.client.post(self.form(staff), data | {"is_active": ""}).status_code, 403)
        self.assertNotContains(self.list("user"), self.editor.email)

    def test_new_account_has_no_password(self):
        data = {"email": "New@Example.org", "display_name": "New", "is_active": "on"}
        self.client.post(reverse("admin:subscriptions_user_add"), data)
        user = User.objects.get(email="new@example.org")
        self.assertFalse(user.has_usable_password())
        again = self.client.post(reverse("admin:subscriptions_user_add"), data)
        self.assertContains(again, "There’s already an account with this address.")
