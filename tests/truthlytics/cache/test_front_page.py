"""After a publication, the front page asks only for what it changed, and every row shows each change."""

from unittest import mock

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from articles.services.publishing import restore, withdraw
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_section, make_version
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE
from truthlytics.cache import next_change


@override_settings(MIDDLEWARE=MIDDLEWARE)
class FrontPageTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        self.author = make_author()
        self.harbour, self.culture, other = (make_section(slug=slug) for slug in ("harbour", "culture", "other"))
        # Tags of other numbers could share a cell.
        self.ferry = self.publish(901, self.harbour, headline="The ferry")
        self.publish(902, self.culture)
        # So many newer ones that these are in the rows of their sections only.
        for pk in range(903, 917):
            self.publish(pk, other)
        self.client = Client()
        self.assertIn("The ferry", self.front())

    def publish(self, pk, section, **fields):
        return make_article(pk=pk, section=section, authors=[self.author], **fields)

    def front(self):
        return self.client.get("/").content.decode()

    def test_a_publication_loads_the_row_of_its_section_only(self):
        self.publish(917, self.harbour, headline="The lighthouse")
        with CaptureQueriesContext(connection) as queries:
            self.assertIn("The lighthouse", self.front())
        rows = [query["sql"] for query in queries if query["sql"].startswith('SELECT "articles_sectionentry"')]
        self.assertEqual(len(rows), 1, rows)

    def test_a_publication_asks_for_the_times_of_articles_only(self):
        self.publish(917, self.harbour)
        with mock.patch.object(next_change, "_query", wraps=next_change._query) as query:
            self.front()
        self.assertEqual([call.args[0] for call in query.call_args_list], [next_change.ARTICLES])

    @takes_longer("The pages are rendered after each change.")
    def test_a_row_shows_a_new_headline_and_no_withdrawn_article(self):
        make_version(self.ferry, headline="The last ferry")
        self.assertIn("The last ferry", self.front())
        withdraw(item=self.ferry)
        self.assertNotIn("ferry", self.front())
        restore(item=self.ferry)
        self.assertIn("The last ferry", self.front())

    def test_an_article_moves_to_the_row_of_another_section(self):
        make_version(self.ferry, section=self.culture)
        self.assertRegex(self.front(), r'(?s)id="row-culture".*The ferry')
        self.assertNotIn('id="row-harbour"', self.front())
