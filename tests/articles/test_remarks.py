"""Remarks on a draft: left, answered, resolved, at their place; what it costs, what outlives whom."""

from unittest import mock
from uuid import uuid4

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from articles.admin.articles import remarks
from articles.models import Article, Remark
from articles.richtext.anchors import body_text
from articles.services.remarks import reply
from tests.articles.remarking import BODY, RemarkTestCase
from tests.factories import make_draft, make_member


class PlaceTests(RemarkTestCase):
    def shown(self, article=None):
        return self.client.get(self.url(article=article)).context["threads"]

    def test_a_remark_knows_its_words_and_neighbours_and_the_text_nothing_of_it(self):
        remark = self.on("crane drivers")
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.body, BODY)
        self.assertEqual((remark.prefix[-5:], remark.suffix, remark.position), ("\nThe ", " see it first.", 30))

    def test_it_follows_its_words_through_many_saves_that_change_all_around_it(self):
        remark = self.on("crane drivers")
        for body in (
            "<p>New first.</p><p>The ferry leaves at ten.</p><p>The crane drivers see it first.</p>",
            "<p>New first.</p><p>Our crane drivers saw it.</p>",
            "<h2>Head</h2><p>At last our crane drivers saw it. And <em>others</em> too.</p>",
        ):
            self.save(body)
            [thread] = self.shown()
            self.assertFalse(thread.orphaned)
            self.assertEqual(body_text(body)[slice(*thread.span)], "crane drivers")
        remark.refresh_from_db()
        self.assertEqual((remark.quote, remark.prefix[-12:]), ("crane drivers", "At last our "))

    def test_words_that_are_gone_leave_an_orphan_which_finds_them_when_they_are_back(self):
        remark = self.on("crane drivers")
        self.save("<p>The ferry leaves at nine.</p>")
        self.assertTrue(self.shown()[0].orphaned)
        self.assertContains(self.client.get(self.url()), "This passage is no longer in the text.")
        remark.refresh_from_db()
        self.assertEqual(remark.position, 30)
        self.save(BODY)
        self.assertFalse(self.shown()[0].orphaned)

    def test_they_stand_in_the_order_of_the_text_and_the_resolved_ones_last(self):
        later, first, done, lost, whole = (self.on(quote) for quote in ("see it", "ferry", "nine", "gone words", ""))
        done.resolve(by=self.editor)
        self.assertEqual([thread.remark for thread in self.shown()], [whole, first, later, lost, done])

    def test_of_too_many_the_open_ones_are_shown(self):
        still = self.on("ferry")
        for _ in range(3):
            self.on("nine").resolve(by=self.editor)
        with mock.patch.object(remarks, "MOST", 2):
            threads = self.shown()
        self.assertEqual([thread.remark.resolved_at is None for thread in threads], [True, False])
        self.assertEqual(threads[0].remark, still)

    def test_an_article_without_a_text_shows_them_too(self):
        article = make_draft(body="")
        self.on("Words", article=article)
        self.assertTrue(self.shown(article)[0].orphaned)


class PageTests(RemarkTestCase):
    """Without script: a list, a form, and buttons that lead back to it."""

    def test_a_remark_is_left_on_words_that_were_copied(self):
        response = self.client.post(self.url(), {"quote": "crane drivers", "text": "Who are they?"})
        remark = Remark.objects.get()
        self.assertRedirects(response, f"{self.url()}#remark-{remark.pk}", fetch_redirect_response=False)
        self.assertEqual((remark.position, remark.author, remark.author_name), (30, self.editor, "Mara Oduya"))
        self.assertContains(self.client.get(self.url()), "Who are they?")

    def test_reply_resolve_and_open_again(self):
        remark = self.on("ferry")
        answers = {f"reply-{remark.pk}": "Yes.", f"reply-{remark.pk + 1}": "Not this box."}
        self.client.post(self.url("remark_replies", remark.pk), answers | {"key": uuid4()})
        self.assertEqual([one.text for one in remark.replies.all()], ["Yes."])
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

    def test_what_was_typed_comes_back_with_the_sentence(self):
        remark = self.on("ferry")
        page = self.client.post(self.url(), {"quote": "w" * 1001, "text": "My words."})
        self.assertContains(page, "Quote at most 1000 characters", status_code=422)
        self.assertContains(page, "My words.", status_code=422)
        page = self.client.post(self.url("remark_replies", remark.pk), {f"reply-{remark.pk}": "w" * 4001})
        self.assertContains(page, "4000 characters at most", status_code=422)
        self.assertContains(page, "w" * 4001, status_code=422)
        self.assertEqual(Remark.objects.count(), 1)

    def test_a_script_is_answered_with_the_list_anew(self):
        accept = {"Accept": "application/json"}
        answer = self.client.post(self.url(), {"quote": "ferry", "text": "Sure?"}, headers=accept)
        self.assertEqual(answer.json()["open"], 1)
        self.assertIn("Sure?", answer.json()["html"])
        answer = self.client.post(self.url(), {"quote": "ferry", "text": ""}, headers=accept)
        self.assertEqual((answer.status_code, answer.json()["said"][:15]), (422, "Write something"))

    def test_a_double_click_leaves_one_and_boxes_of_one_page_are_told_apart(self):
        key = uuid4()
        for _ in range(2):
            self.client.post(self.url(), {"text": "Once.", "key": key})
        opening = Remark.objects.get()
        other = self.on("ferry")
        for remark in (opening, opening, other):
            self.client.post(self.url("remark_replies", remark.pk), {f"reply-{remark.pk}": "Yes.", "key": key})
        self.assertEqual([one.replies.count() for one in (opening, other)], [1, 1])

    def test_odd_input_is_never_an_error_of_ours(self):
        for data in (
            {"text": "a\x00b\ud800c", "quote": "\x00", "before": "\x00" * 99, "position": "9" * 400},
            {"text": "Fine.", "key": "x", "position": "-1"}, {"text": "e" + "\u0301" * 600}, {},
        ):  # fmt: skip
            encoded = {
                name: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name, value in data.items()
            }
            self.assertIn(self.client.post(self.url(), encoded).status_code, {302, 422})
        for pk in (0, 2**63, 10**30):
            for name in ("remark_replies", "remark_resolution"):
                self.assertEqual(self.client.post(self.url(name, pk), {f"reply-{pk}": "x"}).status_code, 404)

    def test_a_reply_is_no_thread_and_a_remark_of_another_article_not_found(self):
        remark = self.on("ferry")
        answer = reply(opening=remark, by=self.editor, text="Yes.", key=uuid4())
        other = self.on("ferry", article=make_draft(body=BODY))
        for one in (answer, other):
            for name in ("remark_replies", "remark_resolution"):
                status = self.client.post(
                    self.url(name, one.pk), {f"reply-{one.pk}": "x", "resolved": "yes"}
                ).status_code
                self.assertEqual(status, 404)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Remark.objects.filter(pk=answer.pk).update(quote="a place of its own")

    def test_the_desk_and_the_page_ask_no_more_for_many_than_for_few(self):
        def many(count):
            for number in range(count):
                remark = self.on("ferry", by=make_member("Editor", display_name=f"Member {number}"))
                for _ in range(2):
                    reply(opening=remark, by=self.tom, text="Yes.", key=uuid4())
            self.on("nine").resolve(by=self.tom)

        for name in ("remarks", "change"):
            many(1)
            self.client.get(self.url(name))
            with CaptureQueriesContext(connection) as few:
                self.client.get(self.url(name))
            many(10)
            with CaptureQueriesContext(connection) as more:
                self.client.get(self.url(name))
            self.assertEqual(len(more), len(few))
            self.assertLess(len(more), 26)

    def test_a_remark_outlives_who_wrote_and_who_resolved_it(self):
        gone = make_member("Editor", display_name="Gone Soon")
        remark = self.on("ferry", by=gone)
        remark.resolve(by=gone)
        gone.delete()
        remark.refresh_from_db()
        self.assertEqual((remark.author, remark.author_name, remark.resolved_by), (None, "Gone Soon", None))
        self.assertContains(self.client.get(self.url()), "Gone Soon")
        self.assertContains(self.client.get(self.url("change")), "Gone Soon")

    def test_a_draft_that_is_deleted_takes_them_along(self):
        reply(opening=self.on("ferry"), by=self.tom, text="Yes.", key=uuid4())
        self.client.post(self.url("delete"), {"post": "yes"})
        self.assertFalse(Article.objects.filter(pk=self.draft.pk).exists())
        self.assertFalse(Remark.objects.exists())
