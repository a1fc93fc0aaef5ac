from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.migrations import CreateModel, Migration
from django.db.migrations.state import ProjectState
from django.test import TestCase, TransactionTestCase

from truthlytics.web.moved_models import LeaveTable, TakeTable, take_content_types

FIELDS = [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=20))]
OPTIONS = {"db_table": "old_harbour"}


class MovedModelTests(TransactionTestCase):
    def setUp(self):
        self.state = self.apply("old", CreateModel("Harbour", FIELDS), ProjectState())
        self.addCleanup(self.drop)

    def drop(self):
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS old_harbour")

    def apply(self, app, operation, state):
        migration = Migration("0001", app)
        migration.operations = [operation]
        with connection.schema_editor() as editor:
            return migration.apply(state, editor)

    def unapply(self, app, operation, state):
        migration = Migration("0001", app)
        migration.operations = [operation]
        with connection.schema_editor() as editor:
            migration.unapply(state, editor)

    def names(self, state, app):
        return list(state.apps.get_model(app, "Harbour").objects.values_list("name", flat=True))

    def has_table(self):
        return "old_harbour" in connection.introspection.table_names()

    def fill(self):
        self.state.apps.get_model("old", "Harbour").objects.create(name="Emden")

    def test_rows_stay(self):
        self.fill()
        left = self.apply("old", LeaveTable("Harbour"), self.state.clone())
        self.assertNotIn(("old", "harbour"), left.models)
        taken = self.apply("new", TakeTable("Harbour", FIELDS, OPTIONS), left)
        self.assertEqual(self.names(taken, "new"), ["Emden"])

    def test_an_empty_table_goes_and_is_made_for_the_new_app(self):
        left = self.apply("old", LeaveTable("Harbour"), self.state.clone())
        self.assertFalse(self.has_table())
        taken = self.apply("new", TakeTable("Harbour", FIELDS, OPTIONS), left)
        self.assertEqual(self.names(taken, "new"), [])

    def test_a_new_app_that_comes_later_finds_the_rows(self):
        self.fill()
        self.apply("old", LeaveTable("Harbour"), self.state.clone())
        self.assertTrue(self.has_table())
        taken = self.apply("new", TakeTable("Harbour", FIELDS, OPTIONS), ProjectState())
        self.assertEqual(self.names(taken, "new"), ["Emden"])

    def test_back_and_forth(self):
        for filled in (False, True):
            if filled:
                self.fill()
            with self.subTest(filled=filled):
                left = self.apply("old", LeaveTable("Harbour"), self.state.clone())
                self.apply("new", TakeTable("Harbour", FIELDS, OPTIONS), left.clone())
                self.unapply("new", TakeTable("Harbour", FIELDS, OPTIONS), left.clone())
                self.assertEqual(self.has_table(), filled)
                self.unapply("old", LeaveTable("Harbour"), self.state.clone())
                self.assertEqual(self.names(self.state, "old"), ["Emden"] if filled else [])


class MovedContentTypeTests(TestCase):
    def move(self, *, backwards=False):
        operation = take_content_types("old", "new", "harbour")
        (operation.reverse_code if backwards else operation.code)(apps, None)

    def test_the_content_type_keeps_its_number(self):
        pk = ContentType.objects.create(app_label="old", model="harbour").pk
        other = ContentType.objects.create(app_label="old", model="ship").pk
        self.move()
        self.assertEqual(ContentType.objects.get(app_label="new").pk, pk)
        self.assertEqual(ContentType.objects.get(app_label="old").pk, other)
        self.move(backwards=True)
        self.assertEqual(ContentType.objects.filter(app_label="old").count(), 2)

    def test_one_that_is_there_is_left_alone(self):
        ContentType.objects.create(app_label="old", model="harbour")
        ContentType.objects.create(app_label="new", model="harbour")
        self.move()
        self.assertEqual(ContentType.objects.filter(model="harbour").count(), 2)
