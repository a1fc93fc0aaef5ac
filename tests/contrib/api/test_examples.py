"""The examples of docs/api.md, run from the page itself."""

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from django.test import LiveServerTestCase, override_settings, tag
from django.utils import timezone

from articles.services.log_entries import add_due
from articles.services.publishing import withdraw
from tests.examples import blocks
from tests.factories import make_article, make_paid, make_section, make_user, make_version
from truthlytics.contrib.api.models import Key, Scope


@tag("sqlite")  # The programs know nothing of the database.
class ApiExampleTests(LiveServerTestCase):
    def setUp(self):
        self.enterContext(override_settings(SITE_URL=self.live_server_url))
        self.article = make_article(slug="the-harbour", headline="The harbour", section=make_section(slug="economy"))

    def test_curl(self):
        answers = []
        for line in "\n".join(blocks("api.md", 'curl "')).splitlines():
            command = shlex.split(line.replace("https://news.example", self.live_server_url))
            answer = subprocess.run([*command, "--silent", "--fail"], capture_output=True, timeout=30, check=True)
            answers.append(json.loads(answer.stdout))
        found, one, searched = answers[:3]
        self.assertEqual([item["headline"] for item in found["items"]], ["The harbour"])
        self.assertEqual(one["headline"], "The harbour")
        self.assertEqual([item["headline"] for item in searched["items"]], ["The harbour"])

    def test_curl_with_a_key(self):
        make_paid()
        key, answers = Key.objects.issue(name="Archive", scopes=Scope.values)[1], []
        for line in "".join(blocks("api.md", "curl -H")).splitlines():
            words = shlex.split(line.replace("https://news.example", self.live_server_url).replace("$KEY", key))
            answer = subprocess.run([*words, "--silent", "--fail"], capture_output=True, timeout=30, check=True)
            answers.append(json.loads(answer.stdout))
        article, readers, payments = answers
        self.assertTrue(article["is_complete"])
        self.assertEqual([row["access"] for row in readers["items"]], ["subscriber"])
        self.assertEqual(list(payments["items"][0]), ["paid", "amount", "currency", "tax", "receipt"])

    def test_a_copy_that_stays_current(self):
        (program,) = blocks("api.md", "import json")
        self.assertLessEqual(len(program.splitlines()), 20)
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

        def copied():
            add_due(timezone.now())
            command = [sys.executable, "-c", program, self.live_server_url, str(folder)]
            subprocess.run(command, timeout=60, check=True)
            return {json.loads(file.read_bytes())["headline"] for file in folder.glob("*.json")}

        other = make_article(headline="The lighthouse")
        self.assertEqual(copied(), {"The harbour", "The lighthouse"})
        make_version(self.article, headline="The port", kind="update", note="Renamed.", by=make_user())
        withdraw(item=other, note="It was wrong.")
        self.assertEqual(copied(), {"The port"})
        self.assertEqual(copied(), {"The port"})
