"""What the page of the record says about witnesses and time stamps."""

from django.utils import timezone

from tests.truthlytics.transparency.other_logs import OtherLog, body_of
from tests.truthlytics.transparency.test_log import KeyFolder
from truthlytics.transparency.models import Checkpoint, Log, Timestamp, TimestampAuthority
from truthlytics.transparency.services.rotation import begin_log
from truthlytics.transparency.witnesses.serving import answer_to


class RecordPageTests(KeyFolder):
    def test_logs_that_we_confirm_and_what_we_refused(self):
        other = OtherLog()
        other.add("a")
        other.listed()
        self.assertNotContains(self.client.get("/record/"), "We are a witness for")
        answer_to(other.request().encode(), timezone.now())
        response = self.client.get("/record/")
        self.assertContains(response, "we signed its state with 1 entry.")
        # A witness has seen the number of entries and their sum, whatever they say.
        self.assertContains(response, "and neither an entry nor a text")
        self.assertNotContains(response, "confirm")
        other.hashes = [bytes(32)]
        answer_to(body_of(1, [], other.checkpoint()).encode(), timezone.now())
        response = self.client.get("/record/")
        self.assertContains(response, "It has signed two different states of the same size.")
        self.assertContains(response, 'href="/record/witness/refusals/')

    def test_logs_that_the_current_one_continues(self):
        self.add(2)
        self.assertNotContains(self.client.get("/record/"), "Earlier logs")
        former = Log.objects.current()
        begin_log(former.head, timezone.now())
        response = self.client.get("/record/")
        self.assertContains(response, f"<dt>{former.origin}</dt>", html=True)
        self.assertContains(response, "2 entries, signed last on")
        self.assertContains(response, 'href="http://localhost:8000/record/log/checkpoint"')

    def test_newest_time_stamp_of_each_authority(self):
        authority = TimestampAuthority.objects.create(name="Clock Ltd", address="https://t.example", certificate="")
        for count in (1, 1):
            self.add(count)
            Timestamp.objects.create(
                checkpoint=Checkpoint.objects.latest("pk"), authority=authority, response=b"", stamped_at=timezone.now()
            )
        response = self.client.get("/record/")
        self.assertContains(response, f'href="/record/log/timestamps/2/{authority.pk}.tsr"', count=1)
        self.assertNotContains(response, "/timestamps/1/")
