"""Numbers of features and plug-ins in `/metrics`, and what of them is refused."""

import logging
from itertools import repeat
from types import SimpleNamespace
from unittest import mock

from django.test import SimpleTestCase, override_settings

from tests.truthlytics.metrics.site import samples
from truthlytics.metrics import exposition
from truthlytics.web import plugins
from truthlytics.web.readings import Reading

NAME = __name__


def tides(now):
    yield Reading("harbour_tides", "Tides by kind.", {("high",): 3, ("low",): 2}, ("kind",))
    yield Reading("harbour_ships", "Ships.", {(): 1.5})


def fails(now):
    raise ValueError("no")


def no_numbers(now):
    return [Reading("harbour_depth", "Depth.", {(): "deep"})]


def other_labels(now):
    return [Reading("harbour_depth", "Depth.", {("a", "b"): 1}, ("kind",))]


def strange_name(now):
    return [Reading('harbour{x="y"}', "Depth.", {(): 1})]


def nothing(now):
    return None


def text(now):
    return "abcd"


def name_of_the_site(now):
    return [Reading("info", "Not ours.", {(): 1})]


def twice(now):
    return [Reading("harbour_depth", "Depth.", {(): 1}), Reading("harbour_depth", "Depth.", {(): 2})]


def too_many(now):
    return [Reading("harbour_depth", "Depth.", {(str(number),): 1 for number in range(1001)}, ("place",))]


def unreadable(now):
    return [Reading("harbour_depth", "Depth.", {("\ud800",): 1}, ("place",))]


def endless(now):
    return repeat(Reading("harbour_depth", "Depth.", {(): 1}))


@override_settings(PLUGINS=["harbour"])
class ExtensionTests(SimpleTestCase):
    databases = {"default"}

    def exposed(self, *functions):
        config = SimpleNamespace(name="harbour", metrics=tuple(f"{NAME}.{name}" for name in functions))
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        with (
            mock.patch.object(plugins, "extension_configs", lambda: iter([config])),
            mock.patch.object(exposition, "LOCAL", {"version": exposition.LOCAL["version"]}),
            mock.patch.object(exposition, "from_database", return_value=[]),
        ):
            return samples(exposition.exposition().decode())

    def test_readings_are_shown_under_the_name_of_the_site(self):
        found = self.exposed("tides")
        self.assertEqual(found["truthlytics_harbour_tides", ("kind", "high")], 3)
        self.assertEqual(found["truthlytics_harbour_ships",], 1.5)
        self.assertEqual(found["truthlytics_reading_failed", ("part", f"{NAME}.tides")], 0)

    def test_what_cannot_be_used_is_named_and_leaves_the_rest(self):
        for name in (
            "fails", "no_numbers", "other_labels", "strange_name", "nothing", "text", "name_of_the_site", "twice",
            "too_many", "unreadable", "endless",
        ):  # fmt: skip
            with self.subTest(name), self.assertLogs("truthlytics.metrics.exposition", "ERROR") as logs:
                found = self.exposed(name, "tides")
                self.assertEqual(found["truthlytics_reading_failed", ("part", f"{NAME}.{name}")], 1)
                self.assertEqual(found["truthlytics_harbour_ships",], 1.5)
                self.assertIn("truthlytics_info", {key[0] for key in found})
                self.assertNotIn("truthlytics_harbour_depth", {key[0] for key in found})
                self.assertIn(f"{NAME}.{name}", logs.output[0])

    def test_one_that_is_not_there_is_named_and_leaves_the_rest(self):
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            self.assertEqual(self.exposed("tides", "nowhere")["truthlytics_harbour_ships",], 1.5)
        self.assertIn("Entry 2 of “metrics” of the plug-in “harbour” cannot be used", logs.output[0])

    def test_those_that_hang_leave_the_numbers_of_the_site(self):
        self.addCleanup(setattr, exposition._extensions, "_running", None)
        exposition._extensions._running = mock.Mock(done=lambda: False, result=mock.Mock(side_effect=TimeoutError))
        found = self.exposed("tides")
        self.assertEqual(found["truthlytics_reading_failed", ("part", f"{NAME}.tides")], 1)
        self.assertIn("truthlytics_info", {key[0] for key in found})
