"""Asking witnesses to confirm the states of our log."""

from datetime import timedelta
from unittest.mock import patch

from aics_tlog import WitnessPolicy, parse_note, parse_vkey, verify_checkpoint
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from tests.truthlytics.transparency.cheating import rewrite
from tests.truthlytics.transparency.test_log import KeyFolder
from truthlytics.transparency.models import Cosignature, Log, Refusal, Witness, WitnessedLog
from truthlytics.transparency.notes import WITNESS_KEY, Note, Signer
from truthlytics.transparency.witnesses import asking
from truthlytics.transparency.witnesses.asking import newest_checkpoint, offer_due
from truthlytics.transparency.witnesses.identity import witness_key
from truthlytics.transparency.witnesses.serving import answer_to
from truthlytics.web.public_http import Answer, RequestError

# The tests ask by themselves, with an answer of their own.
OFFER_SOON = asking.offer_soon
ADDRESS = "https://witness.example/record/witness/"


class AskingTestCase(KeyFolder):
    """The witness is this site, with the same key under another name: it does not see whose log it is."""

    def setUp(self):
        super().setUp()
        self.requests = []
        self.witness = Witness.objects.create(name="W", address=ADDRESS, verifier_key=str(witness_key()))
        self.now = timezone.now()
        self.enterContext(patch("truthlytics.transparency.services.checkpoints.offer_soon"))
        self.add(3)
        self.log = Log.objects.current()
        self.listed = WitnessedLog.objects.create(
            name="Ours", origin=self.log.origin, verifier_keys=self.log.keys.get().verifier_key
        )

    def send(self, url, body):
        self.requests.append((url, body))
        answer = answer_to(body, self.now)
        return Answer(answer.status, answer.content_type.partition(";")[0], answer.text.encode())

    def offer(self, send=None):
        count = offer_due(self.now, send or self.send)
        self.witness.refresh_from_db()
        return count

    def answers(self, status, text="", content_type="text/plain"):
        self.offer(lambda url, body: Answer(status, content_type, text.encode()))
        return self.witness.problem


class ConfirmedTests(AskingTestCase):
    def test_checkpoint_is_served_with_the_signature_and_another_program_accepts_it(self):
        self.assertEqual(self.offer(), 1)
        self.assertEqual(self.requests[0][0], "https://witness.example/record/witness/add-checkpoint")
        note = self.client.get("/record/log/checkpoint").content.decode()
        self.assertEqual(Note.parse(note).require_signature_by([witness_key()]), witness_key())
        policy = WitnessPolicy(quorum=1, witnesses=(parse_vkey(str(witness_key())),), max_age_seconds=600)
        key = parse_vkey(self.log.keys.get().verifier_key)
        result = verify_checkpoint(parse_note(note), key, policy=policy)
        self.assertTrue(result.ok, result)
        self.assertEqual(result.witnesses, [witness_key().name])

    def test_confirmed_states_are_not_offered_again(self):
        self.offer()
        self.assertEqual(self.offer(), 0)
        self.assertEqual(len(self.requests), 1)

    def test_a_state_is_offered_again_after_a_day_and_served_with_the_newest_signature(self):
        self.offer()
        first = Cosignature.objects.get()
        self.now += timedelta(hours=25)
        self.assertEqual((self.offer(), self.offer()), (1, 0))
        self.assertEqual(Cosignature.objects.count(), 2)
        note = Note.parse(self.client.get("/record/log/checkpoint").content.decode())
        self.assertEqual([signature.time for signature in note.signatures[1:]], [int(self.now.timestamp())])
        self.assertGreater(self.now, first.signed_at)

    def test_proof_begins_at_the_size_that_the_witness_confirmed_last(self):
        self.offer()
        self.add(4)
        self.assertEqual(self.offer(), 1)
        self.assertTrue(self.requests[-1][1].startswith(b"old 3\n"))
        self.assertEqual((len(self.requests), Cosignature.objects.count()), (2, 2))

    def test_witness_that_knows_another_size_says_so_and_is_asked_again(self):
        self.offer()
        self.add(1)
        with patch.object(Witness, "cosignatures", Cosignature.objects.none()):  # as after a restored backup
            self.assertEqual(self.offer(), 1)
        self.assertEqual([body.partition(b"\n")[0] for _, body in self.requests], [b"old 0", b"old 0", b"old 3"])

    def test_newest_checkpoint_is_served_before_anyone_confirmed_it(self):
        self.offer()
        self.add(1)
        self.assertEqual(self.client.get("/record/log/checkpoint").content.decode(), newest_checkpoint().note)

    def test_removed_witness_is_not_asked(self):
        self.witness.remove()
        self.assertEqual(self.offer(), 0)

    def test_new_checkpoints_are_offered_at_once(self):
        offered = []
        with patch.object(asking, "offer_due", offered.append):
            OFFER_SOON()
            self.assertEqual(len(offered), 1)
            self.witness.remove()
            OFFER_SOON()
            self.assertEqual(len(offered), 1)

    def test_nothing_is_offered_before_something_was_signed(self):
        Log.objects.create(number=2, origin="new.example/record/log-2")
        self.assertEqual(self.offer(), 0)
        self.assertEqual(self.requests, [])


class FailureTests(AskingTestCase):
    def test_witness_that_does_not_answer_is_asked_again_with_growing_intervals(self):
        def fail(url, body):
            raise RequestError("timed out")

        pauses = []
        for _attempt in range(12):
            self.offer(fail)
            pauses.append(self.witness.next_attempt_at - self.now)
            self.assertEqual(self.offer(fail), 0)
            self.now = self.witness.next_attempt_at
        self.assertEqual(pauses[:4], [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)])
        self.assertEqual((pauses[-1], self.witness.failures), (timedelta(hours=6), 12))
        self.assertEqual((self.witness.problem, self.witness.answer), ("unreachable", "timed out"))
        self.assertEqual(self.offer(), 1)
        self.assertEqual((self.witness.problem, self.witness.failures, self.witness.failing_since), ("", 0, None))

    def test_what_the_answer_means(self):
        for status, text, problem in (
            (403, "no", "unknown_key"),
            (404, "no", "unknown_log"),
            (422, "no", "unproven"),
            (409, "no", "contradiction"),
            (500, "no", "other"),
            (200, "no", "wrong_signature"),
            (301, "", "other"),
        ):
            with self.subTest(status):
                self.assertEqual(self.answers(status, text), problem)
                self.assertEqual(self.witness.answer, f"{status} {text}".strip())
                self.now = self.witness.next_attempt_at

    def test_signature_by_another_key_or_from_the_future_counts_for_nothing(self):
        text = newest_checkpoint().signed.text
        other = Signer(witness_key().name, Ed25519PrivateKey.generate())
        self.assertEqual(self.answers(200, str(other.cosign(text, 1))), "wrong_signature")
        self.now = self.witness.next_attempt_at
        with patch.object(asking, "MAX_AHEAD", -60):
            self.offer()
        self.assertEqual(self.witness.problem, "wrong_signature")
        self.assertFalse(Cosignature.objects.exists())
        self.assertNotEqual(other.verifier_key(WITNESS_KEY), witness_key())

    def test_sizes_that_make_no_sense_end(self):
        self.assertEqual(self.answers(409, "2", "text/x.tlog.size"), "contradiction")

    def test_witness_that_has_seen_more_than_the_log_has(self):
        self.assertEqual(self.answers(409, "4\n", "text/x.tlog.size"), "ahead")
        self.assertTrue(self.witness.refuses)

    def test_overtaken_by_another_process(self):
        checkpoint = newest_checkpoint()
        self.add(2)
        self.offer()
        self.assertFalse(asking.offer(checkpoint, self.witness, self.now, self.send))
        self.assertEqual(self.witness.problem, "")


class RewrittenTests(AskingTestCase):
    def test_rewritten_log_of_the_same_size(self):
        self.offer()
        rewrite(1)
        self.assertEqual(self.offer(), 0)
        self.assertEqual(self.witness.problem, "contradiction")
        self.assertEqual(Refusal.objects.get().reason, "contradiction")

    def test_rewritten_log_that_has_grown(self):
        self.offer()
        rewrite(1)
        self.add(2)
        self.assertEqual(self.offer(), 0)
        self.assertEqual((self.witness.problem, self.witness.answer[:3]), ("unproven", "422"))

    def test_shortened_log(self):
        self.offer()
        rewrite(1, keep=2)
        self.assertEqual(self.offer(), 0)
        self.assertEqual((self.witness.problem, self.witness.answer), ("ahead", "3"))
        self.assertTrue(self.witness.refuses)
