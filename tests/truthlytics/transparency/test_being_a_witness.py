"""This site as a witness of the logs of others."""

from datetime import timedelta
from unittest.mock import patch

from django.db import connection
from django.test import Client, TestCase
from django.utils import timezone

from tests.budget import takes_longer
from tests.record_key import use_key
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from tests.truthlytics.transparency.other_logs import OtherLog, body_of
from truthlytics.transparency import keys
from truthlytics.transparency.models import Refusal, WitnessedLog
from truthlytics.transparency.notes import Note, parse_signatures
from truthlytics.transparency.witnesses import views
from truthlytics.transparency.witnesses.identity import witness_key
from truthlytics.transparency.witnesses.serving import answer_to

URL = "/record/witness/add-checkpoint"


class WitnessTestCase(TestCase):
    def setUp(self):
        use_key(self)
        self.log = OtherLog()
        self.log.add("a", "b", "c")

    def post(self, body, **headers):
        return Client(enforce_csrf_checks=True).post(URL, body, content_type="application/octet-stream", **headers)


class AnswerTests(WitnessTestCase):
    def setUp(self):
        super().setUp()
        self.row = self.log.listed()

    def assert_cosigned(self, response, checkpoint):
        self.assertEqual((response.status_code, response.content[-1:]), (200, b"\n"))
        note = Note.parse(checkpoint + response.content.decode())
        self.assertEqual(note.require_signature_by([witness_key()]), witness_key())

    def refusal(self):
        return Refusal.objects.get()

    def test_first_checkpoint_and_those_that_continue_it_are_signed(self):
        for old, size in ((0, 2), (2, 2), (2, 3)):
            before = int(timezone.now().timestamp())
            response = self.post(self.log.request(old, size))
            self.assert_cosigned(response, self.log.checkpoint(size))
            (signature,) = parse_signatures(response.content.decode())
            self.assertGreaterEqual(signature.time, before)
            self.row.refresh_from_db()
            self.assertEqual(
                (self.row.size, self.row.checkpoint), (size, self.log.checkpoint(size)), "stored before it is signed"
            )

    def test_another_size_than_the_known_one_is_a_conflict_with_the_known_size(self):
        self.post(self.log.request(0, 2))
        for old in (0, 1, 3):
            response = self.post(self.log.request(old))
            self.assertEqual((response.status_code, response.content), (409, b"2\n"))
            self.assertEqual(response.headers["Content-Type"], "text/x.tlog.size")
        self.assertFalse(Refusal.objects.exists())

    def test_proof_that_does_not_fit_is_refused_and_kept_until_the_log_proves_the_state(self):
        self.post(self.log.request(0, 2))
        response = self.post(body_of(2, [bytes(32)], self.log.checkpoint()))
        self.assertEqual(response.status_code, 422)
        self.assertEqual(self.refusal().reason, "unproven")
        self.assertEqual((self.refusal().known_head.size, self.refusal().offered_head.size), (2, 3))
        self.assert_cosigned(self.post(self.log.request(2)), self.log.checkpoint())
        self.assertFalse(Refusal.objects.unsettled().exists())
        self.assertEqual(self.client.get(f"/record/witness/refusals/{self.refusal().pk}").status_code, 404)

    def test_states_that_an_honest_log_skips_are_settled_by_a_later_one_and_never_shown(self):
        self.log.add(*"defg")
        self.post(self.log.request(0, 2))
        for size in (3, 4, 5):
            self.assertEqual(self.post(body_of(2, [bytes(32)], self.log.checkpoint(size))).status_code, 422)
        self.assertNotContains(self.client.get("/record/"), "We refused to sign")
        self.assertEqual(Refusal.objects.unsettled().count(), 3)
        self.assert_cosigned(self.post(self.log.request(2, 4)), self.log.checkpoint(4))
        self.assertEqual(Refusal.objects.unsettled().get().offered_head.size, 5)
        self.assert_cosigned(self.post(self.log.request(4)), self.log.checkpoint())
        self.assertFalse(Refusal.objects.unsettled().exists())

    def test_proof_must_be_empty_where_nothing_is_known(self):
        self.assertEqual(self.post(body_of(0, [bytes(32)], self.log.checkpoint())).status_code, 422)
        self.assertFalse(Refusal.objects.exists())

    def test_two_states_of_one_size_are_refused_and_the_proof_is_kept(self):
        self.post(self.log.request())
        honest = self.log.checkpoint()
        self.log.hashes[1] = bytes(32)
        for old, content in ((3, b"This witness has signed another state"), (0, b"3\n")):
            response = self.post(body_of(old, [], self.log.checkpoint()))
            self.assertEqual(response.status_code, 409)
            self.assertTrue(response.content.startswith(content))
        self.assertEqual(self.refusal().reason, "contradiction")
        page = self.client.get(f"/record/witness/refusals/{self.refusal().pk}").content.decode()
        self.assertIn(honest, page)
        self.assertIn(self.log.checkpoint(), page)
        self.assertEqual(WitnessedLog.objects.get().checkpoint, honest)

    def test_rewritten_log_that_has_grown_is_refused(self):
        self.post(self.log.request())
        self.log.hashes[0] = bytes(32)
        self.log.add("d")
        self.assertEqual(self.post(self.log.request(3)).status_code, 422)
        self.assertEqual(self.post(self.log.request(3)).status_code, 422)
        self.assertEqual(self.refusal().old_size, 3, "kept once")

    def test_unknown_logs_and_keys(self):
        other = OtherLog("unknown.example/log")
        self.assertEqual(self.post(other.request()).status_code, 404)
        impostor = OtherLog(self.log.signer.name)
        self.assertEqual(self.post(impostor.request()).status_code, 403)
        checkpoint = self.log.checkpoint().replace("\n3\n", "\n4\n")
        self.assertEqual(self.post(body_of(0, [], checkpoint)).status_code, 403)

    def test_new_key_of_a_log_beside_the_old_one(self):
        new = OtherLog(self.log.signer.name)
        new.hashes = self.log.hashes
        self.assertEqual(self.post(self.log.request(0, 2)).status_code, 200)
        WitnessedLog.objects.update(verifier_keys=f"{self.log.key}\n{new.key}")
        self.assertEqual(self.post(new.request(2)).status_code, 200)

    def test_malformed_requests(self):
        request, checkpoint = self.log.request(), self.log.checkpoint()
        for body in (
            b"",
            b"\xff",
            "old 0\n\n",
            request.replace("old", "size"),
            request.replace("old 0", "old 00"),
            request.replace("old 0", "old -1"),
            request.replace("\n\n", "\n", 1),
            body_of(0, [b"short"], checkpoint),
            body_of(0, [bytes(32)] * 64, checkpoint),
            request.replace("\n3\n", "\n03\n"),
            request.replace("\n3\n", f"\n{2**63}\n"),
            request.rstrip("\n"),
            request.replace("\n3\n", "\n3\r\n"),
            body_of(4, [], checkpoint),
        ):
            with self.subTest(body):
                self.assertEqual(self.post(body).status_code, 400)
        self.assertEqual(WitnessedLog.objects.get().size, 0)

    def test_large_requests_and_too_many(self):
        self.assertEqual(self.post(b"x" * (views.MAX_BODY + 1)).status_code, 413)
        with patch.object(views, "consume", return_value=False):
            self.assertEqual(self.post(self.log.request()).status_code, 429)

    def test_without_the_key_nothing_is_signed(self):
        keys.key_file().unlink()
        self.assertEqual(self.post(self.log.request()).status_code, 503)
        self.assertEqual(WitnessedLog.objects.get().size, 0)

    def test_removed_log_is_remembered(self):
        self.post(self.log.request())
        self.row.remove()
        self.assertEqual(self.post(self.log.request()).status_code, 404)
        WitnessedLog.objects.update(removed_at=None)
        self.assertEqual(self.post(self.log.request()).status_code, 409)

    def test_log_cannot_exhaust_what_is_kept_of_its_contradictions(self):
        self.log.add(*"defghij")
        self.post(self.log.request(0, 2))
        with patch("truthlytics.transparency.witnesses.serving.MAX_UNPROVEN", 3):
            for size in range(3, 9):
                self.post(body_of(2, [bytes(32)], self.log.checkpoint(size)))
            self.assertEqual(Refusal.objects.count(), 3, "what anybody can send is limited")
            self.post(self.log.request(2, 9))
            for size in (9, 9, 9, 9, 9):
                self.log.hashes[1] = bytes([size]) * 31 + bytes([len(Refusal.objects.all())])
                self.assertEqual(self.post(body_of(9, [], self.log.checkpoint(size))).status_code, 409)
            self.assertEqual(Refusal.objects.proven().count(), 5)
            self.post(body_of(9, [bytes(32)], self.log.checkpoint(10)))
            self.assertEqual(
                Refusal.objects.unsettled().filter(reason="unproven").count(), 1, "settled ones free places"
            )


class OffTests(WitnessTestCase):
    def test_without_a_log_in_the_settings_there_is_no_witness(self):
        self.assertEqual(self.post(self.log.request()).status_code, 404)
        self.assertEqual(self.post(b"").status_code, 404)

    def test_only_post(self):
        self.log.listed()
        self.assertEqual(self.client.get(URL).status_code, 405)


class RaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_of_two_different_states_only_one_is_signed(self):
        use_key(self)
        log = OtherLog()
        log.add("a")
        log.listed()
        now = timezone.now()
        self.assertEqual(answer_to(log.request().encode(), now).status, 200)
        bodies = []
        for number in range(12):
            log.hashes[1:] = []
            log.add(f"other {number}")
            bodies.append(log.request(1).encode())
        answers = at_once(lambda: answer_to(bodies.pop(), now + timedelta(seconds=1)), 12)
        self.assertEqual(sorted(answer.status for answer in answers), [200, *[409] * 11])
        self.assertEqual(WitnessedLog.objects.get().size, 2)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous")
                self.assertEqual(cursor.fetchone(), (1,), "as before")
