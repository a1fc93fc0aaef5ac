import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('articles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(editable=False, max_length=40)),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('text', models.TextField()),
                ('html', models.TextField(editable=False)),
                ('status', models.CharField(choices=[('visible', 'Visible'), ('waiting', 'Pending review'), ('removed', 'Removed')], default='waiting', max_length=8)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                ('edited_at', models.DateTimeField(blank=True, null=True, verbose_name='edited')),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('removed_reason', models.CharField(blank=True, max_length=300)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='articles.article')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replies', to='comments.comment')),
                ('removed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'permissions': [('moderate_comment', 'Can approve and remove comments')],
                'indexes': [models.Index(fields=['article', 'path'], name='comment_in_thread'), models.Index(fields=['status', '-created_at'], name='comment_by_status')],
                'constraints': [models.UniqueConstraint(fields=('article', 'author', 'key'), name='comment_once_per_form', violation_error_message='This comment has already been posted.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'removed'), _negated=True), models.Q(('removed_at__isnull', False), models.Q(('removed_reason', ''), _negated=True)), _connector='OR'), name='removed_comment_has_reason', violation_error_message='Give a reason for the removal.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'visible'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='visible_comment_has_approval_time', violation_error_message='A visible comment needs an approval time.')],
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
            name='Thread',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('closes_at', models.DateTimeField(blank=True, help_text='When comments close. Leave blank to keep them open.', null=True)),
                ('closed_message', models.CharField(blank=True, help_text='Shown with the date after comments have closed.', max_length=300)),
                ('visible_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='visible comments')),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='thread', to='articles.article')),
            ],
            options={
                'verbose_name': 'comment settings',
                'verbose_name_plural': 'comment settings',
                'indexes': [models.Index(fields=['-visible_count'], name='thread_by_visible_count')],
            },
        ),
    ]
