"""Publishing, unscheduling and rendering at the same time."""

from datetime import timedelta
from threading import Barrier
from unittest import mock

import time_machine
from django.utils import timezone

from articles.integrity import faults
from articles.models import Article, Section, SectionEntry, Version
from articles.services import denormalise, item_types
from articles.services.denormalise import derive, rerender_showing
from articles.services.publishing import publish, unschedule
from articles.services.scheduling import promote_all_due
from tests.budget import takes_longer
from tests.factories import make_article, make_draft
from tests.threads import start_thread
from tests.transactions import TransactionTestCase


def rename(section):
    Section.objects.filter(pk=section.pk).update(slug="renamed")
    rerender_showing(Section.objects.get(pk=section.pk))


class RaceTests(TransactionTestCase):
    def test_section_renamed_during_publishing_leaves_no_dead_link(self):
        article = make_draft()
        renaming = []

        def derive_and_rename(version):
            derive(version)
            renaming.append(start_thread(lambda: rename(article.section)))
            renaming[0].join(0.5)  # on SQLite it continues once this transaction ends

        with mock.patch.object(item_types.articles, "derive", derive_and_rename):
            publish(item=article)
        renaming[0].join()
        self.assertEqual(Version.objects.get().head["section"]["slug"], "renamed")

    def test_later_of_two_concurrent_renames_wins(self):
        article = make_article()
        section, second = article.section, []

        def derive_slowly(version):
            derive(version)
            if not second:
                second.append(start_thread(lambda: rename(section)))
                second[0].join(0.5)

        Section.objects.filter(pk=section.pk).update(slug="half-way")
        with mock.patch.object(denormalise, "derive", derive_slowly):
            rerender_showing(section)
            second[0].join()
        self.assertEqual(Version.objects.get().head["section"]["slug"], "renamed")

    @takes_longer("Many threads use the database at once.")
    def test_concurrent_publish_promote_and_unschedule_keep_one_entry_and_a_valid_chain(self):
        with time_machine.travel(timezone.now() - timedelta(hours=2)):
            article = make_article()
            publish(item=article, at=timezone.now() + timedelta(hours=1))
        barrier, errors = Barrier(6), []

        def run(action):
            try:
                barrier.wait()
                action()
            except Exception as error:  # noqa: BLE001 - reported below
                errors.append(error)

        actions = [lambda: publish(item=Article.objects.get(pk=article.pk))] * 3
        actions += [lambda: promote_all_due()] * 2
        actions += [lambda: unschedule(item=Article.objects.get(pk=article.pk))]
        for thread in [start_thread(lambda action=action: run(action)) for action in actions]:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(list(faults(article.uuid, article.versions.order_by("number"))), [])
        served = SectionEntry.objects.served(timezone.now()).get()
        self.assertEqual(served.version_id, Article.objects.get(pk=article.pk).served().pk)
