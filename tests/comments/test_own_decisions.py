"""Moderators do not decide about what they wrote themselves, by whichever route."""

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Decision, Report, Suspension
from comments.services import appeal_against, decide
from tests.factories import make_article, make_comment, make_member, make_user

LIST = "/admin/comments/comment/"
REFUSAL = "You wrote this comment. Another moderator has to decide about it."


class OwnCommentTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.moderator = make_member("Moderator")
        cls.article = make_article()
        cls.waiting = make_comment(article=cls.article, author=cls.moderator, status="waiting", text="My words.")
        cls.visible = make_comment(article=cls.article, author=cls.moderator, text="My visible words.")
        Report.objects.create(comment=cls.visible, reporter=make_user(), reason="insult")

    def setUp(self):
        self.client.force_login(self.moderator)

    def assert_undecided(self):
        self.assertFalse(Decision.objects.filter(by=self.moderator).exists())
        statuses = Comment.objects.order_by("pk").values_list("status", flat=True)
        self.assertEqual(list(statuses), ["waiting", "visible"])

    def test_the_queue_shows_the_comment_without_buttons(self):
        for comment in (self.waiting, self.visible):
            page = self.client.get(reverse("admin:comments_queue_comment", args=[comment.pk]))
            self.assertContains(page, REFUSAL)
            self.assertContains(page, comment.text)
            self.assertNotContains(page, "data-decide")

    def test_no_decision_of_the_queue_is_accepted(self):
        for comment in (self.waiting, self.visible):
            url = reverse("admin:comments_queue_decision", args=[comment.pk])
            for kind in ("approve", "restore", "remove", "ask", "suspend"):
                with self.subTest(comment=comment.text, kind=kind):
                    page = self.client.post(url, {"kind": kind, "reason": "A reason."})
                    self.assertContains(page, REFUSAL, status_code=422)
        self.assert_undecided()

    def test_a_removed_comment_is_not_restored(self):
        decide(comment=self.visible, kind="remove", by=make_member("Moderator"), reason="An insult.")
        url = reverse("admin:comments_queue_decision", args=[self.visible.pk])
        seen = Decision.objects.get().pk
        page = self.client.post(url, {"kind": "restore", "seen": seen})
        self.assertContains(page, REFUSAL, status_code=422)
        self.assertEqual(Comment.objects.get(pk=self.visible.pk).status, "removed")

    def test_bulk_actions_leave_them_out_and_say_so(self):
        other = make_comment(article=self.article, status="waiting")
        chosen = {"_selected_action": [self.waiting.pk, other.pk]}
        seen = {f"seen-{self.waiting.pk}": "", f"seen-{other.pk}": ""}
        page = self.client.post(LIST, {"action": "approve", **chosen, **seen}, follow=True)
        self.assertContains(page, "1 comment approved. 1 is your own: another moderator has to decide about it.")
        page = self.client.post(LIST, {"action": "remove", "reason": "Spam.", **chosen}, follow=True)
        self.assertContains(page, "1 comment removed. Its author will be notified by email. 1 is your own")
        self.assertEqual(Comment.objects.get(pk=self.waiting.pk).status, "waiting")

    def test_they_are_not_picked(self):
        url = reverse("comments:pick", args=[self.visible.pk])
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), url)
        page = self.client.post(url, {"place": "thread"}, follow=True)
        self.assertContains(page, REFUSAL)
        Comment.objects.filter(pk=self.visible.pk).update(picked_at=timezone.now())
        self.client.post(url, {"place": ""})
        self.assertIsNotNone(Comment.objects.get(pk=self.visible.pk).picked_at)
        self.assert_undecided()

    def test_reports_and_appeals_about_them_are_for_others(self):
        self.assertEqual(self.client.get(reverse("comments:report", args=[self.visible.pk])).status_code, 404)
        decision = decide(comment=self.visible, kind="remove", by=make_member("Moderator"), reason="An insult.")
        appeal = appeal_against(decision=decision, text="It was a quotation.")
        url = reverse("admin:comments_appeal_change", args=[appeal.pk])
        data = {"result": "reversed", "reason": "I say so."}
        self.assertNotEqual(self.client.post(url, data).status_code, 200)
        appeal.refresh_from_db()
        self.assertIsNone(appeal.answered_at)

    def test_one_does_not_lift_ones_own_suspension(self):
        suspension = Suspension.objects.create(user=self.moderator, reason="Insults.")
        url = reverse("admin:comments_suspension_changelist")
        page = self.client.post(url, {"action": "lift", "_selected_action": [suspension.pk]}, follow=True)
        self.assertContains(page, "Another moderator has to lift your own suspension.")
        suspension.refresh_from_db()
        self.assertIsNone(suspension.lifted_at)

    def test_another_moderator_decides(self):
        self.client.force_login(make_member("Moderator"))
        self.client.post(reverse("admin:comments_queue_decision", args=[self.waiting.pk]), {"kind": "approve"})
        self.assertEqual(Comment.objects.get(pk=self.waiting.pk).status, "visible")
