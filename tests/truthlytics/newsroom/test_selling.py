"""A new publication sells once its list is complete, or its publisher says why not."""

from django.core.cache import cache
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models.pages import REQUIRED_TO_SELL
from subscriptions.models import CartLine, Order, Price
from tests.factories import make_editor, make_member, make_page, make_price, make_user
from tests.subscriptions.card_provider import PATHS
from truthlytics.audit.log import AuditEntry
from truthlytics.publication.models import Publication
from truthlytics.setup.service import set_up

PAGE = "/admin/selling/"


@override_settings(PAYMENT_PROVIDERS=PATHS[:1])
class SellingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publication = Publication.objects.create(selling_waits_since=timezone.now())
        cls.price = make_price()
        cls.publisher = make_member("Publisher")

    def setUp(self):
        cache.clear()
        self.client.force_login(self.publisher)

    def complete(self):
        for purpose in REQUIRED_TO_SELL:
            make_page(slug=purpose.value, purpose=purpose, headline=str(purpose.label))
        Publication.objects.get().delete()
        Publication.objects.create(selling_waits_since=timezone.now(), tax_rate=7)
        self.client.post("/admin/truthlytics/emailsettings/arrival/")

    def test_readers_can_neither_see_nor_order_what_is_not_on_sale(self):
        self.client.logout()
        self.assertContains(self.client.get("/subscribe/"), "No plans are on sale at the moment")
        self.client.post("/cart/lines/", {"price": self.price.pk})
        self.assertFalse(CartLine.objects.exists())
        self.client.force_login(make_user())
        self.client.post("/cart/lines/", {"price": self.price.pk})
        self.client.post("/checkout/", {"price": self.price.pk})
        self.assertFalse(Order.objects.exists())

    def test_the_list_says_what_is_missing_and_a_reason_begins_all_the_same(self):
        page = self.client.get(PAGE)
        self.assertContains(page, "missing</a>", 6)
        self.assertContains(self.client.get("/admin/"), "Before you sell: 6 things are missing")
        self.assertContains(self.client.post(PAGE), "Say why, or complete the list first.", status_code=422)
        self.assertFalse(Price.objects.current().exists())
        self.assertContains(self.client.post(PAGE, {"reason": "Free for friends."}, follow=True), "Free for friends.")
        self.assertTrue(Price.objects.current().exists())
        self.assertTrue(AuditEntry.objects.filter(message="Began to sell. Free for friends.").exists())
        self.assertNotContains(self.client.get("/admin/"), "not on sale yet")

    def test_a_complete_list_needs_no_reason(self):
        self.complete()
        self.assertNotContains(self.client.get(PAGE), "missing</a>")
        self.client.post(PAGE)
        self.assertTrue(Price.objects.current().exists())

    def test_an_email_of_another_sender_has_to_arrive_again(self):
        self.complete()
        Publication.objects.get().delete()
        Publication.objects.create(sender_address="new@example.org", email_arrived_from="old@example.org")
        self.assertContains(self.client.get(PAGE), "An email that has arrived:")
        self.assertContains(self.client.get(PAGE), "missing</a>", 2)

    def test_looking_at_the_list_sells_nothing(self):
        self.complete()
        self.client.get(PAGE)
        self.assertFalse(Price.objects.current().exists())


class ExistingSiteTests(TestCase):
    def test_a_site_that_was_not_set_up_anew_sells_as_before(self):
        make_price()
        self.assertTrue(Price.objects.current().exists())
        Publication.objects.create()
        self.assertTrue(Price.objects.current().exists())

    def test_a_new_site_waits(self):
        set_up(
            name="The Paper",
            language="en-gb",
            time_zone="UTC",
            section="News",
            display_name="Ada",
            email="ada@example.org",
            password="a-long-password",
            minor=900,
        )
        self.assertFalse(Price.objects.current().exists())
        make_editor()
        self.assertIsNotNone(Publication.objects.get().selling_waits_since)
        self.client.force_login(make_user(is_staff=True, is_superuser=True))
        plan = self.client.get(reverse("admin:subscriptions_plan_change", args=[Price.objects.get().plan_id]))
        self.assertContains(plan, "not yet on sale")
        Publication.objects.update(selling_waits_since=None)
        Publication.objects.get().save()
        page = self.client.get(plan.request["PATH_INFO"])
        self.assertNotContains(page, "not yet on sale")
