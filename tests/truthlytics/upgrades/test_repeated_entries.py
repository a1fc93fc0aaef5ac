"""A log with two entries about one version can be migrated: both stay, and every check names the second."""

from datetime import timedelta
from importlib import import_module
from io import StringIO

from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, migrations
from django.db.migrations.state import ProjectState
from django.test import tag
from django.utils import timezone

from tests.budget import takes_longer
from tests.factories import make_article
from tests.record_key import use_key
from tests.transactions import TransactionTestCase
from truthlytics.transparency.models import LogEntry
from truthlytics.transparency.services.entries import append_due

BEFORE = [
    migrations.RemoveConstraint("logentry", "one_entry_per_version"),
    migrations.RemoveField("logentry", "is_repeated"),
    migrations.RemoveField("refusal", "offered_size"),
]


@tag("all_features")
class RepeatedEntryTests(TransactionTestCase):
    def migrate(self, state, operations):
        migration = migrations.Migration("test", "transparency")
        migration.operations = operations
        with connection.schema_editor() as editor:
            return migration.apply(state, editor)

    @takes_longer("Tables are migrated.")
    def test_a_log_with_a_second_entry_is_migrated(self):
        use_key(self)
        make_article()
        append_due(timezone.now())
        first = LogEntry.objects.values("kind", "item", "uuid", "number", "appears_at", "leaf", "log_id").get()
        state = self.migrate(ProjectState.from_apps(apps), BEFORE)
        second = first | {"appears_at": first["appears_at"] + timedelta(microseconds=1)}
        state.apps.get_model("transparency", "LogEntry").objects.create(**second)
        module = import_module("truthlytics.transparency.migrations.0002_squashed_0003_mark_repeated_entries")
        self.migrate(state, module.Migration.operations)
        append_due(timezone.now())
        entries = LogEntry.objects.order_by("position").values_list("position", "is_repeated")
        self.assertEqual(list(entries), [(0, False), (1, True)])
        with self.assertRaisesRegex(CommandError, "Entry 1 is a second one about version 1 of .* Entry 0 was first"):
            call_command("verify_record", stdout=StringIO())
        with self.assertRaises(IntegrityError):
            LogEntry(**second | {"appears_at": timezone.now()}).save()
