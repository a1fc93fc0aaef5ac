"""Emails about replies, mentions and followed articles: bundled, sent once, and only about visible comments."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from comments.models import Comment, Follow, Notification, Suspension, Thread
from comments.services import approve, decide, delete_own, edit_comment, post_comment, remove, undo_decision
from comments.services.notification_emails import MAX_COMMENTS, delete_old, send_due
from comments.services.notifications import create_notifications
from subscriptions.models import EmailOptOut
from subscriptions.services.access import access_for
from tests.budget import takes_longer
from tests.comments.base import PostingTestCase
from tests.comments.notifying import MINUTE, NotifyingTestCase
from tests.factories import make_article, make_comment, make_editor, make_grant, make_user
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from truthlytics.privacy.deletion import delete_account

HOUR = timedelta(hours=1)


class RecipientTests(NotifyingTestCase):
    def test_a_reply_is_reported_to_the_writer_above(self):
        self.answer()
        (email,) = self.send()
        self.assertEqual(
            (email.to, email.subject), ([self.reader.email], "Per Holm replied to your comment on “The harbour”")
        )

    def test_a_mention_is_reported(self):
        self.comment("What does @Nadia Lund say?")
        (email,) = self.send()
        self.assertEqual(email.subject, "Per Holm mentioned you in a comment on “The harbour”")

    def test_a_mention_that_is_added_by_an_edit_is_reported(self):
        make_comment(author=self.other)
        edit_comment(comment=self.comment("What does Nadia say?"), text="What does @Nadia Lund say?")
        self.assertEqual((self.kinds(), len(self.send())), (["mention"], 1))

    def test_comments_on_a_followed_article_are_reported(self):
        follower = make_user()
        self.follow(follower)
        self.comment()
        (email,) = self.send()
        self.assertEqual((email.to, email.subject), ([follower.email], "New comment on “The harbour”"))

    def test_one_comment_is_one_line_for_the_most_personal_reason(self):
        self.follow()
        self.answer("@Nadia Lund, yes.")
        self.assertEqual(self.kinds(), ["reply"])
        (email,) = self.send()
        self.assertEqual(email.body.count("@Nadia Lund, yes."), 1)

    def test_a_reader_without_replies_still_follows(self):
        EmailOptOut.objects.create(user=self.reader, kind="reply")
        self.answer()
        self.follow()
        self.answer("Another.")
        self.assertEqual(self.kinds(), ["followed"])

    def test_readers_are_not_emailed_about_their_own_comments(self):
        self.follow()
        self.answer("@Nadia Lund wrote this.", author=self.reader)
        self.assertEqual((self.kinds(), self.send()), ([], []))

    def test_deleted_accounts_and_those_who_do_not_follow_get_nothing(self):
        Comment.objects.filter(pk=self.own.pk).update(author=None)
        self.own.refresh_from_db()
        self.answer()
        self.assertFalse(Notification.objects.exists())


class NeverTwiceTests(NotifyingTestCase):
    def test_a_second_tick_sends_nothing(self):
        self.answer()
        self.assertEqual([len(self.send()), len(self.send()), len(self.send(after=2 * HOUR))], [1, 0, 0])

    def test_a_comment_that_is_removed_and_restored_is_reported_once(self):
        comment = self.answer()
        self.send()
        remove(comments=[comment], by=make_editor(), reason="Off topic.")
        approve(comments=[comment], by=make_editor())
        self.assertEqual(self.send(after=2 * HOUR), [])

    def test_a_comment_that_was_hidden_when_it_was_due_is_reported_later(self):
        comment = self.answer()
        Comment.objects.filter(pk=comment.pk).update(status="waiting")
        self.assertEqual(self.send(), [])
        with self.captureOnCommitCallbacks(execute=True):
            approve(comments=[comment], by=make_editor())
        self.assertEqual(len(self.send()), 1)

    def test_a_removal_that_is_undone_loses_no_email(self):
        comment, moderator = self.answer(), make_editor()
        removal = decide(comment=comment, kind="remove", by=moderator, reason="Off topic.")
        self.assertEqual(self.send(), [])
        undo_decision(decision=removal, by=moderator)
        self.assertEqual(len(self.send()), 1)

    def test_an_old_comment_that_is_approved_late_is_no_news(self):
        comment = make_comment(parent=self.own, created_at=timezone.now() - timedelta(days=31))
        create_notifications(comment)
        self.assertEqual(self.kinds(), [])

    def test_notifications_are_deleted_when_they_cannot_be_repeated(self):
        self.answer()
        self.assertEqual(delete_old(timezone.now() + timedelta(days=30)), 0)
        self.assertEqual(delete_old(timezone.now() + timedelta(days=32)), 1)


class BundleTests(NotifyingTestCase):
    def test_comments_of_an_hour_are_one_email(self):
        self.answer("First.")
        self.assertEqual(len(self.send()), 1)
        self.answer("Second.")
        self.answer("Third.")
        self.assertEqual(self.send(after=59 * MINUTE), [])
        (email,) = self.send(after=62 * MINUTE)
        self.assertEqual(email.subject, "2 new comments on “The harbour”")
        self.assertNotIn("First.", email.body)

    def test_several_articles_are_counted_in_the_subject(self):
        elsewhere = make_article(headline="The dam")
        self.follow(article=elsewhere)
        for article in (self.article, self.article, elsewhere):
            self.comment("@Nadia Lund?", article=article)
        (email,) = self.send()
        self.assertEqual(email.subject, "3 new comments")
        self.assertEqual([email.body.count(name) for name in ("On “The harbour”:", "On “The dam”:")], [1, 1])

    def test_what_does_not_fit_follows_an_hour_later(self):
        for number in range(MAX_COMMENTS + 1):
            self.answer(f"Number {number}.")
        (email,) = self.send()
        self.assertIn(f"{MAX_COMMENTS} new comments", email.subject)
        self.assertEqual(len(self.send(after=2 * HOUR)), 1)

    def test_an_approval_that_can_be_undone_is_not_reported_yet(self):
        comment = make_comment(parent=self.own, status="waiting")
        approve(comments=[comment], by=make_editor())
        self.assertEqual(self.send(after=timedelta(seconds=5)), [])
        self.assertEqual(len(self.send(after=timedelta(seconds=11))), 1)

    def test_both_parts_show_the_comment_and_lead_to_it(self):
        comment = self.answer("Ships & <docks>.")
        (email,) = self.send()
        self.assertIn("> Ships & <docks>.", email.body)
        self.assertIn("Ships &amp; &lt;docks&gt;.", self.html(email))
        for part in (email.body, self.html(email)):
            self.assertIn(f"http://testserver/comments/{comment.pk}/".replace("http://testserver", ""), part)

    def test_tick_sends_them(self):
        self.answer()
        with time_machine.travel(timezone.now() + MINUTE), self.captureOnCommitCallbacks(execute=True):
            call_command("tick", stdout=StringIO())
        self.assertIn("replied to your comment", mail.outbox[0].subject)


class InvisibleTests(NotifyingTestCase):
    """Changes between the comment and the email."""

    def assert_nothing_is_sent(self):
        self.assertEqual(self.send(), [])
        self.assertFalse(Notification.objects.unsent(timezone.now() + MINUTE).exists())

    def test_removed_comments(self):
        remove(comments=[self.answer()], by=make_editor(), reason="Off topic.")
        self.assert_nothing_is_sent()

    def test_comments_that_wait_again_after_an_edit(self):
        comment = self.answer()
        edit_comment(comment=comment, text="Quite another text.")
        self.assertEqual(Comment.objects.get(pk=comment.pk).status, "waiting")
        self.assert_nothing_is_sent()

    def test_comments_deleted_by_their_author(self):
        delete_own(comment=self.answer())
        self.assert_nothing_is_sent()

    def test_withdrawn_articles(self):
        self.answer()
        Article.objects.update(withdrawn_at=timezone.now())
        self.assert_nothing_is_sent()

    def test_articles_without_comments(self):
        self.answer()
        Thread.objects.update(is_off=True)
        self.assert_nothing_is_sent()

    def test_comments_that_wait_for_their_first_approval(self):
        make_comment(parent=self.own, status="waiting")
        self.assert_nothing_is_sent()

    def test_readers_who_may_not_get_emails(self):
        cases = {
            "unconfirmed": lambda reader: type(reader).objects.filter(pk=reader.pk).update(verified_at=None),
            "inactive": lambda reader: type(reader).objects.filter(pk=reader.pk).update(is_active=False),
            "suspended": lambda reader: Suspension.objects.create(user=reader, reason="Insults."),
            "deleted": lambda reader: delete_account(user=reader, keep_comments=True),
        }
        for name, happens in cases.items():
            with self.subTest(name):
                reader = make_user()
                self.comment(parent=make_comment(article=self.article, author=reader))
                happens(reader)
                self.assert_nothing_is_sent()

    def test_a_suspension_that_is_over_does_not_count(self):
        self.answer()
        long_ago = timezone.now() - timedelta(days=9)
        Suspension.objects.create(user=self.reader, reason="x", created_at=long_ago, until=long_ago + HOUR)
        self.assertEqual(len(self.send()), 1)


class GatedTests(NotifyingTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.article = make_article(headline="The dam", required_level=10)
        cls.own = make_comment(article=cls.article, author=cls.reader)

    def test_only_readers_with_access_are_emailed(self):
        self.answer()
        self.assertEqual(self.send(), [])
        make_grant(self.reader)
        self.answer("Again.")
        (email,) = self.send()
        self.assertIn("Again.", email.body)

    def test_quotations_are_never_in_the_email(self):
        make_grant(self.reader)
        comment = self.answer("> The gated text.\nI doubt it.")
        Comment.objects.filter(pk=comment.pk).update(quote="The gated passage.")
        (email,) = self.send()
        self.assertIn("I doubt it.", email.body)
        self.assertNotIn("gated", email.body + self.html(email))


class VolumeTests(PostingTestCase):
    def queries_of_posting(self):
        parent = make_comment(article=self.article)
        with CaptureQueriesContext(connection) as queries:
            post_comment(
                article=self.article, author=self.commenter, text=f"@{parent.author}", key=uuid4(), parent=parent
            )
        return len(queries)

    def test_posting_is_as_fast_with_a_thousand_followers(self):
        self.follow(1)
        self.assertLessEqual(few := self.queries_of_posting(), 15)
        self.follow(1000)
        self.assertEqual(self.queries_of_posting(), few)
        self.assertEqual(Notification.objects.count(), 2 + 1002)

    @takes_longer("Long lists are made and read.")
    def test_an_email_takes_a_fixed_number_of_queries(self):
        make_grant(reader := make_user())
        counts = []
        for number in (1, 20):
            Notification.objects.all().delete()
            for _ in range(number):
                article = make_article(required_level=10)
                Follow.objects.create(user=reader, article=article)
                create_notifications(make_comment(article=article))
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(send_due(timezone.now() + MINUTE, access_for=access_for), 1)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    def follow(self, number):
        users = type(self.commenter).objects.bulk_create(
            type(self.commenter)(email=f"f{n}-{number}@example.org", display_name="F") for n in range(number)
        )
        Follow.objects.bulk_create(Follow(user=user, article=self.article) for user in users)


class TwoTicksTests(TransactionTestCase):
    @takes_longer("Many requests, one after the other.")
    def test_ticks_at_the_same_time_send_one_email(self):
        own = make_comment()
        create_notifications(make_comment(parent=own))
        now = timezone.now() + MINUTE
        outcomes = race(lambda _: send_due(now, access_for=access_for), count=4)
        self.assertEqual((sorted(outcomes), len(mail.outbox)), ([0, 0, 0, 1], 1))
