"""Pages that get their first comments, or lose their last one, between two imports."""

from articles.models import Article, Page
from comments.models import Comment
from tests.contrib.importers.wordpress.files import comment, item
from tests.contrib.importers.wordpress.test_import import ImportCase as WordPressCase


class LaterCommentTests(WordPressCase):
    def page(self, more="", content="It was closed."):
        return item(8, wp_post_type="page", wp_post_name="us", more=more, content=content)

    link = item(1, content='See <a href="/?p=8">us</a>.')

    def test_a_page_with_later_comments_stays_a_page(self):
        self.run_import(self.page())
        _, _, losses = self.run_import(self.page(comment(1), "New."), self.link)
        self.assertEqual(losses, [("comment", "1, because it was imported as a page before it had comments")])
        page = Page.objects.get()
        self.assertEqual((page.body, page.versions.count()), ("<p>New.</p>", 2))
        self.assertIn('href="/pages/us/"', Article.objects.get().body)
        self.assertEqual(self.location("/?p=8"), "/pages/us/")
        self.assertFalse(Comment.objects.exists())
        self.assertEqual(self.run_import(self.page(comment(1), "Newer."), self.link)[2], losses)

    def test_an_article_made_of_a_page_stays_an_article(self):
        self.run_import(self.page(comment(1)))
        _, _, losses = self.run_import(self.page(content="New."), self.link)
        self.assertEqual(losses, [])
        article = Article.objects.get(slug="us")
        self.assertEqual((article.live.plain_all, article.section.name), ("New.", "Pages"))
        self.assertIn('href="/articles/us/"', Article.objects.exclude(slug="us").get().body)
        self.assertEqual(Comment.objects.count(), 1)
        self.assertNotIn("edited", [code for code, _ in self.run_import(self.page(content="Newer."))[2]])
