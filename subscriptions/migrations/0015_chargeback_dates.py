import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    """Date known chargebacks to their payment, by which statements have counted them."""
    apps.get_model("subscriptions", "Payment").objects.exclude(dispute="").update(disputed_at=F("paid_at"))


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0014_cart_billing")]

    operations = [
        migrations.AddField(
            "payment",
            "disputed_at",
            models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            "payment",
            "dispute_decided_at",
            models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            "checkoutfailure",
            "order",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="checkout_failures",
                to="subscriptions.order",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
