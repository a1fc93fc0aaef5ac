"""`/metrics`: who gets it, what it counts, and that strangers can neither read nor fill it."""

from unittest import mock

from django.conf import settings
from django.core.checks import run_checks
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.urls import get_resolver

from tests.factories import make_article
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from tests.truthlytics.metrics.site import TOKEN, CountedCase
from tests.truthlytics.server.requests import call
from tests.truthlytics.test_gate import url_names
from truthlytics.checks import check_metrics_token
from truthlytics.metrics import exposition, slots
from truthlytics.metrics.counters import BUCKETS, METHODS


def not_found(environ, start_response):
    start_response("404 Not Found", [])
    return [b"not found"]


class AccessTests(CountedCase, SimpleTestCase):
    def setUp(self):
        super().setUp()
        self.site = self.site_around(not_found)

    def test_with_the_token_they_are_private_and_in_the_format_of_prometheus(self):
        self.metrics(self.site)
        self.assertEqual(self.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(self.headers["Cache-Control"], "private, no-store")
        self.assertNotIn("Set-Cookie", self.headers)

    def test_without_it_there_is_no_such_page(self):
        headers = [
            "", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, f"Bearer{TOKEN}",
            f"Bearer {TOKEN}, Bearer {TOKEN}", f"Bearer Bearer {TOKEN}", "Bearer \xfc\xff\x00",
        ]  # fmt: skip
        cases = [{"HTTP_AUTHORIZATION": header} for header in headers]
        cases += [{}, {"QUERY_STRING": f"token={TOKEN}"}, {"HTTP_COOKIE": f"token={TOKEN}"}, {"HTTP_X_TOKEN": TOKEN}]
        for environ in cases:
            with self.subTest(str(environ)):
                status, body, _ = call(self.site, "GET", PATH_INFO="/metrics", **environ)
                self.assertEqual((status, body), ("404", b"not found"))

    def test_only_reading_and_only_at_this_address(self):
        allowed = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
        for method, path in (("POST", "/metrics"), ("GET", "/metrics/"), ("GET", "/x/metrics"), ("GET", "//metrics")):
            with self.subTest(f"{method} {path}"):
                self.assertEqual(call(self.site, method, PATH_INFO=path, **allowed)[0], "404")
        self.assertEqual(call(self.site, "HEAD", PATH_INFO="/metrics", **allowed)[:2], ("200", b""))

    def test_it_takes_the_same_time_however_much_of_the_token_is_right(self):
        with mock.patch("truthlytics.metrics.wsgi.constant_time_compare", return_value=True) as compare:
            self.metrics(self.site, HTTP_AUTHORIZATION="bearer guess")
        compare.assert_called_once_with("guess", TOKEN)

    def test_without_its_package_a_check_says_what_to_install(self):
        with mock.patch("truthlytics.checks.find_spec", return_value=None):
            (warning,) = (message for message in run_checks() if message.id == "truthlytics.W009")
        self.assertIn("Install the extra `metrics`", warning.hint)

    def test_a_check_says_that_a_token_is_too_short(self):
        for length, count in ((0, 0), (31, 1), (32, 0)):
            with self.subTest(length), override_settings(METRICS_TOKEN="x" * length):
                self.assertEqual(len(check_metrics_token(None)), count)

    def test_without_a_token_it_is_off(self):
        self.assertFalse(settings.METRICS)


class LabelTests(CountedCase, SimpleTestCase):
    def setUp(self):
        super().setUp()
        self.site = self.site_around(not_found)

    def requests(self):
        return {
            key[1:]: value for key, value in self.metrics(self.site).items() if key[0] == "truthlytics_requests_total"
        }

    def test_invented_paths_and_methods_make_no_labels(self):
        for number in range(20):
            call(self.site, "GET", PATH_INFO=f"/invented/{number}")
            call(self.site, f"BREW{number}", PATH_INFO=f"/articles/{number}/")
            call(self.site, "GET", PATH_INFO=f"/{number}" * 10_000)
        call(self.site, "GET", PATH_INFO="/static/nothing.css")
        found = {(labels[2][1], labels[0][1]): value for labels, value in self.requests().items()}
        expected = {("unknown", "GET"): 40, ("articles:article", "other"): 20, ("static", "GET"): 1}
        self.assertEqual(found, expected)

    def test_no_header_or_path_gets_into_the_text(self):
        injected = '"} 1\ntruthlytics_emails_refused 99\n\r\x00'
        environ = {"PATH_INFO": f"/{injected}", "QUERY_STRING": injected, "HTTP_HOST": injected}
        call(self.site, injected, **environ, HTTP_USER_AGENT=injected, HTTP_X_FORWARDED_FOR=injected)
        self.assertNotIn(("truthlytics_emails_refused",), self.metrics(self.site))
        self.assertEqual(sum(self.requests().values()), 1)

    def test_a_header_cannot_pretend_a_hit(self):
        call(self.site, "GET", HTTP_TRUTHLYTICS_COUNTED_REQUEST="x")
        (labels,) = self.requests()
        self.assertIn(("page_cache", "none"), labels)

    def test_all_labels_that_there_can_be_fit_into_the_reserved_files(self):
        routes = len(set(url_names(get_resolver().url_patterns)))
        # Bytes of a sample with its labels, and answers to a route and method: with the page cache and without.
        self.assertLess(routes * (len(METHODS) + 1) * 3 * 250, slots.SIZE)
        self.assertLess(routes * (len(BUCKETS) + 2) * 260, slots.SIZE * 1.2)

    def test_a_site_that_fails_is_counted_as_an_error(self):
        site = self.site_around(mock.Mock(side_effect=ZeroDivisionError))
        with self.assertRaises(ZeroDivisionError):
            call(site, "GET")
        self.assertIn(("status", "500"), next(iter(self.requests())))


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class PageTests(CountedCase, TransactionTestCase):
    def test_pages_of_the_cache_and_of_django_are_told_apart(self):
        visitor = Visitor()
        site = self.site_around(WSGIHandler(), lambda django: self.behind(visitor, django))
        path = make_article().get_absolute_url()
        for headers in ({}, {}, {}, {"HTTP_COOKIE": "sessionid=forged"}):
            environ = RequestFactory(HTTP_HOST="testserver").get(path, **headers).environ
            self.assertEqual(call(site, "GET", **environ)[0], "200")
        found = self.metrics(site)
        kinds = {"miss": 1, "hit": 2, "none": 1}
        for kind, count in kinds.items():
            labels = {"method": "GET", "page_cache": kind, "route": "articles:article", "status": "200"}
            self.assertEqual(found["truthlytics_requests_total", *sorted(labels.items())], count)
        self.assertEqual(found["truthlytics_request_seconds_count", ("route", "articles:article")], 2)
        fragments = [found["truthlytics_fragments_total", ("result", kind)] for kind in ("hit", "miss")]
        self.assertTrue(all(fragments), fragments)

    @staticmethod
    def behind(visitor, django):
        visitor.application = django
        return visitor.cache


class FailureTests(CountedCase, SimpleTestCase):
    def test_what_cannot_be_read_leaves_the_rest(self):
        site = self.site_around(not_found)
        call(site, "GET", PATH_INFO="/")
        with mock.patch("truthlytics.metrics.readings.data_folders", side_effect=OSError("no disk")):
            found = self.metrics(site)
        self.assertEqual(found["truthlytics_reading_failed", ("part", "disk")], 1)
        self.assertEqual(found["truthlytics_reading_failed", ("part", "requests")], 0)
        self.assertIn("truthlytics_requests_total", {key[0] for key in found})

    def test_a_database_that_hangs_does_not_block_it(self):
        self.addCleanup(setattr, exposition._database, "_running", None)
        running = mock.Mock(done=lambda: False, result=mock.Mock(side_effect=TimeoutError))
        with mock.patch.object(exposition._database._executor, "submit", return_value=running) as submit:
            results = [exposition.from_database() for _ in range(3)]
        submit.assert_called_once()
        self.assertTrue(all(metrics is None for result in results for _, metrics in result))
