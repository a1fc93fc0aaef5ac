"""The audit log: entries for every type of row, with values before and after, that cannot be changed."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from subscriptions.models import Grant, Order, User
from tests.articles.admin.editor import form_data
from tests.factories import (
    make_article,
    make_comment,
    make_draft,
    make_editor,
    make_image,
    make_member,
    make_order,
    make_section,
    make_staff,
    make_user,
)
from tests.queries import SameQueries
from tests.subscriptions.journeys import on_demo
from truthlytics.audit import log
from truthlytics.audit.log import AuditEntry
from truthlytics.web.append_only import AppendOnlyError


def newest_entry(row):
    return AuditEntry.objects.about(row).first()


class EntryTests(TestCase):
    def setUp(self):
        self.user = make_user()
        self.entry = log.log_action(by=self.user, row=make_section(), message="Looked at.")

    def test_entries_cannot_be_changed_or_deleted(self):
        self.entry.message = "Something else"
        for change in (
            self.entry.save,
            self.entry.delete,
            AuditEntry.objects.all().delete,
            lambda: AuditEntry.objects.update(message="x"),
            lambda: AuditEntry.objects.bulk_update([self.entry], ["message"]),
        ):
            with self.assertRaises(AppendOnlyError):
                change()
        self.entry.refresh_from_db()
        self.assertEqual(self.entry.message, "Looked at.")

    def test_entry_survives_deletion_of_its_actor(self):
        name = str(self.user)
        self.user.delete()
        self.entry.refresh_from_db()
        self.assertEqual((self.entry.actor, self.entry.actor_name), (None, name))

    def test_snapshot_omits_secrets_and_digests_long_texts(self):
        snapshot = log.snapshot(self.user)
        self.assertNotIn("password", snapshot)
        draft = make_draft(body=f"<p>{'word ' * 400}</p>")
        before = log.snapshot(draft)["body"]
        draft.body = draft.body.replace("word ", "lord ", 1)
        self.assertRegex(before, r"^\d+ words, [0-9a-f]{12}$")
        self.assertNotEqual(log.snapshot(draft)["body"], before)

    def test_unchanged_row_gets_no_entry(self):
        section = make_section()
        with log.log_changes([section], by=self.user):
            section.save()
        self.assertIsNone(newest_entry(section))


@on_demo
class NewsroomTests(TestCase):
    """Entries written by the newsroom pages, for each type of row."""

    def setUp(self):
        self.user = make_editor()
        self.client.force_login(self.user)

    def run_action(self, app, model, action, row, **more):
        data = {"action": action, "_selected_action": [row.pk], **more}
        return self.client.post(reverse(f"admin:{app}_{model}_changelist"), data, follow=True)

    def test_logs_adding_changing_and_publishing_an_article(self):
        add = reverse("admin:articles_article_add")
        self.client.post(add, form_data(headline="First draft"))
        article = Article.objects.get(headline="First draft")
        entry = newest_entry(article)
        self.assertEqual((entry.action, entry.actor, entry.after["headline"]), ("added", self.user, "First draft"))
        change = reverse("admin:articles_article_change", args=[article.pk])
        self.client.post(change, form_data(article, headline="Second draft"))
        entry = newest_entry(article)
        self.assertEqual((entry.before["headline"], entry.after["headline"]), ("First draft", "Second draft"))
        self.assertNotIn("kind", entry.before)
        ready = make_draft()
        publish = reverse("admin:articles_article_publish", args=[ready.pk])
        self.client.post(publish, {"when": "now", "last": 0, "ai_uses": "none", "revision": ready.revision_number})
        entry = newest_entry(ready)
        self.assertEqual((entry.before["state"], entry.after["state"]), ("draft", "published"))
        self.assertContains(self.client.get(reverse("admin:articles_article_history", args=[ready.pk])), entry.message)

    def test_autosave_is_not_logged(self):
        draft = make_draft()
        url = reverse("admin:articles_article_autosave", args=[draft.pk])
        response = self.client.post(url, {**form_data(draft, headline="Half a"), "_tab": "a" * 12, "_sequence": 1})
        self.assertEqual(response.status_code, 200)
        self.assertIsNone(newest_entry(draft))

    def test_logs_deleting_a_draft(self):
        draft = make_draft(headline="Gone")
        self.client.post(reverse("admin:articles_article_delete", args=[draft.pk]), {"post": "yes"})
        self.assertFalse(Article.objects.filter(pk=draft.pk).exists())
        entry = newest_entry(draft)
        self.assertEqual((entry.action, entry.row_name, entry.before["headline"]), ("removed", "Gone", "Gone"))

    def test_logs_changing_an_image(self):
        image = make_image()
        url = reverse("admin:articles_image_change", args=[image.pk])
        form = self.client.get(url).context["adminform"].form
        data = {name: form[name].value() or "" for name in form.fields} | {"credit": "Photograph: B. Name"}
        self.assertEqual(self.client.post(url, data).status_code, 302)
        self.assertEqual(newest_entry(image).after["credit"], "Photograph: B. Name")

    def test_logs_approving_and_removing_a_comment(self):
        comment = make_comment(article=make_article(), status="waiting")
        self.run_action("comments", "comment", "approve", comment, **{f"seen-{comment.pk}": ""})
        self.assertEqual(
            (newest_entry(comment).before["status"], newest_entry(comment).after["status"]), ("waiting", "visible")
        )
        self.run_action("comments", "comment", "remove", comment, reason="names a private person")
        self.assertEqual(newest_entry(comment).after["removed_reason"], "names a private person")

    def test_logs_paying_an_order_and_revoking_a_grant(self):
        order = make_order(provider="manual")
        self.run_action("subscriptions", "order", "mark_as_paid", order, confirmed="1")
        self.assertEqual((newest_entry(order).before["status"], newest_entry(order).after["status"]), ("open", "paid"))
        self.run_action("subscriptions", "order", "mark_as_paid", order, confirmed="1")
        self.assertEqual(AuditEntry.objects.about(order).count(), 1)
        self.assertEqual(Order.objects.get().status, "paid")
        reader = make_user()
        now = timezone.now()
        span = {"starts_at": now, "ends_at": now + timedelta(days=1)}
        grant = Grant.objects.create(user=reader, level=10, source="comp", **span)
        self.run_action("subscriptions", "grant", "revoke", grant)
        self.assertIsNone(newest_entry(grant).before["revoked_at"])

    def test_logs_changing_a_role(self):
        user = make_user()
        self.client.force_login(make_staff(is_superuser=True))
        group = Group.objects.get(name="Editor")
        data = {"display_name": user.display_name, "is_active": "on", "is_staff": "on", "groups": [group.pk]}
        response = self.client.post(reverse("admin:subscriptions_user_change", args=[user.pk]), data)
        self.assertEqual(response.status_code, 302)
        entry = newest_entry(User.objects.get(pk=user.pk))
        self.assertEqual((entry.before["groups"], entry.after["groups"]), ([], ["Editor"]))
        self.assertEqual((entry.before["is_staff"], entry.after["is_staff"]), (False, True))

    def test_admin_is_read_only_and_for_publishers(self):
        section = make_section()
        entry = log.log_action(
            by=self.user, row=section, message="Edited.", before={"name": "<b>"}, after={"name": None}
        )
        change_list = reverse("admin:truthlytics_auditentry_changelist")
        page = reverse("admin:truthlytics_auditentry_change", args=[entry.pk])
        for role in ("Author", "Editor", "Moderator"):
            self.client.force_login(make_member(role))
            self.assertEqual([self.client.get(url).status_code for url in (change_list, page)], [403, 403])
        self.client.force_login(make_member("Publisher"))
        self.assertContains(self.client.get(change_list, {"q": "Edited", "kind": "articles.section"}), "Edited.")
        self.assertContains(self.client.get(page), "&lt;b&gt;")
        for user in (make_member("Publisher"), make_staff(is_superuser=True)):
            self.client.force_login(user)
            delete = reverse("admin:truthlytics_auditentry_delete", args=[entry.pk])
            self.assertEqual(self.client.post(delete, {"post": "yes"}).status_code, 403)
            self.assertEqual(self.client.post(page, {"message": "x"}).status_code, 403)

    def test_change_list_queries_do_not_grow_with_entries(self):
        url = reverse("admin:truthlytics_auditentry_changelist")
        section = make_section()
        log.log_action(by=self.user, row=section)
        self.client.get(url)
        queries = SameQueries(self)
        with queries:
            self.client.get(url)
        for _ in range(5):
            log.log_action(by=make_user(), row=section)
        with queries:
            self.client.get(url)
