"""Emails to moderators about waiting comments and appeals."""

from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import TestCase
from django.utils import timezone
from django.utils.translation import override

from comments.models import Appeal, Decision, ModeratorEmails, Report
from comments.services import approve
from comments.services.moderator_emails import MAX_TEXTS, send_due
from tests.budget import takes_longer
from tests.factories import make_article, make_comment, make_editor, make_staff, make_user
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHOICE = "/account/emails/moderation/"


def make_moderator(frequency="hourly", **fields):
    moderator = make_staff("comments.moderate_comment", **fields)
    ModeratorEmails.objects.create(user=moderator, frequency=frequency)
    return moderator


class SendingTestCase(TestCase):
    def setUp(self):
        self.now = timezone.now()

    def send(self, *, after=MINUTE):
        before = len(mail.outbox)
        with self.captureOnCommitCallbacks(execute=True):
            send_due(self.now + after)
        return mail.outbox[before:]

    def wait(self, *, after=timedelta(), **fields):
        return make_comment(**{"status": "waiting", "hold": "first", "created_at": self.now + after} | fields)


class ContentTests(SendingTestCase):
    def test_the_email_shows_what_waits_and_leads_to_the_queue(self):
        moderator = make_moderator()
        article = make_article(headline="The harbour")
        self.wait(article=article, text="Unseen & <unsaid>.", author=make_user(display_name="Per Holm"))
        Report.objects.create(comment=make_comment(text="Shown words."), reporter=make_user(), reason="insult")
        (email,) = self.send()
        self.assertEqual((email.to, email.subject), ([moderator.email], "1 comment to approve, 1 report"))
        for words in (
            "1 comment is waiting for approval.",
            "1 comment was reported.",
            "Unseen & <unsaid>.",
            "The harbour",
            "Per Holm",
            "Shown words.",
            "/admin/comments/queue/",
        ):
            self.assertIn(words, email.body)
        self.assertIn("Unseen &amp; &lt;unsaid&gt;.", email.alternatives[0].content)

    def test_appeals_are_counted(self):
        make_moderator()
        Appeal.objects.create(decision=Decision.objects.create(kind="remove"), text="Why?")
        (email,) = self.send()
        self.assertEqual(email.subject, "1 appeal")
        self.assertIn("1 writer has appealed.", email.body)

    def test_the_subject_counts_each_kind_in_the_publication_s_language(self):
        for counts, english, german in [
            (
                (3, 1, 1),
                "3 comments to approve, 1 report, 1 appeal",
                "3 Kommentare zur Freigabe, 1 Meldung, 1 Widerspruch",
            ),
            ((1, 0, 2), "1 comment to approve, 2 appeals", "1 Kommentar zur Freigabe, 2 Widersprüche"),
            ((0, 2, 0), "2 reports", "2 Meldungen"),
        ]:
            context = dict(zip(("waiting", "reported", "appeals"), counts, strict=True))
            for language, subject in (("en", english), ("de", german)):
                with override(language):
                    text = render_to_string("emails/comment_queue.subject.txt", context)
                self.assertEqual(text.strip(), subject)

    def test_only_the_first_texts_are_shown(self):
        make_moderator()
        for number in range(MAX_TEXTS + 2):
            self.wait(text=f"Text number {number}.")
        self.assertEqual(self.send()[0].body.count("Text number"), MAX_TEXTS)

    def test_the_number_of_queries_does_not_grow(self):
        make_moderator()
        self.wait()
        with self.assertNumQueries(11):
            send_due(self.now + MINUTE)
        for _ in range(8):
            self.wait(after=2 * MINUTE)
        with self.assertNumQueries(12):
            send_due(self.now + 2 * HOUR)


class FrequencyTests(SendingTestCase):
    def test_nothing_is_sent_if_nothing_waits(self):
        make_moderator("at_once")
        make_comment()
        self.wait(edit_requested_at=self.now)
        self.assertEqual(self.send(), [])

    def test_at_once_is_at_most_one_a_minute(self):
        make_moderator("at_once")
        self.wait()
        self.assertEqual(len(self.send()), 1)
        self.wait(after=1.5 * MINUTE)
        self.assertEqual([len(self.send(after=after * MINUTE)) for after in (1.9, 2, 3)], [0, 1, 0])

    def test_hourly_is_the_default(self):
        make_staff("comments.moderate_comment")
        self.wait()
        self.assertEqual(len(self.send()), 1)
        self.wait(after=2 * MINUTE)
        self.assertEqual([len(self.send(after=after)) for after in (59 * MINUTE, 62 * MINUTE)], [0, 1])

    def test_never_is_never(self):
        make_moderator("never")
        self.wait()
        self.assertEqual(self.send(), [])

    def test_the_same_comments_are_reported_again_after_a_day(self):
        make_moderator("at_once")
        self.wait()
        self.assertEqual([len(self.send(after=after * HOUR)) for after in (1, 2, 24, 25)], [1, 0, 0, 1])

    def test_new_reports_edits_and_appeals_are_new(self):
        make_moderator("at_once")
        comment = self.wait()
        self.send()
        type(comment).objects.filter(pk=comment.pk).update(edited_at=self.now + 2 * MINUTE)
        self.assertEqual(len(self.send(after=3 * MINUTE)), 1)
        Report.objects.create(
            comment=make_comment(created_at=self.now - HOUR), reason="insult", created_at=self.now + 4 * MINUTE
        )
        self.assertEqual(len(self.send(after=5 * MINUTE)), 1)
        decision = Decision.objects.create(kind="remove")
        Appeal.objects.create(decision=decision, text="Why?", created_at=self.now + 6 * MINUTE)
        self.assertEqual(len(self.send(after=7 * MINUTE)), 1)

    def test_what_was_decided_is_not_reported(self):
        make_moderator("at_once")
        approve(comments=[self.wait()], by=make_editor(is_active=False))
        self.assertEqual(self.send(), [])


class RecipientTests(SendingTestCase):
    def test_only_people_who_can_moderate_are_emailed(self):
        make_staff("comments.view_comment")
        make_user(is_superuser=True)
        make_moderator(is_active=False)
        superuser, moderator = make_editor(email="super@example.org"), make_moderator(email="mod@example.org")
        self.wait()
        self.assertCountEqual([email.to for email in self.send()], [[superuser.email], [moderator.email]])


class ChoiceTests(TestCase):
    def setUp(self):
        cache.clear()

    def test_moderators_choose_on_the_page_of_emails(self):
        moderator = make_staff("comments.moderate_comment")
        self.client.force_login(moderator)
        self.assertContains(self.client.get("/account/emails/"), f'action="{CHOICE}"')
        self.assertRedirects(self.client.post(CHOICE, {"frequency": "never"}), "/account/emails/")
        self.assertEqual(ModeratorEmails.objects.get().frequency, "never")
        self.assertContains(self.client.post(CHOICE, {"frequency": "x\0"}, follow=True), "Choose how often")
        self.assertEqual(ModeratorEmails.objects.get().frequency, "never")
        self.assertRedirects(self.client.get(CHOICE), "/account/emails/")

    def test_others_have_nothing_to_choose(self):
        for user in (make_user(), make_staff("comments.view_comment")):
            self.client.force_login(user)
            self.assertNotContains(self.client.get("/account/emails/"), CHOICE)
            self.assertEqual(self.client.post(CHOICE, {"frequency": "never"}).status_code, 404)
        self.assertFalse(ModeratorEmails.objects.exists())


class TwoTicksTests(TransactionTestCase):
    @takes_longer("Many requests, one after the other.")
    def test_ticks_at_the_same_time_send_one_email(self):
        make_staff("comments.moderate_comment")
        make_comment(status="waiting", hold="first")
        now = timezone.now() + MINUTE
        outcomes = race(lambda _: send_due(now), count=4)
        self.assertEqual((sorted(outcomes), len(mail.outbox)), ([0, 0, 0, 1], 1))
