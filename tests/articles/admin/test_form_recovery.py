"""The article form survives an expired login or CSRF token."""

from django.test import Client, TestCase
from django.urls import reverse

from articles.models import Article
from tests.articles.admin.editor import form_data
from tests.factories import make_draft, make_editor, make_user


class FormRecoveryTests(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.article = make_draft(headline="Before")
        self.url = reverse("admin:articles_article_change", args=[self.article.pk])
        self.submitted = form_data(self.article, headline="Submitted", body="<p>Hours\nof & work</p>")

    def resubmit(self, page):
        data = {}
        for name, value in page.context["fields"]:
            data.setdefault(name, []).append(value)
        return self.client.post(self.url, data)

    def test_form_posted_after_logout_is_offered_after_login(self):
        response = self.client.post(self.url, self.submitted)
        self.assertIn("/login/", response.url)
        self.client.force_login(self.editor)
        page = self.client.get(self.url)
        self.assertContains(page, "Hours\nof &amp; work")
        self.assertRedirects(self.resubmit(page), self.url)
        self.article.refresh_from_db()
        self.assertEqual(self.article.headline, "Submitted")
        self.assertNotContains(self.client.get(self.url), "Submit again")

    def test_recovered_form_can_be_discarded(self):
        self.client.post(self.url, self.submitted)
        self.client.force_login(self.editor)
        self.assertRedirects(self.client.post(self.url, {"_drop_kept": "1"}), self.url)
        self.assertNotContains(self.client.get(self.url), "Submit again")
        self.article.refresh_from_db()
        self.assertEqual(self.article.headline, "Before")

    def test_recovered_form_is_not_shown_to_readers(self):
        self.client.post(self.url, self.submitted)
        self.client.force_login(make_user())
        self.assertNotContains(self.client.get(self.url, follow=True), "Hours", status_code=403)

    def test_form_with_expired_token_is_recovered_for_own_origin_only(self):
        for origin, recovered in [("http://testserver", True), ("https://evil.example", False), (None, False)]:
            with self.subTest(origin):
                self.client = Client(enforce_csrf_checks=True)
                self.client.force_login(self.editor)
                headers = {"Origin": origin} if origin else {}
                response = self.client.post(self.url, self.submitted, headers=headers)
                self.assertEqual(response.status_code, 302 if recovered else 403)
                page = self.client.get(self.url)
                self.assertEqual("Submit again" in page.content.decode(), recovered)
        self.assertEqual(Article.objects.get().headline, "Before")
