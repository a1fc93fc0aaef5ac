"""Remarks on a draft: anchoring, replies, resolving, queries and deletion."""

from unittest import mock
from uuid import uuid4

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from articles.admin.articles import remarks
from articles.models import Article, Remark
from articles.richtext.anchors import body_text
from articles.services.remarks import reply
from tests.articles.admin.remarks import BODY, RemarkTestCase
from tests.factories import make_draft, make_member


class RemarkAnchorTests(RemarkTestCase):
    def threads(self, article=None):
        return self.client.get(self.url(article=article)).context["threads"]

    def test_remark_stores_quote_and_context(self):
        remark = self.add_remark("crane drivers")
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.body, BODY)
        self.assertEqual((remark.prefix[-5:], remark.suffix, remark.position), ("\nThe ", " see it first.", 30))

    def test_anchor_follows_the_passage_through_edits(self):
        remark = self.add_remark("crane drivers")
        for body in (
            "<p>New first.</p><p>The ferry leaves at ten.</p><p>The crane drivers see it first.</p>",
            "<p>New first.</p><p>Our crane drivers saw it.</p>",
            "<h2>Head</h2><p>At last our crane drivers saw it. And <em>others</em> too.</p>",
        ):
            self.save(body)
            [thread] = self.threads()
            self.assertFalse(thread.orphaned)
            self.assertEqual(body_text(body)[slice(*thread.span)], "crane drivers")
        remark.refresh_from_db()
        self.assertEqual((remark.quote, remark.prefix[-12:]), ("crane drivers", "At last our "))

    def test_removed_passage_orphans_the_remark_until_restored(self):
        remark = self.add_remark("crane drivers")
        self.save("<p>The ferry leaves at nine.</p>")
        self.assertTrue(self.threads()[0].orphaned)
        self.assertContains(self.client.get(self.url()), "This passage is no longer in the text.")
        remark.refresh_from_db()
        self.assertEqual(remark.position, 30)
        self.save(BODY)
        self.assertFalse(self.threads()[0].orphaned)

    def test_threads_are_in_text_order_and_resolved_ones_last(self):
        later, first, done, lost, whole = (
            self.add_remark(quote) for quote in ("see it", "ferry", "nine", "gone words", "")
        )
        done.resolve(by=self.editor)
        self.assertEqual([thread.remark for thread in self.threads()], [whole, first, later, lost, done])

    def test_open_remarks_come_first_when_there_are_too_many(self):
        unresolved = self.add_remark("ferry")
        for _ in range(3):
            self.add_remark("nine").resolve(by=self.editor)
        with mock.patch.object(remarks, "MAX_THREADS", 2):
            threads = self.threads()
        self.assertEqual([thread.remark.resolved_at is None for thread in threads], [True, False])
        self.assertEqual(threads[0].remark, unresolved)

    def test_article_without_text_shows_remarks(self):
        article = make_draft(body="")
        self.add_remark("Words", article=article)
        self.assertTrue(self.threads(article)[0].orphaned)


class RemarksPageTests(RemarkTestCase):
    """The remarks page without script."""

    def test_adds_a_remark_on_a_quote(self):
        response = self.client.post(self.url(), {"quote": "crane drivers", "text": "Who are they?"})
        remark = Remark.objects.get()
        self.assertRedirects(response, f"{self.url()}#remark-{remark.pk}", fetch_redirect_response=False)
        self.assertEqual((remark.position, remark.author, remark.author_name), (30, self.editor, "Mara Oduya"))
        self.assertContains(self.client.get(self.url()), "Who are they?")

    def test_reply_resolve_and_reopen(self):
        remark = self.add_remark("ferry")
        replies = {f"reply-{remark.pk}": "Yes.", f"reply-{remark.pk + 1}": "Not this box."}
        self.client.post(self.url("remark_replies", remark.pk), replies | {"key": uuid4()})
        self.assertEqual([reply.text for reply in remark.replies.all()], ["Yes."])
        self.client.post(self.url("remark_resolution", remark.pk), {"resolved": "yes"})
        remark.refresh_from_db()
        self.assertEqual(remark.resolved_by, self.editor)
        first = remark.resolved_at
        self.client.force_login(self.tom)
        self.client.post(self.url("remark_resolution", remark.pk), {"resolved": "yes"})
        remark.refresh_from_db()
        self.assertEqual((remark.resolved_at, remark.resolved_by), (first, self.editor))
        self.assertContains(self.client.get(self.url()), "Resolved by Mara Oduya")
        self.client.post(self.url("remark_resolution", remark.pk), {"resolved": "no"})
        remark.refresh_from_db()
        self.assertIsNone(remark.resolved_at)

    def test_errors_keep_the_input(self):
        remark = self.add_remark("ferry")
        page = self.client.post(self.url(), {"quote": "w" * 1001, "text": "My words."})
        self.assertContains(page, "Quote at most 1000 characters", status_code=422)
        self.assertContains(page, "My words.", status_code=422)
        page = self.client.post(self.url("remark_replies", remark.pk), {f"reply-{remark.pk}": "w" * 4001})
        self.assertContains(page, "at most 4000 characters", status_code=422)
        self.assertContains(page, "w" * 4001, status_code=422)
        self.assertEqual(Remark.objects.count(), 1)

    def test_script_gets_the_updated_list(self):
        accept = {"Accept": "application/json"}
        response = self.client.post(self.url(), {"quote": "ferry", "text": "Sure?"}, headers=accept)
        self.assertEqual(response.json()["open"], 1)
        self.assertIn("Sure?", response.json()["html"])
        response = self.client.post(self.url(), {"quote": "ferry", "text": ""}, headers=accept)
        self.assertEqual((response.status_code, response.json()["said"][:15]), (422, "Write something"))

    def test_double_click_adds_one_remark_or_reply(self):
        key = uuid4()
        for _ in range(2):
            self.client.post(self.url(), {"text": "Once.", "key": key})
        parent = Remark.objects.get()
        other = self.add_remark("ferry")
        for remark in (parent, parent, other):
            self.client.post(self.url("remark_replies", remark.pk), {f"reply-{remark.pk}": "Yes.", "key": key})
        self.assertEqual([remark.replies.count() for remark in (parent, other)], [1, 1])

    def test_malformed_input_is_handled(self):
        for data in (
            {"text": "a\x00b\ud800c", "quote": "\x00", "before": "\x00" * 99, "position": "9" * 400},
            {"text": "Fine.", "key": "x", "position": "-1"},
            {"text": "e" + "\u0301" * 600},
            {},
        ):
            encoded = {
                name: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name, value in data.items()
            }
            self.assertIn(self.client.post(self.url(), encoded).status_code, {302, 422})
        for pk in (0, 2**63, 10**30):
            for name in ("remark_replies", "remark_resolution"):
                self.assertEqual(self.client.post(self.url(name, pk), {f"reply-{pk}": "x"}).status_code, 404)

    def test_replies_and_remarks_of_other_articles_are_not_found(self):
        remark = self.add_remark("ferry")
        answer = reply(parent=remark, by=self.editor, text="Yes.", key=uuid4())
        other = self.add_remark("ferry", article=make_draft(body=BODY))
        for wrong in (answer, other):
            for name in ("remark_replies", "remark_resolution"):
                status = self.client.post(
                    self.url(name, wrong.pk), {f"reply-{wrong.pk}": "x", "resolved": "yes"}
                ).status_code
                self.assertEqual(status, 404)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Remark.objects.filter(pk=answer.pk).update(quote="a place of its own")

    def test_queries_do_not_grow_with_remarks(self):
        def add_threads(count):
            for number in range(count):
                remark = self.add_remark("ferry", by=make_member("Editor", display_name=f"Member {number}"))
                for _ in range(2):
                    reply(parent=remark, by=self.tom, text="Yes.", key=uuid4())
            self.add_remark("nine").resolve(by=self.tom)

        for name in ("remarks", "change"):
            add_threads(1)
            self.client.get(self.url(name))
            with CaptureQueriesContext(connection) as few:
                self.client.get(self.url(name))
            add_threads(10)
            with CaptureQueriesContext(connection) as more:
                self.client.get(self.url(name))
            self.assertEqual(len(more), len(few))
            self.assertLess(len(more), 26)

    def test_remark_survives_deletion_of_its_users(self):
        user = make_member("Editor", display_name="Former Editor")
        remark = self.add_remark("ferry", by=user)
        remark.resolve(by=user)
        user.delete()
        remark.refresh_from_db()
        self.assertEqual((remark.author, remark.author_name, remark.resolved_by), (None, "Former Editor", None))
        self.assertContains(self.client.get(self.url()), "Former Editor")
        self.assertContains(self.client.get(self.url("change")), "Former Editor")

    def test_deleting_the_draft_deletes_its_remarks(self):
        reply(parent=self.add_remark("ferry"), by=self.tom, text="Yes.", key=uuid4())
        self.client.post(self.url("delete"), {"post": "yes"})
        self.assertFalse(Article.objects.filter(pk=self.draft.pk).exists())
        self.assertFalse(Remark.objects.exists())
