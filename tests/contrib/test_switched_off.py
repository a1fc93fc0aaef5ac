"""Rows of a feature that is switched off keep nothing of the core from being deleted."""

from django.apps import apps
from django.db import connection
from django.test import TestCase, tag

from truthlytics.env import FEATURES
from truthlytics.web.kept_features import tables_of

RULES = {"c": "CASCADE", "n": "SET NULL", "a": "NO ACTION"}


def rules_of(table):
    """Return what happens to rows of `table`, by column, when the row that they point to is deleted."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA foreign_key_list({connection.ops.quote_name(table)})")
            return {row[3]: row[6] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT attname, confdeltype FROM pg_constraint JOIN pg_attribute "
            "ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f' AND conrelid = %s::regclass",
            [table],
        )
        return {name: RULES[rule] for name, rule in cursor.fetchall()}


def keys_of(label):
    """Yield the foreign keys of an app, with what happens when the row that they point to is deleted."""
    for model in apps.get_app_config(label).get_models():
        rules = rules_of(model._meta.db_table)
        yield from ((field, rules[field.column]) for field in model._meta.concrete_fields if field.is_relation)


@tag("all_features")
class SwitchedOffTests(TestCase):
    def test_keys_of_features_delete_in_the_database(self):
        labels = [config.label for config in apps.get_app_configs() if config.name.startswith("truthlytics.contrib.")]
        self.assertEqual(len(labels), len(FEATURES))
        for label in labels:
            keys = list(keys_of(label))
            deleted = {field.model for field, rule in keys if rule == "CASCADE"}
            for field, rule in keys:
                is_own = field.related_model._meta.app_label == label and field.related_model not in deleted
                with self.subTest(field):
                    self.assertIn(rule, {"CASCADE", "SET NULL", *(["NO ACTION"] if is_own else [])})

    def test_their_tables_are_known_without_their_models(self):
        for name in FEATURES:
            tables = {model._meta.db_table for model in apps.get_app_config(name).get_models()}
            self.assertLessEqual(tables, set(tables_of(name)), name)
