"""A draft that only the browser has, compared with the saved text."""

from django.urls import reverse

from articles.models import Article, Autosave, Revision
from tests.articles.admin.editor import EditorTestCase, form_data
from tests.articles.admin.page_editor import form_data as page_form_data
from tests.factories import make_draft, make_member, make_page, make_topic


class DraftComparisonTests(EditorTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft(headline="Kept", body="<p>One.</p><p>Two.</p>")

    def compare(self, **changes):
        return self.client.post(self.url(self.article, "compare"), form_data(self.article, **changes))

    def test_differences_are_shown_and_nothing_is_stored(self):
        before = Article.objects.values().get()
        topic = make_topic(name="Ports")
        response = self.compare(headline="Kept here", body="<p>One.</p><p>Three.</p>", topics=[topic.pk])
        self.assertContains(response, "Three.")
        self.assertEqual([part.op for part in response.context["comparison"].headline], ["=", "+"])
        self.assertContains(response, "Ports")
        self.assertEqual(Article.objects.values().get(), before)
        self.assertFalse(Autosave.objects.exists() or Revision.objects.exists() or self.article.topics.exists())

    def test_same_text_is_called_the_same(self):
        self.assertContains(self.compare(), "The saved text is the same.")

    def test_unsafe_markup_and_incomplete_forms_are_harmless(self):
        response = self.compare(body="<p>One.<script>alert(1)</script></p>")
        self.assertNotContains(response, "alert(1)")
        self.assertEqual(self.client.post(self.url(self.article, "compare")).status_code, 200)

    def test_authors_compare_their_own_drafts_only(self):
        author = make_member("Author")
        self.client.force_login(author)
        self.assertEqual(self.compare().status_code, 404)
        Article.objects.update(created_by=author)
        self.assertEqual(self.compare().status_code, 200)

    def test_pages_are_compared_too(self):
        page = make_page()
        url = reverse("admin:articles_page_compare", args=[page.pk])
        self.assertContains(self.client.post(url, page_form_data(page, body="<p>Other words.</p>")), "Other words.")
