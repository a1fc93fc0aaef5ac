"""Triggers of the search on SQLite."""

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.test import TestCase, tag

from articles.models import Article
from articles.search import schema
from articles.search.newsroom import find
from tests.factories import make_article

TRIGGERS = {"articles_search_forget", *schema.NEWSROOM.triggers}


@tag("sqlite")
class TriggerTests(TestCase):
    def test_migrations_restore_triggers_and_the_search(self):
        with connection.cursor() as cursor:
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER {name}")
        article = make_article(headline="Nobody counted the berths")
        self.assertFalse(find(Article.objects.all(), ["berths"]).exists())
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
        self.assertEqual(find(Article.objects.all(), ["berths"]).get(), article)
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            self.assertLessEqual(TRIGGERS, {name for (name,) in cursor.fetchall()})
