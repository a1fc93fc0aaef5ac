"""What two people, or a person and a worker, do at the same moment."""

from datetime import timedelta
from threading import Barrier, Thread
from unittest import mock

import time_machine
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from articles.integrity import faults
from articles.models import Article, Section, SectionEntry, Version
from articles.services import denormalise, item_types
from articles.services.denormalise import derive, rerender_showing
from articles.services.publishing import promote_all_due, publish, unschedule
from tests.factories import make_article, make_draft


def beside(work):
    """A thread that does `work` on a connection of its own."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def rename(section):
    Section.objects.filter(pk=section.pk).update(slug="renamed")
    rerender_showing(Section.objects.get(pk=section.pk))


class RaceTests(TransactionTestCase):
    def test_a_section_renamed_while_an_article_is_published_leaves_no_dead_link(self):
        article = make_draft()
        renaming = []

        def derive_and_rename(version):
            derive(version)
            renaming.append(beside(lambda: rename(article.section)))
            renaming[0].join(0.5)  # where writers wait for one another it goes on when we are done

        with mock.patch.object(item_types.articles, "derive", derive_and_rename):
            publish(item=article)
        renaming[0].join()
        self.assertEqual(Version.objects.get().head["section"]["slug"], "renamed")

    def test_of_two_renamings_the_later_one_stays_in_the_page(self):
        article = make_article()
        section, second = article.section, []

        def derive_slowly(version):
            derive(version)
            if not second:
                second.append(beside(lambda: rename(section)))
                second[0].join(0.5)

        Section.objects.filter(pk=section.pk).update(slug="half-way")
        with mock.patch.object(denormalise, "derive", derive_slowly):
            rerender_showing(section)
            second[0].join()
        self.assertEqual(Version.objects.get().head["section"]["slug"], "renamed")

    def test_publishing_folding_and_giving_up_at_once_leave_one_served_row_and_a_whole_chain(self):
        with time_machine.travel(timezone.now() - timedelta(hours=2)):
            article = make_article()
            publish(item=article, at=timezone.now() + timedelta(hours=1))
        barrier, wrong = Barrier(6), []

        def run(deed):
            try:
                barrier.wait()
                deed()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told below
                wrong.append(error)

        deeds = [lambda: publish(item=Article.objects.get(pk=article.pk))] * 3
        deeds += [lambda: promote_all_due()] * 2
        deeds += [lambda: unschedule(item=Article.objects.get(pk=article.pk))]
        for thread in [beside(lambda deed=deed: run(deed)) for deed in deeds]:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(list(faults(article.uuid, article.versions.order_by("number"))), [])
        served = SectionEntry.objects.served(timezone.now()).get()
        self.assertEqual(served.version_id, Article.objects.get(pk=article.pk).served().pk)
