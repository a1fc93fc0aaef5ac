"""The page of a reader's own comments."""

from datetime import timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from comments.models import Comment, Suspension, Thread
from comments.models.decisions import UNDO_WINDOW
from comments.services import decide, delete_own, remove
from tests.factories import make_article, make_comment, make_comments, make_editor, make_user

PAGE = "/account/comments/"


class OwnCommentsTests(TestCase):
    def setUp(self):
        self.reader = make_user()
        self.article = make_article(headline="The budget")
        self.client.force_login(self.reader)

    def test_own_comments_are_listed_with_their_state(self):
        visible = make_comment(article=self.article, author=self.reader, text="Shown to all.")
        make_comment(article=self.article, author=self.reader, text="Not yet.", status="waiting")
        removed = make_comment(article=self.article, author=self.reader, text="Gone.")
        remove(comments=[removed], by=make_editor(), reason="Names a neighbour")
        make_comment(article=self.article, text="Somebody else’s.")
        page = self.client.get(PAGE)
        for text in [
            "Shown to all.",
            "Visible",
            "Not yet.",
            "Pending review",
            "Removed by a moderator: Names a neighbour",
        ]:
            self.assertContains(page, text)
        self.assertContains(page, visible.get_absolute_url())
        self.assertContains(page, "The budget")
        self.assertNotContains(page, "Somebody else’s.")

    def test_a_removal_leads_to_the_appeal(self):
        removed, deleted, waiting = (make_comment(article=self.article, author=self.reader) for _ in range(3))
        decision = decide(comment=removed, kind="remove", by=make_editor(), reason="Names a neighbour")
        delete_own(comment=deleted)
        decide(comment=waiting, kind="ask", by=make_editor(), reason="No names.")
        link = reverse("comments:appeal", args=[decision.pk])
        # While the moderator can undo it, nothing is final.
        self.assertNotContains(self.client.get(PAGE), "/comments/decisions/")
        with time_machine.travel(timezone.now() + UNDO_WINDOW + timedelta(seconds=1)):
            page = self.client.get(PAGE)
            self.assertContains(page, "/comments/decisions/", 1)
            self.assertContains(page, link)
            self.assertContains(self.client.get(link), "Names a neighbour")

    def test_comments_on_withdrawn_articles_stay_listed_without_the_headline(self):
        make_comment(article=self.article, author=self.reader, text="Still mine.")
        Article.objects.update(withdrawn_at=timezone.now())
        page = self.client.get(PAGE)
        self.assertContains(page, "Still mine.")
        self.assertContains(page, "On an article that is no longer available")
        self.assertNotContains(page, "The budget")

    def test_replies_are_not_shown_after_comments_were_turned_off(self):
        own = make_comment(article=self.article, author=self.reader)
        make_comment(parent=own, text="A shown reply.")
        self.assertContains(self.client.get(PAGE), "A shown reply.")
        Thread.objects.update(is_off=True)
        self.assertNotContains(self.client.get(PAGE), "A shown reply.")

    def test_list_has_pages_and_a_constant_number_of_queries(self):
        make_comments(self.article, 31, author=self.reader)
        Comment.objects.filter(pk=Comment.objects.earliest("pk").pk).update(
            created_at=timezone.now() - timedelta(days=1), html="<p>The first.</p>"
        )
        # The list, its articles and their replies, suspended readers; session, user, access, menus, sections.
        with self.assertNumQueries(5 + 6):
            page = self.client.get(PAGE)
        self.assertNotContains(page, "The first.")
        self.assertContains(self.client.get(PAGE, {"after": page.context["page"].after}), "The first.")

    def test_the_latest_replies_of_others_are_named(self):
        comment = make_comment(article=self.article, author=self.reader)
        for number in range(5):
            make_comment(parent=comment, text=f"Answer {number}", author=make_user(display_name=f"Reader {number}"))
        make_comment(parent=comment, text="My own answer.", author=self.reader)
        make_comment(parent=comment, text="Not yet visible.", status="waiting")
        page = self.client.get(PAGE)
        for number in (4, 3, 2):
            self.assertContains(page, f"Reply by <bdi>Reader {number}</bdi>")
            self.assertContains(page, f"Answer {number}")
        self.assertContains(page, "2 more replies")
        for text in ("Answer 1", "Not yet visible."):
            self.assertNotContains(page, text)

    def test_replies_take_no_further_queries(self):
        for _ in range(3):
            comment = make_comment(article=self.article, author=self.reader)
            make_comment(parent=comment)
        with self.assertNumQueries(5 + 6):
            self.client.get(PAGE)

    def test_a_request_to_edit_is_shown_until_the_edit(self):
        comment = make_comment(
            article=self.article,
            author=self.reader,
            status="waiting",
            approved_at=timezone.now(),
            created_at=timezone.now() - timedelta(days=2),
            edit_requested_at=timezone.now(),
            edit_request="No names.",
        )
        edit = reverse("comments:edit", args=[comment.pk])
        for url in (PAGE, self.article.get_absolute_url()):
            page = self.client.get(url)
            self.assertContains(page, "A moderator asks you to edit this comment.")
            self.assertContains(page, "No names.")
            self.assertContains(page, edit)
        self.assertContains(self.client.get(edit), "No names.")
        self.assertEqual(self.client.post(edit, {"text": "Without a name."}).status_code, 302)
        comment.refresh_from_db()
        self.assertEqual((comment.status, comment.hold, comment.edit_requested_at), ("waiting", "edited", None))
        self.assertNotContains(self.client.get(PAGE), "A moderator asks you")
        self.assertContains(self.client.get(edit), "can only be edited for five minutes", status_code=403)

    def test_others_do_not_see_the_request(self):
        make_comment(
            article=self.article,
            status="waiting",
            approved_at=timezone.now(),
            edit_requested_at=timezone.now(),
            edit_request="No names.",
        )
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), "No names.")

    def test_a_suspension_is_said(self):
        Suspension.objects.create(user=self.reader, reason="Insults")
        self.assertContains(self.client.get(PAGE), "You have been suspended from commenting. Reason: Insults")

    def test_visitors_log_in_first(self):
        self.client.logout()
        self.assertRedirects(self.client.get(PAGE), f"/accounts/login/?next={PAGE}")
