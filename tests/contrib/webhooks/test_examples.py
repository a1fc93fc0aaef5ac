"""The example of docs/events.md, run from the page itself."""

import os
import socket
import subprocess
import sys

from django.conf import settings
from django.test import LiveServerTestCase, tag
from django.utils import timezone

from tests.contrib.webhooks.test_webhooks import make_endpoint
from tests.examples import blocks
from tests.factories import make_article
from truthlytics.contrib.webhooks.delivering import serve
from truthlytics.events.models import Delivery
from truthlytics.events.services.telling import tell_due


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
