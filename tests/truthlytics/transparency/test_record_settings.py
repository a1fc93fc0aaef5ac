"""The page Settings → Record."""

from datetime import timedelta
from unittest.mock import patch

from django.core.management import call_command
from django.utils import timezone

from tests.factories import make_member
from tests.truthlytics.transparency.other_logs import OtherLog, body_of
from tests.truthlytics.transparency.test_log import KeyFolder
from truthlytics.audit.log import AuditEntry
from truthlytics.newsroom import record_settings
from truthlytics.publication.models import Publication
from truthlytics.transparency import keys
from truthlytics.transparency.models import Log, Quorum, Refusal, Witness, WitnessedLog
from truthlytics.transparency.notes import WITNESS_KEY
from truthlytics.transparency.problems import find_problems
from truthlytics.transparency.witnesses.identity import witness_key
from truthlytics.transparency.witnesses.serving import answer_to
from truthlytics.web.public_http import Answer

PAGE = "/admin/truthlytics/recordsettings/"


class RecordSettingsTestCase(KeyFolder):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")

    def setUp(self):
        super().setUp()
        self.client.force_login(self.publisher)
        self.other = OtherLog()
        self.key = str(self.other.signer.verifier_key(WITNESS_KEY))

    def post(self, path, **data):
        return self.client.post(f"{PAGE}{path}", data, follow=True)

    def add_witness(self, name="Other", address="https://other.example/record/witness", key=None):
        data = {"name": name, "address": address, "verifier_key": key or self.key}
        return self.post("witnesses/", **{f"witnesses-{field}": value for field, value in data.items()})

    def add_log(self, keys, name="Other", origin=""):
        return self.post("logs/", **{"logs-name": name, "logs-verifier_keys": keys, "logs-origin": origin})


class PageTests(RecordSettingsTestCase):
    def test_before_the_first_entry_and_without_a_key(self):
        keys.key_file().unlink()
        response = self.client.get(PAGE)
        self.assertContains(response, "The log begins with the first text that you publish.")
        self.assertContains(response, "None: the key of the record is missing.")
        self.assertFalse(Log.objects.exists())

    def test_own_origin_and_key(self):
        self.add(2)
        response = self.client.get(PAGE)
        log = Log.objects.current()
        for text in (log.origin, log.keys.get().verifier_key, witness_key(), "http://localhost:8000/record/witness"):
            self.assertContains(response, str(text))
        self.assertNotContains(response, "is not signed")

    def test_why_nothing_is_signed(self):
        self.add(1)
        keys.key_file().unlink()
        self.assertContains(self.client.get(PAGE), "The key of the record is missing")

    def test_only_those_who_may_change_settings(self):
        self.client.force_login(make_member("Editor"))
        for response in (self.client.get(PAGE), self.add_witness(), self.add_log(self.other.key)):
            self.assertEqual(response.status_code, 403)
        self.assertFalse(Witness.objects.exists() or WitnessedLog.objects.exists())


class QuorumTests(RecordSettingsTestCase):
    def test_how_many_have_to_sign(self):
        refused = self.client.post(f"{PAGE}quorum/", {"needed": 1})
        self.assertContains(refused, "You have 0 witnesses. Add more first.", status_code=422)
        self.add_witness()
        for refused in (2, -1, "all", "", "1" * 30):
            self.assertEqual(self.client.post(f"{PAGE}quorum/", {"needed": refused}).status_code, 422, refused)
        self.assertFalse(Quorum.objects.exists())
        self.assertContains(self.post("quorum/", needed=1), "Readers see now how many witnesses have to sign")
        self.post("quorum/", needed=1)
        self.assertEqual(list(Quorum.objects.values_list("needed", flat=True)), [1])
        self.post("quorum/", needed=0)
        self.assertEqual(list(Quorum.objects.values_list("needed", flat=True)), [1, 0])

    def test_the_text_for_public_witnesses(self):
        Publication.objects.create(contact_email="record@example.org")
        self.add(1)
        log = Log.objects.current()
        text = self.client.get(PAGE).content.decode().partition('<textarea id="witness-request"')[2]
        for words in (log.origin, log.keys.get().verifier_key, "/record/log/checkpoint", "Contact: record@example.org"):
            self.assertIn(words, text.partition("</textarea>")[0])


class WitnessListTests(RecordSettingsTestCase):
    def test_added_and_removed_and_added_again(self):
        self.assertContains(
            self.add_witness(address="https://other.example/record/witness/add-checkpoint"), "in the list"
        )
        witness = Witness.objects.get()
        self.assertEqual(witness.address, "https://other.example/record/witness")
        self.post(f"witnesses/{witness.pk}/removal/")
        self.assertFalse(Witness.objects.listed().exists())
        self.add_witness(name="Back")
        self.assertEqual(Witness.objects.listed().get().name, "Back")
        self.assertEqual([entry.action for entry in AuditEntry.objects.order_by("pk")], ["added", "removed", "added"])

    def test_bad_input_is_explained_and_kept(self):
        for change, reason in (
            ({"key": "nonsense"}, "is not a verifier key"),
            ({"key": self.key.replace("other", "another")}, "is not a verifier key"),
            ({"key": self.other.key}, "This is the key of a log."),
            ({"key": str(witness_key())}, "This is your own key."),
            ({"address": "http://other.example/"}, "begins with https://"),
            ({"address": "https://10.0.0.1:8443/"}, "begins with https://"),
            ({"address": "https://10.0.0.5"}, "begins with https://"),
            ({"address": "https://0x7f.1/record/witness"}, "begins with https://"),
            ({"address": "https://2130706433/"}, "begins with https://"),
            ({"address": "javascript:alert(1)"}, "begins with https://"),
            ({"name": " "}, "This field is required."),
        ):
            with self.subTest(change):
                response = self.add_witness(**{"name": "Kept", **change} if "name" not in change else change)
                self.assertContains(response, reason, status_code=422)
                self.assertContains(response, '<details class="record-add" open>', status_code=422)
                self.assertFalse(Witness.objects.exists())

    def test_test_says_what_the_witness_answers(self):
        self.add_witness()
        url = f"witnesses/{Witness.objects.get().pk}/test/"
        self.assertContains(self.post(url), "Nothing was signed yet")
        with patch("truthlytics.transparency.services.checkpoints.offer_soon"):
            self.add(1)
        for answer, message in (
            (Answer(404, "text/plain", b"unknown"), "It does not know this log."),
            (Answer(422, "text/plain", b"no"), "Somebody has rewritten the log."),
        ):
            with patch.object(record_settings.offer, "__defaults__", (lambda url, body, answer=answer: answer,)):
                response = self.post(url)
            self.assertContains(response, message)
        self.assertContains(self.client.get(PAGE), "Its answer: “422 no”")
        signature = str(self.other.signer.cosign(Log.objects.current().checkpoints.get().signed.text, 1700000000))
        yes = Answer(200, "text/plain", signature.encode())
        with patch.object(record_settings.offer, "__defaults__", (lambda url, body: yes,)):
            self.assertContains(self.post(url), "has confirmed the newest state")

    def test_too_many_tests(self):
        self.add_witness()
        with patch.object(record_settings, "allow", return_value=False):
            self.assertEqual(self.post(f"witnesses/{Witness.objects.get().pk}/test/").status_code, 429)


class LogListTests(RecordSettingsTestCase):
    def test_added_log_is_answered_and_removed_log_is_not(self):
        self.other.add("a")
        self.assertContains(self.add_log(f" {self.other.key}\n"), "in the list")
        request = self.other.request().encode()
        self.assertEqual(answer_to(request, timezone.now()).status, 200)
        self.assertContains(self.client.get(PAGE), "Entries in the state that you signed on")
        self.post(f"logs/{WitnessedLog.objects.get().pk}/removal/")
        self.assertEqual(answer_to(request, timezone.now()).status, 404)

    def test_new_key_keeps_what_is_known(self):
        self.other.add("a")
        self.add_log(self.other.key)
        answer_to(self.other.request().encode(), timezone.now())
        new = OtherLog()
        self.add_log(f"{self.other.key}\n{new.key}")
        row = WitnessedLog.objects.get()
        self.assertEqual((row.size, len(row.keys)), (1, 2))

    def test_another_origin_than_the_name_of_the_key(self):
        self.add_log(self.other.key, origin="other.example/tree")
        self.assertEqual(WitnessedLog.objects.get().origin, "other.example/tree")

    def test_bad_keys(self):
        for key, reason in ((self.key, "This is the key of a witness."), ("x", "is not a verifier key")):
            self.assertContains(self.add_log(key), reason, status_code=422)
        self.assertFalse(WitnessedLog.objects.exists())


class ProblemTests(RecordSettingsTestCase):
    def problems(self, days=0):
        return find_problems(timezone.now() + timedelta(days=days))

    def test_none(self):
        self.add(1)
        self.assertEqual(self.problems(), [])

    def test_refusal_of_a_witness_is_told_at_once_and_a_failure_after_a_day(self):
        witness = Witness.objects.create(name="W", address="https://w.example", verifier_key="k")
        witness.record_failure("unreachable", "timed out", timezone.now())
        self.assertEqual((self.problems(), len(self.problems(days=2))), ([], 1))
        witness.record_failure("unproven", "422", timezone.now())
        (problem,) = self.problems()
        self.assertIn("“W” has not signed your record: It refuses", problem)
        self.assertContains(self.client.get("/admin/"), "It refuses: your log does not continue what it has seen.")

    def test_missing_key_is_on_the_dashboard_and_in_the_checks(self):
        self.add(1)
        keys.key_file().unlink()
        self.assertContains(self.client.get("/admin/"), "What is published now is not signed in the record.")
        with patch("sys.stderr") as stderr:
            call_command("check", deploy=True, fail_level="CRITICAL")
        written = "".join(str(call) for call in stderr.mock_calls)
        self.assertIn("truthlytics.W007", written)
        self.assertIn("The key of the record is missing", written)

    def test_log_that_contradicts_itself_is_shown_for_a_month(self):
        self.other.add("a")
        self.other.listed()
        answer_to(self.other.request().encode(), timezone.now())
        self.other.hashes = [bytes(32)]
        answer_to(body_of(1, [], self.other.checkpoint()).encode(), timezone.now())
        self.assertIn("You are a witness for “Other”", self.problems()[0])
        self.assertEqual(self.problems(days=31), [])
        response = self.client.get(PAGE)
        self.assertContains(response, "It has signed two different states of the same size.")
        self.assertContains(response, f"/record/witness/refusals/{Refusal.objects.get().pk}")
