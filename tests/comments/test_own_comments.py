"""The page of a reader's own comments."""

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from articles.models import Article
from comments.models import Comment
from comments.services import remove
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

    def test_comments_on_withdrawn_articles_stay_listed_without_the_headline(self):
        make_comment(article=self.article, author=self.reader, text="Still mine.")
        Article.objects.update(withdrawn_at=timezone.now())
        page = self.client.get(PAGE)
        self.assertContains(page, "Still mine.")
        self.assertContains(page, "On an article that is no longer available")
        self.assertNotContains(page, "The budget")

    def test_list_has_pages_and_a_constant_number_of_queries(self):
        make_comments(self.article, 31, author=self.reader)
        Comment.objects.filter(pk=Comment.objects.earliest("pk").pk).update(
            created_at=timezone.now() - timedelta(days=1), html="<p>The first.</p>"
        )
        with self.assertNumQueries(2 + 5):  # the list and its articles; session, user, access, menus, sections
            page = self.client.get(PAGE)
        self.assertNotContains(page, "The first.")
        self.assertContains(self.client.get(PAGE, {"after": page.context["page"].after}), "The first.")

    def test_visitors_log_in_first(self):
        self.client.logout()
        self.assertRedirects(self.client.get(PAGE), f"/accounts/login/?next={PAGE}")
