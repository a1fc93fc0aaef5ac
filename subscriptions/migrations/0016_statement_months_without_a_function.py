from django.db import migrations


class RemoveConstraintIfThere(migrations.RemoveConstraint):
    """Some databases never had this constraint: for a day, the migration that adds it was without it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE subscriptions_statement DROP CONSTRAINT IF EXISTS {self.name}")
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    """Remove a check that needs a function of Django's, without which SQLite can neither check nor copy a backup."""

    dependencies = [("subscriptions", "0015_chargeback_dates")]

    operations = [RemoveConstraintIfThere("statement", "statement_month_begins_on_first")]
