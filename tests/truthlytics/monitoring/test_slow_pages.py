"""Slow pages: what is counted, that nothing of a reader is kept, and that it costs fast pages nothing."""

from datetime import timedelta
from unittest import mock

from django.db import DatabaseError
from django.http import HttpResponse
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import path
from django.utils import timezone

from truthlytics.monitoring import slow_pages
from truthlytics.monitoring.models import Slowness, SlowPage
from truthlytics.monitoring.slow_pages import MAX_ROUTES, SLOW, SlowPages
from truthlytics.policy import MIDDLEWARE

CLOCK = "truthlytics.monitoring.slow_pages.time.perf_counter"
urlpatterns = [path("articles/<slug:slug>/", lambda request, slug: HttpResponse(), name="article")]


def handler404(request, exception):
    return HttpResponse(status=404)


class MiddlewareTests(SimpleTestCase):
    """Requests through the middleware of the site, with another clock and a timer that never ends."""

    def setUp(self):
        self.pages = SlowPages()
        self.pages.enable()
        self.enterContext(mock.patch.object(slow_pages, "SLOW_PAGES", self.pages))
        self.timer = self.enterContext(mock.patch.object(slow_pages, "Timer"))
        middleware = ["truthlytics.monitoring.slow_pages.SlowPagesMiddleware"]
        self.enterContext(override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware))

    def request(self, url, seconds):
        with mock.patch(CLOCK, side_effect=[100, 100 + seconds]):
            self.client.get(url)

    def found(self):
        with mock.patch.object(SlowPage.objects, "add") as add, mock.patch.object(slow_pages, "connection"):
            self.pages.save()
        return add.call_args.args[1]

    def test_a_slow_page_is_counted_by_its_route(self):
        for seconds in (SLOW, 3):
            self.request("/articles/about-ada-readerson/?email=ada@private.example", seconds)
        self.assertEqual(self.found(), {"article": Slowness(2, 4000, 3000)})

    def test_fast_pages_are_not(self):
        self.request("/articles/one/", SLOW - 0.001)
        self.timer.assert_not_called()

    def test_invented_paths_are_one_route_and_one_timer(self):
        for number in range(200):
            self.request(f"/invented/{number}/", 2)
        self.timer.assert_called_once()
        self.assertEqual(self.found(), {"unknown": Slowness(200, 400_000, 2000)})

    def test_it_is_off_where_no_pages_are_served(self):
        self.pages.is_enabled = False
        self.request("/articles/one/", 2)
        self.timer.assert_not_called()

    def test_memory_is_bounded(self):
        for number in range(MAX_ROUTES + 50):
            self.pages.add(f"route-{number}", 2000)
        self.assertEqual(len(self.found()), MAX_ROUTES)

    def test_a_database_that_is_away_is_no_error_and_the_next_ones_are_saved(self):
        self.request("/articles/one/", 2)
        failing = mock.patch.object(SlowPage.objects, "add", side_effect=DatabaseError)
        with failing, mock.patch.object(slow_pages, "connection"):
            self.pages.save()
        self.request("/articles/one/", 2)
        self.assertEqual(self.timer.call_count, 2)
        self.assertEqual(self.found(), {"article": Slowness(1, 2000, 2000)})

    def test_the_site_has_it_around_everything_that_may_be_slow(self):
        self.assertEqual(MIDDLEWARE.index("truthlytics.monitoring.slow_pages.SlowPagesMiddleware"), 2)


class SlowPageTests(TestCase):
    def test_processes_add_to_the_same_row_and_days_before_are_deleted(self):
        today = timezone.localdate()
        SlowPage.objects.add(today - timedelta(days=1), {"front": Slowness(9, 99_000, 50_000)})
        SlowPage.objects.add(today, {"front": Slowness(1, 2000, 2000), "admin:index": Slowness(1, 1500, 1500)})
        with self.assertNumQueries(5):
            SlowPage.objects.add(today, {"front": Slowness(2, 5000, 4000)})
        rows = SlowPage.objects.of_day(today).values_list("route", "requests", "total", "longest")
        self.assertEqual(list(rows), [("front", 3, 7000, 4000), ("admin:index", 1, 1500, 1500)])
        self.assertEqual(SlowPage.objects.count(), 2)
