"""The OpenAPI document: what was published of it, and that it is one."""

import json
import re

from django.test import SimpleTestCase, TestCase

from truthlytics.contrib.api.endpoint_urls import own_patterns
from truthlytics.contrib.api.openapi import PUBLISHED, document, whole_document


class DocumentTests(SimpleTestCase):
    def test_what_was_published_is_what_the_addresses_do(self):
        published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
        self.assertEqual(
            published, json.loads(json.dumps(document(own_patterns))), "Run `manage.py openapi` and read the changes."
        )

    def test_every_reference_leads_somewhere_and_names_are_unique(self):
        text = json.dumps(whole_document())
        schemas = whole_document()["components"]["schemas"]
        for name in set(re.findall(r'"#/components/schemas/(\w+)"', text)):
            self.assertIn(name, schemas)
        identifiers = [methods["get"]["operationId"] for methods in whole_document()["paths"].values()]
        self.assertEqual(len(identifiers), len(set(identifiers)))

    def test_every_field_and_parameter_is_described(self):
        for name, schema in whole_document()["components"]["schemas"].items():
            for field, described in schema["properties"].items():
                self.assertRegex(described["description"], r"[.)]$", f"{name}.{field}")
        for path, methods in whole_document()["paths"].items():
            for parameter in methods["get"]["parameters"]:
                self.assertTrue(parameter["description"].endswith("."), f"{path} {parameter['name']}")


class PageTests(TestCase):
    def test_the_page_has_every_address_and_field(self):
        page = self.client.get("/api/").content.decode()
        for path, methods in whole_document()["paths"].items():
            self.assertIn(f"GET {path}<", page)
            self.assertIn(f'id="{methods["get"]["operationId"]}"', page)
        self.assertIn("evidence_url", page)
        self.assertEqual(self.client.get("/api/openapi.json").json()["openapi"], "3.1.0")
