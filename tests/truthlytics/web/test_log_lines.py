"""What the log says, and at which level."""

import logging

from django.conf import settings
from django.test import SimpleTestCase, TestCase

from articles.services.publishing import withdraw
from tests.factories import make_article


class StatusTests(TestCase):
    def setUp(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)

    def test_pages_that_do_not_exist_are_no_warnings(self):
        gone = make_article()
        withdraw(item=gone)
        for url in ("/no-such-page/", gone.get_absolute_url()):
            with self.subTest(url), self.assertLogs("django.request") as logs:
                self.client.get(url)
            self.assertEqual([record.levelname for record in logs.records], ["INFO"])

    def test_they_are_left_out_where_only_warnings_are_logged(self):
        with self.assertNoLogs("django.request", "WARNING"):
            self.client.get("/no-such-page/")

    def test_other_client_errors_stay_warnings(self):
        with self.assertLogs("django.request") as logs:
            self.client.post("/latest/")
        self.assertEqual([record.levelname for record in logs.records], ["WARNING"])


class LineTests(SimpleTestCase):
    def test_lines_have_time_and_process(self):
        record = logging.LogRecord("truthlytics", logging.WARNING, "", 0, "Said.", None, None)
        line = logging.Formatter(fmt=settings.LOGGING["formatters"]["line"]["format"], style="{").format(record)
        self.assertRegex(line, rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ {record.process} WARNING truthlytics: Said\.$")
