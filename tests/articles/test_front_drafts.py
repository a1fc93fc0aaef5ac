"""The draft of the front page: two editors never write over one another, and of two who publish one is told."""

from threading import Barrier

from django.test import TestCase, TransactionTestCase

from articles.homepage.layout import Layout, Place
from articles.models import HomepageDraft, HomepageEdition
from articles.services.homepage import DraftConflict, EditionConflict, publish_draft, save_draft
from tests.articles.test_publishing_races import beside
from tests.factories import make_article, make_editor


class DraftTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.mine, cls.theirs = (Layout(lead=Place(str(make_article().uuid))) for _ in range(2))

    def test_a_draft_begins_with_what_readers_see(self):
        save_draft(layout=self.mine, seen=0)
        publish_draft(seen=1, last=0)
        HomepageDraft.objects.all().delete()
        self.assertEqual(HomepageDraft.current().layout, self.mine)

    def test_who_has_not_seen_the_draft_does_not_write_over_it(self):
        save_draft(layout=self.theirs, seen=0, by=make_editor(display_name="Tom"))
        with self.assertRaisesMessage(DraftConflict, "Tom saved another draft in the meantime."):
            save_draft(layout=self.mine, seen=0)
        self.assertEqual(HomepageDraft.current().layout, self.theirs)

    def test_the_same_again_is_no_conflict(self):
        for _ in range(2):
            self.assertEqual(save_draft(layout=self.mine, seen=0).version, 1)

    def test_nobody_publishes_what_they_have_not_seen(self):
        save_draft(layout=self.mine, seen=0)
        publish_draft(seen=1, last=0)
        with self.assertRaisesMessage(EditionConflict, "Edition 1 was made in the meantime."):
            publish_draft(seen=1, last=0)
        save_draft(layout=self.theirs, seen=1)
        with self.assertRaises(DraftConflict):
            publish_draft(seen=1, last=1)
        self.assertEqual(HomepageEdition.objects.count(), 1)


class RaceTests(TransactionTestCase):
    def race(self, work):
        """What four threads that begin `work` at once come to: its result or what it raised."""
        barrier, ends = Barrier(4), []

        def one():
            barrier.wait()
            try:
                ends.append(work())
            except EditionConflict as overtaken:
                ends.append(overtaken)

        for thread in [beside(one) for _ in range(4)]:
            thread.join()
        self.assertEqual(len(ends), 4)
        return ends

    def test_of_four_who_publish_at_once_one_makes_an_edition(self):
        ends = self.race(lambda: publish_draft(seen=0, last=0))
        self.assertEqual(sum(isinstance(end, HomepageEdition) for end in ends), 1)
        self.assertEqual(HomepageEdition.objects.get().number, 1)

    def test_of_four_who_save_at_once_one_is_kept_and_the_others_are_told(self):
        layouts = [Layout(lead=Place(str(make_article().uuid))) for _ in range(4)]
        ends = self.race(lambda: save_draft(layout=layouts.pop(), seen=0))
        saved = [end for end in ends if isinstance(end, HomepageDraft)]
        self.assertEqual(len(saved), 1)
        draft = HomepageDraft.objects.get()
        self.assertEqual((draft.version, draft.content), (1, saved[0].content))
