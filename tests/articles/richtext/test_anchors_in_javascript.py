"""The editor finds the passages of remarks as the server does."""

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from unittest import SkipTest

from django.contrib.staticfiles import finders
from django.test import SimpleTestCase

from tests.articles.richtext.test_anchors import CASES

SCRIPT = """const found = %s.map(({ text, anchor: [quote, prefix, suffix, position] }) => {
  const span = anchorFinder(text)({ quote, prefix, suffix, position })
  return span && [Array.from(text).slice(...span).join(""), span[0]]
})
console.log(JSON.stringify(found))"""


def node_path():
    """Return Node.js of this machine, or the one that playwright brings along."""
    playwright = find_spec("playwright")
    driver = playwright and Path(playwright.submodule_search_locations[0], "driver", "node")
    return shutil.which("node") or (driver if driver and driver.exists() else None)


class AnchorsInJavaScriptTests(SimpleTestCase):
    def test_passages_are_found_like_on_the_server(self):
        node = node_path()
        if node is None:
            raise SkipTest("neither Node.js nor playwright is installed (uv sync --group e2e)")
        script = Path(finders.find("newsroom/js/remarks/anchors.js")).read_text() + SCRIPT % json.dumps(CASES)
        command = [node, "--input-type=module", "--no-warnings"]
        result = subprocess.run(command, input=script, capture_output=True, text=True, check=True)
        for case, span in zip(CASES, json.loads(result.stdout), strict=True):
            with self.subTest(case["name"]):
                self.assertEqual(span, case["found"] and [case["found"], case["at"]])
