"""What the page of the record says about witnesses and time stamps."""

from datetime import timedelta

from django.utils import timezone

from articles.services.log_entries import add_archive
from tests.factories import make_article, make_version
from tests.html import page_of, text_of
from tests.truthlytics.transparency.other_logs import OtherLog, body_of
from tests.truthlytics.transparency.test_log import KeyFolder
from truthlytics.transparency.evidence import State
from truthlytics.transparency.models import Checkpoint, Log, Timestamp, TimestampAuthority
from truthlytics.transparency.outside.summary import EVENTS, places_of_events
from truthlytics.transparency.services.entries import append_due
from truthlytics.transparency.services.rotation import begin_log
from truthlytics.transparency.verification import verify
from truthlytics.transparency.witnesses.serving import answer_to


class RecordPageTests(KeyFolder):
    def test_a_drawing_explains_the_log_and_hides_nothing_from_those_who_do_not_see_it(self):
        page = page_of(self.client.get("/record/"))
        steps = page.find_class("log-drawing")[0].findall("li")
        self.assertEqual([len(step.xpath("svg[@aria-hidden='true'][not(.//text)]")) for step in steps], [1] * 4)
        self.assertTrue(all(text_of(step.find("p")) for step in steps))

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

    def test_the_page_counts_as_the_checkers_do(self):
        article = make_article(at=timezone.now() - timedelta(days=9))
        make_version(article, headline="Later")
        append_due(timezone.now())
        former = Log.objects.current()
        begin_log(former.head, timezone.now())
        add_archive(timezone.now())
        append_due(timezone.now())
        ledger = None
        for log in (former, Log.objects.current()):
            ledger = verify(log, timezone.now(), former=ledger).ledger
        counts = dict(State(Checkpoint.objects.latest("pk")).counts)
        places = places_of_events(ledger)
        self.assertEqual(
            {label: counts[label] for label in EVENTS.values()}, {EVENTS[kind]: len(places[kind]) for kind in EVENTS}
        )
        # In the new log, both versions are imported. The second one keeps the date of the former log.
        self.assertEqual((counts["Versions"], counts[EVENTS["archive"]]), (2, 1))
