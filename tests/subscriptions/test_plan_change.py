"""Changing the plan or the card of a subscription that its provider renews."""

from datetime import timedelta
from unittest import mock

from django.core.cache import cache
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from subscriptions.models import LedgerContract, Subscription
from subscriptions.money import Money
from subscriptions.providers.base import ChangePreview, Declined, ProviderError, Unavailable
from subscriptions.services.lifecycle import cancel
from subscriptions.services.sentences import state_sentence
from tests.budget import takes_longer
from tests.factories import make_paid, make_plan, make_price, make_renewing, make_subscription, make_tier, make_user
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase
from truthlytics.tools.demo.provider import Demo

PAGE = "/account/plan/"


class Pages:
    """TestCase mixin: a reader with a monthly subscription by card, and what they do on the pages."""

    def setUp(self):
        cache.clear()
        self.monthly = make_price(minor=900)
        self.patron = make_price(make_plan(make_tier(20)), minor=1900)
        self.subscription = make_renewing(make_user(), self.monthly)
        self.client.force_login(self.subscription.user)

    def url(self, price):
        return reverse("subscriptions:change_to", args=[price.pk])

    def token(self, url):
        page = self.client.get(url)
        option = page.context.get("option")
        return option.token if option else page.context["token"]

    def change(self, price, when="renewal", token=None):
        data = {"when": when, "token": token or self.token(self.url(price))}
        return self.client.post(self.url(price), data, follow=True)

    def fresh(self):
        return Subscription.objects.get(pk=self.subscription.pk)


@on_demo
class PlanChangeTests(Pages, TestCase):
    def test_the_plan_changes_at_the_next_renewal(self):
        page = self.client.get(self.url(self.patron))
        self.assertContains(page, "Nothing is charged today.")
        self.change(self.patron)
        fresh = self.fresh()
        self.assertEqual((fresh.price, fresh.next_price), (self.monthly, self.patron))
        day = date_format(timezone.localtime(fresh.period_end), "DATE_FORMAT")
        sentence = f"Reader, monthly until {day}, then Patron, monthly for €19.00 a month."
        self.assertContains(self.client.get("/account/"), sentence)
        self.assertContains(self.client.get(PAGE), f"From {day} you will have Patron, monthly")
        self.assertContains(self.client.get("/account/cancellation/"), "It won’t change to Patron, monthly")
        self.assertIn("Then Patron, monthly: €19.00 a month, charged to", state_sentence(fresh))
        self.assertEqual(LedgerContract.objects.get().next_price, self.patron)

    def test_a_planned_change_can_be_taken_back(self):
        self.change(self.patron)
        account = self.client.get("/account/")
        self.assertContains(account, "Keep Reader, monthly")
        self.client.post(PAGE, {"token": account.context["change_token"]})
        self.assertIsNone(self.fresh().next_price)
        self.assertEqual(LedgerContract.objects.get().next_price, self.monthly)

    def test_the_page_of_plans_does_not_offer_what_the_reader_has(self):
        self.change(self.patron)
        other = make_price(self.monthly.plan, minor=9000, interval="year")
        page = self.client.get("/subscribe/")
        self.assertContains(page, "You have Reader, monthly until")
        for price, count in ((self.monthly, 0), (self.patron, 0), (other, 1)):
            self.assertContains(page, f'name="price" value="{price.pk}"', count)
        for words in ("Your plan", "Your next plan"):
            self.assertContains(page, f'<p class="plan__own">{words}</p>', html=True)

    def test_the_amount_due_at_once_is_shown_before_it_is_charged(self):
        preview = ChangePreview(Money(643, "EUR"), Money(1900, "EUR"), timezone.now() + timedelta(days=30))
        with mock.patch.object(Demo, "preview_change", return_value=preview):
            page = self.client.get(self.url(self.patron))
            self.assertContains(page, "You pay €6.43 today")
            self.assertContains(page, "Change now and pay €6.43")
            self.change(self.patron, when="now", token=page.context["option"].token)
        fresh = self.fresh()
        self.assertEqual((fresh.price, fresh.next_price), (self.patron, None))
        self.assertEqual(fresh.changes.get(event="plan_changed").mrr_minor, 1000)
        self.assertEqual(fresh.payments.order_by("pk").last().minor, 643)

    def test_a_cheaper_plan_begins_at_the_next_renewal(self):
        self.assertNotContains(self.client.get(self.url(make_price(minor=500))), "Change now")

    def test_without_an_answer_about_the_amount_only_the_renewal_is_offered(self):
        with mock.patch.object(Demo, "preview_change", side_effect=Unavailable):
            page = self.client.get(self.url(self.patron))
        self.assertContains(page, "Change on")
        self.assertNotContains(page, "Change now")

    @takes_longer("A limit is reached by many requests.")
    def test_the_provider_is_asked_sixty_times_an_hour(self):
        with mock.patch.object(Demo, "preview_change", side_effect=Unavailable) as ask:
            for _ in range(62):
                self.client.get(self.url(self.patron))
        self.assertEqual(ask.call_count, 60)

    def test_a_refused_change_changes_nothing(self):
        for error, words in [
            (Declined, "Your card was declined. Nothing was changed."),
            (ProviderError, "refused the change. Nothing was changed."),
            (Unavailable, "isn’t responding"),
        ]:
            with self.subTest(words), mock.patch.object(Demo, "change_price", side_effect=error):
                self.assertContains(self.change(self.patron, when="now"), words)
                self.assertEqual(self.fresh().upcoming_price, self.monthly)

    def test_each_attempt_has_a_key_of_its_own_and_a_double_click_has_one(self):
        token, other = self.token(self.url(self.patron)), self.token(self.url(self.patron))
        with mock.patch.object(Demo, "change_price") as charge:
            for sent in (token, token, other):
                self.change(self.patron, token=sent)
        keys = [call.kwargs["key"] for call in charge.call_args_list]
        self.assertEqual((len(keys), len(set(keys))), (3, 2))

    def test_sending_the_form_again_after_the_change_is_no_error(self):
        token = self.token(self.url(self.patron))
        for _ in range(2):
            self.assertContains(self.change(self.patron, token=token), "Your change is saved.")

    def test_a_second_tab_confirms_again(self):
        other = make_price(make_plan(name="Club"), minor=1200)
        token = self.token(self.url(other))
        self.change(self.patron)
        self.assertContains(self.change(other, token=token), "has changed since you opened the page")
        self.assertEqual(self.fresh().next_price, self.patron)

    def test_an_old_or_invalid_form_is_not_accepted(self):
        token = self.token(self.url(self.patron))
        self.assertContains(self.change(self.patron, token="x" * 20), "open for too long")
        with mock.patch("django.core.signing.time.time", return_value=timezone.now().timestamp() + 3700):
            self.assertContains(self.change(self.patron, token=token), "open for too long")
        self.assertIsNone(self.fresh().next_price)

    def test_a_price_archived_meanwhile_is_not_charged(self):
        token = self.token(self.url(self.patron))
        self.patron.archived_at = timezone.now()
        self.patron.save()
        page = self.change(self.patron, token=token)
        self.assertContains(page, "This price is no longer available. Nothing was changed.")
        self.assertNotContains(page, self.url(self.patron))
        self.assertRedirects(self.client.get(self.url(self.patron)), PAGE)
        self.assertIsNone(self.fresh().next_price)

    def test_only_prices_in_the_same_currency_are_offered(self):
        dollars = make_price(minor=1000, currency="USD")
        self.assertNotContains(self.client.get(PAGE), self.url(dollars))
        self.assertEqual(self.client.get(self.url(dollars)).status_code, 404)
        self.assertEqual(self.client.get(reverse("subscriptions:change_to", args=[2**70])).status_code, 404)

    def test_cancelled_and_overdue_subscriptions_say_what_to_do_first(self):
        cancel(subscription=self.subscription, now=timezone.now())
        self.assertContains(self.client.get(PAGE), "Resume it before you change the plan.")
        self.assertRedirects(self.client.get(self.url(self.patron)), PAGE)
        Subscription.objects.update(cancel_at=None, status="past_due")
        self.assertContains(self.client.get(PAGE), "Change the card before you change the plan.")

    def test_subscribers_by_transfer_are_led_to_the_plans(self):
        self.client.force_login(make_paid().user)
        self.assertRedirects(self.client.get(PAGE), "/subscribe/")
        self.assertRedirects(
            self.client.post(self.url(self.patron)), PAGE, target_status_code=302, fetch_redirect_response=True
        )


@on_demo
class CardTests(Pages, TestCase):
    def test_the_card_is_changed_at_the_provider(self):
        self.assertRedirects(self.client.get("/account/card/"), "/account/")
        with mock.patch.object(Demo, "manage_url", return_value="https://pay.example/portal") as manage:
            self.assertContains(self.client.post("/account/card/"), 'href="https://pay.example/portal"')
        self.assertIn("/account/?returned=1", manage.call_args.kwargs["back"])

    def test_the_provider_is_down(self):
        with mock.patch.object(Demo, "manage_url", side_effect=Unavailable):
            self.assertContains(self.client.post("/account/card/", follow=True), "isn’t responding")

    def test_the_account_checks_the_card_on_return(self):
        ref = self.subscription.provider_ref
        LedgerContract.objects.update(card_declines=True, period_end=timezone.now() - timedelta(minutes=1))
        self.client.post("/account/card/check/")
        self.assertEqual(self.fresh().status, "past_due")
        self.assertNotContains(self.client.get("/account/"), "Check now")
        self.assertContains(self.client.get("/account/?returned=1"), "Check now")
        self.assertEqual(self.fresh().status, "past_due")
        Demo().set_card(ref, declines=False)
        self.assertRedirects(self.client.post("/account/card/check/"), "/account/")
        self.assertEqual(self.fresh().status, "active")
        self.assertContains(self.client.get("/account/"), "Renews on")

    def test_others_have_no_card_to_change(self):
        self.client.force_login(make_subscription().user)
        for url in ("/account/card/", "/account/card/check/"):
            self.assertRedirects(self.client.post(url), "/account/")


@on_demo
class TransactionTests(Pages, TransactionTestCase):
    def test_no_provider_is_called_inside_a_transaction(self):
        inside = {}

        def spy(name):
            method = getattr(Demo, name)

            def call(provider, *args, **kwargs):
                inside[name] = connection.in_atomic_block
                return method(provider, *args, **kwargs)

            return mock.patch.object(Demo, name, call)

        with spy("preview_change"), spy("change_price"), spy("subscription_state"), spy("manage_url"):
            self.change(self.patron, when="now")
            self.client.post("/account/card/")
        self.assertEqual(set(inside.values()), {False})
        self.assertEqual(len(inside), 4)
