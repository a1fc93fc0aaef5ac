"""Time stamps of checkpoints by independent authorities."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest import skipUnless
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from tests.factories import make_member
from tests.real_clock import real_clock
from tests.truthlytics.transparency.test_log import KeyFolder
from tests.truthlytics.transparency.time_authority import Authority, openssl
from truthlytics.transparency.models import Timestamp, TimestampAuthority
from truthlytics.transparency.problems import find_problems
from truthlytics.transparency.timestamps import asking
from truthlytics.transparency.timestamps.asking import stamp_due
from truthlytics.transparency.timestamps.der import with_sorted_certificates
from truthlytics.transparency.witnesses.asking import newest_checkpoint
from truthlytics.web.public_http import Answer, RequestError

PAGE = "/admin/truthlytics/recordsettings/"


@skipUnless(shutil.which("openssl"), "needs openssl")
class TimestampTestCase(KeyFolder):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(real_clock())
        super().setUpClass()

    @classmethod
    def setUpTestData(cls):
        cls.folder = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.server = Authority(cls.folder)
        cls.certificate = cls.server.root.public_bytes(Encoding.PEM).decode()

    def setUp(self):
        super().setUp()
        self.authority = TimestampAuthority.objects.create(
            name="T", address="http://time.example/", certificate=self.certificate
        )
        self.now = timezone.now()
        self.requests = []

    def send(self, url, body):
        self.requests.append(url)
        return Answer(200, "application/timestamp-reply", self.server.reply(body))

    def stamp(self, send=None):
        count = stamp_due(self.now, send or self.send)
        self.authority.refresh_from_db()
        return count

    def fails(self, answer):
        self.assertEqual(self.stamp(lambda url, body: answer), 0)
        self.now = self.authority.next_attempt_at
        return self.authority.problem


class StampTests(TimestampTestCase):
    def test_once_a_day_if_there_is_something_new(self):
        self.assertEqual(self.stamp(), 0)
        self.add(1)
        self.assertEqual((self.stamp(), self.stamp()), (1, 0))
        self.add(1)
        self.assertEqual(self.stamp(), 0)
        self.now += timedelta(days=1)
        self.assertEqual((self.stamp(), self.stamp()), (1, 0))
        self.now += timedelta(days=1)
        self.assertEqual(self.stamp(), 0)
        self.assertEqual(self.requests, ["http://time.example/"] * 2)

    def test_answers_with_their_root_are_accepted_in_any_order(self):
        root, signer = (one.public_bytes(Encoding.DER) for one in (self.server.root, self.server.signer))
        for parts in ((signer, root), (root, signer)):

            def send(url, body, parts=parts):
                reply = self.server.reply(body, with_root=True)
                self.assertIn(signer + root, reply)
                return Answer(200, "application/timestamp-reply", reply.replace(signer + root, b"".join(parts)))

            self.add(1)
            self.now += timedelta(days=1)
            self.assertEqual(self.stamp(send), 1, self.authority.answer)

    def test_what_is_no_answer_is_not_called_a_wrong_signature(self):
        self.add(1)
        for body in (b"", b"0", b"\x30\x84\xff\xff\xff\xff", b"<html>", bytes(99), b"\x30\x80" * 50):
            self.assertEqual(with_sorted_certificates(body), body)
            self.assertEqual(self.fails(Answer(200, "application/timestamp-reply", body)), "other")

    def test_another_program_verifies_the_files(self):
        self.add(2)
        self.stamp()
        for name, path in (
            ("data", "/record/log/timestamps/2/checkpoint"),
            ("reply.tsr", f"/record/log/timestamps/2/{self.authority.pk}.tsr"),
        ):
            (self.folder / name).write_bytes(self.client.get(path).content)
        (self.folder / "root.pem").write_text(self.certificate)
        openssl(self.folder, "-verify -data data -in reply.tsr -CAfile root.pem")
        self.assertLess(abs(Timestamp.objects.get().stamped_at - timezone.now()), timedelta(minutes=10))
        self.assertEqual(self.client.get("/record/log/timestamps/1/checkpoint").status_code, 404)
        self.assertEqual(self.client.get("/record/log/timestamps/2/999.tsr").status_code, 404)

    def test_answers_that_count_for_nothing(self):
        self.add(1)
        request = asking.rfc3161.TimestampRequestBuilder().data(newest_checkpoint().note.encode())
        other_nonce = self.server.reply(request.hash_algorithm(asking.rfc3161.HashAlgorithm.SHA256).build().as_bytes())
        other = asking.rfc3161.TimestampRequestBuilder().data(b"other").build()
        for content in (other_nonce, self.server.reply(other.as_bytes())):
            self.assertEqual(self.fails(Answer(200, "application/timestamp-reply", content)), "wrong_signature")
        self.assertEqual(self.fails(Answer(503, "text/html", b"")), "other")
        self.assertFalse(Timestamp.objects.exists())

    def test_signer_below_another_root(self):
        self.add(1)
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        stranger = Authority(folder)
        self.stamp(lambda url, body: Answer(200, "", stranger.reply(body)))
        self.assertEqual(self.authority.problem, "wrong_signature")

    def test_server_that_is_away_is_asked_again_and_reported_after_a_day(self):
        self.add(1)
        with patch.object(self, "send", side_effect=RequestError("timed out")):
            self.stamp()
        self.assertEqual((self.authority.problem, self.stamp()), ("unreachable", 0))
        self.assertEqual(find_problems(self.now), [])
        self.assertIn("“T” gives no time stamps", find_problems(self.now + timedelta(days=2))[0])
        self.now = self.authority.next_attempt_at
        self.assertEqual((self.stamp(), self.authority.problem), (1, ""))

    def test_nothing_is_asked_without_an_authority_or_the_package(self):
        self.add(1)
        with patch.object(asking, "is_available", return_value=False):
            self.assertEqual(self.stamp(), 0)
        self.authority.remove()
        self.assertEqual(self.stamp(), 0)
        self.assertEqual(self.requests, [])


class SettingsTests(TimestampTestCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(make_member("Publisher"))

    def post(self, path="authorities/", **data):
        row = {"name": "N", "address": "http://new.example/tsa", "certificate": self.certificate} | data
        return self.client.post(PAGE + path, {f"authorities-{name}": value for name, value in row.items()}, follow=True)

    def test_added_and_removed(self):
        self.assertContains(self.post(), "“N” is in the list.")
        added = TimestampAuthority.objects.get(name="N")
        self.post(f"authorities/{added.pk}/removal/")
        self.assertFalse(TimestampAuthority.objects.listed().filter(name="N").exists())

    def test_bad_input_is_explained(self):
        signer = (self.folder / "signer.pem").read_text()
        for data, reason in (
            ({"certificate": "x"}, "not a root certificate"),
            ({"certificate": signer}, "not a root certificate"),
            ({"address": "https://127.0.0.1:444/"}, "begins with https:// or http://"),
            ({"address": "ftp://time.example/"}, "begins with https:// or http://"),
        ):
            with self.subTest(data):
                self.assertContains(self.post(**data), reason, status_code=422)

    def test_test_asks_at_once(self):
        self.add(1)
        with patch.object(asking.stamp, "__defaults__", (self.send,)):
            response = self.post(f"authorities/{self.authority.pk}/test/")
        self.assertContains(response, "“T” has stamped the newest state of your record.")
        self.assertContains(self.client.get(PAGE), f"/record/log/timestamps/1/{self.authority.pk}.tsr")

    def test_without_the_package_the_page_says_what_to_install(self):
        with patch("truthlytics.newsroom.record_settings.is_available", return_value=False):
            self.assertContains(self.client.get(PAGE), "rfc3161-client")
