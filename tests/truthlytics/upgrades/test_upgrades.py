"""Databases of former releases can be upgraded: migrations are added, and those of a release never change."""

from datetime import timedelta
from io import StringIO

import time_machine
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import Sum
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Image
from articles.services import log_entries
from comments.models import Comment
from subscriptions.models import Order, Receipt, Statement, Subscription, User
from tests.budget import takes_longer
from tests.transactions import TransactionTestCase
from tests.truthlytics.upgrades import dump, schema
from tests.truthlytics.upgrades.base import CHANGES, CHECKS, UpgradeCase
from truthlytics.backups import databases
from truthlytics.backups.models import BackupRun
from truthlytics.web.online_index import AddIndexOnline

RELEASES = ["1.0"]
REMOVED = "statement_month_begins_on_first"


def statement_constraints():
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, "subscriptions_statement")


def tables_of_indexes():
    """Return the tables in which SQLite's search keeps its words, in rows that it merges."""
    if connection.vendor != "sqlite":
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pragma_table_list WHERE type = 'shadow'")
        return {name for (name,) in cursor.fetchall()}


class MigrationTests(SimpleTestCase):
    def test_migrations_of_a_release_never_change(self):
        now = dump.migrations()
        for release in RELEASES:
            with self.subTest(release):
                self.assertGreater(len(released := dump.released(release)), 30)
                changed = [name for name, digest in released.items() if now.get(name) != digest]
                self.assertEqual(changed, [], "Sites have run these migrations. Add another one instead.")


class OnlineIndexTests(TransactionTestCase):
    @takes_longer("A database is migrated.")
    def test_an_index_is_added_and_removed_on_both_databases(self):
        operation = AddIndexOnline("backuprun", models.Index("started_at", name="online_test"))
        before = ProjectState.from_apps(apps)
        operation.state_forwards("truthlytics", after := before.clone())
        for run, *states in (
            (operation.database_forwards, before, after),
            (operation.database_backwards, after, before),
        ):
            with connection.schema_editor(atomic=False) as editor:
                run("truthlytics", editor, *states)
            with connection.cursor() as cursor:
                names = connection.introspection.get_constraints(cursor, "truthlytics_backuprun")
            self.assertEqual("online_test" in names, states == [before, after])

    def test_one_that_was_interrupted_can_be_repeated(self):
        """The index is there, and on PostgreSQL it may be incomplete, but the migration is not written down."""
        operation = AddIndexOnline("backuprun", models.Index("started_at", name="online_test"))
        operation.state_forwards("truthlytics", after := (before := ProjectState.from_apps(apps)).clone())
        with connection.schema_editor(atomic=False) as editor:
            for _ in range(2):
                operation.database_forwards("truthlytics", editor, before, after)
            operation.database_backwards("truthlytics", editor, after, before)


class UpgradeTests(UpgradeCase):
    """The demo as a release stored it, on this database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Made by the squashed migrations.
        cls.schema = schema.describe()

    def assert_same_schema(self):
        """After the migrations one by one, the tables are those that the squashed migrations make."""
        upgraded = schema.describe()
        self.assertEqual(set(upgraded) ^ set(self.schema), set())
        for table, parts in self.schema.items():
            with self.subTest(table):
                self.assertEqual(upgraded[table], parts)

    def test_a_check_that_needs_a_function_of_django_is_gone(self):
        self.assertNotIn(REMOVED, statement_constraints())

    @takes_longer("A database is migrated.")
    def test_rows_are_kept_where_a_squashed_migration_changes_models(self):
        begins_after = ("subscriptions", "0001_squashed_0010_statements")
        now = timezone.now()
        with databases.scratch():
            MigrationExecutor(connection).migrate([begins_after])
            get_model = MigrationLoader(connection).project_state(begins_after).apps.get_model
            user = get_model("subscriptions", "User").objects.create(email="reader@example.org")
            cart = get_model("subscriptions", "Cart").objects.create(user=user, back_to="/articles/harbour/")
            price = {"total_minor": 500, "currency": "EUR", "placed_at": now, "consented_at": now}
            get_model("subscriptions", "Order").objects.create(user=user, cart=cart, company="Harbour Ltd", **price)
            get_model("subscriptions", "Statement").objects.create(month="2026-10-01", closed_at=now, content="Sums")
            call_command("migrate", verbosity=0)
            self.assert_same_schema()
            order = Order.objects.select_related("cart__user").get()
            self.assertEqual((order.company, order.cart.back_to), ("Harbour Ltd", "/articles/harbour/"))
            self.assertEqual((order.cart.user.email, order.start_text), ("reader@example.org", ""))
            self.assertEqual(Statement.objects.get().content, "Sums")

    @takes_longer("A database of a release is migrated and read.")
    def test_a_filled_database_is_migrated_and_read(self):
        for release in RELEASES:
            with self.subTest(release), databases.scratch():
                dump.load(release)
                self.assertNotEqual(schema.describe(), self.schema)
                before = databases.count_rows()
                # At the demo's own time: the transparency log that migrations add is not younger than its rows.
                with time_machine.travel(Comment.objects.values_list("created_at", flat=True).latest("created_at")):
                    said = self.upgrade()
                    self.assertEqual(self.called, [*CHECKS, "migrate", *CHANGES])
                    self.assertFalse(BackupRun.objects.exists())
                    after = databases.count_rows()
                    tables = before.keys() - tables_of_indexes()
                    lost = [table for table in tables if after.get(table, before[table]) < before[table]]
                    self.assertEqual(lost, [])
                    # The demo of 1.0 never had it, the database of these tests once did.
                    self.assertNotIn(REMOVED, statement_constraints())
                    self.assert_same_schema()
                    self.read()
            self.read_backup(said)

    def read_backup(self, said):
        """The backup that was made before is of the old database, and can come back."""
        (backup,) = self.folder.iterdir()
        self.assertIn(f"`manage.py restore {backup} --replace`", said)
        self.assertNotIn("truthlytics_backuprun", (backup / "manifest.json").read_text())
        # The dump is of the database alone. Everything else is checked before the files.
        with self.assertRaisesMessage(CommandError, "The database refers to files that the backup does not have"):
            call_command("restore", str(backup), "--check", stdout=(said := StringIO()))
        self.assertIn("Verified: 21 articles", said.getvalue())

    def read(self):
        log_entries.add_due(timezone.now() + timedelta(days=1))
        call_command("verify_record", stdout=(said := StringIO()))
        self.assertIn("Verified: 21 articles, 27 article versions, 6 corrections", said.getvalue())
        # 27 versions of articles, 6 corrections, and pages and dossiers.
        self.assertIn("Verified the transparency log. Entries: 4", said.getvalue())
        self.assertEqual(Image.objects.count(), 28)
        totals = Receipt.objects.order_by("currency").values_list("currency").annotate(Sum("gross_minor"))
        self.assertEqual(dict(totals), {"EUR": 1130_00})
        self.read_pages()
        self.client.force_login(User.objects.get(email="editor@demo.test"))
        for name in ("admin:index", "admin:articles_article_changelist", "admin:subscriptions_receipt_changelist"):
            with self.subTest(name):
                self.assertEqual(self.client.get(reverse(name)).status_code, 200)

    def read_pages(self):
        subscriber = User.objects.get(email="subscriber@demo.test")
        self.client.force_login(subscriber)
        self.assertTrue(Subscription.objects.filter(user=subscriber).exists())
        for article in Article.objects.published():
            with self.subTest(article.slug):
                response = self.client.get(article.get_absolute_url())
                self.assertContains(response, f'data-version="{article.live.number}"')
                self.assertNotContains(response, 'id="gate"')
        for path in ("/", "/account/", "/corrections/", "/search/?q=harbour"):
            with self.subTest(path):
                self.assertEqual(self.client.get(path).status_code, 200)
