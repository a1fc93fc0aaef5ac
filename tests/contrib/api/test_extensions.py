"""What features and plug-ins add to the API."""

from django.test import SimpleTestCase, override_settings
from django.urls import path

from tests.factories import make_user
from tests.truthlytics.web.test_extensions import ExtensionCase
from truthlytics.api.endpoints import endpoint
from truthlytics.api.schemas import Schema, text
from truthlytics.contrib.api import connection_keys
from truthlytics.contrib.api.models import Scope
from truthlytics.contrib.api.openapi import document
from truthlytics.contrib.api.views import private

LEVEL = text("How high it is.")
NAME = f"{__name__}."


def levels(users):
    return {user.pk: user.email for user in users}


def fails(*args):
    raise ZeroDivisionError("no")


class FieldTests(ExtensionCase):
    def test_fields_of_readers_for_programs(self):
        self.add(
            api_reader_fields=(
                ("level", f"{NAME}LEVEL", f"{NAME}levels", "harbour.view_tide"),
                ("depth", f"{NAME}LEVEL", f"{NAME}fails", "harbour.view_tide"),
                ("no name", f"{NAME}LEVEL", f"{NAME}levels", ""),
            ),
        )
        user = make_user(email="ada@example.org")
        with override_settings(PLUGINS=["harbour", __name__]), self.assertLogs("truthlytics.web.plugins", "ERROR"):
            (row,) = private._present(private._accounts().filter(pk=user.pk))
        self.assertEqual((row["level"], row["depth"], "no name" in row), ("ada@example.org", None, False))
        self.assertIn("harbour.view_tide", connection_keys._needed(Scope.READERS))


class DocumentTests(SimpleTestCase):
    def test_addresses_of_plug_ins_are_described_whatever_their_parts_are(self):
        tide = Schema("Tide", "A tide.", {"metres": text("How high it is.")})
        view = endpoint("Tides", tide)(lambda request, **parts: {"metres": "4"})
        found = document([path("v1/tides/<uuid:harbour>", view)])
        (part,) = found["paths"]["/v1/tides/{harbour}"]["get"]["parameters"][:1]
        self.assertEqual((part["name"], part["schema"]), ("harbour", {"type": "string"}))
        self.assertIn("Tide", found["components"]["schemas"])
