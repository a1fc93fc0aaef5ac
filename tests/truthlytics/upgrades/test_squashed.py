"""Squashed migrations make what the migrations that they replace made, and continue wherever a site has stopped."""

from unittest import mock

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from django.test import SimpleTestCase, tag

from tests.budget import takes_longer
from tests.truthlytics.upgrades import dump
from tests.truthlytics.upgrades.squash import originals

OURS = {
    "articles",
    "comments",
    "newsletters",
    "quotations",
    "statistics",
    "subscriptions",
    "transparency",
    "truthlytics",
}


def replaced(loader: MigrationLoader) -> list[tuple[str, str]]:
    return [key for migration in loader.disk_migrations.values() for key in migration.replaces if key[0] in OURS]


def loader_of(applied: list[tuple[str, str]]) -> MigrationLoader:
    """Return the loader of a database in which the migrations `applied` have run."""
    with mock.patch.object(MigrationRecorder, "applied_migrations", lambda recorder: dict.fromkeys(applied)):
        return MigrationLoader(mock.Mock())


@tag("all_features")
class SquashedTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.long = MigrationLoader(None, replace_migrations=False)
        cls.short = MigrationLoader(None)
        # In an order in which sites have run them.
        leaves = [
            ("comments", "0006_imported_emails"),
            ("newsletters", "0001_initial"),
            ("articles", "0012_archive_for_the_transparency_log"),
            ("subscriptions", "0018_orders_by_campaign"),
            ("truthlytics", "0013_record_settings"),
            ("transparency", "0003_mark_repeated_entries"),
            ("articles", "0023_use_of_ai_in_pages_and_dossiers"),
            ("comments", "0008_search"),
            ("newsletters", "0010_use_of_ai_in_letters"),
            ("quotations", "0001_index_of_texts"),
            ("statistics", "0003_hours_of_new_articles"),
            ("subscriptions", "0024_statistics_by_email"),
            ("transparency", "0004_witnesses_needed"),
            ("truthlytics", "0027_statistics_for_authors"),
            ("truthlytics", "0030_importers_are_a_feature"),
        ]
        there = [leaf for leaf in leaves if leaf in cls.long.disk_migrations]
        steps = dict.fromkeys(key for leaf in there for key in cls.long.graph.forwards_plan(leaf))
        # Later migrations depend on squashed ones.
        cls.order = [key for key in steps if not cls.long.disk_migrations[key].replaces]

    def test_both_ways_end_with_the_same_models(self):
        state = ProjectState()
        for key in self.order:
            state = self.long.graph.nodes[key].mutate_state(state, preserve=False)
        short = self.models_at_the_squashed()
        ours = {key for key in state.models if key[0] in OURS}
        self.assertEqual(ours, {key for key in short if key[0] in OURS})
        for key in ours:
            with self.subTest(key):
                self.assertEqual(describe(short[key]), describe(state.models[key]))

    def models_at_the_squashed(self):
        state = ProjectState()
        squashed = [key for key, migration in self.short.graph.nodes.items() if migration.replaces]
        for key in dict.fromkeys(step for leaf in squashed for step in self.short.graph.forwards_plan(leaf)):
            state = self.short.graph.nodes[key].mutate_state(state, preserve=False)
        return state.models

    def test_each_replaced_migration_is_replaced_once(self):
        ours = [key for key in self.order if key[0] in OURS]
        self.assertGreater(len(ours), 80)
        keys = replaced(self.short)
        # Squashed migrations replace former ones too.
        self.assertEqual(len(keys), len(set(keys)))
        self.assertCountEqual([key for key in keys if not self.short.disk_migrations[key].replaces], ours)

    @takes_longer("The migrations are loaded for each of them.")
    def test_a_database_that_stopped_after_any_migration_continues(self):
        self.assert_each_continues(self.order, 0)

    @takes_longer("The migrations are loaded several times.")
    def test_a_database_of_the_release_whose_upgrade_stopped_continues(self):
        names = [path.removesuffix(".py").split("/") for path in dump.released("1.0")]
        released = {(app, name) for *_folders, app, _migrations, name in names}
        loader = loader_of(started := [key for key in self.order if key[0] not in OURS or key in released])
        plan = (key for leaf in sorted(loader.graph.leaf_nodes()) for key in loader.graph.forwards_plan(leaf))
        keys = [part for key in plan for part in (*originals(loader, [key]), key)]
        self.assert_each_continues(list(dict.fromkeys([*started, *keys])), len(started))

    def assert_each_continues(self, order, start):
        self.assertGreater(len(order), start + 50)
        for count in range(start, len(order) + 1):
            with self.subTest(after=order[count - 1] if count else None):
                loader = loader_of(applied := order[:count])
                self.assertEqual(loader.detect_conflicts(), {})
                done = set(applied) | set(loader.applied_migrations)
                for leaf in loader.graph.leaf_nodes():
                    for key in loader.graph.forwards_plan(leaf):
                        if key not in done:
                            parts = set(originals(loader, [key]))
                            # All of what a migration replaces is missing, or it does not run.
                            self.assertFalse(parts & done, key)
                            done |= parts | {key}
                self.assertLessEqual(set(self.order), done)


def describe(model: ModelState) -> tuple:
    """Return what the database and later migrations see of a model, independent of the order of its parts."""
    fields = {name: MigrationWriter.serialize(field)[0] for name, field in model.fields.items()}
    options = {
        name: sorted(map(repr, value)) if name in {"indexes", "constraints"} else value
        for name, value in model.options.items()
        if value not in ([], ())
    }
    return model.name, fields, options, model.bases, [name for name, _manager in model.managers]
