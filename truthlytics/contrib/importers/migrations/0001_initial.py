"""Take over the tables that belonged to the app `truthlytics`, or make them where there are none."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


NAMES = (
    "ContractRun", "ImportRun", "ImportUpload", "ImportedObject", "ImportedReader", "LinkEmail", "MovedContract",
    "SignedYear",
)  # fmt: skip


def make_missing_tables(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        there = set(schema_editor.connection.introspection.table_names(cursor))
    for name in NAMES:
        model = apps.get_model("importers", name)
        if model._meta.db_table not in there:
            schema_editor.create_model(model)


def take_over_permissions(apps, schema_editor):
    """Keep the rows of content types, and with them the permissions that groups and users have."""
    types = apps.get_model("contenttypes", "ContentType").objects.using(schema_editor.connection.alias)
    names = [name.lower() for name in NAMES]
    there = set(types.filter(app_label="importers").values_list("model", flat=True))
    types.filter(app_label="truthlytics", model__in=set(names) - there).update(app_label="importers")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('truthlytics', '0030_importers_are_a_feature'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('articles', '0001_squashed_0023_use_of_ai_in_pages_and_dossiers'),
        ('comments', '0001_squashed_0008_search'),
        ('subscriptions', '0011_squashed_0024_statistics_by_email'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='ContractRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(help_text='Where the list comes from.', max_length=200)),
                        ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('shop_off_at', models.DateTimeField(blank=True, null=True)),
                        ('refused', models.JSONField(blank=True, default=dict)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('undone_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'db_table': 'truthlytics_contractrun',
                        'ordering': ['-pk'],
                        'constraints': [models.UniqueConstraint(models.Case(models.When(finished_at=None, then=1)), name='one_contract_run_at_a_time', violation_error_message='Another run has not finished. Continue it first.')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('format', models.CharField(max_length=20)),
                        ('file', models.CharField(help_text='File name without its folder.', max_length=255)),
                        ('files', models.JSONField(blank=True, db_default=[], default=list, help_text='Where they lie, of a run on the page.')),
                        ('options', models.JSONField(blank=True, db_default={}, default=dict)),
                        ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('status', models.CharField(choices=[('new', 'Not checked yet'), ('checking', 'Dry run in progress'), ('checked', 'Checked'), ('importing', 'Import in progress'), ('stopped', 'Stopped'), ('done', 'Imported'), ('undoing', 'Being undone'), ('undone', 'Undone'), ('verifying', 'Comparison in progress')], db_default='done', default='done', max_length=10)),
                        ('process', models.CharField(blank=True, db_default='', default='', max_length=100)),
                        ('seen_at', models.DateTimeField(blank=True, null=True)),
                        ('is_stopping', models.BooleanField(db_default=False, default=False)),
                        ('work_started_at', models.DateTimeField(blank=True, null=True)),
                        ('done', models.PositiveIntegerField(db_default=0, default=0, help_text='Processed of `total`.')),
                        ('total', models.PositiveIntegerField(db_default=0, default=0)),
                        ('problem', models.TextField(blank=True, db_default='', default='', help_text='Why it did not end.')),
                        ('counts', models.JSONField(blank=True, default=dict)),
                        ('created_rows', models.JSONField(blank=True, db_default={}, default=dict)),
                        ('contract_run', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='imports', to='importers.contractrun')),
                        ('started_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'truthlytics_importrun',
                        'ordering': ['-started_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='ImportedReader',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', models.CharField(max_length=255)),
                        ('row', models.PositiveIntegerField()),
                        ('outcome', models.CharField(choices=[('created', 'New account'), ('completed', 'Existing account completed'), ('unchanged', 'Nothing to do')], max_length=10)),
                        ('made', models.JSONField(default=dict)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imported_readers', to='importers.importrun')),
                    ],
                    options={
                        'db_table': 'truthlytics_importedreader',
                    },
                ),
                migrations.CreateModel(
                    name='ImportedObject',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(max_length=200)),
                        ('kind', models.CharField(default='article', max_length=20)),
                        ('source_id', models.CharField(max_length=500)),
                        ('source_digest', models.CharField(max_length=64)),
                        ('written_digest', models.CharField(max_length=64)),
                        ('status', models.CharField(blank=True, db_default='', default='', max_length=10)),
                        ('reason', models.CharField(blank=True, db_default='', default='', max_length=300)),
                        ('missing_images', models.PositiveIntegerField(db_default=0, default=0)),
                        ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                        ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
                        ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.document')),
                        ('image', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.image')),
                        ('page', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.page')),
                        ('recording', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.recording')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imported_objects', to='importers.importrun')),
                    ],
                    options={
                        'db_table': 'truthlytics_importedobject',
                    },
                ),
                migrations.CreateModel(
                    name='ImportUpload',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('name', models.CharField(max_length=255)),
                        ('size', models.PositiveBigIntegerField(help_text='In bytes, of the whole file.')),
                        ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'truthlytics_importupload',
                        'ordering': ['-created_at'],
                    },
                ),
                migrations.CreateModel(
                    name='LinkEmail',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('subject', models.CharField(max_length=150, verbose_name='subject')),
                        ('text', models.TextField(max_length=5000, verbose_name='text')),
                        ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('sending_since', models.DateTimeField(blank=True, null=True)),
                        ('saved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'truthlytics_linkemail',
                    },
                ),
                migrations.CreateModel(
                    name='MovedContract',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=200)),
                        ('action', models.CharField(choices=[('adopt', 'Attach'), ('create', 'Create'), ('access', 'Access until')], max_length=6)),
                        ('order_uuid', models.UUIDField(default=uuid.uuid4)),
                        ('facts', models.JSONField(default=dict)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('undone_at', models.DateTimeField(blank=True, null=True)),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='importers.contractrun')),
                        ('subscription', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='subscriptions.subscription')),
                        ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'truthlytics_movedcontract',
                        'ordering': ['pk'],
                    },
                ),
                migrations.CreateModel(
                    name='SignedYear',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('signed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('digest', models.CharField(max_length=64)),
                        ('charges', models.JSONField(default=list)),
                        ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'truthlytics_signedyear',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.AddConstraint(
                    model_name='importrun',
                    constraint=models.UniqueConstraint(models.Case(models.When(status__in=('checking', 'importing', 'undoing', 'verifying'), then=1)), name='one_import_at_a_time', violation_error_message='Another import is in progress. Wait until it has ended, or stop it.'),
                ),
                migrations.AddConstraint(
                    model_name='importedreader',
                    constraint=models.UniqueConstraint(fields=('run', 'file', 'row'), name='reader_imported_once', violation_error_message='This row was already imported.'),
                ),
                migrations.AddConstraint(
                    model_name='importedobject',
                    constraint=models.UniqueConstraint(fields=('source', 'kind', 'source_id'), name='imported_once', violation_error_message='This record of this source was already imported.'),
                ),
                migrations.AddConstraint(
                    model_name='importedobject',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('comment__isnull', True), ('document__isnull', True), ('image__isnull', True), ('page__isnull', True), ('recording__isnull', True)), models.Q(('article__isnull', True), ('comment__isnull', True), ('document__isnull', True), ('image__isnull', True), ('page__isnull', False), ('recording__isnull', True)), models.Q(('article__isnull', True), ('comment__isnull', True), ('document__isnull', True), ('image__isnull', False), ('page__isnull', True), ('recording__isnull', True)), models.Q(('article__isnull', True), ('comment__isnull', False), ('document__isnull', True), ('image__isnull', True), ('page__isnull', True), ('recording__isnull', True)), models.Q(('article__isnull', True), ('comment__isnull', True), ('document__isnull', False), ('image__isnull', True), ('page__isnull', True), ('recording__isnull', True)), models.Q(('article__isnull', True), ('comment__isnull', True), ('document__isnull', True), ('image__isnull', True), ('page__isnull', True), ('recording__isnull', False)), _connector='OR'), name='imported_as_one_thing'),
                ),
                migrations.AddConstraint(
                    model_name='linkemail',
                    constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_link_email'),
                ),
                migrations.AddConstraint(
                    model_name='movedcontract',
                    constraint=models.UniqueConstraint(fields=('run', 'key'), name='one_contract_per_run_and_key'),
                ),
                migrations.AddConstraint(
                    model_name='movedcontract',
                    constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('key',), name='moved_once'),
                ),
            ]
        ),
        migrations.RunPython(make_missing_tables, migrations.RunPython.noop),
        migrations.RunPython(take_over_permissions, migrations.RunPython.noop),
    ]
