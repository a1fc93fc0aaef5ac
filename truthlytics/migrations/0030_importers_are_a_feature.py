"""What was imported belongs to the feature `importers`, whose first migration takes the tables over.

Nothing changes in the database, and nothing is lost on a site without that feature.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("truthlytics", "0029_example_of_a_vat_id")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name)
                for name in (
                    "ImportedReader", "ImportedObject", "ImportUpload", "ImportRun", "SignedYear", "LinkEmail",
                    "MovedContract", "ContractRun",
                )
            ]
        )
    ]  # fmt: skip
