"""The search of comments in the newsroom."""

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.test import TestCase, tag

from comments.models import Comment
from comments.search import WORDS, find
from tests.factories import make_article, make_comment, make_user
from truthlytics.web.word_index import words_of


def found(text, *, by_email=False):
    return set(find(Comment.objects.all(), words_of(text), by_email=by_email))


class SearchTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        article = make_article()
        cls.ferry = make_comment(article=article, text="The ferry to Ürzig was late.")
        cls.bridge = make_comment(article=article, text="Nobody crossed the bridge.")

    def test_every_word_begins_one_of_the_text(self):
        cases = {"ferr": self.ferry, "LATE ferry": self.ferry, "ürz": self.ferry, "bridge!": self.bridge}
        for text, comment in cases.items():
            with self.subTest(text):
                self.assertEqual(found(text), {comment})
        self.assertEqual(found("ferry bridge") | found("erry"), set())

    def test_edited_and_deleted_comments(self):
        self.ferry.text = "It has sunk."
        self.ferry.save()
        self.assertEqual((found("ferry"), found("sunk")), (set(), {self.ferry}))
        self.ferry.delete()
        self.assertEqual(found("sunk"), set())

    def test_writers_are_found_by_a_part_of_their_name_or_address(self):
        author = make_user(display_name="Ada Quist", email="quist@harbour.example")
        comment = make_comment(article=self.ferry.article, author=author, text="Yes.")
        imported = make_comment(article=self.ferry.article, text="No.", imported_name="Ben Ito")
        self.assertEqual((found("uist ada"), found("ito")), ({comment}, {imported}))
        self.assertEqual((found("harbour.ex"), found("harbour.ex", by_email=True)), (set(), {comment}))

    def test_the_index_is_used(self):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # It would scan a table as small as this one.
                cursor.execute("SET LOCAL enable_seqscan = off")
        plan = find(Comment.objects.order_by(), ["ferry"], by_email=True).explain()
        self.assertRegex(plan, "Index Scan on comment_by_words|SCAN comments_search VIRTUAL TABLE")

    @tag("sqlite")
    def test_migrations_restore_the_triggers(self):
        with connection.cursor() as cursor:
            for name in WORDS.triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        self.ferry.text = "It has sunk."
        self.ferry.save()
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
        self.assertEqual(found("sunk"), {self.ferry})
