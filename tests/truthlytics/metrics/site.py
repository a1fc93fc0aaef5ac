"""Metrics in tests: a site that counts into a folder of its own, and what `/metrics` says."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.test import override_settings
from django.utils import timezone
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families

from tests.truthlytics.server.requests import call
from truthlytics.metrics import exposition, readings, slots
from truthlytics.metrics.wsgi import layers

TOKEN = "the token of these tests, long enough"


class CountedCase:
    """For a test case: files of metrics in a temporary folder."""

    def setUp(self):
        super().setUp()
        folder = self.enterContext(TemporaryDirectory())
        self.enterContext(override_settings(PAGE_CACHE_FILE=Path(folder) / "generations", METRICS_TOKEN=TOKEN))
        self.enterContext(mock.patch.object(values, "ValueClass", values.ValueClass))
        self.enterContext(mock.patch.dict("os.environ"))
        for forget in (self.forget_slots, slots.slot_of.cache_clear):
            forget()
            self.addCleanup(forget)

    @staticmethod
    def forget_slots():
        while slots._held:
            slots._held.pop().close()

    def site_around(self, django, page_cache=lambda application: application):
        around_django, around_site = layers()
        return around_site(page_cache(around_django(django)))

    def metrics(self, site, **environ):
        """Return the values of all samples by name and labels."""
        given = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"} | environ
        with mock.patch.object(exposition, "from_database", return_value=[]):
            status, body, self.headers = call(site, "GET", PATH_INFO="/metrics", **given)
        self.assertEqual(status, "200")
        return samples(body.decode())


def samples(text):
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


def read(*parts):
    """Return the samples of these readings, or of all, made in this thread and its transaction."""
    found = {}
    every = {"disk": exposition.LOCAL["disk"], **readings.DATABASE, **exposition.extension_parts()}
    for name, part in every.items():
        if name in parts or not parts:
            for metric in part(timezone.now()):
                for sample in metric.samples:
                    found[(sample.name, *sorted(sample.labels.items()))] = sample.value
    return found
