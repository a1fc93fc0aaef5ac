import django.db.models.deletion
import django.utils.timezone
import truthlytics.web.create_models
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('transparency', '0001_squashed_0001_initial'), ('transparency', '0002_squashed_0003_mark_repeated_entries'), ('transparency', '0004_witnesses_needed')]

    initial = True

    dependencies = [
    ]

    operations = [
        truthlytics.web.create_models.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Log',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField(unique=True)),
                        ('origin', models.CharField(max_length=200, unique=True)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('size', models.PositiveBigIntegerField(default=0)),
                        ('subtree_hashes', models.JSONField(default=list)),
                        ('archive_added_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Witness',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('address', models.URLField(max_length=500, verbose_name='address')),
                        ('problem', models.CharField(blank=True, choices=[('unreachable', 'It does not answer.'), ('unknown_log', 'It does not know this log. Ask its owner to add your origin and key.'), ('unknown_key', 'It knows another key of this log. Ask its owner to add yours.'), ('contradiction', 'It refuses: it has seen another state of your log. Somebody has rewritten it, or signs with your key.'), ('unproven', 'It refuses: your log does not continue what it has seen. Somebody has rewritten the log.'), ('ahead', 'It has seen more entries than your log has. The database is older than what was signed, or somebody else signs with your key.'), ('wrong_signature', 'Its signature does not fit what you have entered here.'), ('other', 'It answers something unexpected.')], max_length=15)),
                        ('answer', models.CharField(blank=True, max_length=300)),
                        ('failures', models.PositiveIntegerField(default=0)),
                        ('failing_since', models.DateTimeField(null=True)),
                        ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('verifier_key', models.CharField(max_length=300, unique=True, verbose_name='verifier key')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='WitnessedLog',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('origin', models.CharField(max_length=200, unique=True, verbose_name='origin')),
                        ('verifier_keys', models.TextField(help_text='One per line.', verbose_name='verifier keys')),
                        ('size', models.PositiveBigIntegerField(default=0)),
                        ('root', models.CharField(default='e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', max_length=64)),
                        ('checkpoint', models.TextField(blank=True)),
                        ('cosigned_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Checkpoint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('size', models.PositiveBigIntegerField()),
                        ('note', models.TextField()),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checkpoints', to='transparency.log')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('log', 'size'), name='one_checkpoint_per_size')],
                    },
                ),
                migrations.CreateModel(
                    name='LogEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('version', 'Version'), ('correction', 'Correction'), ('removal', 'Text removed'), ('withdrawal', 'Withdrawn'), ('restoration', 'Restored'), ('deletion', 'Import undone'), ('key', 'New key'), ('log', 'Continues another log')], max_length=11)),
                        ('item', models.CharField(blank=True, max_length=10)),
                        ('uuid', models.UUIDField(null=True)),
                        ('number', models.PositiveIntegerField(default=0)),
                        ('appears_at', models.DateTimeField()),
                        ('leaf', models.TextField()),
                        ('position', models.PositiveBigIntegerField(null=True)),
                        ('leaf_hash', models.CharField(blank=True, max_length=64)),
                        ('added_at', models.DateTimeField(null=True)),
                        ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='transparency.log')),
                        ('is_repeated', models.BooleanField(db_default=False, default=False)),
                    ],
                    options={
                        'verbose_name_plural': 'entries',
                        'indexes': [models.Index(condition=models.Q(('position', None)), fields=['appears_at'], name='waiting_entry_by_time')],
                        'constraints': [models.UniqueConstraint(fields=('log', 'position'), name='one_entry_per_position'), models.UniqueConstraint(fields=('log', 'uuid', 'kind', 'number', 'appears_at'), name='one_entry_per_event'), models.CheckConstraint(condition=models.Q(models.Q(('added_at', None), ('leaf_hash', ''), ('position', None)), models.Q(('added_at__isnull', False), ('position__isnull', False), models.Q(('leaf_hash', ''), _negated=True)), _connector='OR'), name='entry_has_a_hash_with_its_position'), models.UniqueConstraint(condition=models.Q(('is_repeated', False), ('number__gt', 0)), fields=('log', 'uuid', 'kind', 'number'), name='one_entry_per_version')],
                    },
                ),
                migrations.CreateModel(
                    name='LogKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('verifier_key', models.CharField(max_length=300)),
                        ('from_size', models.PositiveBigIntegerField()),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='transparency.log')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('log', 'verifier_key'), name='one_row_per_log_key')],
                    },
                ),
                migrations.CreateModel(
                    name='Subtree',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('level', models.PositiveSmallIntegerField()),
                        ('index', models.PositiveBigIntegerField()),
                        ('hash', models.CharField(max_length=64)),
                        ('log', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subtrees', to='transparency.log')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('log', 'level', 'index'), name='one_hash_per_subtree')],
                    },
                ),
                migrations.CreateModel(
                    name='TimestampAuthority',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('removed_at', models.DateTimeField(null=True)),
                        ('address', models.URLField(max_length=500, verbose_name='address')),
                        ('problem', models.CharField(blank=True, choices=[('unreachable', 'It does not answer.'), ('unknown_log', 'It does not know this log. Ask its owner to add your origin and key.'), ('unknown_key', 'It knows another key of this log. Ask its owner to add yours.'), ('contradiction', 'It refuses: it has seen another state of your log. Somebody has rewritten it, or signs with your key.'), ('unproven', 'It refuses: your log does not continue what it has seen. Somebody has rewritten the log.'), ('ahead', 'It has seen more entries than your log has. The database is older than what was signed, or somebody else signs with your key.'), ('wrong_signature', 'Its signature does not fit what you have entered here.'), ('other', 'It answers something unexpected.')], max_length=15)),
                        ('answer', models.CharField(blank=True, max_length=300)),
                        ('failures', models.PositiveIntegerField(default=0)),
                        ('failing_since', models.DateTimeField(null=True)),
                        ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('certificate', models.TextField(verbose_name='root certificate')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('address',), name='one_authority_per_address')],
                    },
                ),
                migrations.CreateModel(
                    name='Timestamp',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('response', models.BinaryField()),
                        ('stamped_at', models.DateTimeField()),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timestamps', to='transparency.checkpoint')),
                        ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timestamps', to='transparency.timestampauthority')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('checkpoint', 'authority'), name='one_timestamp_per_authority')],
                    },
                ),
                migrations.CreateModel(
                    name='Cosignature',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('line', models.CharField(max_length=500)),
                        ('signed_at', models.DateTimeField()),
                        ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cosignatures', to='transparency.checkpoint')),
                        ('witness', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cosignatures', to='transparency.witness')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('checkpoint', 'witness', 'signed_at'), name='one_cosignature_per_time')],
                    },
                ),
                migrations.CreateModel(
                    name='Refusal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('contradiction', 'It has signed two different states of the same size.'), ('unproven', 'It did not prove that the new state only adds to the former one.')], max_length=13)),
                        ('known', models.TextField()),
                        ('offered', models.TextField()),
                        ('digest', models.CharField(max_length=64)),
                        ('old_size', models.PositiveBigIntegerField()),
                        ('proof', models.TextField(blank=True)),
                        ('refused_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='transparency.witnessedlog')),
                        ('offered_size', models.PositiveBigIntegerField(null=True)),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'constraints': [models.UniqueConstraint(fields=('log', 'digest', 'reason'), name='one_refusal_per_state')],
                    },
                ),
                migrations.CreateModel(
                    name='Quorum',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('needed', models.PositiveSmallIntegerField()),
                        ('decided_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        'ordering': ['pk'],
                    },
                ),
            ],
        ),
    ]
