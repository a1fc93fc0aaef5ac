"""The examples of docs/api.md and docs/events.md, run from the pages themselves."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from django.conf import settings
from django.test import LiveServerTestCase, override_settings, tag
from django.utils import timezone

from articles.services.log_entries import add_due
from articles.services.publishing import withdraw
from tests.factories import make_article, make_paid, make_section, make_user, make_version
from tests.truthlytics.events.test_webhooks import make_endpoint
from truthlytics.contrib.api.models import Key, Scope
from truthlytics.env import BASE_DIR
from truthlytics.events.models import Delivery
from truthlytics.events.services.delivering import serve
from truthlytics.events.services.telling import tell_due


def blocks(page, start):
    """Return the blocks of code of a page of docs that begin with `start`."""
    text = (BASE_DIR / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, re.MULTILINE)
    return [block for block in map(textwrap.dedent, found) if block.startswith(start)]


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


@tag("sqlite")
class ReceiverTests(LiveServerTestCase):
    def test_the_receiver_accepts_what_is_signed_and_nothing_else(self):
        (program,) = blocks("events.md", "import os")
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        endpoint = make_endpoint(url=f"http://127.0.0.1:{port}/")
        receiver = subprocess.Popen(
            [sys.executable, "-c", program.replace("8008", str(port))],
            env=os.environ | {"SECRET": endpoint.secret}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.addCleanup(receiver.wait)
        self.addCleanup(receiver.kill)
        article = make_article()
        tell_due(timezone.now())
        for _ in range(50):
            endpoint.enable(timezone.now())
            serve(endpoint.pk, 10**9)
            if Delivery.objects.get().delivered_at:
                break
        self.assertEqual(
            receiver.stdout.readline(), f"article.published {settings.SITE_URL}/articles/{article.slug}/\n"
        )
        receiver.stdout.close()
        self.assertEqual(self.post(port, b"{}"), 400)

    def post(self, port, body):
        headers = {"webhook-id": "evt_1", "webhook-timestamp": "1796115600", "webhook-signature": "v1,AAAA"}
        arguments = [argument for name, value in headers.items() for argument in ("-H", f"{name}: {value}")]
        command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-d", body, *arguments]
        return int(subprocess.run([*command, f"http://127.0.0.1:{port}/"], capture_output=True, check=True).stdout)
