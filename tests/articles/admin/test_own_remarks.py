"""Changing and deleting one's own remarks, and notifications about remarks by share link."""

from threading import Barrier, Thread
from uuid import uuid4

from django.core import mail
from django.db import connection
from django.urls import reverse

from articles.models import Article, Remark
from articles.richtext.anchors import Anchor
from articles.services.publishing import publish
from articles.services.remarks import AnsweredError, add_remark, delete_remark, edit_remark, reply
from articles.services.sharing import add_external_remark, share
from tests.articles.admin.remarks import BODY, RemarkTestCase
from tests.factories import make_author, make_draft, make_editor, make_member
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry

JSON = {"Accept": "application/json"}


class OwnRemarkTests(RemarkTestCase):
    def edit(self, remark, text, client=None, **headers):
        data = {f"change-{remark.pk}": text}
        return (client or self.client).post(self.url("remark_text", remark.pk), data, headers=headers)

    def delete(self, remark, **headers):
        return self.client.post(self.url("remark_removal", remark.pk), headers=headers)

    def text(self, remark):
        return Remark.objects.get(pk=remark.pk).text

    def test_change_is_logged_with_both_texts(self):
        long = "A long remark. " * 40
        remark = self.add_remark("ferry", long.strip())
        self.assertContains(self.client.get(self.url()), f'name="change-{remark.pk}"')
        self.assertRedirects(self.edit(remark, "Is nine right?"), f"{self.url()}#remark-{remark.pk}")
        self.assertEqual(self.text(remark), "Is nine right?")
        self.assertContains(self.client.get(self.url()), "</time>, edited")
        [entry] = AuditEntry.objects.about(remark)
        self.assertEqual((entry.actor, entry.action, entry.message), (self.editor, "changed", "Remark changed."))
        self.assertEqual((entry.before["text"], entry.after["text"]), (long.strip(), "Is nine right?"))

    def test_deletion_is_logged_with_the_text(self):
        remark = self.add_remark("ferry")
        self.assertEqual(self.delete(remark).status_code, 302)
        self.assertFalse(Remark.objects.exists())
        [entry] = AuditEntry.objects.filter(model="articles.remark")
        self.assertEqual(
            (entry.action, entry.before["text"], entry.before["quote"]), ("removed", "Is this sure?", "ferry")
        )
        self.assertEqual(self.delete(remark).status_code, 404)

    def test_same_text_changes_nothing(self):
        remark = self.add_remark("ferry")
        self.edit(remark, "Is this sure?")
        self.assertIsNone(Remark.objects.get().edited_at)
        self.assertFalse(AuditEntry.objects.filter(model="articles.remark").exists())

    def test_answered_or_resolved_remark_cannot_be_changed(self):
        answered, resolved = self.add_remark("ferry"), self.add_remark("nine")
        own = reply(parent=answered, by=self.editor, text="I mean nine.", key=uuid4())
        last = reply(parent=answered, by=self.tom, text="Yes.", key=uuid4())
        resolved.resolve(by=self.tom)
        page = self.client.get(self.url())
        for remark in (answered, own, resolved):
            self.assertNotContains(page, f'name="change-{remark.pk}"')
            for response in (self.edit(remark, "No.", **JSON), self.delete(remark, **JSON)):
                self.assertEqual(response.status_code, 409)
                self.assertIn("answered or resolved in the meantime", response.json()["said"])
            self.assertRedirects(self.edit(remark, "No."), self.url())
            self.assertNotEqual(self.text(remark), "No.")
        self.client.force_login(self.tom)
        self.edit(last, "Quite.")
        self.assertEqual(self.text(last), "Quite.")

    def test_remarks_of_others_are_not_found(self):
        theirs = self.add_remark("ferry", by=self.tom)
        link = share(article=self.draft, by=self.editor, days=1)
        guest = add_external_remark(link=link, name="Ann", text="Sure?", anchor=Anchor(""), key=uuid4())
        elsewhere = self.add_remark("", article=make_draft(body=BODY))
        for remark in (theirs, guest, elsewhere):
            self.assertEqual(self.edit(remark, "Mine.").status_code, 404)
            self.assertEqual(self.delete(remark).status_code, 404)
        for pk in (0, 2**63, 10**30):
            for name in ("remark_text", "remark_removal"):
                self.assertEqual(self.client.post(self.url(name, pk)).status_code, 404)
        self.assertEqual(Remark.objects.filter(text="Mine.").count(), 0)

    def test_invalid_text_is_refused_and_kept(self):
        remark = self.add_remark("ferry")
        self.assertContains(self.edit(remark, " \x01 "), "Write something first", status_code=422)
        page = self.edit(remark, "w" * 4001)
        self.assertContains(page, "at most 4000 characters", status_code=422)
        self.assertContains(page, "w" * 4001, status_code=422)
        self.assertEqual(self.edit(remark, "", **JSON).status_code, 422)
        self.assertEqual(self.text(remark), "Is this sure?")

    def test_script_gets_the_updated_list(self):
        remark = self.add_remark("ferry")
        self.assertIn("Is it nine?", self.edit(remark, "Is it nine?", **JSON).json()["html"])
        self.assertEqual(self.delete(remark, **JSON).json()["open"], 0)

    def test_only_newly_mentioned_users_are_notified(self):
        ann = make_member("Editor", display_name="Ann Roe", email="ann@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            remark = self.add_remark("ferry", "Sure, @Tom Lee?")
            self.edit(remark, "Sure, @Tom Lee and @Ann Roe?")
        self.assertEqual([message.to for message in mail.outbox], [["tom@example.org"], ["ann@example.org"]])
        self.assertEqual(set(remark.mentions.all()), {self.tom, ann})


class GuestRemarkTests(RemarkTestCase):
    def add_guest_remark(self, article=None, by=None, key=None):
        link = share(article=article or self.draft, by=by or self.editor, days=1)
        with self.captureOnCommitCallbacks(execute=True):
            for _ in range(2):
                key = key or uuid4()
                data = {"name": "A <Guest>", "text": "Not so.", "anchor": Anchor("crane drivers"), "key": key}
                remark = add_external_remark(link=link, **data)
        return remark, sorted(message.to[0] for message in mail.outbox)

    def test_writers_and_assignee_are_notified_once(self):
        writer = make_member("Author", email="writer@example.org")
        article = make_draft(body=BODY, headline="The queue", authors=[make_author(user=writer)])
        Article.objects.filter(pk=article.pk).update(assignee=self.tom)
        article.refresh_from_db()
        remark, recipients = self.add_guest_remark(article)
        self.assertEqual(recipients, ["tom@example.org", "writer@example.org"])
        message = mail.outbox[0]
        self.assertEqual(message.subject, "A <Guest> left a remark: “The queue”")
        for text in ("Not so.", "crane drivers", f"{self.url('change', article=article)}#remark-{remark.pk}"):
            self.assertIn(text, message.body)
        self.assertIn("A &lt;Guest&gt;, who has a link", message.alternatives[0].content)

    def test_without_writers_the_creator_of_the_link_is_notified(self):
        self.assertEqual(self.add_guest_remark(by=self.tom)[1], ["tom@example.org"])

    def test_deleted_creator_is_not_notified(self):
        creator = make_editor()
        link = share(article=self.draft, by=creator, days=1)
        creator.delete()
        link.refresh_from_db()
        with self.captureOnCommitCallbacks(execute=True):
            add_external_remark(link=link, name="Ann", text="Sure?", anchor=Anchor(""), key=uuid4())
        self.assertEqual((len(mail.outbox), Remark.objects.count()), (0, 1))

    def test_writers_without_access_are_not_notified(self):
        writer = make_member("Author", email="writer@example.org")
        article = make_draft(body=BODY, authors=[make_author(user=writer)])
        publish(item=article)
        self.assertEqual(self.add_guest_remark(article)[1], ["mara@example.org"])


class OwnRemarkRaceTests(TransactionTestCase):
    def test_concurrent_reply_and_change_are_consistent(self):
        users = [make_editor(), make_editor()]
        for service in (edit_remark, delete_remark):
            draft = make_draft(body=BODY)
            remark = add_remark(article=draft, by=users[0], text="Sure?", anchor=Anchor(""), key=uuid4())
            barrier, outcomes = Barrier(2), []

            def own(service=service, remark=remark, barrier=barrier, outcomes=outcomes):
                try:
                    barrier.wait()
                    service(remark=remark, by=users[0], **({"text": "Quite?"} if service is edit_remark else {}))
                    outcomes.append("own")
                except AnsweredError:
                    outcomes.append("answered")
                finally:
                    connection.close()

            def answer(remark=remark, barrier=barrier, outcomes=outcomes):
                try:
                    barrier.wait()
                    reply(parent=remark, by=users[1], text="Yes.", key=uuid4())
                    outcomes.append("reply")
                except Remark.DoesNotExist:
                    outcomes.append("gone")
                finally:
                    connection.close()

            threads = [Thread(target=own), Thread(target=answer)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            allowed = (
                {("answered", "reply"), ("own", "reply")}
                if service is edit_remark
                else {("answered", "reply"), ("gone", "own")}
            )
            self.assertIn(tuple(sorted(outcomes)), allowed)
            texts = list(Remark.objects.filter(article=draft).order_by("pk").values_list("text", flat=True))
            self.assertEqual(bool(texts), "gone" not in outcomes)
            url = reverse("admin:articles_article_remarks", args=[draft.pk])
            self.client.force_login(users[1])
            self.assertEqual(self.client.get(url).status_code, 200)
