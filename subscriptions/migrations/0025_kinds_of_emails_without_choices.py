from django.db import migrations, models


class Migration(migrations.Migration):
    """Features and plug-ins have kinds of emails of their own. The columns stay as they are."""

    dependencies = [("subscriptions", "0024_statistics_by_email")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("emailoptin", "kind", models.CharField(max_length=20)),
                migrations.AlterField("emailoptout", "kind", models.CharField(max_length=20)),
            ]
        )
    ]
