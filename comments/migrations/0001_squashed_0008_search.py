import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import truthlytics.web.create_models
import uuid
from django.conf import settings
from django.db import migrations, models

from comments.search import WORDS


class Migration(migrations.Migration):

    replaces = [('comments', '0001_squashed_0006_imported_emails'), ('comments', '0007_comments_by_date'), ('comments', '0008_search')]

    initial = True

    dependencies = [
        ('articles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        truthlytics.web.create_models.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Comment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('path', models.CharField(editable=False, max_length=40)),
                        ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                        ('text', models.TextField()),
                        ('html', models.TextField(editable=False)),
                        ('quote', models.TextField(blank=True, max_length=1000)),
                        ('quote_prefix', models.CharField(blank=True, max_length=48)),
                        ('quote_suffix', models.CharField(blank=True, max_length=48)),
                        ('quote_position', models.PositiveIntegerField(default=0)),
                        ('quote_number', models.PositiveIntegerField(default=0, editable=False)),
                        ('quote_edited_from', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('quote_is_gated', models.BooleanField(default=False, editable=False)),
                        ('status', models.CharField(choices=[('visible', 'Visible'), ('waiting', 'Pending review'), ('removed', 'Removed')], default='waiting', max_length=8)),
                        ('hold', models.CharField(blank=True, choices=[('first', 'First comment by this reader'), ('link', 'Contains a link'), ('word', 'Contains a blocked word'), ('edited', 'Edited'), ('imported', 'Not approved on the old site')], max_length=8, verbose_name='reason to wait')),
                        ('edit_requested_at', models.DateTimeField(blank=True, null=True)),
                        ('edit_request', models.CharField(blank=True, max_length=300)),
                        ('helpful_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='helpful')),
                        ('picked_at', models.DateTimeField(blank=True, null=True)),
                        ('picked_beside', models.BooleanField(default=False, verbose_name='beside the text')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                        ('edited_at', models.DateTimeField(blank=True, null=True, verbose_name='edited')),
                        ('approved_at', models.DateTimeField(blank=True, null=True)),
                        ('removed_at', models.DateTimeField(blank=True, null=True)),
                        ('removed_reason', models.CharField(blank=True, max_length=300)),
                        ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='articles.article')),
                        ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to=settings.AUTH_USER_MODEL)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replies', to='comments.comment')),
                        ('picked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('quote_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.version')),
                        ('removed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('imported_name', models.CharField(blank=True, db_default='', default='', editable=False, max_length=80)),
                    ],
                    options={
                        'permissions': [('moderate_comment', 'Can approve and remove comments')],
                        'indexes': [models.Index(fields=['article', 'path'], name='comment_in_thread'), models.Index(fields=['status', '-created_at'], name='comment_by_status'), models.Index(fields=['status', 'edit_requested_at', 'id', 'hold'], name='comment_in_queue'), models.Index(condition=models.Q(('parent', None)), fields=['article', 'path'], name='comment_conversation'), models.Index(condition=models.Q(('parent', None)), fields=['article', '-helpful_count', '-path'], name='comment_by_helpfulness'), models.Index(condition=models.Q(('picked_at__isnull', False)), fields=['article'], name='comment_picked'), models.Index(fields=['-created_at', '-id'], name='comment_by_date')],
                        'constraints': [models.UniqueConstraint(fields=('article', 'author', 'key'), name='comment_once_per_form', violation_error_message='This comment has already been posted.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'removed'), _negated=True), models.Q(('removed_at__isnull', False), models.Q(('removed_reason', ''), _negated=True)), _connector='OR'), name='removed_comment_has_reason', violation_error_message='Give a reason for the removal.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'visible'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='visible_comment_has_approval_time', violation_error_message='A visible comment needs an approval time.')],
                    },
                ),
                migrations.CreateModel(
                    name='ChangedVotes',
                    fields=[
                        ('comment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='comments.comment')),
                        ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                ),
                migrations.CreateModel(
                    name='Follow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followers', to='articles.article')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followed_articles', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'article'), name='follow_once_per_reader')],
                    },
                ),
                migrations.CreateModel(
                    name='ModeratorEmails',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('frequency', models.CharField(choices=[('at_once', 'At once'), ('hourly', 'At most once an hour'), ('never', 'Never')], default='hourly', max_length=8)),
                        ('last_sent_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='moderator_emails', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'moderation emails',
                        'verbose_name_plural': 'moderation emails',
                    },
                ),
                migrations.CreateModel(
                    name='Mute',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='muted_articles', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'article'), name='mute_once_per_reader')],
                    },
                ),
                migrations.CreateModel(
                    name='Notification',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('reply', 'Replies to your comments'), ('mention', 'Comments that mention you'), ('followed', 'New comments on articles that you follow')], max_length=8)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('sent_at', models.DateTimeField(blank=True, null=True)),
                        ('dropped_at', models.DateTimeField(blank=True, null=True)),
                        ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='comments.comment')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comment_notifications', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('dropped_at', None), ('sent_at', None)), fields=['user'], name='notification_unsent'), models.Index(fields=['user', '-sent_at'], name='notification_by_last_email')],
                        'constraints': [models.UniqueConstraint(fields=('user', 'comment'), name='one_notification_per_comment'), models.CheckConstraint(condition=models.Q(('sent_at', None), ('sent_at__gte', models.F('created_at')), _connector='OR'), name='notification_sent_after_created')],
                    },
                ),
                migrations.CreateModel(
                    name='Report',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('insult', 'Insults or threats'), ('private', 'Private information'), ('false', 'False information'), ('advert', 'Advertising'), ('other', 'Something else')], max_length=8)),
                        ('words', models.TextField(blank=True, verbose_name='details')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='comments.comment')),
                        ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-created_at', '-pk'],
                        'constraints': [models.UniqueConstraint(fields=('comment', 'reporter'), name='report_once_per_reader', violation_error_message='You have already reported this comment.')],
                    },
                ),
                migrations.CreateModel(
                    name='Revision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.TextField()),
                        ('replaced_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='comments.comment')),
                    ],
                    options={
                        'ordering': ['-replaced_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Suspension',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(help_text='The writer reads this.', max_length=300)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('until', models.DateTimeField(blank=True, help_text='Leave blank to suspend the reader until you lift it.', null=True)),
                        ('lifted_at', models.DateTimeField(blank=True, null=True)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suspensions', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-created_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('created_at')), _connector='OR'), name='suspension_ends_after_it_begins', violation_error_message='Choose an end in the future.'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='suspension_has_reason', violation_error_message='Give a reason for the suspension.'), models.UniqueConstraint(condition=models.Q(('lifted_at', None), ('until', None)), fields=('user',), name='one_open_ended_suspension', violation_error_message='This writer is already suspended.')],
                    },
                ),
                migrations.CreateModel(
                    name='Decision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('approve', 'Approved'), ('remove', 'Removed'), ('ask', 'Asked to edit'), ('suspend', 'Suspended'), ('restore', 'Restored'), ('lift', 'Suspension lifted'), ('pick', 'Picked'), ('unpick', 'No longer picked')], max_length=8)),
                        ('words', models.TextField(blank=True)),
                        ('reason', models.CharField(blank=True, max_length=300)),
                        ('writer_name', models.CharField(blank=True, max_length=80)),
                        ('by_name', models.CharField(blank=True, max_length=80)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('before', models.JSONField(blank=True, default=dict)),
                        ('undone_at', models.DateTimeField(blank=True, null=True)),
                        ('emailed_at', models.DateTimeField(blank=True, null=True)),
                        ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='decisions', to='comments.comment')),
                        ('writer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('suspension', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='decisions', to='comments.suspension')),
                    ],
                    options={
                        'ordering': ['-created_at', '-pk'],
                        'indexes': [models.Index(fields=['-created_at', '-id'], name='decision_by_date'), models.Index(condition=models.Q(('emailed_at', None), ('kind__in', ['remove', 'ask', 'suspend']), ('undone_at', None)), fields=['created_at'], name='decision_to_email')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['approve', 'remove', 'ask', 'suspend', 'restore', 'lift', 'pick', 'unpick'])), name='decision_kind_valid')],
                    },
                ),
                migrations.CreateModel(
                    name='Appeal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.TextField(max_length=2000)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('answered_at', models.DateTimeField(blank=True, null=True)),
                        ('upheld', models.BooleanField(blank=True, null=True, verbose_name='the decision stands')),
                        ('answer', models.CharField(blank=True, max_length=300)),
                        ('is_own_decision', models.BooleanField(default=False, verbose_name='own decision')),
                        ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('decision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='appeal', to='comments.decision')),
                    ],
                    options={
                        'ordering': ['created_at', 'pk'],
                        'indexes': [models.Index(condition=models.Q(('answered_at', None)), fields=['created_at'], name='appeal_open')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('upheld', None)), models.Q(('answered_at__isnull', False), ('upheld__isnull', False)), _connector='OR'), name='appeal_answered_with_result')],
                    },
                ),
                migrations.CreateModel(
                    name='Thread',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('closes_at', models.DateTimeField(blank=True, help_text='When comments close. Leave blank to keep them open.', null=True)),
                        ('closed_message', models.CharField(blank=True, help_text='Shown with the date after comments have closed.', max_length=300)),
                        ('is_off', models.BooleanField(default=False, help_text='Hide comments and accept no new ones.', verbose_name='no comments')),
                        ('required_level', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'Registered readers'), (10, 'Subscribers'), (20, 'Supporters')], help_text='Leave blank to use the rule in the settings.', null=True, verbose_name='who may comment')),
                        ('slow_minutes', models.PositiveSmallIntegerField(blank=True, help_text='Minutes between a reader’s comments. Leave blank for no limit.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)], verbose_name='slow mode (minutes)')),
                        ('visible_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='visible comments')),
                        ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='thread', to='articles.article')),
                    ],
                    options={
                        'verbose_name': 'comment settings',
                        'verbose_name_plural': 'comment settings',
                        'indexes': [models.Index(fields=['-visible_count'], name='thread_by_visible_count'), models.Index(condition=models.Q(('closes_at__isnull', False)), fields=['closes_at'], name='thread_by_closing')],
                    },
                ),
                migrations.CreateModel(
                    name='Vote',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='comments.comment')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('comment', 'user'), name='vote_once_per_reader', violation_error_message='You have already voted for this comment.')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportedEmail',
                    fields=[
                        ('comment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='comments.comment')),
                        ('email', models.EmailField(db_index=True, max_length=254)),
                    ],
                ),
            ],
        ),
        migrations.RunPython(WORDS.create, WORDS.drop),
    ]
