"""What is due: the sentence, the row, the button and the order agree, in the cart and on the page of gifts."""

import re
from itertools import product

from django.core.cache import cache
from django.test import TestCase, override_settings, tag
from django.urls import reverse

from articles.models import Page
from articles.services.publishing import publish
from subscriptions.models import Order
from tests.budget import takes_longer
from tests.factories import make_coupon, make_page, make_plan, make_price, make_subscription, make_user
from tests.html import page_of, text_of, texts
from tests.subscriptions.card_provider import PATHS, Card, CardMixin
from tests.subscriptions.journeys import Steps

WAYS = {"both": ["card", "manual"], "card": ["card"], "transfer": ["manual"]}
COUPONS = {
    "none": {},
    "quarter": {"percent": 25},
    "for ever": {"percent": 25, "duration": "forever"},
    "all": {"percent": 100},
}
# Trial days, and what the reader has: a period paid by transfer, or a gift.
READERS = [(0, ""), (14, ""), (0, "manual"), (0, "gift")]
AMOUNT = re.compile(r"€[\d.]+")


def amounts_in(text):
    return AMOUNT.findall(text.replace("\xa0", " "))


@tag("sqlite")  # The sentences of the form do not depend on the database, and other tests place such orders.
class OrderFormTests(CardMixin, Steps, TestCase):
    def prepare(self, trial_days, present, coupon):
        """Put a plan, with this coupon, into the cart of a new reader. Returns its page."""
        cache.clear()
        price = make_price(make_plan(trial_days=trial_days))
        user = make_user()
        if present:
            make_subscription(user, price=price, provider=present)
        self.client.force_login(user)
        self.choose(price)
        if coupon:
            code = make_coupon(code=f"C{price.pk}", **coupon).code
            self.client.post(reverse("subscriptions:coupon"), {"coupon": code})
        return page_of(self.client.get(reverse("subscriptions:cart")))

    def shown(self, page, ways):
        """Return what the page says for each payment method: code, sentence, due now, button and accepted terms."""
        form = next(form for form in page.iter("form") if form.get("action") == reverse("subscriptions:checkout"))
        button = next(form.iter("button"))
        buttons = texts(button, "by-choice__text") or [text_of(button)] * len(ways)
        rows = [row for row in page.iter("tr") if "Due now" in text_of(row)]
        if len(ways) == 1:
            sentences, terms = [text_of(next(form.iter("b")))], [text_of(form)]
        else:
            sentences = [text_of(option) for option in form.find_class("choice")]
            terms = texts(form, "payment-method__consent")
        (row,) = rows  # Right above the button, and nowhere else.
        due = texts(row, "by-choice__text") or amounts_in(text_of(row)) * len(ways)
        return list(zip(ways, sentences, due, buttons, terms, strict=True))

    @takes_longer("Many requests, one after the other.")
    def test_sentence_row_button_and_order_agree(self):
        for (name, ways), (title, coupon), (days, present) in product(WAYS.items(), COUPONS.items(), READERS):
            if len(ways) == 1 and title == "quarter":
                continue  # Between none and all of the price: shown with both ways.
            paths = [path for path, code in zip(PATHS, WAYS["both"], strict=True) if code in ways]
            with override_settings(PAYMENT_PROVIDERS=paths):
                for number, code in enumerate(ways):
                    with self.subTest(ways=name, coupon=title, trial=days, present=present, pays=code):
                        said = self.shown(self.prepare(days, present, coupon), ways)[number]
                        self.order(code)
                        self.assert_agrees(Order.objects.latest("pk"), days, *said)

    def assert_agrees(self, order, trial_days, code, sentence, due, button, terms):
        is_nothing = due == "€0.00"
        if "Due now" in sentence:
            self.assertIn(f"Due now: {due}.", sentence)
        action = "Start the free trial" if trial_days else "Order" if is_nothing else "Order and pay"
        self.assertEqual(button, action)
        self.assertIn(f"By choosing “{action}”, I order", terms)
        self.assertIn(order.consent_text, terms)
        self.assertEqual("Free for 14 days" in sentence, bool(trial_days))
        if trial_days:
            self.assertTrue(is_nothing)
        # A transfer after the trial is what the sentence says; all else is due as shown.
        waits = trial_days and code == "manual" and order.total_minor
        self.assertEqual(str(order.total), amounts_in(sentence)[0] if waits else due)

    def test_trial_has_a_row_of_its_own(self):
        page = self.prepare(14, "", {"percent": 25})
        rows = [text_of(row) for row in next(iter(page.find_class("ledger"))).iter("tr")]
        self.assertEqual(rows[-1], "Free trial 14 days")
        self.assertIn("−€2.25", rows[-2])

    def test_free_trial_by_card_says_the_same_after_ordering(self):
        self.prepare(14, "", {})
        order_page = self.order("card")
        self.assertContains(self.client.get(order_page.url), "Enter your payment method")
        order = Order.objects.latest("pk")
        Card().pay(order.checkout_ref)
        page = self.client.post(reverse("subscriptions:settle", args=[order.uuid]), follow=True)
        for words in ("Your free trial has begun.", "It is free until", "emailed a confirmation", "€0.00"):
            self.assertContains(page, words)
        self.assertNotContains(page, "receipt")

    def test_free_trial_by_transfer_says_the_same_after_ordering(self):
        self.prepare(14, "", {})
        self.order("manual")
        page = self.client.get(Order.objects.latest("pk").get_absolute_url())
        for words in (
            "Your free trial has begun",
            "costs nothing. To keep reading after that, send €9.00 by",
            "Due by",
        ):
            self.assertContains(page, words)
        self.assertNotContains(page, "Amount due")


class GiftFormTests(CardMixin, TestCase):
    def setUp(self):
        super().setUp()
        # Neither a trial of the plan nor a coupon in the cart changes a gift.
        plan = make_plan(trial_days=14)
        self.prices = [make_price(plan), make_price(plan, minor=9000, interval="year")]
        self.client.force_login(make_user())
        self.url = reverse("subscriptions:give")

    def options(self):
        page = page_of(self.client.get(self.url))
        form = next(iter(page.find_class("gift-form")))
        button = next(form.iter("button"))
        shown = [text_of(option) for option in form.find_class("gift-price")]
        terms = [text for text in texts(form, "by-choice__text") if text.startswith("By choosing")]
        self.assertEqual(text_of(button), "Order and pay")
        return list(zip(shown, terms, strict=True))

    def test_each_gift_has_its_amount_in_the_choice_and_in_the_terms(self):
        for price, (shown, terms) in zip(self.prices, self.options(), strict=True):
            with self.subTest(price=price):
                self.assertEqual(amounts_in(shown), [str(price.money)])
                self.assertIn(str(price.money), terms)
                self.assertNotIn("Free", shown + terms)
                self.client.post(self.url, {"price": price.pk, "provider": "card"})
                order = Order.objects.latest("pk")
                self.assertEqual((order.consent_text, str(order.total)), (terms, str(price.money)))

    def test_a_single_gift_says_so_too(self):
        self.prices[1].delete()
        page = page_of(self.client.get(self.url))
        text = text_of(next(iter(page.find_class("gift-form__order"))))
        self.assertIn("as a gift for €9.00.", text)
        self.assertIn("By choosing “Order and pay”", text)


class LegalPagesTests(CardMixin, Steps, TestCase):
    def links(self, path):
        page = page_of(self.client.get(path))
        return [link.get("href") for found in page.find_class("legal-pages") for link in found.iter("a")]

    def test_order_buttons_have_links_to_the_public_legal_pages(self):
        make_page(slug="terms", purpose="terms", published=False)
        self.client.force_login(make_user())
        self.choose(make_price())
        paths = (reverse("subscriptions:cart"), reverse("subscriptions:give"))
        for path in paths:
            self.assertEqual(self.links(path), [])
        for purpose in ("privacy", "imprint", "withdrawal"):
            make_page(slug=purpose, purpose=purpose)
        publish(item=Page.objects.get(slug="terms"))
        for path in paths:
            self.assertEqual(self.links(path), ["/pages/terms/", "/pages/withdrawal/", "/pages/privacy/"])
