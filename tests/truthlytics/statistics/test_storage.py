"""Sums are added by several processes at once, bounded, merged into months, and all saved or none."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

from django.db import connection
from django.test import TestCase, tag
from django.utils import timezone

from articles.models import Article, Counts, ReadCount
from tests.factories import add_reads, make_article
from tests.transactions import TransactionTestCase
from truthlytics.statistics import services
from truthlytics.statistics.article_hours import ArticleHour, first_hour
from truthlytics.statistics.models import (
    MAX_NAMES,
    MAX_SOURCES,
    OTHER,
    AgentDay,
    Hour,
    NotCounted,
    ReadSource,
    SourceDay,
    SourceKind,
)
from truthlytics.statistics.recent import RecentRead
from truthlytics.statistics.services import Totals
from truthlytics.tools.demo.read_counts import load_read_counts
from truthlytics.web.agents import Kind

DAY = date(2026, 7, 10)
HOST, DIRECT = SourceKind.HOST, SourceKind.DIRECT


def totals_of(article: int, day: date = DAY) -> Totals:
    totals = Totals()
    totals.articles.update({(day, article, "people"): 2, (day, article, "programs"): 5})
    totals.hours[datetime(2026, 7, 10, 8, tzinfo=UTC), "people"] += 2
    totals.sources[day, article, HOST, "news.example"] += 2
    totals.agents[day, "GPTBot", Kind.TRAINING] += 5
    totals.not_counted[day, NotCounted.Reason.AGAIN] += 1
    return totals


def sums() -> list[int]:
    fields = ((ReadCount, "count"), (Hour, "people"), (ReadSource, "people"), (AgentDay, "requests"))
    every = [*fields, (NotCounted, "requests")]
    return [sum(model.objects.values_list(field, flat=True)) for model, field in every]


class AddingTests(TestCase):
    def test_sums_are_added(self):
        article = make_article()
        for _ in range(3):
            services.save(totals_of(article.pk))
        self.assertEqual(sums(), [6, 6, 6, 15, 3])
        self.assertEqual(tuple(ReadCount.objects.values_list(*Counts._fields[1:]).get()), (0, 0, 15, 0, 0))
        self.assertEqual(
            [model.objects.count() for model in (Hour, ReadSource, SourceDay, AgentDay, NotCounted)], [1] * 5
        )

    def test_what_was_counted_the_old_way_stays_unknown(self):
        article = make_article()
        for _ in range(2):
            ReadCount.objects.add({(DAY, article.pk): Counts(4)})
        names = ("count", *Counts._fields[1:])
        self.assertEqual(ReadCount.objects.values_list(*names).get(), (8, None, None, None, None, None))
        ReadCount.objects.add({(DAY, article.pk): Counts(1, 1, 0, 0, 0, 0)})
        self.assertEqual(ReadCount.objects.values_list(*names).get(), (9, 1, 0, 0, 0, 0))

    def test_an_article_that_was_deleted_does_not_affect_the_rest(self):
        deleted = Article.objects.create(headline="Deleted", slug="deleted")
        totals = totals_of(make_article().pk)
        totals.sources[DAY, deleted.pk, DIRECT, ""] += 7
        deleted.delete()
        services.save(totals)
        self.assertEqual(sums(), [2, 2, 2, 5, 1])

    def test_names_of_strangers_are_bounded_and_no_number_is_lost(self):
        article = make_article()
        for batch in range(4):
            totals = Totals()
            for number in range(100):
                totals.sources[DAY, article.pk, HOST, f"{batch}-{number}.example"] += 1
                totals.agents[DAY, f"Bot {batch} {number}", Kind.PROGRAM] += 1
            totals.sources[DAY, article.pk, DIRECT, ""] += 3
            services.save(totals)
        self.assertEqual((ReadSource.objects.count(), AgentDay.objects.count()), (MAX_SOURCES + 2, MAX_NAMES + 1))
        self.assertEqual(ReadSource.objects.get(name=OTHER).people, 400 - MAX_SOURCES)
        self.assertEqual(SourceDay.objects.get(name=OTHER).people, 400 - MAX_NAMES)
        self.assertEqual(AgentDay.objects.get(name=OTHER).requests, 400 - MAX_NAMES)
        AgentDay.objects.add({(DAY, "GPTBot", Kind.TRAINING): 1})
        self.assertTrue(AgentDay.objects.filter(name="GPTBot").exists())

    def test_the_largest_of_new_sources_keep_their_names(self):
        article = make_article()
        names = [f"{number}.example" for number in range(30)]
        ReadSource.objects.add({(DAY, article.pk, HOST, name): number for number, name in enumerate(names, 1)})
        kept = set(ReadSource.objects.exclude(name=OTHER).values_list("name", flat=True))
        self.assertEqual(kept, set(names[-MAX_SOURCES:]))

    def test_old_days_become_months_and_old_hours_go(self):
        article, now = make_article(), datetime(2026, 12, 20, 12, tzinfo=UTC)
        days = [date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 31), timezone.localdate(now)]
        for day in days:
            totals = totals_of(article.pk, day)
            totals.hours.clear()
            totals.hours[now - timedelta(days=(days[-1] - day).days), "people"] += 2
            services.save(totals)
        RecentRead.objects.all().delete()
        before = sums()
        self.assertEqual([services.merge_old(now), services.merge_old(now)], [8 + 3, 0])
        self.assertEqual(sums(), [before[0], 2, *before[2:]])
        for model in (ReadCount, SourceDay, AgentDay, NotCounted):
            self.assertEqual(Counter(model.objects.values_list("day", flat=True)), Counter([days[0], days[-1]]))

    @tag("sqlite")
    def test_days_and_articles_are_found_by_an_index(self):
        for rows in (ReadCount.objects.filter(day__gte=DAY), ReadCount.objects.filter(article=1)):
            self.assertIn("USING INDEX", rows.explain())

    def test_first_hours_of_new_articles_are_stored_for_a_month(self):
        published = datetime(2026, 7, 8, 9, 40, tzinfo=UTC)
        new, old = make_article(at=published), make_article(at=published - timedelta(days=3))
        deleted = Article.objects.create(headline="Deleted", slug="deleted", published_at=published)
        hours = [published.replace(minute=0) + timedelta(hours=count) for count in (-1, 0, 47, 48)]
        keys = [(at, article.pk, "people") for at in hours for article in (new, old, deleted)]
        deleted.delete()
        for _ in range(2):
            with self.assertNumQueries(4):
                ArticleHour.objects.add(dict.fromkeys(keys, 3) | {(hours[1], new.pk, "halves"): 1})
        rows = ArticleHour.objects.order_by("at").values_list("article", "at", "people", "halves")
        self.assertEqual(list(rows), [(new.pk, hours[1], 6, 2), (new.pk, hours[2], 6, 0)])
        self.assertEqual(services.merge_old(hours[1] + timedelta(days=30, minutes=1)), 1)
        self.assertEqual(ArticleHour.objects.get().at, hours[2])

    def test_hours_begin_as_in_the_time_zone_of_the_publication(self):
        published = datetime(2026, 7, 8, 9, 40, tzinfo=UTC)
        with timezone.override("Asia/Kolkata"):
            self.assertEqual(first_hour(published), published.replace(minute=30))

    def test_only_what_is_counted_today_is_recent(self):
        article, today = make_article(), timezone.localdate()
        totals = totals_of(article.pk, today - timedelta(days=1))
        totals.articles[today, article.pk, "people"] = 7
        services.save(totals)
        self.assertEqual(sum(RecentRead.objects.values_list("people", flat=True)), 7)

    def test_the_demo_adds_up(self):
        make_article(at=timezone.now() - timedelta(days=5))
        load_read_counts(timezone.now())
        people, _hours, sources, agents, not_counted = sums()
        counts = ReadCount.objects.all()
        self.assertGreater(people, 1000)
        self.assertEqual(people, sources)
        self.assertEqual(agents, sum(row.assistants + row.programs for row in counts))
        self.assertEqual(not_counted, sum(row.not_counted for row in counts))


class ConcurrentTests(TransactionTestCase):
    def test_sums_of_several_processes_are_added(self):
        articles = [make_article().pk for _ in range(3)]
        start = Barrier(4)

        def work():
            start.wait()
            for _ in range(4):
                totals = Totals()
                for article in articles:
                    part = totals_of(article)
                    for name in vars(totals):
                        getattr(totals, name).update(getattr(part, name))
                services.save(totals)
            connection.close()

        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sums(), [96, 96, 96, 240, 48])

    def test_all_or_nothing_is_saved(self):
        totals = totals_of(make_article().pk)
        totals.not_counted[DAY, None] += 1
        with self.assertRaises(Exception):  # noqa: B017 - databases differ
            services.save(totals)
        self.assertEqual(sums(), [0, 0, 0, 0, 0])
        add_reads({})
