"""Public witnesses: programs that others wrote sign our log, refuse another one, and are away."""

import base64
import json
import time
from functools import partial
from unittest.mock import patch

from aics_tlog import WitnessPolicy, parse_note, parse_vkey, verify_checkpoint
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from tests.articles.views.log_case import log_versions
from tests.factories import make_article
from tests.truthlytics.transparency.cheating import rewrite
from tests.truthlytics.transparency.other_witness import OtherWitness
from tests.truthlytics.transparency.test_log import KeyFolder
from tests.truthlytics.transparency.test_timestamps import TimestampTestCase
from tests.truthlytics.transparency.time_authority import openssl
from truthlytics.transparency.evidence import newest_state
from truthlytics.transparency.models import Cosignature, Log, Quorum, Witness
from truthlytics.transparency.notes import WITNESS_KEY, Note, Signer, VerifierKey
from truthlytics.transparency.witnesses.asking import newest_checkpoint, offer_due, post
from truthlytics.web.public_http import Answer


class OtherProgramTests(KeyFolder):
    def setUp(self):
        super().setUp()
        self.enterContext(patch("truthlytics.transparency.services.checkpoints.offer_soon"))
        self.add(3)
        self.log = Log.objects.current()

    def witness(self, name, *, lists=True):
        program = OtherWitness(name, *([self.log.origin, self.log.keys.get().verifier_key] if lists else []))
        self.addCleanup(program.close)
        return program, Witness.objects.create(name=name, address=program.address, verifier_key=program.key)

    def ask(self, send=post):
        Witness.objects.update(next_attempt_at=timezone.now())
        return offer_due(timezone.now(), send)

    def test_it_signs_what_continues_and_refuses_what_does_not(self):
        first, row = self.witness("first.example/witness")
        _second, other = self.witness("second.example/witness", lists=False)
        self.assertEqual(self.ask(), 1)
        other.refresh_from_db()
        self.assertEqual((other.problem, other.answer[:3]), ("unknown_log", "404"))
        self.add(300)
        self.assertEqual(self.ask(), 1)
        served = Note.parse(self.client.get("/record/log/checkpoint").content.decode())
        served.require_signature_by([VerifierKey.parse(first.key)])
        rewrite(1)
        self.assertEqual(self.ask(), 0)
        row.refresh_from_db()
        self.assertEqual((row.problem, row.refuses), ("contradiction", True))
        self.add(1)
        self.assertEqual(self.ask(), 0)
        row.refresh_from_db()
        self.assertEqual((row.problem, row.refuses), ("unproven", True))
        first.stop()
        self.assertEqual(self.ask(), 0)
        row.refresh_from_db()
        self.assertEqual(row.problem, "unreachable")
        self.assertFalse(newest_checkpoint().cosignatures.exists())

    def test_two_of_three_have_to_sign_and_the_pages_say_who_did_not(self):
        Quorum.objects.create(needed=2)
        article = make_article()
        log_versions(article)
        programs = dict(self.witness(f"{name}.example/witness") for name in ("first", "second"))
        # The third one signs whatever it is given: it lies. Alone it does not suffice.
        liar = Signer("liar.example/witness", Ed25519PrivateKey.generate())
        Witness.objects.create(
            name="Liar", address="https://liar.example", verifier_key=str(liar.verifier_key(WITNESS_KEY))
        )
        self.assertEqual(self.ask(partial(send, liar)), 3)
        self.assertEqual(self.evidence(article)["witnesses_needed"], 2)
        self.assertEqual(len(self.evidence(article)["witnesses"]), 3)
        self.assertTrue(newest_state().quorum.is_met)
        self.assertContains(self.client.get("/record/"), "We say that 2 witnesses have to sign each state.")
        # The log is rewritten. Both honest ones refuse, and only the liar signs.
        rewrite(1)
        self.assertEqual(self.ask(partial(send, liar)), 1)
        self.assertEqual(newest_state().quorum.present, ["Liar"])
        response = self.client.get("/record/")
        self.assertContains(response, "This state was signed by: Liar.")
        self.assertContains(response, "It was not signed by: first.example/witness, second.example/witness.")
        self.assertEqual(len(programs), 2)

    def evidence(self, article):
        return json.loads(self.client.get(f"{article.get_absolute_url()}versions/1/evidence.json").content)

    def test_the_state_with_enough_signatures_is_the_evidence_while_one_is_away(self):
        Quorum.objects.create(needed=2)
        article = make_article()
        log_versions(article)
        (first, _row), (_second, _row) = self.witness("first.example/w"), self.witness("second.example/w")
        self.assertEqual(self.ask(), 2)
        size = newest_checkpoint().size
        first.stop()
        self.add(1)
        self.assertEqual(self.ask(), 1)
        self.assertEqual(len(self.evidence(article)["witnesses"]), 2)
        self.assertIn(f"\n{size}\n", self.evidence(article)["checkpoint"])
        new = make_article()
        log_versions(new)
        self.assertEqual(self.ask(), 1)
        self.assertEqual(len(self.evidence(new)["witnesses"]), 1)


def send(liar, url, body):
    """Answer for the liar, and let all others be asked."""
    if not url.startswith("https://liar.example"):
        return post(url, body)
    text = Note.parse(body.decode().partition("\n\n")[2]).text
    return Answer(200, "text/plain", str(liar.cosign(text, int(time.time()))).encode())


class OneFileTests(TimestampTestCase):
    """record.json alone proves the state of a day, to a program that others wrote and to openssl."""

    def test_signatures_and_time_stamps(self):
        self.add(3)
        self.assertEqual(self.stamp(), 1)
        signers = [Signer(f"{name}.example/w", Ed25519PrivateKey.generate()) for name in ("a", "b")]
        for signer in signers:
            key = str(signer.verifier_key(WITNESS_KEY))
            row = Witness.objects.create(name=signer.name, address=f"https://{signer.name}", verifier_key=key)
            line = str(signer.cosign(newest_checkpoint().signed.text, int(time.time()))).strip()
            Cosignature.objects.create(checkpoint=newest_checkpoint(), witness=row, line=line, signed_at=timezone.now())
        Quorum.objects.create(needed=2)
        record = json.loads(self.client.get("/.well-known/record.json").content)["log"]
        self.assertEqual((record["witnesses_needed"], len(record["timestamps"])), (2, 1))
        policy = WitnessPolicy(
            quorum=record["witnesses_needed"],
            witnesses=tuple(parse_vkey(row["key"]) for row in record["witnesses"]),
            max_age_seconds=600,
        )
        checked = verify_checkpoint(
            parse_note(record["checkpoint"]), parse_vkey(record["keys"][-1]["key"]), policy=policy
        )
        self.assertTrue(checked.ok, checked)
        less = record["checkpoint"].rpartition("— ")[0]
        self.assertFalse(verify_checkpoint(parse_note(less), parse_vkey(record["keys"][-1]["key"]), policy=policy).ok)
        (stamp,) = record["timestamps"]
        (self.folder / "data").write_text(stamp["checkpoint"])
        (self.folder / "reply.tsr").write_bytes(base64.b64decode(stamp["response"]))
        (self.folder / "root.pem").write_text(self.certificate)
        openssl(self.folder, "-verify -data data -in reply.tsr -CAfile root.pem")
        self.assertTrue(record["checkpoint"].startswith(stamp["checkpoint"]))
