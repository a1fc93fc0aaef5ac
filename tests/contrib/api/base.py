"""Asking the API, with every answer compared with the OpenAPI document."""

import copy
import json
import re
from urllib.parse import urlsplit

import jsonschema
from django.test import TestCase

from truthlytics.contrib.api.openapi import whole_document


def strict(schema):
    """Return `schema` with every documented field required, and no other allowed. Sources have what is known."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(value) for name, value in schema.items()}
    return found | {"additionalProperties": False} if "properties" in found and "type" in found else found


DOCUMENT = strict(copy.deepcopy(whole_document()))
PATHS = {
    re.compile("/api" + re.sub(r"\{\w+\}", r"[^/]+?", path.replace(".", r"\."))): operation["get"]
    for path, operation in DOCUMENT["paths"].items()
}


class ApiTestCase(TestCase):
    def ask(self, url, status=200, **headers):
        """Return the answer to a GET, after comparing it with what the document says of its address."""
        path = urlsplit(url).path
        response = self.client.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
        data = json.loads(response.content) if response.content else {}
        self.assertEqual(response.status_code, status, data)
        operation = next(each for pattern, each in reversed(PATHS.items()) if pattern.fullmatch(path))
        self.assertIn(str(status), operation["responses"], path)
        ((kind, content),) = operation["responses"][str(status)]["content"].items()
        self.assertEqual(response.headers["Content-Type"], kind)
        jsonschema.validate(data, content["schema"] | {"components": DOCUMENT["components"]})
        return data

    def items(self, url, **headers):
        return self.ask(url, **headers)["items"]
