"""Replies and reports open under the comment, and more comments are added below, in a browser."""

from comments.models import Comment, Report
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_commenter, make_comments


class CommentFormTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article()
        self.comment = make_comment(article=self.article, text="A first comment.")
        self.reader = make_commenter()
        self.log_in(self.reader)

    def test_replying_and_reporting_without_leaving_the_article(self):
        page = self.page
        page.goto(self.article.get_absolute_url())
        url = page.url
        comment = page.locator(f"#comment-{self.comment.pk}")
        comment.get_by_role("link", name="Report").click()
        form = comment.locator(".comment__form")
        form.get_by_label("Insults or threats").wait_for()
        self.assertEqual(self.axe(), [])
        page.keyboard.press("Escape")
        self.assertEqual(form.count(), 0)
        comment.get_by_role("link", name="Reply").click()
        form.get_by_role("textbox").fill("A reply under it.")
        self.assertEqual(page.url, url)
        form.get_by_role("button", name="Post").click()
        page.get_by_text("A reply under it.").wait_for()
        self.assertEqual(Comment.objects.get(text="A reply under it.").parent, self.comment)
        comment.get_by_role("link", name="Report").first.click()
        form.get_by_label("Insults or threats").check()
        form.get_by_role("button", name="Report").click()
        page.get_by_text("A moderator will review the comment.").wait_for()
        self.assertEqual(Report.objects.get().comment, self.comment)

    def test_more_comments_are_added_below(self):
        make_comments(self.article, 40)
        page = self.page
        page.goto(self.article.get_absolute_url())
        self.assertEqual(page.locator(".comment").count(), 20)
        page.get_by_role("link", name="More comments").click()
        page.locator(f"#comment-{Comment.objects.order_by('path').last().pk}").wait_for()
        self.assertEqual(page.locator(".comment").count(), 41)
        self.assertNotIn("comments=", page.url)
