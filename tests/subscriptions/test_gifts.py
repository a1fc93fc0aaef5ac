"""Gift subscriptions: bought, delivered, redeemed once."""

from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.conf import settings
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Gift, Grant, LedgerContract, Order, Payment, Price, Subscription
from subscriptions.periods import add_intervals
from subscriptions.providers import ProviderError
from subscriptions.services import gift_orders, gifts, lifecycle, refunds
from subscriptions.services.access import access_for
from subscriptions.services.gifts import CannotRedeem
from subscriptions.services.sync import sync_order
from tests.budget import takes_longer
from tests.factories import make_order, make_paid, make_plan, make_price, make_tier, make_user
from tests.queries import SameQueries
from tests.subscriptions.journeys import emails_to, on_demo
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from truthlytics.tools.demo.provider import Demo


def make_gift(*, giver=None, price=None, paid=True, **fields):
    """A gift subscription bought with the demo provider."""
    now = timezone.now()
    details = gift_orders.GiftDetails(price=price or make_price(), deliver_at=now, **fields)
    order = gift_orders.place_and_start(user=giver or make_user(), details=details, provider="demo", now=now)
    if paid:
        Demo().pay(order.checkout_ref)
        sync_order(order)
    return Gift.objects.get(order=order)


@on_demo
class RedeemTests(TestCase):
    def setUp(self):
        self.user = make_user()
        self.price = make_price(make_plan(make_tier(10)), minor=9000, interval="year")

    def redeem(self, gift):
        return gifts.redeem(code=gift.code, user=self.user, now=timezone.now())

    def level(self, at=None):
        return access_for(self.user, at or timezone.now()).level

    def test_gift_starts_a_subscription_that_does_not_renew(self):
        self.redeem(make_gift(price=self.price))
        subscription = Subscription.objects.get()
        self.assertEqual((subscription.status, subscription.provider, subscription.renews), ("active", "gift", False))
        self.assertEqual(self.level(), 10)
        self.assertEqual(self.level(timezone.now() + timedelta(days=370)), 1)
        self.assertEqual(sum(subscription.changes.values_list("mrr_minor", flat=True)), 0)

    def test_gift_is_redeemed_once(self):
        gift = make_gift(price=self.price)
        self.redeem(gift)
        for reader in (self.user, make_user()):
            with self.assertRaisesMessage(CannotRedeem, "already been redeemed"):
                gifts.redeem(code=gift.code, user=reader, now=timezone.now())
        self.assertEqual(Grant.objects.count(), 1)

    def test_unpaid_refunded_and_unknown_gifts_cannot_be_redeemed(self):
        unpaid, refunded = make_gift(paid=False), make_gift()
        refunds.refund(payment=refunded.order.payments.get(), amount=refunded.order.total, by="Edda")
        for code in (unpaid.code, refunded.code, "unknown"):
            with self.assertRaisesMessage(CannotRedeem, "doesn’t exist"):
                gifts.redeem(code=code, user=self.user, now=timezone.now())

    def test_gift_is_too_late_after_a_year(self):
        gift = make_gift()
        with (
            time_machine.travel(timezone.now() + timedelta(days=366)),
            self.assertRaisesMessage(CannotRedeem, "had to be redeemed by"),
        ):
            self.redeem(gift)

    def test_gift_follows_a_period_paid_by_transfer(self):
        paid = make_paid(self.user, make_price(self.price.plan))
        self.redeem(make_gift(price=self.price))
        subscription = Subscription.objects.get()
        self.assertEqual(subscription.period_end, add_intervals(paid.period_end, "year", 1))
        self.assertEqual((subscription.next_price, subscription.next_price_at), (self.price, paid.period_end))

    def test_gift_postpones_the_next_charge_of_a_card(self):
        order = make_order(self.user, make_price(self.price.plan))
        Demo().pay(order.checkout_ref)
        sync_order(order)
        end = Subscription.objects.get().period_end
        self.redeem(make_gift(price=self.price))
        self.assertEqual(LedgerContract.objects.get().period_end, add_intervals(end, "year", 1))
        self.assertTrue(Subscription.objects.get().renews)
        self.assertEqual(self.level(end + timedelta(days=100)), 10)

    def test_postponement_is_repeated_until_the_provider_confirms(self):
        order = make_order(self.user, make_price(self.price.plan))
        Demo().pay(order.checkout_ref)
        sync_order(order)
        with patch.object(Demo, "postpone", side_effect=ProviderError("away")):
            gift = self.redeem(make_gift(price=self.price))
        self.assertIsNotNone(Gift.objects.get(pk=gift.pk).postpone_to)
        self.assertEqual(gifts.repeat_postponements(timezone.now()), 1)
        self.assertEqual(gifts.repeat_postponements(timezone.now()), 0)
        self.assertEqual(LedgerContract.objects.get().period_end, gift.postpone_to)

    def test_gift_after_a_cancelled_contract_gives_access_when_that_ends(self):
        order = make_order(self.user, make_price(self.price.plan))
        Demo().pay(order.checkout_ref)
        sync_order(order)
        subscription = lifecycle.cancel(subscription=Subscription.objects.get(), now=timezone.now())
        self.redeem(make_gift(price=self.price))
        self.assertEqual(self.level(subscription.period_end + timedelta(days=100)), 10)


@on_demo
class DeliveryTests(TestCase):
    def test_giver_and_recipient_get_an_email_each(self):
        giver = make_user()
        with self.captureOnCommitCallbacks(execute=True):
            gift = make_gift(giver=giver, recipient_email="ada@example.org", message="For the long evenings")
        self.assertEqual(len(emails_to(giver.email)), 1)
        self.assertIn("For the long evenings", emails_to("ada@example.org")[0].body)
        self.assertIn(gift.code, emails_to("ada@example.org")[0].body)

    def test_gift_for_a_later_day_is_sent_on_that_day_once(self):
        now = timezone.now()
        gift = make_gift(recipient_email="ada@example.org")
        Gift.objects.update(delivered_at=None, deliver_at=now + timedelta(days=3))
        self.assertEqual(gifts.deliver_due(now), 0)
        later = now + timedelta(days=4)
        self.assertEqual([gifts.deliver_due(later), gifts.deliver_due(later)], [1, 0])
        self.assertEqual(Gift.objects.get(pk=gift.pk).delivered_at, later)


@on_demo
class GiftPageTests(TestCase):
    def setUp(self):
        self.user = make_user()
        self.client.force_login(self.user)
        self.price = make_price(minor=9000, interval="year")
        self.url = reverse("subscriptions:give")

    def post(self, **fields):
        data = {"price": self.price.pk, "provider": "demo", "recipient_email": "ada@example.org"}
        return self.client.post(self.url, data | fields)

    def test_form_leads_to_the_payment_page(self):
        response = self.post(message="Enjoy")
        order = Order.objects.get()
        self.assertRedirects(response, order.checkout_url)
        self.assertEqual((order.kind, order.total_minor, order.renews), ("gift", 9000, False))

    def test_pressing_the_button_twice_orders_once(self):
        self.post()
        self.post()
        self.assertEqual(Order.objects.count(), 1)
        self.post(message="Another")
        self.assertEqual(Order.objects.filter(status="open").count(), 1)

    def test_bad_input_is_explained_and_kept(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        for field, value in {"price": "99", "recipient_email": "no", "deliver_on": yesterday, "provider": "x"}.items():
            with self.subTest(field=field):
                response = self.post(message="Kept words", **{field: value})
                self.assertContains(response, "Kept words", status_code=422)
                self.assertTrue(response.context["form"].errors[field])
        self.assertFalse(Order.objects.exists())

    def test_gifts_are_sold_in_the_currency_that_there_is(self):
        Price.objects.update(currency="USD")
        self.assertContains(self.client.get(self.url), "$90.00")

    def test_visitors_write_the_gift_first_and_find_it_once_they_have_an_account(self):
        self.client.logout()
        self.assertContains(self.client.get(self.url), "Continue to your account")
        self.assertContains(self.post(recipient_email="no"), "valid email address", status_code=422)
        self.assertRedirects(self.post(message="Enjoy"), "/accounts/signup/?next=%2Fgive%2F")
        self.assertFalse(Order.objects.exists())
        self.client.force_login(self.user)
        self.assertContains(self.client.get(self.url), "Enjoy")
        self.post(message="Enjoy")
        self.assertEqual(Gift.objects.get().message, "Enjoy")
        self.assertNotContains(self.client.get(self.url), "Enjoy")

    def test_paid_order_shows_the_link_to_pass_on(self):
        for fields, sentence in [
            ({}, "Pass this link on to the person the gift is for."),
            ({"recipient_email": "ada@example.org"}, "We’ve emailed it to ada@example.org."),
        ]:
            with self.subTest(sentence):
                gift = make_gift(giver=self.user, **fields)
                page = self.client.get(gift.order.get_absolute_url())
                self.assertContains(page, sentence)
                self.assertContains(page, f"{settings.SITE_URL}{gift.get_absolute_url()}")

    def test_unpaid_order_leads_back_to_the_gift_and_not_to_the_cart(self):
        page = self.client.get(make_gift(giver=self.user, paid=False).order.get_absolute_url())
        self.assertContains(page, f'href="{self.url}">Change the gift')
        self.assertNotContains(page, "Back to cart")

    def test_giver_sees_the_link_on_the_page_of_the_gift(self):
        gift = make_gift(giver=self.user)
        self.assertContains(self.client.get(gift.get_absolute_url()), "You bought this gift.")
        self.client.force_login(make_user())
        page = self.client.get(gift.get_absolute_url())
        self.assertNotContains(page, "You bought this gift.")
        self.assertNotContains(page, f"{settings.SITE_URL}{gift.get_absolute_url()}")

    def test_single_gift_shows_what_is_due(self):
        self.assertContains(self.client.get(self.url), "as a gift for €90.00.")
        make_price(self.price.plan)
        self.assertContains(self.client.get(self.url), "checked", 2)

    def test_plans_account_and_footer_lead_to_gifts(self):
        for path in (reverse("subscriptions:plans"), reverse("subscriptions:account"), "/"):
            with self.subTest(path):
                self.assertContains(self.client.get(path), f'href="{self.url}')

    def test_paid_gift_is_redeemed_on_its_page(self):
        gift = make_gift(giver=make_user(), giver_name="Grandma", message="Read <b>this</b>")
        page = self.client.get(gift.get_absolute_url())
        self.assertContains(page, "Grandma has given you")
        self.assertContains(page, "Read &lt;b&gt;this&lt;/b&gt;")
        self.assertIn("no-store", page["Cache-Control"])
        self.assertFalse(Subscription.objects.exists(), "Opening the page changes nothing.")
        self.assertRedirects(self.client.post(gift.get_absolute_url()), reverse("subscriptions:account"))
        self.assertContains(self.client.get(gift.get_absolute_url()), "You redeemed this gift")
        self.client.force_login(make_user())
        self.assertContains(self.client.get(gift.get_absolute_url()), "already been redeemed")
        self.assertEqual(self.client.post(gift.get_absolute_url()).status_code, 409)

    def test_visitors_come_back_to_the_gift_after_logging_in(self):
        gift = make_gift()
        self.client.logout()
        self.assertContains(self.client.get(gift.get_absolute_url()), f"?next={gift.get_absolute_url()}")
        self.assertEqual(self.client.post(gift.get_absolute_url()).status_code, 200)
        self.assertFalse(Subscription.objects.exists())

    def test_unpaid_and_unknown_gifts_are_not_found(self):
        for code in (make_gift(paid=False).code, "unknown"):
            self.assertEqual(self.client.get(reverse("subscriptions:redeem", args=[code])).status_code, 404)

    def test_list_shows_only_the_readers_own_gifts_in_few_queries(self):
        make_gift(giver=self.user, recipient_name="Ada")
        make_gift(recipient_name="Someone else’s")
        url = reverse("subscriptions:gifts")
        self.client.get(url)
        queries = SameQueries(self)
        with queries:
            page = self.client.get(url)
        self.assertContains(page, "Ada")
        self.assertNotContains(page, "Someone else’s")
        for name in ("Bea", "Cem", "Dot"):
            make_gift(giver=self.user, recipient_name=name)
        with queries:
            self.client.get(url)


@on_demo
class GiftRaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_twenty_readers_redeem_one_gift(self):
        gift = make_gift()
        readers = [make_user() for _ in range(20)]
        outcomes = race(lambda number: gifts.redeem(code=gift.code, user=readers[number], now=timezone.now()), 20)
        refused = [outcome for outcome in outcomes if isinstance(outcome, CannotRedeem)]
        self.assertEqual((len(refused), sum(isinstance(outcome, Gift) for outcome in outcomes)), (19, 1))
        self.assertEqual((Grant.objects.count(), Subscription.objects.count(), Payment.objects.count()), (1, 1, 1))
