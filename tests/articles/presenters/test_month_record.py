"""The record of the month on the front page."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.homepage.arranging import apply
from articles.homepage.layout import DEFAULT, parse
from articles.presenters.homepage import MonthRecord, month_record
from articles.services.corrections import supersede
from articles.services.publishing import withdraw
from tests.factories import make_article, make_edition, make_editor, make_error_report, make_version

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@time_machine.travel(NOW, tick=False)
class MonthRecordTests(TestCase):
    def setUp(self):
        self.editor = make_editor()

    def change(self, article, kind, **fields):
        fields = {"body": f"<p>{kind} {fields}</p>", "note": "It was wrong.", "kind": kind, "by": self.editor} | fields
        return make_version(article, **fields)

    def figures(self):
        record = month_record(timezone.now())
        return record and tuple(record[1:])

    def test_nothing_is_shown_of_a_month_without_events(self):
        make_article(at=NOW - 40 * DAY)
        self.assertIsNone(month_record(NOW))
        self.assertNotContains(self.client.get("/"), "front-record")

    def test_events_of_this_month_are_counted(self):
        article = make_article(at=NOW - 40 * DAY)
        for kind in ("correction", "clarification", "update", "minor"):
            self.change(article, kind)
        for state, days in [("answered", 1), ("answered", 30), ("dismissed", 1)]:
            make_error_report(article).close(state, by=self.editor, at=NOW - days * DAY)
        make_error_report(article)
        self.assertEqual(month_record(NOW), MonthRecord(datetime(2026, 11, 1).date(), 2, 1, 4))
        page = self.client.get("/")
        self.assertContains(page, "The record, November 2026")
        self.assertContains(page, "<b>4</b> <span>versions published</span>", html=True)
        self.assertContains(page, "<b>1</b> <span>report of an error answered</span>", html=True)

    def test_scheduled_versions_do_not_count_but_what_was_superseded_or_withdrawn_does(self):
        article = make_article(at=NOW - 40 * DAY)
        wrong = self.change(article, "correction")
        supersede(correction=wrong.correction, kind="correction", sentence="It was right.", by=self.editor)
        self.assertEqual(self.figures(), (2, 0, 2))
        self.change(article, "correction", at=NOW + DAY)
        self.assertEqual(self.figures(), (2, 0, 2))
        withdraw(item=article)
        self.assertEqual(self.figures(), (2, 0, 2))

    def test_month_begins_anew(self):
        make_article(at=NOW - DAY)
        self.assertEqual(self.figures(), (0, 0, 1))
        with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC), tick=False):
            self.assertIsNone(self.figures())

    def test_editor_hides_it(self):
        make_article(at=NOW - DAY)
        self.assertContains(self.client.get("/"), "front-record")
        make_edition(apply(DEFAULT, "hide-record"))
        self.assertNotContains(self.client.get("/"), "front-record")

    def test_two_queries(self):
        make_article()
        with self.assertNumQueries(2):
            month_record(NOW)


class LayoutTests(TestCase):
    def test_hiding_and_showing(self):
        hidden = apply(DEFAULT, "hide-record")
        self.assertFalse(parse(hidden.dumps()).record)
        self.assertEqual(apply(hidden, "show-record"), DEFAULT)

    def test_layouts_of_earlier_editions_show_it_and_stay_the_same(self):
        self.assertNotIn("record", DEFAULT.dumps())
        self.assertTrue(parse(DEFAULT.dumps()).record)

    def test_buttons_of_the_editor(self):
        self.client.force_login(make_editor())
        url = reverse("admin:front")
        self.assertContains(self.client.get(url), 'value="hide-record"')
        page = self.client.post(url, {"layout": DEFAULT.dumps(), "seen": 0, "do": "hide-record"})
        self.assertContains(page, "The record of the month is hidden.")
        self.assertContains(page, 'value="show-record"')
        hidden = apply(DEFAULT, "hide-record").dumps()
        self.client.post(url, {"layout": hidden, "seen": 0, "do": "save"})
        self.assertContains(self.client.get(reverse("admin:front_publish")), "<td>hidden</td>")
