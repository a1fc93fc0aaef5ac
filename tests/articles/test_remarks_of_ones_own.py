"""One's own remark is changed or taken back while nobody has answered; what comes from outside is told in a letter."""

from threading import Barrier, Thread
from uuid import uuid4

from django.core import mail
from django.db import connection
from django.test import TransactionTestCase
from django.urls import reverse

from articles.models import Article, Remark
from articles.richtext.anchors import Anchor
from articles.services.publishing import publish
from articles.services.remarks import Answered, change, leave, reply, take_back
from articles.services.sharing import remark_from_outside, share
from tests.articles.remarking import BODY, RemarkTestCase
from tests.factories import make_author, make_draft, make_editor, make_member
from truthlytics.audit.log import AuditEntry

JSON = {"Accept": "application/json"}


class OwnWordsTests(RemarkTestCase):
    def say(self, remark, text, client=None, **headers):
        data = {f"change-{remark.pk}": text}
        return (client or self.client).post(self.url("remark_words", remark.pk), data, headers=headers)

    def take_back(self, remark, **headers):
        return self.client.post(self.url("remark_removal", remark.pk), headers=headers)

    def text(self, remark):
        return Remark.objects.get(pk=remark.pk).text

    def test_it_is_changed_and_both_texts_are_written_down(self):
        long = "A long remark. " * 40
        remark = self.on("ferry", long.strip())
        self.assertContains(self.client.get(self.url()), f'name="change-{remark.pk}"')
        self.assertRedirects(self.say(remark, "Is nine right?"), f"{self.url()}#remark-{remark.pk}")
        self.assertEqual(self.text(remark), "Is nine right?")
        self.assertContains(self.client.get(self.url()), "</time>, edited")
        [entry] = AuditEntry.objects.about(remark)
        self.assertEqual((entry.actor, entry.action, entry.message), (self.editor, "changed", "Remark changed."))
        self.assertEqual((entry.before["text"], entry.after["text"]), (long.strip(), "Is nine right?"))

    def test_it_is_taken_back_and_what_it_said_is_written_down(self):
        remark = self.on("ferry")
        self.assertEqual(self.take_back(remark).status_code, 302)
        self.assertFalse(Remark.objects.exists())
        [entry] = AuditEntry.objects.filter(model="articles.remark")
        self.assertEqual(
            (entry.action, entry.before["text"], entry.before["quote"]), ("removed", "Is this sure?", "ferry")
        )
        self.assertEqual(self.take_back(remark).status_code, 404)

    def test_the_same_words_again_change_nothing(self):
        remark = self.on("ferry")
        self.say(remark, "Is this sure?")
        self.assertIsNone(Remark.objects.get().changed_at)
        self.assertFalse(AuditEntry.objects.filter(model="articles.remark").exists())

    def test_once_answered_or_resolved_it_stays(self):
        answered, resolved = self.on("ferry"), self.on("nine")
        mine = reply(opening=answered, by=self.editor, text="I mean nine.", key=uuid4())
        last = reply(opening=answered, by=self.tom, text="Yes.", key=uuid4())
        resolved.resolve(by=self.tom)
        page = self.client.get(self.url())
        for remark in (answered, mine, resolved):
            self.assertNotContains(page, f'name="change-{remark.pk}"')
            for answer in (self.say(remark, "No.", **JSON), self.take_back(remark, **JSON)):
                self.assertEqual(answer.status_code, 409)
                self.assertIn("stays as it is", answer.json()["said"])
            self.assertRedirects(self.say(remark, "No."), self.url())
            self.assertNotEqual(self.text(remark), "No.")
        self.client.force_login(self.tom)
        self.say(last, "Quite.")
        self.assertEqual(self.text(last), "Quite.")

    def test_nobody_touches_the_words_of_others(self):
        theirs = self.on("ferry", by=self.tom)
        link = share(article=self.draft, by=self.editor, days=1)
        outside = remark_from_outside(link=link, name="Ann", text="Sure?", anchor=Anchor(""), key=uuid4())
        elsewhere = self.on("", article=make_draft(body=BODY))
        for remark in (theirs, outside, elsewhere):
            self.assertEqual(self.say(remark, "Mine.").status_code, 404)
            self.assertEqual(self.take_back(remark).status_code, 404)
        for pk in (0, 2**63, 10**30):
            for name in ("remark_words", "remark_removal"):
                self.assertEqual(self.client.post(self.url(name, pk)).status_code, 404)
        self.assertEqual(Remark.objects.filter(text="Mine.").count(), 0)

    def test_nothing_and_too_much_get_a_sentence_and_keep_what_was_typed(self):
        remark = self.on("ferry")
        self.assertContains(self.say(remark, " \x01 "), "Write something first", status_code=422)
        page = self.say(remark, "w" * 4001)
        self.assertContains(page, "4000 characters at most", status_code=422)
        self.assertContains(page, "w" * 4001, status_code=422)
        self.assertEqual(self.say(remark, "", **JSON).status_code, 422)
        self.assertEqual(self.text(remark), "Is this sure?")

    def test_a_script_gets_the_list_anew(self):
        remark = self.on("ferry")
        self.assertIn("Is it nine?", self.say(remark, "Is it nine?", **JSON).json()["html"])
        self.assertEqual(self.take_back(remark, **JSON).json()["open"], 0)

    def test_who_is_called_anew_gets_a_letter_and_nobody_gets_two(self):
        ann = make_member("Editor", display_name="Ann Roe", email="ann@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            remark = self.on("ferry", "Sure, @Tom Lee?")
            self.say(remark, "Sure, @Tom Lee and @Ann Roe?")
        self.assertEqual([letter.to for letter in mail.outbox], [["tom@example.org"], ["ann@example.org"]])
        self.assertEqual(set(remark.mentions.all()), {self.tom, ann})


class OutsideTests(RemarkTestCase):
    def hear(self, article=None, by=None, key=None):
        link = share(article=article or self.draft, by=by or self.editor, days=1)
        with self.captureOnCommitCallbacks(execute=True):
            for _ in range(2):
                key = key or uuid4()
                said = {"name": "A <Stranger>", "text": "Not so.", "anchor": Anchor("crane drivers"), "key": key}
                remark = remark_from_outside(link=link, **said)
        return remark, sorted(letter.to[0] for letter in mail.outbox)

    def test_those_whose_work_it_is_get_a_letter_once(self):
        writer = make_member("Author", email="writer@example.org")
        article = make_draft(body=BODY, headline="The queue", authors=[make_author(user=writer)])
        Article.objects.filter(pk=article.pk).update(assignee=self.tom)
        article.refresh_from_db()
        remark, told = self.hear(article)
        self.assertEqual(told, ["tom@example.org", "writer@example.org"])
        letter = mail.outbox[0]
        self.assertEqual(letter.subject, "A <Stranger> from outside: “The queue”")
        for words in ("Not so.", "crane drivers", f"{self.url('change', article=article)}#remark-{remark.pk}"):
            self.assertIn(words, letter.body)
        self.assertIn("A &lt;Stranger&gt;, who has a link", letter.alternatives[0].content)

    def test_where_it_is_nobodys_work_who_made_the_link_is_told(self):
        self.assertEqual(self.hear(by=self.tom)[1], ["tom@example.org"])

    def test_where_the_maker_of_the_link_has_left_nobody_is_told(self):
        made_by = make_editor()
        link = share(article=self.draft, by=made_by, days=1)
        made_by.delete()
        link.refresh_from_db()
        with self.captureOnCommitCallbacks(execute=True):
            remark_from_outside(link=link, name="Ann", text="Sure?", anchor=Anchor(""), key=uuid4())
        self.assertEqual((len(mail.outbox), Remark.objects.count()), (0, 1))

    def test_who_may_not_open_it_any_more_is_not_told(self):
        writer = make_member("Author", email="writer@example.org")
        article = make_draft(body=BODY, authors=[make_author(user=writer)])
        publish(article=article)
        self.assertEqual(self.hear(article)[1], ["mara@example.org"])


class RaceTests(TransactionTestCase):
    def test_of_an_answer_and_a_change_at_once_none_is_lost_and_no_answer_hangs_on_nothing(self):
        people = [make_editor(), make_editor()]
        for deed in (change, take_back):
            draft = make_draft(body=BODY)
            remark = leave(article=draft, by=people[0], text="Sure?", anchor=Anchor(""), key=uuid4())
            barrier, came = Barrier(2), []

            def own(deed=deed, remark=remark, barrier=barrier, came=came):
                try:
                    barrier.wait()
                    deed(remark=remark, by=people[0], **({"text": "Quite?"} if deed is change else {}))
                    came.append("own")
                except Answered:
                    came.append("answered")
                finally:
                    connection.close()

            def answer(remark=remark, barrier=barrier, came=came):
                try:
                    barrier.wait()
                    reply(opening=remark, by=people[1], text="Yes.", key=uuid4())
                    came.append("reply")
                except Remark.DoesNotExist:
                    came.append("gone")
                finally:
                    connection.close()

            threads = [Thread(target=own), Thread(target=answer)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            allowed = {("answered", "reply"), ("own", "reply")} if deed is change else {
                ("answered", "reply"), ("gone", "own")
            }  # fmt: skip
            self.assertIn(tuple(sorted(came)), allowed)
            texts = list(Remark.objects.filter(article=draft).order_by("pk").values_list("text", flat=True))
            self.assertEqual(bool(texts), "gone" not in came)
            url = reverse("admin:articles_article_remarks", args=[draft.pk])
            self.client.force_login(people[1])
            self.assertEqual(self.client.get(url).status_code, 200)
