"""Which comments are in the moderation queue, in which order, and their numbers."""

from django.db import connection
from django.test import TestCase
from django.utils import timezone

from comments.models import Appeal, Comment, Decision, Report
from comments.models.queue import Place, Tab, in_queue, queue_counts, window
from tests.factories import make_article, make_comment, make_user


def report(comment):
    return Report.objects.create(comment=comment, reporter=make_user(), reason="insult")


class QueueTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.first = cls.make(status="waiting", hold="first")
        cls.word = cls.make(status="waiting", hold="word")
        cls.visible = cls.make()
        cls.reported = cls.make()
        report(cls.reported)

    @classmethod
    def make(cls, **fields):
        return make_comment(article=cls.article, **fields)

    def test_reported_comments_come_first_then_the_oldest(self):
        self.assertEqual(list(in_queue()), [self.reported, self.first, self.word])

    def test_tabs_divide_the_queue(self):
        for tab, expected in {Tab.NEW: self.first, Tab.HELD: self.word, Tab.REPORTED: self.reported}.items():
            self.assertEqual(list(in_queue(tab)), [expected], tab)

    def test_comments_that_their_writers_have_to_edit_are_not_in_it(self):
        Comment.objects.filter(pk=self.word.pk).update(edit_requested_at=timezone.now())
        self.assertNotIn(self.word, in_queue())
        self.assertEqual(queue_counts()[Tab.HELD], 0)

    def test_a_report_before_the_last_approval_is_closed(self):
        Comment.objects.filter(pk=self.reported.pk).update(approved_at=timezone.now())
        self.assertEqual((list(in_queue(Tab.REPORTED)), queue_counts()[Tab.REPORTED]), ([], 0))

    def test_two_reports_are_one_comment_to_review(self):
        report(self.reported)
        self.assertEqual((list(in_queue(Tab.REPORTED)), queue_counts()[Tab.REPORTED]), ([self.reported], 1))

    def test_counts_are_those_of_the_tabs_in_one_query(self):
        Appeal.objects.create(decision=Decision.objects.create(kind="remove"), text="Why?")
        with self.assertNumQueries(1):
            counts = queue_counts()
        self.assertEqual(counts, {tab: in_queue(tab).count() for tab in Tab.values} | {"appeals": 1})

    def test_an_empty_queue_counts_nothing(self):
        Comment.objects.update(status="visible", approved_at=timezone.now())
        self.assertEqual(set(queue_counts().values()), {0})

    def test_places_continue_the_order(self):
        order = [comment.pk for comment in in_queue()]
        self.assertEqual(window(Tab.ALL, 9), order)
        for index, comment in enumerate(in_queue()):
            place = Place.parse(str(Place.of(comment)))
            self.assertEqual(window(Tab.ALL, 9, start=place), order[index:])
            self.assertEqual(window(Tab.ALL, 9, end=place), order[:index])

    def test_a_window_has_a_size(self):
        order = [comment.pk for comment in in_queue()]
        self.assertEqual(window(Tab.ALL, 2), order[:2])
        self.assertEqual(window(Tab.ALL, 1, end=Place("waiting", self.word.pk)), order[1:2])
        self.assertEqual(window(Tab.REPORTED, 2, start=Place("waiting", 1)), [])

    def test_invalid_values_are_not_places(self):
        for value in ("", "waiting", "waiting-", "removed-1", "waiting-²", f"waiting-{9**40}", "x-1", "visible-\x00"):
            self.assertIsNone(Place.parse(value), value)

    def test_the_plan_scans_no_table(self):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # It would scan a table as small as this one.
                cursor.execute("SET LOCAL enable_seqscan = off")
        for tab in Tab.values:
            self.assertNotRegex(
                in_queue(tab).explain(), r"SCAN comments_comment(?! USING)|Seq Scan on comments_comment", tab
            )
