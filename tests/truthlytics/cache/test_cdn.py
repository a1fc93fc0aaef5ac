"""A CDN that keeps pages until it is told that they changed."""

import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from unittest import mock

import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import make_article, make_comment, make_draft, make_error_report, make_subscriber
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.cache import next_change, purges
from truthlytics.cache.edge import Edge
from truthlytics.cache.invalidation import TAGS, invalidate, site_generations
from truthlytics.cache.models import CdnPurge
from truthlytics.env import cdn_settings

VARNISH = cdn_settings("varnish://127.0.0.1:1", "", 7200)
FASTLY = cdn_settings("fastly://SERVICE", "token", 3600)
CLOUDFLARE = cdn_settings("cloudflare://ZONE", "token", 3600)
DATABASE_TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


class SettingsTests(SimpleTestCase):
    def test_it_is_off_by_default(self):
        self.assertEqual(cdn_settings("", "", 3600), {})

    def test_what_is_missing_is_said(self):
        for url, message in [
            ("fastly://SERVICE", "set CDN_PURGE_TOKEN"),
            ("cloudflare://ZONE", "set CDN_PURGE_TOKEN"),
            ("https://cdn.example.org", "must be varnish://"),
            ("varnish://", "must be varnish://"),
            ("fastly://a/../b", "must be varnish://"),
        ]:
            with self.subTest(url), self.assertRaisesMessage(ImproperlyConfigured, message):
                cdn_settings(url, "", 3600)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"], CDN=VARNISH)
class HeaderTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        # Far from midnight, when the front page changes.
        self.clock = self.enterContext(time_machine.travel("2026-05-05 08:00:00+00:00", tick=False))
        self.article = make_article()

    def visitor(self, *, follows=False, **options):
        return Visitor(edge=Edge(site_generations(), follows=follows), **options)

    def lifetime(self, visitor, path=None, header="Surrogate-Control", **headers):
        return visitor.get(path or self.article.get_absolute_url(), **headers)["headers"].get(header)

    def test_pages_of_the_page_cache_have_a_lifetime_for_the_cdn_only(self):
        visitor = self.visitor()
        for _ in range(3):
            response = visitor.get("/")
            self.assertEqual(response["headers"]["Surrogate-Control"], "max-age=7200")
            self.assertEqual(response["headers"]["Cache-Control"], "public, max-age=0, must-revalidate")
            self.assertNotIn("X-Page-Next-Change", response["headers"])
        again = visitor.get("/", HTTP_IF_NONE_MATCH=response["headers"]["ETag"])
        self.assertEqual((again["status"][:3], again["headers"]["Surrogate-Control"]), ("304", "max-age=7200"))

    def test_personal_pages_and_pages_that_are_not_cached_have_none(self):
        self.client.force_login(make_subscriber())
        session = f"sessionid={self.client.cookies['sessionid'].value}"
        visitor = self.visitor()
        self.assertIsNone(self.lifetime(visitor, HTTP_COOKIE=session))
        for path in ("/accounts/login/", "/no/such/", "/subscribe/?unknown=1"):
            self.assertIsNone(self.lifetime(visitor, path), path)

    def test_it_ends_with_the_next_scheduled_change(self):
        from articles.services.publishing import publish

        publish(item=make_draft(), at=timezone.now() + timedelta(minutes=30))
        visitor = self.visitor()
        self.assertEqual(self.lifetime(visitor, "/"), "max-age=1800")
        self.clock.shift(timedelta(minutes=5))
        self.assertEqual(self.lifetime(visitor, "/"), "max-age=1500")

    def test_a_page_served_instead_of_an_error_has_none(self):
        visitor = self.visitor()
        self.assertTrue(self.lifetime(visitor))
        self.clock.shift(timedelta(hours=1))
        broken = mock.patch.object(visitor, "application", self.fail_with_503)
        with broken:
            response = visitor.get(self.article.get_absolute_url())
        self.assertEqual(response["status"][:3], "200")
        self.assertNotIn("Surrogate-Control", response["headers"])

    @staticmethod
    def fail_with_503(environ, start_response):
        start_response("503 Service Unavailable", [])
        return [b""]

    def test_a_machine_that_may_have_missed_changes_gives_none(self):
        visitor = self.visitor(follows=True)
        site_generations().set_followed_until(timezone.now().timestamp() - 10)
        self.assertIsNone(self.lifetime(visitor))
        site_generations().set_followed_until(timezone.now().timestamp() - 1)
        self.assertEqual(self.lifetime(visitor), "max-age=7200")

    @override_settings(CDN=CLOUDFLARE)
    def test_cloudflare_has_headers_of_its_own(self):
        visitor = self.visitor()
        self.assertEqual(self.lifetime(visitor, header="Cloudflare-CDN-Cache-Control"), "max-age=3600")
        self.assertIn(f"article:{self.article.pk},", self.lifetime(visitor, header="Cache-Tag"))


@override_settings(CDN=VARNISH, TASKS=DATABASE_TASKS)
class AnnouncementTests(TestCase):
    def tasks(self):
        return DBTaskResult.objects.filter(task_path=purges.send.module_path)

    def test_a_change_starts_one_task_and_its_tags_are_kept_until_they_are_sent(self):
        article = make_article()
        CdnPurge.objects.all().delete()
        with self.captureOnCommitCallbacks(execute=True):
            make_comment(article=article)
        self.assertIn(f"thread:{article.pk}", " ".join(CdnPurge.objects.values_list("tags", flat=True)))
        self.assertEqual(self.tasks().count(), 1)

    def test_they_are_sent_twice_the_second_time_when_all_machines_know(self):
        now = timezone.now()
        CdnPurge.objects.create(tags="listing article:1")
        with mock.patch.object(purges, "purge") as purge:
            self.assertEqual(purges.send_waiting(now), 1)
            later = self.tasks().get()
            self.assertEqual(later.run_after, now + purges.AGAIN_AFTER)
            self.assertEqual(purges.send_waiting(now + timedelta(seconds=1)), 0)
            self.assertEqual(purges.send_waiting(later.run_after), 1)
            self.assertEqual([sorted(call.args[0]) for call in purge.call_args_list], [["article:1", "listing"]] * 2)
        self.assertFalse(CdnPurge.objects.exists())

    def test_nothing_is_lost_while_the_cdn_is_away(self):
        CdnPurge.objects.create(tags="listing")
        with self.assertRaisesMessage(purges.PurgeError, "127.0.0.1:1 does not answer"):
            purges.send_waiting(timezone.now())
        self.assertIsNone(CdnPurge.objects.get().sent_at)

    def test_a_failed_task_that_waits_does_not_hold_back_new_changes(self):
        purges.send.enqueue()
        self.tasks().update(started_at=timezone.now(), run_after=timezone.now() + timedelta(minutes=30))
        with self.captureOnCommitCallbacks(execute=True):
            invalidate("listing")
        self.assertEqual(self.tasks().count(), 2)

    @override_settings(CDN={})
    def test_without_a_cdn_nothing_is_written(self):
        with self.captureOnCommitCallbacks(execute=True):
            make_article()
        self.assertFalse(CdnPurge.objects.exists() or self.tasks().exists())


class FakeApi(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.requests.append((self.command, self.path, self.headers, body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b'{"success": true}')

    do_PURGE = do_POST

    def log_message(self, *args):
        pass


class RequestTests(SimpleTestCase):
    def setUp(self):
        self.api = HTTPServer(("127.0.0.1", 0), FakeApi)
        self.api.requests, self.api.status = [], 200
        thread = Thread(target=self.api.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.api.server_close)
        self.addCleanup(self.api.shutdown)
        address = f"http://127.0.0.1:{self.api.server_port}"
        self.enterContext(mock.patch.multiple(purges, FASTLY=address, CLOUDFLARE=address))

    def purge(self, cdn, *tags):
        with override_settings(CDN=cdn):
            purges.purge(tags)
        return self.api.requests

    def test_fastly(self):
        ((method, path, headers, _body),) = self.purge(FASTLY, "b", "a", "a")
        self.assertEqual((method, path), ("POST", "/service/SERVICE/purge"))
        self.assertEqual((headers["Fastly-Key"], headers["Surrogate-Key"]), ("token", "a b"))

    def test_cloudflare(self):
        requests = self.purge(CLOUDFLARE, *(f"article:{number}" for number in range(40)))
        self.assertEqual([len(json.loads(body)["tags"]) for *_, body in requests], [30, 10])
        method, path, headers, _body = requests[0]
        self.assertEqual((method, path), ("POST", "/zones/ZONE/purge_cache"))
        self.assertEqual(headers["Authorization"], "Bearer token")

    def test_each_varnish(self):
        server = f"127.0.0.1:{self.api.server_port}"
        requests = self.purge(cdn_settings(f"varnish://{server},{server}", "", 1), "a", "b")
        self.assertEqual(
            [(method, headers["Surrogate-Key"]) for method, _, headers, _ in requests], [("PURGE", "a b")] * 2
        )

    def test_a_refusal_is_an_error_with_the_answer(self):
        self.api.status = 403
        with self.assertRaisesMessage(purges.PurgeError, "refused a purge with 403"):
            self.purge(FASTLY, "a")

    def test_many_tags_become_one_for_everything(self):
        ((_, _, headers, _),) = self.purge(FASTLY, *map(str, range(purges.MANY_TAGS + 1)))
        self.assertEqual(headers["Surrogate-Key"], "publication")

    def test_the_command_purges_everything(self):
        with override_settings(CDN=FASTLY):
            call_command("purge_cdn", stdout=mock.Mock())
        self.assertEqual(self.api.requests[0][2]["Surrogate-Key"], "publication")
        self.api.status = 500
        with override_settings(CDN=FASTLY), self.assertRaisesMessage(CommandError, "500"):
            call_command("purge_cdn")
        with override_settings(CDN={}), self.assertRaisesMessage(CommandError, "CDN_PURGE_URL"):
            call_command("purge_cdn")


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class TagTests(TransactionTestCase):
    """Tags are separated by spaces in headers and tables, so none may contain one."""

    def test_a_report_of_an_error_is_counted_at_once(self):
        article, visitor = make_article(), Visitor()
        visitor.get("/corrections/")
        report = make_error_report(article)
        self.assertEqual([tag for tag in TAGS[type(report)](report) if " " in tag], [])
        visitor.get("/corrections/")
        self.assertEqual(visitor.rendered, 2)
