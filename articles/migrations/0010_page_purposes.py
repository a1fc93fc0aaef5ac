from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The URLs under which sites have these pages so far.
SLUGS = {
    'imprint': ('imprint', 'impressum', 'legal-notice'),
    'privacy': ('privacy',),
    'terms': ('terms',),
    'withdrawal': ('withdrawal',),
    'commentRules': ('comment-rules',),
}


def fill_purposes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    pages: Any = apps.get_model('articles', 'Page').objects
    for purpose, slugs in SLUGS.items():
        page = pages.filter(slug__in=slugs, purpose='').first()
        if page is not None and not pages.filter(purpose=purpose).exists():
            pages.filter(pk=page.pk).update(purpose=purpose)


def clear_purposes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model('articles', 'Page').objects.filter(purpose__in=SLUGS).update(purpose='')


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0009_saved_blocks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='page',
            name='purpose',
            field=models.CharField(blank=True, choices=[('imprint', 'Imprint'), ('privacy', 'Privacy'), ('terms', 'Terms'), ('withdrawal', 'Right of withdrawal'), ('commentRules', 'Comment rules'), ('AboutPage', 'About us'), ('ContactPage', 'Contact'), ('publishingPrinciples', 'Publishing principles'), ('ethicsPolicy', 'Ethics policy'), ('correctionsPolicy', 'Corrections policy'), ('verificationFactCheckingPolicy', 'Fact-checking policy'), ('unnamedSourcesPolicy', 'Unnamed sources'), ('noBylinesPolicy', 'Articles without a byline'), ('ownershipFundingInfo', 'Ownership and funding'), ('masthead', 'Masthead'), ('diversityPolicy', 'Diversity policy'), ('diversityStaffingReport', 'Staff diversity report'), ('actionableFeedbackPolicy', 'Feedback policy'), ('missionCoveragePrioritiesPolicy', 'Mission and coverage priorities')], max_length=40, verbose_name='page type'),
        ),
        migrations.RunPython(fill_purposes, clear_purposes),
    ]
