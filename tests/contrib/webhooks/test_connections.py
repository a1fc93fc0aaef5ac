"""The page Settings → Connections, from the first message in a chat to a new secret."""

from unittest.mock import patch

from django.test import TestCase
from django.utils import timezone

from tests.contrib.webhooks.test_webhooks import Server, make_endpoint
from tests.factories import make_article, make_member
from truthlytics.audit.log import AuditEntry
from truthlytics.contrib.webhooks import delivering
from truthlytics.events.models import Delivery, Endpoint, Event
from truthlytics.events.services.telling import tell_due

PAGE = "/admin/truthlytics/connectionsettings/"
FIELDS = {"description": "Archive", "url": "https://hooks.example/1", "format": "webhook", "kinds": "article.published"}


class ConnectionTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")

    def setUp(self):
        self.client.force_login(self.publisher)

    def post(self, path, **data):
        return self.client.post(f"{PAGE}{path}", data, follow=True)


class AddTests(ConnectionTestCase):
    def test_the_secret_is_shown_once(self):
        response = self.post("endpoints/", **FIELDS)
        endpoint = Endpoint.objects.get()
        self.assertContains(response, endpoint.secret)
        self.assertNotContains(self.client.get(f"{PAGE}endpoints/{endpoint.pk}/"), endpoint.secret)
        self.assertContains(self.client.get(PAGE), "Archive")

    def test_bad_input_keeps_what_was_entered(self):
        for url in (
            "http://hooks.example/1",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.8/",
            "ftp://a.example",
        ):
            response = self.post("endpoints/", **FIELDS | {"url": url})
            self.assertContains(response, "Enter a public address that begins with https://.", status_code=422)
            self.assertContains(response, "Archive", status_code=422)
        response = self.post("endpoints/", **FIELDS | {"kinds": ""})
        self.assertContains(response, "Select a valid choice", status_code=422)
        data = {name: value for name, value in FIELDS.items() if name != "kinds"}
        self.assertContains(self.post("endpoints/", **data), "Choose at least one event.", status_code=422)
        self.assertFalse(Endpoint.objects.exists())

    def test_only_for_publishers(self):
        endpoint = make_endpoint()
        self.client.force_login(make_member("Editor"))
        for path in ("", f"endpoints/{endpoint.pk}/"):
            self.assertEqual(self.client.get(f"{PAGE}{path}").status_code, 403)
        for path in ("endpoints/", *(f"endpoints/{endpoint.pk}/{what}/" for what in ("test", "secret", "removal"))):
            self.assertEqual(self.client.post(f"{PAGE}{path}", FIELDS).status_code, 403)
        self.assertIsNone(Endpoint.objects.get().removed_at)


class EndpointTests(ConnectionTestCase):
    def setUp(self):
        super().setUp()
        self.endpoint = make_endpoint()
        self.server = Server()
        soon = patch("truthlytics.contrib.webhooks.connections.deliver_soon")
        soon.start()
        self.addCleanup(soon.stop)
        asked = patch.object(delivering.serve, "__defaults__", (self.server,))
        asked.start()
        self.addCleanup(asked.stop)

    def act(self, path, **data):
        return self.post(f"endpoints/{self.endpoint.pk}/{path}", **data)

    def test_a_test_says_how_it_ended(self):
        self.assertContains(self.act("test/"), "“Archive” has accepted the test.")
        self.server.status = 500
        response = self.act("test/")
        self.assertContains(response, "“Archive” has not accepted the test.")
        self.assertContains(response, "Answer 500")

    def test_a_new_secret_is_shown_once_and_the_former_one_signs_on(self):
        old = self.endpoint.secret
        response = self.act("secret/")
        self.endpoint.refresh_from_db()
        self.assertContains(response, self.endpoint.secret)
        self.assertEqual(self.endpoint.secrets_at(timezone.now()), [self.endpoint.secret, old])
        logged = str(list(AuditEntry.objects.values_list("before", "after", "message")))
        self.assertNotIn(self.endpoint.secret, logged)

    def test_switched_off_and_on(self):
        self.assertContains(self.act("switch/"), "Switched off here.")
        self.assertNotContains(self.act("switch/"), "Switched off here.")

    def test_changed_and_removed(self):
        self.act("change/", **FIELDS | {"description": "Customers"})
        self.assertEqual(Endpoint.objects.get().description, "Customers")
        self.assertContains(self.act("removal/"), "“Customers” was removed from the list.")
        self.assertEqual(self.client.get(f"{PAGE}endpoints/{self.endpoint.pk}/").status_code, 404)

    def test_sent_again(self):
        make_article()
        tell_due(timezone.now())
        Delivery.objects.update(delivered_at=timezone.now())
        self.assertContains(self.act("deliveries/1/"), "It is sent again.")
        self.assertTrue(Delivery.objects.waiting().exists())
        self.assertEqual(self.client.post(f"{PAGE}endpoints/{self.endpoint.pk}/deliveries/9/").status_code, 404)

    def test_an_event_of_a_kind_that_there_was(self):
        endpoint = make_endpoint(kinds=["tide.turned"])
        Event.objects.create(kind="tide.turned", due_at=timezone.now())
        tell_due(timezone.now())
        self.assertContains(self.client.get(f"{PAGE}endpoints/{endpoint.pk}/"), "tide.turned")

    def test_reading_changes_nothing(self):
        for path in ("test", "secret", "switch", "removal", "change"):
            self.assertEqual(self.client.get(f"{PAGE}endpoints/{self.endpoint.pk}/{path}/").status_code, 405)
