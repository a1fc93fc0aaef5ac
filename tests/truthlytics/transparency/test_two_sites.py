"""Two sites with this software are witnesses of each other, over http. Then one of them rewrites its log."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.test import LiveServerTestCase, override_settings, tag
from django.utils import timezone

from tests.budget import takes_longer
from tests.transactions import TransactionTestCase
from tests.truthlytics.transparency.cheating import rewrite
from truthlytics.transparency import keys
from truthlytics.transparency.models import Log, Witness, WitnessedLog
from truthlytics.transparency.notes import Note, VerifierKey
from truthlytics.transparency.services.entries import add, new_entry
from truthlytics.transparency.witnesses.asking import newest_checkpoint, offer_due
from truthlytics.transparency.witnesses.identity import witness_key


class SecondSite:
    def __init__(self, folder):
        command = [sys.executable, "-m", "tests.truthlytics.transparency.second_site", str(folder)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR
        )
        self.url = f"http://127.0.0.1:{self.read()['port']}"

    def read(self):
        return json.loads(self.process.stdout.readline())

    def do(self, command, **arguments):
        self.process.stdin.write(json.dumps({"do": command} | arguments) + "\n")
        self.process.stdin.flush()
        return self.read()

    def get(self, path):
        with urlopen(self.url + path, timeout=30) as response:
            return response.read().decode()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@tag("sqlite")  # The second site gets a copy of this database.
class TwoSitesTests(TransactionTestCase, LiveServerTestCase):
    def setUp(self):
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / "site.sqlite3")])
        self.enterContext(override_settings(RECORD_KEY_FILE=folder / "first-key.pem"))
        keys.create_key()
        self.second = SecondSite(folder)
        self.addCleanup(self.second.stop)

    def publish(self, count):
        now = timezone.now()
        add(new_entry("version", item="article", uuid=uuid4(), at=now, number=1, digest="0" * 64) for _ in range(count))

    @takes_longer("A log with many entries is made and verified.")
    def test_they_confirm_each_other_until_one_of_them_cheats(self):
        self.publish(3)
        log = Log.objects.current()
        # Each lists the other.
        theirs = self.second.do("publish", count=2)
        WitnessedLog.objects.create(name="Second", origin=theirs["origin"], verifier_keys=theirs["key"])
        key = self.second.do("list_log", origin=log.origin, key=log.keys.get().verifier_key)["key"]
        witness = Witness.objects.create(name="Second", address=f"{self.second.url}/record/witness", verifier_key=key)
        # Each confirms the other.
        self.assertEqual(offer_due(timezone.now()), 1)
        Note.parse(newest_checkpoint().cosigned).require_signature_by([VerifierKey.parse(key)])
        asked = self.second.do("ask", address=f"{self.live_server_url}/record/witness", key=str(witness_key()))
        self.assertEqual(asked, {"confirmed": 1, "problem": "", "answer": ""})
        Note.parse(self.second.get("/record/log/checkpoint")).require_signature_by([witness_key()])
        self.assertEqual(WitnessedLog.objects.get().size, 2)
        # A new entry is offered without further ado.
        self.publish(1)
        honest = newest_checkpoint()
        self.assertEqual(honest.cosignatures.count(), 1)
        # The first site rewrites what it has published, and signs it with the same key.
        rewrite(1)
        witness.refresh_from_db()
        self.assertEqual((witness.problem, witness.answer[:3], witness.refuses), ("contradiction", "409", True))
        # The second one shows why: both states with the signature of the same log.
        shown = self.second.get(self.second.do("refusal")["url"])
        self.assertIn(honest.note, shown)
        self.assertIn(newest_checkpoint().note, shown)
        # Going on with the rewritten log does not help.
        Witness.objects.update(next_attempt_at=timezone.now())
        self.publish(1)
        witness.refresh_from_db()
        self.assertEqual((witness.problem, witness.answer[:3]), ("unproven", "422"))
        self.assertFalse(newest_checkpoint().cosignatures.exists())
