"""Migrations leave tables that the code of the last release can write."""

from django.db import models
from django.db.migrations import (
    AddConstraint,
    AddField,
    AlterField,
    AlterModelTable,
    CreateModel,
    DeleteModel,
    Migration,
    RemoveConstraint,
    RemoveField,
    RenameField,
    RenameModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.test import SimpleTestCase

from tests.budget import takes_longer
from tests.truthlytics.upgrades import old_code
from truthlytics.web.create_models import CreateModels

# The old code can live with these, or they landed before this test.
ACCEPTED = {
    "articles/migrations/0011_redirects_with_queries_and_to_images.py",
    # The constraint holds for rows with the column's default, and no others are written by the old code.
    "articles/migrations/0013_redirects_to_the_archive.py",
    "subscriptions/migrations/0014_cart_billing.py",
    # The old code leaves the new columns empty: a withdrawal then counts as before, and no cancellation counts.
    "subscriptions/migrations/0019_declarations_by_known_senders.py",
    "truthlytics/migrations/0008_import_pages_images_and_comments.py",
    "truthlytics/migrations/0009_imports_on_a_page.py",
    "truthlytics/migrations/0011_imported_documents_and_recordings.py",
}

ID = ("id", models.BigAutoField(primary_key=True))
TITLE = models.CharField(max_length=60, db_default="")
CASCADE = models.CASCADE
DATELINE = AddField("article", "dateline", models.CharField("dateline", max_length=60, blank=True))
KNOWN = [
    CreateModel("Section", [ID]),
    CreateModel(
        "Article",
        [
            ID,
            ("title", TITLE),
            ("words", models.IntegerField(null=True)),
            ("section", models.ForeignKey("notes.Section", CASCADE)),
            ("topics", models.ManyToManyField("notes.Section")),
        ],
        options={"constraints": [models.CheckConstraint(condition=models.Q(words__gte=0), name="some_words")]},
    ),
    CreateModel("Draft", [], options={"proxy": True}, bases=("notes.article",)),
]


def migration(name, *operations):
    kind = type("Migration", (Migration,), {"__module__": f"notes.migrations.{name}", "operations": list(operations)})
    return kind(name, "notes")


def find(*operations, released=()):
    return old_code.find([migration("0001_initial", *KNOWN, *released)], [migration("0002_more", *operations)])


def only_in_code(*operations):
    return SeparateDatabaseAndState(state_operations=list(operations))


def unique(*names):
    return AddConstraint("article", models.UniqueConstraint(*map(models.F, names), name="one"))


class ProjectTests(SimpleTestCase):
    @takes_longer("The states of all models are built again, migration by migration.")
    def test_every_migration_since_the_last_release_leaves_tables_that_the_old_code_can_write(self):
        found = old_code.find_in_project()
        self.assertEqual([line for line in found if line.split(":")[0] not in ACCEPTED], [])
        self.assertEqual(ACCEPTED - {line.split(":")[0] for line in found}, set(), "Remove them from ACCEPTED.")


class RefusedTests(SimpleTestCase):
    def assert_refused(self, *operations, because):
        with self.subTest(operations):
            (sentence,) = find(*operations)
            self.assertEqual(sentence, f"notes/migrations/0002_more.py: {because}")

    def assert_required(self, name, *operations):
        self.assert_refused(
            *operations,
            because=f"The old code does not write the new column “{name}” of Article: give it null=True or db_default.",
        )

    def test_new_columns_that_are_required(self):
        choices = models.CharField("pronouns", max_length=4, choices={"they": "they/them"}, blank=True)
        key = models.ForeignKey("notes.Section", CASCADE, related_name="+")
        self.assert_required("dateline", DATELINE)
        self.assert_required("pronouns", AddField("article", "pronouns", choices))
        self.assert_required("pages", AddField("article", "pages", models.IntegerField(default=0)))
        self.assert_required("other", AddField("article", "other", key))

    def test_a_new_column_that_is_required_in_the_end(self):
        first = AddField("article", "pages", models.IntegerField(null=True))
        fill = RunPython(RunPython.noop)
        self.assert_required("pages", first, fill, AlterField("article", "pages", models.IntegerField()))

    def test_columns_that_are_removed_or_renamed(self):
        gone = (
            "The old code still uses the column “words” of Article. First remove it from the code only, with "
            "SeparateDatabaseAndState; drop it in the next release. To rename a field, give it db_column."
        )
        in_database = SeparateDatabaseAndState([RemoveField("article", "words")], [RemoveField("article", "words")])
        for operation in (RemoveField("article", "words"), in_database, RenameField("article", "words", "length")):
            self.assert_refused(operation, because=gone)
        column = models.CharField(max_length=60, db_default="", db_column="headline")
        self.assert_refused(AlterField("article", "title", column), because=gone.replace("words", "title"))
        for name in ("section", "topics"):
            self.assertIn(f"the column “{name}” of Article", *find(RemoveField("article", name)))

    def test_tables_that_are_removed_or_renamed(self):
        gone = (
            "The old code still uses the table of Article. First remove the model from the code only, with "
            "SeparateDatabaseAndState; drop the table in the next release."
        )
        for operation in (DeleteModel("Article"), RenameModel("Article", "Text"), AlterModelTable("article", "texts")):
            self.assert_refused(operation, because=gone)

    def test_columns_that_take_less(self):
        for name, field, because in (
            (
                "title",
                models.CharField(max_length=59, db_default=""),
                "“title” of Article as varchar(60), not varchar(59)",
            ),
            ("title", models.TextField(db_default=""), "“title” of Article as varchar(60), not text"),
            ("words", models.BigIntegerField(null=True), "“words” of Article as integer, not bigint"),
            ("section", models.ForeignKey("notes.Draft", CASCADE), "“section” of Article as a key of notes.section"),
            ("words", models.IntegerField(default=0), "can write NULL to the column “words” of Article. Require it"),
            (
                "title",
                models.CharField(max_length=60),
                "can leave out the column “title” of Article. Keep its db_default",
            ),
        ):
            with self.subTest(because):
                self.assertIn(because, *find(AlterField("article", name, field)))

    def test_constraints_on_new_columns(self):
        city = AddField("article", "city", models.CharField(max_length=60, null=True))
        check = AddConstraint("article", models.CheckConstraint(condition=~models.Q(city=""), name="one"))
        because = (
            "The old code does not write the new column “city” of Article, which the constraint “one” reads: add the "
            "constraint in the next release."
        )
        for constraint in (unique("title", "city"), check):
            self.assert_refused(city, constraint, because=because)

    def test_each_is_found_once_in_the_migration_that_does_it(self):
        later = [migration("0002_more", DATELINE), migration("0003_else", RunSQL("SELECT 1"))]
        (sentence,) = old_code.find([migration("0001_initial", *KNOWN)], later)
        self.assertTrue(sentence.startswith("notes/migrations/0002_more.py: "))


class AllowedTests(SimpleTestCase):
    def assert_allowed(self, *operations, released=()):
        with self.subTest(operations):
            self.assertEqual(find(*operations, released=released), [])

    def test_columns_that_the_old_code_can_leave_out(self):
        for field in (
            models.CharField(max_length=60, blank=True, default="", db_default=""),
            models.IntegerField(null=True),
            models.ForeignKey("notes.Section", CASCADE, null=True, related_name="+"),
            models.ManyToManyField("notes.Section", related_name="+"),
            models.GeneratedField(expression=models.F("words"), output_field=models.IntegerField(), db_persist=True),
        ):
            self.assert_allowed(AddField("article", "more", field))

    def test_new_tables(self):
        create = CreateModel("Note", [ID])
        add = AddField("note", "text", models.TextField())
        check = AddConstraint("note", models.UniqueConstraint(fields=["text"], name="one"))
        self.assert_allowed(create, add, check, RemoveField("note", "text"), DeleteModel("Note"))
        self.assert_allowed(CreateModels([create]), add)

    def test_changes_that_take_more(self):
        for name, field in (
            ("title", models.CharField("headline", max_length=80, null=True, help_text="In a few words.")),
            ("section", models.ForeignKey("notes.Section", models.PROTECT, null=True)),
        ):
            self.assert_allowed(AlterField("article", name, field))
        self.assert_allowed(RemoveConstraint("article", "some_words"))

    def test_a_constraint_on_known_columns(self):
        self.assert_allowed(unique("title", "section"))

    def test_a_field_is_renamed_and_its_column_is_not(self):
        column = AlterField("article", "words", models.IntegerField(null=True, db_column="words"))
        self.assert_allowed(column, RenameField("article", "words", "length"))

    def test_a_column_is_removed_in_two_releases(self):
        field = AlterField("article", "words", models.IntegerField(null=True))
        code = only_in_code(RemoveField("article", "words"))
        self.assert_allowed(field, code)
        back = only_in_code(AddField("article", "words", models.IntegerField(null=True)))
        self.assert_allowed(back, RemoveField("article", "words"), released=[field, code])

    def test_a_table_is_removed_in_two_releases(self):
        code = only_in_code(DeleteModel("Draft"), DeleteModel("Article"))
        self.assert_allowed(code)
        self.assert_allowed(only_in_code(KNOWN[1]), DeleteModel("Article"), released=[code])
