"""The ways that a newcomer has to read are no longer than they were. docs/architecture.md describes them."""

import json
import os
import re
import sys

from django.core.cache import cache
from django.test import SimpleTestCase, TestCase
from django.urls import reverse

from subscriptions.models import Order
from subscriptions.money import Money
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_editor, make_price, make_user
from tests.subscriptions.journeys import on_demo
from tests.traces import Trace
from truthlytics.env import BASE_DIR

# How many files of the core each way passes at most, with all features and on PostgreSQL. Lower a figure when a way
# gets shorter. Files of features are not counted: each can be left out, and is read alone.
PUBLISH, PAGE, CHECKOUT, PAID = 104, 60, 48, 66


class TraceTests(SimpleTestCase):
    def test_only_functions_of_the_project_are_counted(self):
        with Trace() as trace:
            nine = Money(9, "EUR")
            json.dumps({"amount": nine.minor})
        Money(10, "EUR")
        self.assertEqual((trace.files, trace.calls.total()), (["subscriptions/money.py"], 1))


def steps(way: str) -> list[tuple[str, str]]:
    """Return the file and function of each step of a way in docs/architecture.md. Some steps name only a file."""
    text = (BASE_DIR / "docs" / "architecture.md").read_text(encoding="utf-8")
    _before, _name, way = text.partition(f"**{way}.**")
    return re.findall(r"^\d+\. `([\w/.]+)`(?:, `(\w+)`)?", way.partition("\n\n**")[0], re.MULTILINE)[:10]


@takes_longer("Every call is counted.")
class WayTests(TestCase):
    """Each way is gone twice, and counted the second time: the first also loads modules and fills caches."""

    def assert_short(self, name, trace, most):
        if os.environ.get("SHOW_TRACES"):
            print(f"\n{name}: {trace}", *trace.files, sep="\n  ", file=sys.stderr)
        self.assertLessEqual(len(trace.core), most, "\n".join([str(trace), *trace.files]))

    def assert_described(self, way, *traces):
        """What the way names is called."""
        named = [step for step in steps(way) if step[1]]
        self.assertGreater(len(named), 6)
        called = set().union(*(trace.functions for trace in traces))
        self.assertEqual([step for step in named if step not in called], [])

    def post(self, url, data):
        with Trace() as trace, self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(url, data)
        self.assertEqual(response.status_code, 302, response.text[:2000])
        return trace

    def test_publish(self):
        self.client.force_login(make_editor())
        data = {"when": "now", "last": 0, "note": "", "ai_uses": "none"}
        for article in (make_draft(), make_draft()):
            trace = self.post(reverse("admin:articles_article_publish", args=[article.pk]), data)
            article.refresh_from_db()
            self.assertEqual(article.state(), "published")
        self.assert_short("Publish", trace, PUBLISH)
        self.assert_described("Publish", trace)

    def test_a_page_asked_for_first(self):
        for article in (make_article(), make_article()):
            cache.clear()
            with Trace() as trace:
                response = self.client.get(article.get_absolute_url())
            self.assertContains(response, article.live.headline)
        self.assert_short("A page asked for first", trace, PAGE)
        self.assert_described("A page", trace)

    @on_demo
    def test_checkout_and_payment(self):
        price = make_price()
        for _ in range(2):
            self.client.force_login(make_user())
            self.client.post(reverse("subscriptions:cart_lines"), {"price": price.pk})
            checkout = self.post(reverse("subscriptions:checkout"), {"provider": "demo"})
            order = Order.objects.latest("pk")
            paid = self.post(reverse("demo:payment", args=[order.uuid]), {"outcome": "pay"})
            order.refresh_from_db()
            self.assertTrue(order.is_paid)
        self.assert_short("Checkout", checkout, CHECKOUT)
        self.assert_short("A payment until access, invoice and email", paid, PAID)
        self.assert_described("A payment", checkout, paid)

    def test_what_the_way_of_an_entry_names_is_there(self):
        for path, function in steps("An entry of the log"):
            source = (BASE_DIR / path).read_text(encoding="utf-8")
            self.assertRegex(source, rf"\bdef {function}\(" if function else ".")
