"""The front page draft: conflicts between editors when saving and publishing."""

from threading import Barrier

from django.test import TestCase

from articles.homepage.layout import Layout, Place
from articles.models import HomepageDraft, HomepageEdition
from articles.services.homepage import DraftConflict, EditionConflict, publish_draft, save_draft
from tests.factories import make_article, make_editor
from tests.threads import start_thread
from tests.transactions import TransactionTestCase


class DraftTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.mine, cls.theirs = (Layout(lead=Place(str(make_article().uuid))) for _ in range(2))

    def test_draft_starts_with_the_live_layout(self):
        save_draft(layout=self.mine, seen=0)
        publish_draft(seen=1, last=0)
        HomepageDraft.objects.all().delete()
        self.assertEqual(HomepageDraft.current().layout, self.mine)

    def test_saving_over_an_unseen_draft_is_a_conflict(self):
        save_draft(layout=self.theirs, seen=0, by=make_editor(display_name="Tom"))
        with self.assertRaisesMessage(DraftConflict, "Tom saved another draft in the meantime."):
            save_draft(layout=self.mine, seen=0)
        self.assertEqual(HomepageDraft.current().layout, self.theirs)

    def test_saving_the_same_layout_is_no_conflict(self):
        for _ in range(2):
            self.assertEqual(save_draft(layout=self.mine, seen=0).version, 1)

    def test_publishing_an_unseen_draft_or_edition_is_a_conflict(self):
        save_draft(layout=self.mine, seen=0)
        publish_draft(seen=1, last=0)
        with self.assertRaisesMessage(EditionConflict, "Edition 1 was published in the meantime."):
            publish_draft(seen=1, last=0)
        save_draft(layout=self.theirs, seen=1)
        with self.assertRaises(DraftConflict):
            publish_draft(seen=1, last=1)
        self.assertEqual(HomepageEdition.objects.count(), 1)


class DraftRaceTests(TransactionTestCase):
    def race(self, function):
        """Run `function` in four threads at once; return the results and exceptions."""
        barrier, outcomes = Barrier(4), []

        def run():
            barrier.wait()
            try:
                outcomes.append(function())
            except EditionConflict as conflict:
                outcomes.append(conflict)

        for thread in [start_thread(run) for _ in range(4)]:
            thread.join()
        self.assertEqual(len(outcomes), 4)
        return outcomes

    def test_concurrent_publishing_makes_one_edition(self):
        outcomes = self.race(lambda: publish_draft(seen=0, last=0))
        self.assertEqual(sum(isinstance(outcome, HomepageEdition) for outcome in outcomes), 1)
        self.assertEqual(HomepageEdition.objects.get().number, 1)

    def test_concurrent_saving_keeps_one_draft(self):
        layouts = [Layout(lead=Place(str(make_article().uuid))) for _ in range(4)]
        outcomes = self.race(lambda: save_draft(layout=layouts.pop(), seen=0))
        saved = [outcome for outcome in outcomes if isinstance(outcome, HomepageDraft)]
        self.assertEqual(len(saved), 1)
        draft = HomepageDraft.objects.get()
        self.assertEqual((draft.version, draft.content), (1, saved[0].content))
