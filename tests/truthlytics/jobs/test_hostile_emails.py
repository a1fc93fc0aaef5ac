"""`tick` as it runs on a server, beside hostile emails of full size and a mailbox that does not answer."""

import os
import subprocess
import sys
import time
from datetime import timedelta

from django.utils import timezone

from articles.models import Article
from tests.factories import make_article
from tests.transactions import TransactionTestCase
from tests.truthlytics.jobs.imap_server import Mailbox
from tests.truthlytics.newsletters.test_bounce_mailbox import hostile_messages
from tests.truthlytics.server.served import database_url
from truthlytics.env import BASE_DIR
from truthlytics.jobs.models import JobProblem

LIMIT = 60


class HostileEmailTests(TransactionTestCase):
    """Takes three seconds of CPU, because the command loads the site."""

    def start_tick(self, url):
        environment = {
            **os.environ,
            "BOUNCE_ADDRESS": "bounces@example.org",
            "BOUNCE_MAILBOX_URL": url,
            "DATABASE_URL": database_url(),
            "DEBUG": "0",
            "SECRET_KEY": "for-this-test-only-" + "x" * 40,
            "SITE_URL": "http://localhost",
        }
        command = [sys.executable, "manage.py", "tick", "publication", "outside"]
        process = subprocess.Popen(
            command, cwd=BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def test_a_scheduled_article_appears_within_its_minute(self):
        mailbox = Mailbox(list(hostile_messages("bounces+1-0123456789ab@example.org").values()))
        self.addCleanup(mailbox.server_close)
        self.addCleanup(mailbox.shutdown)
        article = make_article(at=timezone.now() + timedelta(seconds=0.2))
        time.sleep(0.2)
        process = self.start_tick(mailbox.url)
        due = Article.objects.filter(pk=article.pk, live__isnull=False)
        deadline = time.monotonic() + LIMIT
        while not due.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(due.exists())
        # Only now the mail server answers.
        self.assertIsNone(process.poll())
        mailbox.may_answer.set()
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertTrue(all("Flagged" in flags for flags in mailbox.flags.values()))
        left = [number for number, flags in mailbox.flags.items() if "Deleted" not in flags]
        self.assertIn(f"could not be read: {len(left)}.", JobProblem.objects.get().problem)
