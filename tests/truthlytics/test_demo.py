"""The demo runs a server, a worker and the periodic tasks. Its content refers only to what exists."""

import re
import tomllib
from collections import Counter
from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management.base import CommandError
from django.test import SimpleTestCase
from django.utils import timezone

from articles.sources.extraction import cited_sources
from subscriptions.models import Order, Payment, Subscription
from tests.factories import make_user
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase
from truthlytics.demo import content
from truthlytics.demo.accounts import ACCOUNTS, load_plans
from truthlytics.demo.load import IMAGES
from truthlytics.demo.subscriptions import load_subscriptions, pass_month_page
from truthlytics.management.commands import demo


class ServeTests(SimpleTestCase):
    def test_tick_runs_every_five_minutes(self):
        child = mock.Mock()
        child.poll.side_effect = [None] * 40 + [1] * 2
        minutes = []
        clock = mock.Mock(sleep=lambda seconds: minutes.append(1), monotonic=lambda: 60 * len(minutes))
        with (
            mock.patch.object(demo.subprocess, "Popen", return_value=child) as popen,
            mock.patch.object(demo, "time", clock),
            mock.patch.object(demo, "signal"),
            self.assertRaisesMessage(CommandError, "exited"),
        ):
            demo.Command(stdout=StringIO()).serve(8000)
        started = [call.args[0][-1] for call in popen.call_args_list]
        self.assertEqual(started, ["8000", "*", *["tick"] * 4])  # in 20 minutes


class ContentTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.texts = {path.stem: path.read_text() for path in (content.HERE / "articles").glob("*.html")}
        cls.heads = {slug: tomllib.loads(text.split("+++\n")[1]) for slug, text in cls.texts.items()}
        cls.public = {slug for slug, head in cls.heads.items() if head.get("age_hours", -1) > 0}

    def test_every_section_has_four_public_articles(self):
        sections = [section["slug"] for section in content.read("publication.toml")["sections"]]
        public = Counter(self.heads[slug]["section"] for slug in self.public)
        self.assertEqual(public, dict.fromkeys(sections, 4))

    def test_links_lead_to_public_articles(self):
        links = {link for text in self.texts.values() for link in re.findall(r'href="/articles/([^/"]+)/"', text)}
        self.assertGreater(len(links), 5)
        self.assertEqual(links - self.public, set())

    def test_details_of_sources_belong_to_one_footnote_each(self):
        cited = Counter(source.title for text in self.texts.values() for source in cited_sources(text, gated=False))
        for details in content.read("sources.toml")["sources"]:
            with self.subTest(details["note"]):
                self.assertEqual(sum(title.startswith(details["note"]) for title in cited), 1)
        self.assertEqual(len(cited), len(content.read("sources.toml")["sources"]))

    def test_six_public_articles_have_sources_and_none_an_invented_address(self):
        sources = {slug: cited_sources(self.texts[slug], gated=False) for slug in self.public}
        self.assertGreaterEqual(sum(len(found) > 1 for found in sources.values()), 6)
        self.assertGreaterEqual(len(sources["the-meeting-that-did-not-happen"]), 5)
        self.assertEqual({source.url for found in sources.values() for source in found}, {""})

    def test_images_have_texts_and_files(self):
        texts = tomllib.loads((IMAGES / "images.toml").read_text())
        leads = {head["lead"] for head in self.heads.values() if "lead" in head}
        self.assertEqual(leads - set(texts), set())
        self.assertEqual([name for name in texts if not (IMAGES / f"{name}.png").exists()], [])

    def test_front_page_rows_have_a_lead_with_an_image_and_two_more_articles(self):
        front = content.read("front.toml")
        placed = [front["lead"], *front["secondary"], front["opinion"]]
        for row in front["rows"]:
            placed += row["articles"]
            with self.subTest(row["section"]):
                self.assertGreaterEqual(len(row["articles"]), 3)
                self.assertIn("lead", self.heads[row["articles"][0]])
                self.assertEqual({self.heads[slug]["section"] for slug in row["articles"]}, {row["section"]})
        self.assertEqual(sorted(placed), sorted(self.public))

    def test_subscriptions_name_readers_articles_and_coupons_that_exist(self):
        told = content.read("subscriptions.toml")
        stories = told["subscriptions"]
        readers = {*ACCOUNTS, *(reader["key"] for reader in content.read("comments.toml")["readers"])}
        named = {story["by"] for story in [*stories, *told["gifts"]]} | {
            gift["redeemed_by"] for gift in told["gifts"] if "redeemed_by" in gift
        }
        self.assertEqual(named - readers, set())
        self.assertEqual(len({story["by"] for story in stories}), len(stories))
        self.assertEqual({story["from"] for story in stories if "from" in story} - self.public, set())
        codes = {coupon["code"] for coupon in told["coupons"]}
        self.assertEqual({story["coupon"] for story in stories if "coupon" in story}, codes)


@on_demo
class SubscriptionTests(TransactionTestCase):
    """Some of the demo's subscriptions, loaded as the demo loads them."""

    READERS = ("grete", "verrall", "nadia", "fenna", "matteo", "subscriber")

    def test_past_months_happen_through_the_services(self):
        load_plans(content.read("publication.toml")["plans"])
        users = {key: make_user(email=ACCOUNTS.get(key, [f"{key}@demo.test"])[0]) for key in self.READERS}
        told = content.read("subscriptions.toml")
        stories = [story for story in told["subscriptions"] if story["by"] in self.READERS]
        load_subscriptions(told | {"subscriptions": stories}, users, timezone.now())
        found = {row.user.email.split("@")[0]: row for row in Subscription.objects.select_related("user")}
        statuses = {name: row.status for name, row in found.items()}
        self.assertEqual(
            statuses,
            {"grete": "active", "verrall": "past_due", "nadia": "ended", "matteo": "active", "subscriber": "active"},
        )
        self.assertEqual(found["matteo"].provider, "gift")
        paid = Payment.objects.filter(user=users["subscriber"], order__kind="subscription")
        self.assertLess(paid.get().recorded_at, timezone.now() - timedelta(days=100))
        self.assertEqual(Order.objects.get(status="open").user, users["fenna"])
        self.assertIn("/demo/subscription/", pass_month_page())
