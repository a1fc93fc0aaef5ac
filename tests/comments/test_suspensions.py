"""Suspended writers see the reason and the end, and can still read everything."""

from datetime import timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Decision, Report, Suspension, Vote
from comments.services import decide, lift_suspension
from tests.comments.base import PostingTestCase
from tests.factories import make_comment, make_commenter, make_editor, make_member

LIST = "/admin/comments/suspension/"


class SuspendedReaderTests(PostingTestCase):
    def setUp(self):
        super().setUp()
        self.writer, self.moderator = make_commenter(), make_editor()
        self.until = timezone.now() + timedelta(days=7)
        self.comment = make_comment(article=self.article, author=self.writer)

    def suspend(self, until=None):
        return decide(comment=self.comment, kind="suspend", by=self.moderator, reason="Insults <twice>", until=until)

    def page(self):
        self.client.force_login(self.writer)
        return self.client.get(self.article.get_absolute_url())

    def test_the_page_shows_reason_and_end_instead_of_the_form(self):
        self.assertContains(self.page(), 'name="text"')
        self.suspend(self.until)
        page = self.page()
        self.assertNotContains(page, 'name="text"')
        self.assertContains(page, "Insults &lt;twice&gt;")
        self.assertContains(page, f"{timezone.localtime(self.until):%-d %B %Y}")
        self.assertContains(page, reverse("comments:suspension"))

    def test_an_open_ended_suspension_has_no_date(self):
        self.suspend()
        self.assertContains(self.page(), "You have been suspended from commenting. Reason: ")

    def test_comments_are_refused_and_the_text_is_kept(self):
        self.suspend(self.until)
        response = self.post(self.writer)
        self.assertContains(response, "cannot be lost", status_code=403)
        self.assertContains(response, "suspended", status_code=403)
        self.assertEqual(self.comments().count(), 1)

    def test_edits_votes_and_reports_are_refused(self):
        own, other = make_comment(article=self.article, author=self.writer), make_comment(article=self.article)
        self.suspend(self.until)
        self.client.force_login(self.writer)
        self.assertEqual(self.client.post(f"/comments/{own.pk}/edit/", {"text": "Changed."}).status_code, 403)
        self.assertEqual(self.client.post(f"/comments/{other.pk}/report/", {"reason": "insult"}).status_code, 403)
        self.client.post(f"/comments/{other.pk}/vote/")
        self.assertFalse(Report.objects.exists() or Vote.objects.exists())
        self.assertNotEqual(Comment.objects.get(pk=own.pk).text, "Changed.")

    def test_a_suspension_ends_by_itself(self):
        self.suspend(self.until)
        with time_machine.travel(self.until + timedelta(seconds=1)):
            self.assertEqual(self.post(self.writer).status_code, 302)

    def test_a_lifted_suspension_is_over(self):
        suspension = self.suspend().suspension
        self.assertEqual([lift_suspension(suspension=suspension, by=self.moderator) for _ in range(2)], [True, False])
        self.assertEqual(Decision.objects.filter(kind="lift").count(), 1)
        self.assertEqual(self.post(self.writer).status_code, 302)

    def test_others_may_comment(self):
        self.suspend()
        self.assertEqual(self.post(self.commenter).status_code, 302)

    def test_the_link_leads_to_the_decision_once_it_cannot_be_undone(self):
        decision = self.suspend(self.until)
        self.client.force_login(self.writer)
        self.assertEqual(self.client.get(reverse("comments:suspension")).status_code, 404)
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            response = self.client.get(reverse("comments:suspension"))
        self.assertRedirects(response, reverse("comments:appeal", args=[decision.pk]), fetch_redirect_response=False)

    def test_readers_who_are_not_suspended_find_no_decision(self):
        self.client.force_login(self.commenter)
        self.assertEqual(self.client.get(reverse("comments:suspension")).status_code, 404)


class SuspensionAdminTests(TestCase):
    def setUp(self):
        comment = make_comment()
        self.suspension = decide(comment=comment, kind="suspend", by=make_editor(), reason="Insults").suspension

    def lift(self, role):
        self.client.force_login(make_member(role))
        return self.client.post(LIST, {"action": "lift", "_selected_action": [self.suspension.pk]}, follow=True)

    def test_moderators_read_when_it_ends_and_who_decided(self):
        until = timezone.now() + timedelta(days=7)
        decision = decide(
            comment=make_comment(), kind="suspend", by=make_editor(display_name="Mo"), reason="x", until=until
        )
        self.client.force_login(make_member("Moderator"))
        page = self.client.get(f"{LIST}{decision.suspension.pk}/change/")
        self.assertContains(page, f"{timezone.localtime(until):%-d %b %Y, %H:%M}")
        self.assertContains(page, "Mo")
        self.assertNotContains(page, "/admin/subscriptions/user/")

    def test_a_moderator_lifts_a_suspension(self):
        self.assertContains(self.lift("Moderator"), "1 suspension lifted.")
        self.assertFalse(Suspension.objects.in_force().exists())

    def test_support_and_authors_cannot(self):
        for role in ("Support", "Author"):
            self.assertEqual(self.lift(role).status_code, 403)
        self.assertTrue(Suspension.objects.in_force().exists())

    def test_the_list_shows_those_in_force(self):
        self.client.force_login(make_member("Moderator"))
        self.assertContains(self.client.get(LIST, {"state": "in_force"}), "Insults")
        self.assertNotContains(self.client.get(LIST, {"state": "over"}), "Insults")
