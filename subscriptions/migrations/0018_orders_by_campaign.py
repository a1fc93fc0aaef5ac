from django.db import migrations, models

from truthlytics.web.online_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('subscriptions', '0017_campaigns'),
    ]

    operations = [
        AddIndexOnline(
            model_name='order',
            index=models.Index(fields=['campaign'], name='order_by_campaign'),
        ),
    ]
