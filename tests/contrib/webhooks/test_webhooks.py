"""Webhooks as a receiver sees them: signed, in order, at least once, and never faster than it can take."""

import json
import time
from datetime import timedelta
from unittest.mock import patch

from django.test import TestCase
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from tests.budget import takes_longer
from tests.contrib.webhooks.receiver import Receiver
from tests.factories import make_article, make_member, make_paid, make_section, make_version
from tests.subscriptions.journeys import emails_to, on_demo
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.contrib.webhooks import delivering
from truthlytics.contrib.webhooks.delivering import attempt_next, deliver_for, deliver_soon, serve
from truthlytics.contrib.webhooks.messages import message_for
from truthlytics.events.models import Attempt, Delivery, Endpoint, Event
from truthlytics.events.services.adding import add_events, events_added, new_event
from truthlytics.events.services.telling import tell_due
from truthlytics.web.public_http import RequestError


def make_endpoint(**fields):
    defaults = {"description": "Archive", "url": "https://hooks.example/1", "kinds": ["article.published"]}
    return Endpoint.objects.create(**defaults | fields)


def slowly(body):
    time.sleep(2)
    return 204


class Server:
    """Stands for the server of an endpoint. `status` is what it answers, or the exception that asking it raises."""

    def __init__(self, status=204):
        self.status, self.sent = status, []

    def __call__(self, url, message):
        self.sent.append((url, message))
        if isinstance(self.status, Exception):
            raise self.status
        return self.status


class MessageTests(TestCase):
    def setUp(self):
        self.endpoint = make_endpoint()
        self.article = make_article()
        tell_due(timezone.now())
        self.delivery = Delivery.objects.select_related("endpoint", "event").get()

    def verify(self, secret, message):
        return Webhook(secret).verify(message.body, message.headers)

    def test_the_library_of_the_standard_accepts_it(self):
        message = message_for(self.delivery, timezone.now())
        data = self.verify(self.endpoint.secret, message)
        self.assertEqual(data["type"], "article.published")
        self.assertEqual(data["sequence"], 1)
        url = f"http://localhost:8000{self.article.get_absolute_url()}"
        self.assertEqual(data["data"], {"id": str(self.article.uuid), "record_number": 1, "url": url})

    def test_a_changed_byte_another_secret_and_an_old_time_are_refused(self):
        now = timezone.now()
        message = message_for(self.delivery, now)
        forged = message._replace(body=message.body.replace(b'"sequence":1', b'"sequence":2'))
        for secret, sent in (
            (self.endpoint.secret, forged),
            (make_endpoint().secret, message),
            (self.endpoint.secret, message_for(self.delivery, now - timedelta(hours=1))),
        ):
            with self.assertRaises(WebhookVerificationError):
                self.verify(secret, sent)

    def test_for_a_day_after_a_rotation_both_secrets_verify(self):
        old, now = self.endpoint.secret, timezone.now()
        self.endpoint.rotate_secret(now)
        delivery = Delivery.objects.select_related("endpoint", "event").get()
        for secret in (old, self.endpoint.secret):
            self.verify(secret, message_for(delivery, now))
        with patch("standardwebhooks.webhooks.datetime") as clock:
            clock.now.return_value = now + timedelta(days=2)
            later = message_for(delivery, now + timedelta(days=2))
        self.assertEqual(len(later.headers["webhook-signature"].split()), 1)

    def test_a_chat_gets_one_line(self):
        self.endpoint.format = "chat"
        self.endpoint.save()
        delivery = Delivery.objects.select_related("endpoint", "event").get()
        text = json.loads(message_for(delivery, timezone.now()).body)
        url = f"http://localhost:8000{self.article.get_absolute_url()}"
        self.assertEqual(text, {"text": f"Article published: {url}"})

    @on_demo
    def test_an_old_row_is_sent_under_its_own_name(self):
        endpoint = make_endpoint(format="chat", kinds=["tide.turned"])
        Event.objects.create(kind="tide.turned", due_at=timezone.now())
        tell_due(timezone.now())
        body = json.loads(message_for(endpoint.deliveries.get(), timezone.now()).body)
        self.assertEqual(body, {"text": "tide.turned: http://localhost:8000"})

    def test_emails_of_readers_only_with_that_right(self):
        kinds = ["subscription.started"]
        with_right = make_endpoint(kinds=kinds, with_emails=True)
        without = make_endpoint(kinds=kinds)
        subscription = make_paid()
        tell_due(timezone.now())
        sent = {
            row.endpoint_id: json.loads(message_for(row, timezone.now()).body)["data"]
            for row in Delivery.objects.filter(event__kind="subscription.started").select_related("endpoint", "event")
        }
        self.assertEqual(sent[with_right.pk]["email"], subscription.user.email)
        self.assertNotIn("email", sent[without.pk])


class OrderTests(TestCase):
    def setUp(self):
        self.endpoint = make_endpoint(kinds=["article.published", "article.updated"])
        self.now = timezone.now()

    def publish(self, number):
        for _ in range(number):
            make_article()
        tell_due(timezone.now())

    def attempt(self, server, after=timedelta(0)):
        return attempt_next(self.endpoint.pk, self.now + after, server)

    def numbers(self, server):
        return [json.loads(message.body)["sequence"] for _url, message in server.sent]

    def test_in_order_and_only_what_was_chosen(self):
        article = make_article()
        make_version(article, section=make_section())
        add_events(new_event("comment.shown", id=1))
        self.publish(1)
        server = Server()
        while self.attempt(server):
            pass
        self.assertEqual(self.numbers(server), [1, 2, 3])

    def test_a_failure_keeps_the_order_and_the_same_id(self):
        self.publish(2)
        self.assertFalse(self.attempt(Server(500)))
        server = Server()
        while self.attempt(server):
            pass
        self.assertEqual(self.numbers(server), [1, 2])
        first = Event.objects.earliest("pk")
        self.assertEqual(server.sent[0][1].headers["webhook-id"], first.message_id)
        self.assertEqual([row.status for row in Attempt.objects.order_by("pk")], [500, 204, 204])

    def test_no_answer_is_logged_without_anything_of_it(self):
        self.publish(1)
        self.attempt(Server(RequestError("timed out")))
        attempt = Attempt.objects.get()
        self.assertEqual((attempt.status, attempt.problem), (0, "timed out"))

    def test_the_delay_grows_and_differs(self):
        self.publish(1)
        delays = []
        for _ in range(10):
            self.attempt(Server(503))
            delays.append(Endpoint.objects.get().next_attempt_at - self.now)
        self.assertLess(delays[0], timedelta(seconds=7))
        self.assertGreater(delays[-1], timedelta(hours=10))
        self.assertEqual(len(set(delays)), 10)
        self.assertFalse(Endpoint.objects.due(self.now + timedelta(seconds=1)).exists())

    def test_gone_switches_off_at_once_and_tells_the_publishers(self):
        publisher = make_member("Publisher")
        self.publish(1)
        with self.captureOnCommitCallbacks(execute=True):
            self.attempt(Server(410))
        self.endpoint.refresh_from_db()
        self.assertEqual(self.endpoint.disabled_because, "gone")
        self.assertEqual(emails_to(publisher.email)[0].subject, "Nothing is sent to “Archive” any more")
        self.assertFalse(self.attempt(Server()))

    def test_two_days_of_failures_switch_off_and_nothing_is_lost(self):
        self.publish(2)
        self.attempt(Server(500))
        self.attempt(Server(500), timedelta(days=1))
        self.assertIsNone(Endpoint.objects.get().disabled_at)
        self.attempt(Server(500), timedelta(days=2))
        endpoint = Endpoint.objects.get()
        self.assertEqual(endpoint.disabled_because, "failing")
        endpoint.enable(self.now)
        server = Server()
        while self.attempt(server):
            pass
        self.assertEqual(self.numbers(server), [1, 2])

    def test_what_happens_while_it_is_switched_off_waits(self):
        self.publish(1)
        self.attempt(Server(410))
        self.publish(2)
        server = Server()
        self.assertFalse(self.attempt(server))
        Endpoint.objects.get().enable(self.now)
        while self.attempt(server):
            pass
        self.assertEqual(self.numbers(server), [1, 2, 3])

    def test_after_three_days_a_delivery_is_given_up_and_the_next_follows(self):
        self.publish(2)
        self.attempt(Server(500))
        Endpoint.objects.update(failing_since=None)
        self.attempt(Server(500), timedelta(days=3, minutes=1))
        self.assertIsNotNone(Delivery.objects.get(number=1).given_up_at)
        server = Server()
        self.attempt(server)
        self.assertEqual(self.numbers(server), [2])

    def test_sent_again_by_hand(self):
        self.publish(1)
        server = Server()
        self.attempt(server)
        Delivery.objects.get().send_again()
        self.attempt(server)
        self.assertEqual(self.numbers(server), [1, 1])

    def test_a_redirect_is_no_acceptance(self):
        self.publish(1)
        self.assertFalse(self.attempt(Server(302)))

    def test_only_one_process_sends(self):
        self.publish(1)
        Endpoint.objects.update(busy_until=timezone.now() + timedelta(seconds=30))
        server = Server()
        serve(self.endpoint.pk, time.monotonic() + 1, server)
        self.assertEqual(server.sent, [])


@takes_longer("Real servers, of which one answers slowly.")
class ServerTests(TransactionTestCase):
    def setUp(self):
        # Only the tests send.
        self.assertTrue(events_added.disconnect(deliver_soon))
        self.addCleanup(events_added.connect, deliver_soon)
        self.receivers = [Receiver(), Receiver(slowly), Receiver(lambda body: 500)]
        for receiver in self.receivers:
            self.addCleanup(receiver.stop)
        self.endpoints = [make_endpoint(url=receiver.url) for receiver in self.receivers]

    def test_a_slow_and_a_dead_server_delay_no_other(self):
        for _ in range(4):
            add_events(new_event("article.published", id="x"))
        thread = start_thread(lambda: deliver_for(4))
        good, slow, dead = self.receivers
        deadline = time.monotonic() + 20
        while len(good.requests) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual([body["sequence"] for body in good.bodies], [1, 2, 3, 4])
        self.assertLess(len(slow.requests), 4)
        thread.join()
        self.assertEqual(sorted({body["sequence"] for body in dead.bodies}), [1])
        secret = self.endpoints[0].secret
        headers, body = good.requests[0]
        Webhook(secret).verify(body, headers)

    def test_a_killed_process_is_followed_by_another_with_the_same_id(self):
        add_events(new_event("article.published", id="x"))
        tell_due(timezone.now())
        pk = self.endpoints[0].pk
        # It has sent the request, and ended before it wrote that down.
        with patch.object(delivering.Attempt.objects, "create", side_effect=SystemExit), self.assertRaises(SystemExit):
            attempt_next(pk, timezone.now())
        serve(pk, time.monotonic() + 5)
        ids = [headers["webhook-id"] for headers, _body in self.receivers[0].requests]
        self.assertEqual(len(ids), 2)
        self.assertEqual(len(set(ids)), 1)
