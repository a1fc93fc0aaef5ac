"""What a page of the newsroom costs with the demo's data."""

from time import process_time
from unittest import mock

from django.test import TestCase, tag
from django.urls import reverse
from django.utils import timezone

from tests.budget import takes_longer
from tests.factories import make_user
from tests.subscriptions.journeys import on_demo
from tests.truthlytics.newsroom.admin_urls import admin_urls
from truthlytics.tools.demo import content, load
from truthlytics.tools.demo.newsletters import load_newsletters

# Seconds of the processor that a page may cost. Templates are compiled when a page is first opened, so a dear one is
# opened again. Other processes on the machine make each second longer: a run fails only above the limit.
COST, TRIES = 0.1, 3
LIMIT = 2 * COST
# Every component with difficult content, for developers.
LEFT_OUT = ("styles", "logout")


@on_demo
@tag("sqlite")
class CostTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        # Images take most of the time, and no page reads their files.
        with mock.patch.object(load, "create_first_renditions"):
            accounts = load.load_publication(timezone.now())
        load_newsletters(content.read("newsletters.toml"), accounts, timezone.now())

    def setUp(self):
        # Copies the context of each template, which costs as much as the rest.
        self.enterContext(mock.patch("django.test.client.store_rendered_templates"))

    def cost(self, path):
        before = process_time()
        self.client.get(path)
        return process_time() - before

    @takes_longer("It opens every list and form of the newsroom.")
    def test_no_list_and_no_form_costs_more_than_100_ms(self):
        self.client.force_login(make_user(is_staff=True, is_superuser=True))
        paths = [
            reverse(f"{url.namespace}{name}")
            for name, url in admin_urls().items()
            if not url.arguments and not name.startswith(LEFT_OUT)
        ]
        self.assertGreater(len(paths), 100)
        costs = {path: self.cost(path) for path in paths}
        for _ in range(TRIES):
            costs |= {path: min(cost, self.cost(path)) for path, cost in costs.items() if cost > COST}
        self.assertEqual({path: cost for path, cost in costs.items() if cost > LIMIT}, {})
