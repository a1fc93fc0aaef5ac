"""Texts from before the index existed are added in small steps."""

from datetime import timedelta
from itertools import count
from unittest import mock

from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from articles.services.publishing import FirstPublication, publish_first_versions
from tests.factories import make_article, make_dossier, make_draft, make_page, make_version
from truthlytics.contrib.quotations.models import Fingerprint, IndexedText, IndexProgress
from truthlytics.contrib.quotations.services.backfill import OLD_CODE, add_missing

TEXT = "<p>The council has voted for the new bridge by nine votes to four.</p>"


def rows():
    values = Fingerprint.objects.values_list("hash", "first", "last", "text__article", "text__page", "text__dossier")
    return sorted(values, key=str)


class BackfillTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        article = make_article(body=TEXT)
        for number in range(3):
            make_version(article, body=f"{TEXT}<p>Another paragraph with the number {number} in it.</p>")
        make_version(article, at=timezone.now() + timedelta(hours=1), required_level=10)
        make_article(
            body=f"{TEXT}<hr data-gate><p>These are the words that need a subscription.</p>", required_level=10
        )
        make_page(body=TEXT)
        make_dossier(article, summary=TEXT)
        make_draft(body=TEXT)

    def setUp(self):
        self.expected = rows()
        Fingerprint.objects.all().delete()
        IndexedText.objects.all().delete()

    def test_it_adds_what_publishing_adds(self):
        now = timezone.now()
        self.assertEqual(add_missing(now), 0)  # other machines may still run older code
        self.assertEqual(add_missing(now + OLD_CODE), 5)
        self.assertEqual(rows(), self.expected)
        with self.assertNumQueries(3):
            add_missing(now + OLD_CODE)

    def test_it_continues_where_it_stopped(self):
        now = timezone.now()
        add_missing(now)
        with mock.patch("time.monotonic", side_effect=count()):  # a second passes with each look at the clock
            steps = [add_missing(now + OLD_CODE, seconds=2.5) for _number in range(9)]
        self.assertEqual((sum(steps), rows()), (5, self.expected))
        self.assertLess(max(steps), 5)

    def test_the_command_builds_it_again(self):
        add_missing(timezone.now())
        IndexProgress.objects.update(next_pk=0)
        call_command("rebuild_quotations", verbosity=0)
        self.assertEqual(rows(), self.expected)

    def test_many_first_versions_are_indexed_at_once(self):
        articles = [make_draft(body=TEXT) for _number in range(3)]
        publish_first_versions([FirstPublication(article, None, "") for article in articles])
        self.assertEqual(IndexedText.objects.filter(article__in=articles, count=1).count(), 3)
        found = Fingerprint.objects.filter(text__article__in=articles)
        self.assertEqual(found.count(), 3 * found.filter(text__article=articles[0]).count())
