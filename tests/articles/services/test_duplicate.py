"""Copying an article to a new draft."""

from django.test import TestCase
from django.urls import reverse

from articles.models import Article, Version
from tests.factories import make_article, make_author, make_comment, make_editor, make_member, make_series, make_topic
from truthlytics.audit.log import AuditEntry


class DuplicateTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.original = make_article(
            headline="Small print",
            body="<p>One.</p>",
            authors=[make_author()],
            topics=[make_topic()],
            series=make_series(),
            series_part=1,
            required_level=10,
        )
        make_comment(article=cls.original)

    def setUp(self):
        self.client.force_login(self.editor)
        self.url = reverse("admin:articles_article_duplicate", args=[self.original.pk])

    def test_copy_is_a_draft_with_the_text_and_its_own_url(self):
        page = self.client.post(self.url, follow=True)
        copy = Article.objects.exclude(pk=self.original.pk).get()
        self.assertContains(page, "Copied to a new draft")
        self.assertEqual((copy.headline, copy.body, copy.required_level), ("Small print (copy)", "<p>One.</p>", 10))
        self.assertEqual((copy.slug, copy.state(), copy.created_by), ("small-print", "draft", self.editor))
        self.assertEqual([*copy.topics.all()], [*self.original.topics.all()])
        self.assertEqual([b.author for b in copy.bylines.all()], [b.author for b in self.original.bylines.all()])
        self.assertEqual(AuditEntry.objects.about(copy)[0].action, "added")

    def test_versions_comments_and_the_place_in_a_series_are_not_copied(self):
        self.client.post(self.url)
        copy = Article.objects.exclude(pk=self.original.pk).get()
        self.assertEqual((copy.series, copy.comments.count(), copy.revisions.count()), (None, 0, 1))
        self.assertFalse(Version.objects.filter(article=copy).exists())

    def test_page_says_what_is_copied_and_changes_nothing(self):
        self.assertContains(self.client.get(self.url), "Not copied: versions")
        self.assertEqual(Article.objects.count(), 1)

    def test_authors_cannot_copy_articles_of_others(self):
        self.client.force_login(make_member("Author"))
        self.assertEqual(self.client.post(self.url).status_code, 404)
        self.assertEqual(Article.objects.count(), 1)
