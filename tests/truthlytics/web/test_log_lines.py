"""The lines of the log."""

import json
import logging
import logging.config
import re
import subprocess
import sys
from io import StringIO
from unittest import mock

from django.test import Client, TestCase

from truthlytics.env import BASE_DIR
from truthlytics.web import log_lines


def logged(log_format, write):
    """Return what `write` logs to the logger it is called with."""
    handler = {"class": "logging.StreamHandler", "formatter": "line", "stream": (stream := StringIO())}
    config = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": log_lines.formatter(log_format)},
        "handlers": {"here": handler},
        "loggers": {"quay": {"handlers": ["here"], "propagate": False}},
    }
    logging.config.dictConfig(config)
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    try:
        write(logging.getLogger("quay"))
    finally:
        logging.disable(disabled)
    return stream.getvalue()


def fail(logger):
    try:
        raise ValueError("a\nb “c”")
    except ValueError:
        logger.exception("Failed: %s", "d\ne")


class LogLineTests(TestCase):
    def test_json_has_one_object_a_line_with_the_traceback(self):
        (line,) = logged("json", fail).splitlines()
        entry = json.loads(line)
        self.assertEqual(list(entry), ["time", "level", "logger", "process", "message", "exception"])
        self.assertEqual((entry["level"], entry["logger"], entry["message"]), ("ERROR", "quay", "Failed: d\ne"))
        self.assertRegex(entry["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$")
        self.assertIn("ValueError: a\nb “c”", entry["exception"])

    def test_text_begins_with_time_process_and_level(self):
        text = logged("text", lambda logger: logger.warning("Slow"))
        self.assertRegex(text, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ WARNING quay: Slow\n$")

    def test_an_error_page_has_the_number_that_is_in_the_log(self):
        def ask(logger):
            def fail(request):
                logger.error("Out of order")
                raise ValueError("no")

            client = Client(raise_request_exception=False)
            with mock.patch("articles.views.lists.layout_served", fail):
                pages.append(client.get("/").content.decode())

        for log_format, number in (
            ("text", r"Out of order \(request ([0-9a-f]{8})\)"),
            ("json", r'"request": "(\w+)"'),
        ):
            pages = []
            (found,) = re.findall(number, logged(log_format, ask))
            self.assertIn(f"please name the number {found}", pages[0])
        self.assertNotIn("request", logged("json", fail))

    def test_the_settings_and_the_server_use_the_format(self):
        """Both in processes of their own, because logging is configured once."""
        program = (
            "import logging, django; django.setup(); logging.getLogger('quay').warning('from Django');"
            "from truthlytics.web.log_lines import log_to_stderr; log_to_stderr('json');"
            "logging.getLogger('supervisor').info('from the supervisor')"
        )
        environment = {
            "SECRET_KEY": "x" * 50,
            "LOG_FORMAT": "json",
            "DATABASE_URL": "sqlite:///var/none.sqlite3",
            "DJANGO_SETTINGS_MODULE": "truthlytics.settings",
        }
        result = subprocess.run(
            [sys.executable, "-c", program], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True
        )
        entries = [json.loads(line) for line in (result.stdout + result.stderr).splitlines()]
        self.assertEqual({entry["message"] for entry in entries}, {"from Django", "from the supervisor"})
