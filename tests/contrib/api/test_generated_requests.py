"""Thousands of requests that the OpenAPI document allows or forbids: each gets an answer that it describes."""

import subprocess
import sys
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.test import LiveServerTestCase, tag

from tests.budget import takes_longer
from tests.contrib.api.test_keys import make_key
from tests.factories import (
    make_article,
    make_comment,
    make_dossier,
    make_page,
    make_payment,
    make_section,
    make_user,
    make_version,
)
from truthlytics.contrib.api import callers
from truthlytics.contrib.api.models import Scope

# What is generated first for the address of an article, dossier or page.
SLUG = "0"
CONFIG = Path(__file__).with_name("schemathesis.toml")


# A server cannot be inspected from the transaction of a test on PostgreSQL, and nothing here depends on the database.
@tag("sqlite")
class GeneratedRequestTests(LiveServerTestCase):
    @takes_longer("A thousand requests.")
    def test_every_answer_is_documented(self):
        article = make_article(slug=SLUG, section=make_section(), body="<p>There are 12 berths.</p>")
        make_version(article, body="<p>There are 14 berths.</p>", kind="correction", note="14.", by=make_user())
        make_dossier(article, slug=SLUG)
        make_page(slug=SLUG)
        make_payment()
        make_comment(article=article)
        _key, secret = make_key(*Scope)
        self.enterContext(mock.patch.object(callers, "MAX_REQUESTS", 10**6))
        program = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run"]
        address = f"{self.live_server_url}/api"
        options = ["--url", address, "--seed", "1", "--no-color", "--wait-for-schema", "10"]
        options += ["--header", f"Authorization: Bearer {secret}"]
        found = subprocess.run(
            [*program, f"{address}/openapi.json", *options],
            capture_output=True, text=True, timeout=240, cwd=settings.BASE_DIR / "tests", check=False,
        )  # fmt: skip
        self.assertEqual(found.returncode, 0, found.stdout[-4000:] + found.stderr[-500:])
        self.assertRegex(found.stdout, r"Tested: \d\d")
