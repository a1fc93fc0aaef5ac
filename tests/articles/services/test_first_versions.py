"""Publishing many articles of an archive at once."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from articles.access import Level
from articles.models import Article, Section, Version
from articles.services import item_types
from articles.services.denormalise import derive_all
from articles.services.publishing import FirstPublication, NotReadyError, publish, publish_first_versions
from comments.models import Thread
from tests.all_rows import all_rows
from tests.factories import (
    image_file,
    make_article,
    make_author,
    make_document,
    make_draft,
    make_image,
    make_recording,
    make_section,
    make_series,
    make_source,
    make_topic,
)
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.publication.models import Publication
from truthlytics.transparency.models import Log

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
PAST = NOW - timedelta(days=3000)


class Undo(Exception):
    """Raised to roll back."""


def one_by_one(publications):
    for article, at, note in publications:
        publish(item=article, at=at, note=note, essential_checks_only=True)


class FirstVersionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        """Create articles that refer to everything that a version can show."""
        image, portrait, other = (make_image(file=image_file(color=color)) for color in ("teal", "red", "blue"))
        cls.topic = old = make_topic(name="Old")
        merged = make_topic(name="Merged")
        make_source("https://example.org/known")
        document = make_document().get_absolute_url()
        gated = {"body": "<p>Free bridge.</p><hr data-gate><p>Paid ferry.</p>", "required_level": Level.SUBSCRIBER}
        notes = "".join(
            f'<sup data-footnote="Study, https://example.org/{name}"></sup>' for name in ("known", "new", "new")
        )
        figure = f'<p>One</p><figure data-image="{other.uuid}"></figure>'
        cls.drafts = [
            make_draft(topics=[old, merged], lead=image, lead_caption="Here", body=figure),
            make_draft(authors=[make_author(portrait=portrait), make_author()], social_image=other),
            make_draft(**gated, series=make_series(), series_part=2, topics=[old], section=make_section(name="World")),
            make_draft(body=f"<p>As said{notes}.</p>", language="de", audio=make_recording()),
            make_draft(body=f'<p>See <a href="{document}">it</a>.</p>'),
        ]

    def publications(self):
        times = [PAST, PAST + timedelta(days=1), NOW + timedelta(days=9), None, PAST]
        articles = Article.objects.order_by("pk")
        return [FirstPublication(article, at, " From\x00 afar") for article, at in zip(articles, times, strict=True)]

    def state_after(self, publish_all):
        """Return all rows and digests after publishing, and roll back."""
        try:
            with time_machine.travel(NOW, tick=False), transaction.atomic():
                publish_all(self.publications())
                state = all_rows(), list(Version.objects.order_by("article_id").values_list("digest", flat=True))
                raise Undo
        except Undo:
            return state

    # Otherwise, no two versions have the same digests.
    @mock.patch("articles.integrity.secrets.token_hex", lambda size: "00" * size)
    def test_the_rows_are_those_of_publishing_one_by_one(self):
        rows, digests = self.state_after(publish_first_versions)
        expected_rows, expected_digests = self.state_after(one_by_one)
        self.assertEqual(len(digests), 5)
        self.assertEqual(digests, expected_digests)
        self.assertEqual(rows, expected_rows)

    def test_the_number_of_queries_does_not_grow(self):
        def queries(number):
            articles = [make_draft(topics=[topic], authors=[author], section=section) for _ in range(number)]
            with CaptureQueriesContext(connection) as captured:
                publish_first_versions([FirstPublication(article, PAST, "") for article in articles])
            return len(captured)

        topic, author, section = make_topic(), make_author(), make_section()
        Log.objects.current()
        self.assertEqual(queries(2), queries(30))

    def test_if_one_is_refused_none_is_published(self):
        for article, error in (make_draft(headline=""), NotReadyError), (make_article(), IntegrityError):
            with self.assertRaises(error), transaction.atomic():
                publish_first_versions([FirstPublication(one, PAST, "") for one in (self.drafts[0], article)])
            self.assertFalse(Version.objects.filter(article=self.drafts[0]).exists())

    def test_pages_are_purged_once_after_the_commit(self):
        articles = Article.objects.filter(pk__in=[draft.pk for draft in self.drafts[:2]])
        with mock.patch("truthlytics.cache.invalidation.site_generations") as generations:
            with self.captureOnCommitCallbacks(execute=True):
                publish_first_versions([FirstPublication(article, PAST, "") for article in articles])
            calls = generations.return_value.bump.call_args_list
        # The files of the transparency log change too, once they have their places.
        (tags,) = (set(call.args[0]) for call in calls if set(call.args[0]) != {"transparency"})
        expected = {f"article:{article.pk}" for article in articles} | {
            "listing",
            f"topic:{self.topic.slug}",
            "articles-clock",
        }
        self.assertLessEqual(expected, tags)

    def test_comments_stay_closed_if_the_publication_opens_them_by_hand(self):
        Publication.objects.create(comments_open=False)
        with self.captureOnCommitCallbacks(execute=True):
            publish_first_versions([FirstPublication(self.drafts[0], PAST, "")])
        self.assertEqual(Thread.objects.get().closes_at, PAST)


if connection.vendor == "postgresql":  # SQLite has only one writer at a time.

    class ConcurrentChangeTests(TransactionTestCase):
        def test_a_section_renamed_in_the_meantime_is_shown_with_its_new_name(self):
            articles = [make_draft(), make_draft()]
            section = articles[1].section

            def derive_and_rename(versions):
                derived = derive_all(versions)
                start_thread(lambda: Section.objects.filter(pk=section.pk).update(name="Renamed")).join()
                return derived

            with mock.patch.object(item_types.articles, "derive_all", derive_and_rename):
                publish_first_versions([FirstPublication(article, PAST, "") for article in articles])
            names = [version.head["section"]["name"] for version in Version.objects.order_by("article_id")]
            self.assertEqual(names, [articles[0].section.name, "Renamed"])
