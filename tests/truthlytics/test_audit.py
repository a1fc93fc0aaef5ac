"""Who did what: before and after, for every kind of row, and nobody changes it afterwards."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from subscriptions.models import Grant, Order, User
from tests.articles.desk import fields
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
)  # fmt: skip
from tests.subscriptions.journeys import on_demo
from truthlytics.audit import log
from truthlytics.audit.log import AppendOnlyError, AuditEntry


def last(row):
    return AuditEntry.objects.about(row).first()


class EntryTests(TestCase):
    def setUp(self):
        self.person = make_user()
        self.entry = log.write(by=self.person, row=make_section(), words="Looked at.")

    def test_it_is_never_written_anew_nor_forgotten(self):
        self.entry.words = "Something else"
        for deed in (
            self.entry.save, self.entry.delete, AuditEntry.objects.all().delete,
            lambda: AuditEntry.objects.update(words="x"),
            lambda: AuditEntry.objects.bulk_update([self.entry], ["words"]),
        ):  # fmt: skip
            with self.assertRaises(AppendOnlyError):
                deed()
        self.entry.refresh_from_db()
        self.assertEqual(self.entry.words, "Looked at.")

    def test_it_outlives_its_doer(self):
        name = str(self.person)
        self.person.delete()
        self.entry.refresh_from_db()
        self.assertEqual((self.entry.actor, self.entry.actor_name), (None, name))

    def test_secrets_are_not_told_and_long_texts_by_their_digest(self):
        told = log.facts(self.person)
        self.assertNotIn("password", told)
        draft = make_draft(body=f"<p>{'word ' * 400}</p>")
        before = log.facts(draft)["body"]
        draft.body = draft.body.replace("word ", "lord ", 1)
        self.assertRegex(before, r"^\d+ words, [0-9a-f]{12}$")
        self.assertNotEqual(log.facts(draft)["body"], before)

    def test_a_row_that_stays_as_it_is_leaves_no_entry(self):
        section = make_section()
        with log.watching([section], by=self.person):
            section.save()
        self.assertIsNone(last(section))


@on_demo
class NewsroomTests(TestCase):
    """Each kind of row that the newsroom works on, by the pages on which it does."""

    def setUp(self):
        self.person = make_editor()
        self.client.force_login(self.person)

    def act(self, app, model, action, row, **more):
        data = {"action": action, "_selected_action": [row.pk], **more}
        return self.client.post(reverse(f"admin:{app}_{model}_changelist"), data, follow=True)

    def test_an_article_is_added_changed_and_published(self):
        add = reverse("admin:articles_article_add")
        self.client.post(add, fields(headline="First thought"))
        article = Article.objects.get(headline="First thought")
        entry = last(article)
        self.assertEqual((entry.deed, entry.actor, entry.after["headline"]), ("added", self.person, "First thought"))
        change = reverse("admin:articles_article_change", args=[article.pk])
        self.client.post(change, fields(article, headline="Second thought"))
        entry = last(article)
        self.assertEqual((entry.before["headline"], entry.after["headline"]), ("First thought", "Second thought"))
        self.assertNotIn("kind", entry.before)
        ready = make_draft()
        publish = reverse("admin:articles_article_publish", args=[ready.pk])
        self.client.post(publish, {"when": "now", "last": 0, "edition": ready.edition})
        entry = last(ready)
        self.assertEqual((entry.before["state"], entry.after["state"]), ("draft", "published"))
        self.assertContains(self.client.get(reverse("admin:articles_article_history", args=[ready.pk])), entry.words)

    def test_typing_leaves_no_entry(self):
        draft = make_draft()
        url = reverse("admin:articles_article_autosave", args=[draft.pk])
        answer = self.client.post(url, {**fields(draft, headline="Half a"), "_tab": "a" * 12, "_sequence": 1})
        self.assertEqual(answer.status_code, 200)
        self.assertIsNone(last(draft))

    def test_a_removed_draft_is_remembered(self):
        draft = make_draft(headline="Gone")
        self.client.post(reverse("admin:articles_article_delete", args=[draft.pk]), {"post": "yes"})
        self.assertFalse(Article.objects.filter(pk=draft.pk).exists())
        entry = last(draft)
        self.assertEqual((entry.deed, entry.row_name, entry.before["headline"]), ("removed", "Gone", "Gone"))

    def test_a_picture(self):
        image = make_image()
        url = reverse("admin:articles_image_change", args=[image.pk])
        form = self.client.get(url).context["adminform"].form
        data = {name: form[name].value() or "" for name in form.fields} | {"credit": "Photograph: B. Name"}
        self.assertEqual(self.client.post(url, data).status_code, 302)
        self.assertEqual(last(image).after["credit"], "Photograph: B. Name")

    def test_a_comment_is_approved_and_removed(self):
        comment = make_comment(article=make_article(), status="waiting")
        self.act("comments", "comment", "approve", comment)
        self.assertEqual((last(comment).before["status"], last(comment).after["status"]), ("waiting", "visible"))
        self.act("comments", "comment", "remove", comment, reason="names a private person")
        self.assertEqual(last(comment).after["removed_reason"], "names a private person")

    def test_an_order_and_access(self):
        order = make_order(provider="manual")
        self.act("subscriptions", "order", "mark_as_paid", order)
        self.assertEqual((last(order).before["status"], last(order).after["status"]), ("open", "paid"))
        self.act("subscriptions", "order", "mark_as_paid", order)
        self.assertEqual(AuditEntry.objects.about(order).count(), 1)
        self.assertEqual(Order.objects.get().status, "paid")
        reader = make_user()
        now = timezone.now()
        span = {"starts_at": now, "ends_at": now + timedelta(days=1)}
        grant = Grant.objects.create(user=reader, level=10, source="comp", **span)
        self.act("subscriptions", "grant", "revoke", grant)
        self.assertIsNone(last(grant).before["revoked_at"])

    def test_a_role(self):
        person = make_user()
        self.client.force_login(make_staff(is_superuser=True))
        group = Group.objects.get(name="Editor")
        data = {"display_name": person.display_name, "is_active": "on", "is_staff": "on", "groups": [group.pk]}
        answer = self.client.post(reverse("admin:subscriptions_user_change", args=[person.pk]), data)
        self.assertEqual(answer.status_code, 302)
        entry = last(User.objects.get(pk=person.pk))
        self.assertEqual((entry.before["groups"], entry.after["groups"]), ([], ["Editor"]))
        self.assertEqual((entry.before["is_staff"], entry.after["is_staff"]), (False, True))

    def test_its_room_is_a_publishers_and_shows_without_changing(self):
        section = make_section()
        entry = log.write(by=self.person, row=section, words="Said.", before={"name": "<b>"}, after={"name": None})
        lists = reverse("admin:truthlytics_auditentry_changelist")
        page = reverse("admin:truthlytics_auditentry_change", args=[entry.pk])
        for role in ("Author", "Editor", "Moderator"):
            self.client.force_login(make_member(role))
            self.assertEqual([self.client.get(url).status_code for url in (lists, page)], [403, 403])
        self.client.force_login(make_member("Publisher"))
        self.assertContains(self.client.get(lists, {"q": "Said", "kind": "articles.section"}), "Said.")
        self.assertContains(self.client.get(page), "&lt;b&gt;")
        for person in (make_member("Publisher"), make_staff(is_superuser=True)):
            self.client.force_login(person)
            remove = reverse("admin:truthlytics_auditentry_delete", args=[entry.pk])
            self.assertEqual(self.client.post(remove, {"post": "yes"}).status_code, 403)
            self.assertEqual(self.client.post(page, {"words": "x"}).status_code, 403)

    def test_its_list_asks_no_more_with_more_entries(self):
        url = reverse("admin:truthlytics_auditentry_changelist")
        section = make_section()
        log.write(by=self.person, row=section)
        self.client.get(url)
        with self.assertNumQueries(4):
            self.client.get(url)
        for _ in range(5):
            log.write(by=make_user(), row=section)
        with self.assertNumQueries(4):
            self.client.get(url)
