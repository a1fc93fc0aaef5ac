"""Approving, removing and reporting comments, on the site and in the admin."""

import re
import threading
from datetime import timedelta
from threading import Barrier

import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Report, Thread, open_reports
from comments.models.decisions import UNDO_WINDOW
from comments.services import approve, edit_comment, email_writers, remove
from tests.factories import (
    make_article,
    make_comment,
    make_commenter,
    make_comments,
    make_editor,
    make_staff,
    make_user,
)
from tests.transactions import TransactionTestCase

LIST = "/admin/comments/comment/"
DETAILS = "He <said> so."
PERMISSIONS = ("comments.view_comment", "comments.moderate_comment", "comments.view_thread", "comments.change_thread")


def count(article):
    return Thread.objects.get(article=article).visible_count


class ServiceTests(TestCase):
    def setUp(self):
        self.article = make_article()
        self.editor = make_editor()

    def tell(self):
        with self.captureOnCommitCallbacks(execute=True):
            email_writers(timezone.now() + UNDO_WINDOW)

    def test_approving_shows_and_counts_a_comment_once(self):
        waiting = [make_comment(article=self.article, status="waiting") for _ in range(2)]
        self.assertEqual(approve(comments=waiting, by=self.editor).changed, 2)
        self.assertEqual(approve(comments=waiting, by=self.editor).changed, 0)
        self.assertEqual(count(self.article), 2)
        self.assertEqual(Comment.objects.get(pk=waiting[0].pk).approved_by, self.editor)

    def test_a_report_is_open_until_the_comment_is_approved_again(self):
        comment = make_comment(article=self.article)
        reports = Comment.objects.filter(open_reports())
        self.assertFalse(reports.exists())
        Report.objects.create(comment=comment, reporter=make_user(), reason="insult")
        self.assertEqual(reports.get(), comment)
        self.assertEqual(approve(comments=[comment], by=self.editor).changed, 1)
        self.assertEqual(approve(comments=[comment], by=self.editor).changed, 0)
        self.assertFalse(reports.exists())
        self.assertEqual(count(self.article), 1)
        Report.objects.create(comment=comment, reporter=make_user(), reason="other")
        self.assertEqual(reports.get(), comment)
        remove(comments=[comment], by=self.editor, reason="An insult.")
        self.assertFalse(reports.exists())

    def test_the_dashboard_and_the_list_show_reported_comments(self):
        old = make_comment(article=self.article, text="The older one.")
        make_comment(article=self.article, text="The newer one.")
        self.client.force_login(make_staff(*PERMISSIONS))
        self.assertNotContains(self.client.get("/admin/"), "reported")
        Report.objects.create(comment=old, reporter=make_user(), reason="insult")
        self.assertContains(self.client.get("/admin/"), "1 comment to review")
        self.assertEqual([c.pk for c in self.client.get(f"{LIST}?reported=open").context["cl"].result_list], [old.pk])
        self.assertContains(self.client.get(f"{LIST}{old.pk}/change/"), "keeps the comment")

    def test_removing_uncounts_a_comment_once_and_emails_its_author(self):
        comment = make_comment(article=self.article, text="An *address* & a name.")
        self.assertEqual(remove(comments=[comment], by=self.editor, reason=" names  a person ").changed, 1)
        self.assertEqual(remove(comments=[comment], by=self.editor, reason="again").changed, 0)
        self.assertEqual(count(self.article), 0)
        self.tell()
        [email] = mail.outbox
        self.assertEqual(email.to, [comment.author.email])
        self.assertIn(self.article.live.headline, email.subject)
        for text in ("names a person", "An *address* & a name.", self.article.get_absolute_url()):
            self.assertIn(text, email.body)
        self.assertIn("<em>address</em> &amp; a name", email.alternatives[0][0])

    def test_approving_restores_a_removed_comment(self):
        comment = make_comment(article=self.article)
        remove(comments=[comment], by=self.editor, reason="a mistake")
        approve(comments=[comment], by=self.editor)
        self.assertEqual(count(self.article), 1)
        self.assertEqual(Comment.objects.get(pk=comment.pk).removed_reason, "")

    def test_removing_a_waiting_comment_does_not_change_the_count(self):
        comment = make_comment(article=self.article, status="waiting")
        make_comment(article=self.article)
        remove(comments=[comment], by=self.editor, reason="advertising")
        self.assertEqual(count(self.article), 1)

    def test_a_removal_needs_a_reason(self):
        comment = make_comment(article=self.article)
        with self.assertRaises(ValueError):
            remove(comments=[comment], by=self.editor, reason="  ")
        with self.assertRaises(IntegrityError), transaction.atomic():
            Comment.objects.filter(pk=comment.pk).update(status="removed")

    def test_the_email_names_a_scheduled_article_that_is_now_published(self):
        with time_machine.travel(timezone.now() - timedelta(hours=2)):
            planned = make_article(headline="As planned", at=timezone.now() + timedelta(hours=1))
        remove(comments=[make_comment(article=planned)], by=self.editor, reason="names an address")
        self.tell()
        self.assertIn("As planned", mail.outbox[0].subject)

    def test_removing_a_comment_of_a_deleted_user_sends_no_email(self):
        comment = make_comment(article=self.article, author=None)
        remove(comments=[comment], by=self.editor, reason="advertising")
        self.tell()
        self.assertEqual(mail.outbox, [])


class RaceTests(TransactionTestCase):
    def test_simultaneous_approvals_count_a_comment_once(self):
        comment, editor = make_comment(status="waiting"), make_editor()
        barrier, results = Barrier(8), []

        def run():
            try:
                barrier.wait(20)
                results.append(approve(comments=[comment], by=editor).changed)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(results), [0] * 7 + [1])
        self.assertEqual(count(comment.article), 1)


class ReportTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.comment = make_comment(article=make_article(slug="an-article"), text="Something rude.")
        cls.url = reverse("comments:report", args=[cls.comment.pk])
        cls.reader = make_user()

    def setUp(self):
        cache.clear()

    def report(self, user=None, **data):
        if user:
            self.client.force_login(user)
        return self.client.post(self.url, {"reason": "insult", "words": DETAILS, **data})

    def test_a_reader_reports_a_comment_once(self):
        self.client.force_login(self.reader)
        self.assertContains(self.client.get(self.url), "Something rude.")
        for _ in range(2):
            self.assertRedirects(self.report(), self.comment.get_absolute_url(), fetch_redirect_response=False)
        self.assertEqual(Report.objects.get().words, DETAILS)
        self.assertContains(self.client.get("/articles/an-article/"), "A moderator will review")

    def test_anonymous_visitors_have_to_log_in_to_report(self):
        self.assertContains(self.client.get(self.url), "Log in")
        self.assertContains(self.report(), "He &lt;said&gt; so.", status_code=403)
        self.assertFalse(Report.objects.exists())

    def test_invalid_reports_are_rejected(self):
        for data in ({"reason": ""}, {"reason": "x"}, {"reason": "\x00"}, {"words": "x" * 1001}, {"words": "\x00"}):
            with self.subTest(data):
                self.assertEqual(self.report(self.reader, **data).status_code, 422)
        self.assertFalse(Report.objects.exists())

    def test_own_and_hidden_comments_cannot_be_reported(self):
        self.assertEqual(self.report(self.comment.author).status_code, 404)
        for status in ("waiting", "removed"):
            Comment.objects.filter(pk=self.comment.pk).update(
                status=status, removed_reason="x", removed_at=timezone.now()
            )
            self.assertEqual(self.report(self.reader).status_code, 404)


class CommentAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.moderator = make_staff(*PERMISSIONS, display_name="Mo")
        cls.article = make_article()
        cls.waiting = make_comment(article=cls.article, status="waiting", text="Waiting words.")
        cls.visible = make_comment(article=cls.article, text="Visible words.")
        Report.objects.create(comment=cls.visible, reporter=make_user(), reason="insult", words="Rude.")

    def setUp(self):
        self.client.force_login(self.moderator)

    def act(self, action, *comments, page=None, **data):
        """Choose `action` for `comments` in the list, as it was when `page` was opened."""
        page = page or self.client.get(LIST)
        data |= dict(re.findall(r'name="(seen-\d+)" value="([^"]*)"', page.content.decode()))
        return self.client.post(LIST, {"action": action, "_selected_action": [c.pk for c in comments], **data})

    def test_comments_are_found_newest_first_and_filtered(self):
        page = self.client.get(LIST).content.decode()
        self.assertLess(page.index("Visible words."), page.index("Waiting words."))
        author = self.waiting.author_id
        for query in ({"status__exact": "waiting"}, {"author": author}, {"q": "waiting"}):
            page = self.client.get(LIST, query).content.decode()
            self.assertIn("Waiting words.", page)
            self.assertNotIn("Visible words.", page, query)

    def test_list_and_change_page_lead_to_the_queue(self):
        self.assertContains(self.client.get(LIST), "Review 2 comments")
        url = reverse("admin:comments_queue_comment", args=[self.waiting.pk])
        for page in (LIST, reverse("admin:comments_comment_change", args=[self.waiting.pk])):
            self.assertContains(self.client.get(page), url)

    def test_moderators_get_links_to_the_admin(self):
        url = reverse("admin:comments_queue_comment", args=[self.waiting.pk])
        self.assertContains(self.client.get(self.article.get_absolute_url()), url)
        self.client.force_login(make_commenter())
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), "/admin/")

    def test_bulk_approval_tells_how_many_were_changed(self):
        other = make_comment(article=self.article, status="waiting")
        self.act("approve", self.waiting)
        self.assertContains(self.client.get(LIST), "1 comment approved.<")
        self.act("approve", self.waiting, other)
        page = self.client.get(LIST)
        self.assertContains(page, "1 comment approved. 1 was already visible and had no open reports.")
        self.assertEqual(count(self.article), 3)

    def test_bulk_approval_leaves_out_comments_edited_since_the_list_was_opened(self):
        page = self.client.get(LIST)
        edit_comment(comment=self.waiting, text="Other words.")
        self.act("approve", self.waiting, self.visible, page=page)
        page = self.client.get(LIST)
        self.assertContains(page, "1 comment approved. 1 was edited after you opened this list and was skipped")
        self.assertEqual(Comment.objects.get(pk=self.waiting.pk).status, "waiting")
        self.act("approve", self.waiting, page=page)
        self.assertEqual(Comment.objects.get(pk=self.waiting.pk).status, "visible")

    def test_bulk_approval_leaves_out_comments_that_the_page_did_not_show(self):
        page = self.client.get(LIST)
        later = make_comment(article=self.article, status="waiting")
        self.act("approve", self.waiting, later, page=page)
        self.assertContains(self.client.get(LIST), "1 comment approved. 1 was not on the page that you saw")
        self.assertEqual(Comment.objects.get(pk=later.pk).status, "waiting")

    def test_rows_show_the_whole_text_and_the_reports(self):
        make_comment(article=self.article, text="word " * 200 + "Last words.")
        page = self.client.get(LIST)
        for words in ("Last words.", "Rude.", "Insults or threats"):
            self.assertContains(page, words)

    def test_removing_asks_for_a_reason(self):
        page = self.act("remove", self.visible)
        self.assertContains(page, "Remove comment")
        self.assertContains(self.act("remove", self.visible, reason=" "), "Enter a reason", status_code=422)
        self.assertEqual(count(self.article), 1)
        self.assertRedirects(self.act("remove", self.visible, reason="an insult"), LIST)
        self.assertEqual(count(self.article), 0)

    def test_the_change_page_shows_thread_reports_and_earlier_texts(self):
        reply = make_comment(parent=self.visible, text="An answer.")
        self.visible.revisions.create(text="Ruder words.")
        page = self.client.get(reverse("admin:comments_comment_change", args=[self.visible.pk]))
        for words in ("Visible words.", "An answer.", "Rude.", "Ruder words."):
            self.assertContains(page, words)
        page = self.client.get(reverse("admin:comments_comment_change", args=[reply.pk]))
        self.assertContains(page, "Visible words.")

    def test_comments_cannot_be_changed_added_or_deleted(self):
        url = reverse("admin:comments_comment_change", args=[self.visible.pk])
        for user in (self.moderator, make_editor()):
            self.client.force_login(user)
            self.assertEqual(self.client.post(url, {"text": "Mine now."}).status_code, 403)
            self.assertEqual(self.client.get(f"{LIST}add/").status_code, 403)
            self.assertEqual(self.client.get(url.replace("change", "delete")).status_code, 403)

    def test_staff_without_permission_cannot_moderate(self):
        self.client.force_login(make_staff("comments.view_comment"))
        self.act("approve", self.waiting)
        self.assertNotContains(self.client.get(LIST), "/queue/")
        self.assertEqual(count(self.article), 1)
        self.client.force_login(make_staff())
        self.assertEqual(self.client.get(LIST).status_code, 403)

    def test_list_and_change_page_take_at_most_twelve_queries(self):
        make_comments(self.article, 60)
        for url in (LIST, reverse("admin:comments_comment_change", args=[self.visible.pk])):
            with self.subTest(url), self.assertNumQueries(AtMost(12)):
                self.client.get(url)

    def test_settings_of_an_article_name_the_rules_they_replace(self):
        page = self.client.get(reverse("admin:comments_thread_change", args=[self.article.thread.pk]))
        self.assertContains(page, "As in the settings")
        self.assertContains(page, "Leave blank to close them as in the settings: 14 days after publication.")

    def test_closing_comments(self):
        thread = Thread.objects.get(article=self.article)
        url = reverse("admin:comments_thread_changelist")
        self.client.post(url, {"action": "close", "_selected_action": [thread.pk]})
        self.client.force_login(make_commenter())
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Comments closed on")


class AtMost(int):
    """Equal to every number that is not greater."""

    def __eq__(self, other):
        return other <= int(self)

    __hash__ = int.__hash__
