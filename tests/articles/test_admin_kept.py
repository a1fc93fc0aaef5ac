"""Nothing that was written is lost when a log-in ends, or a form's token with it."""

from django.test import Client, TestCase
from django.urls import reverse

from articles.models import Article
from tests.articles.admin.editor import form_data
from tests.factories import make_draft, make_editor, make_user


class KeptTests(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.article = make_draft(headline="Before")
        self.url = reverse("admin:articles_article_change", args=[self.article.pk])
        self.written = form_data(self.article, headline="Written", body="<p>Hours\nof & work</p>")

    def send_again(self, page):
        data = {}
        for name, value in page.context["fields"]:
            data.setdefault(name, []).append(value)
        return self.client.post(self.url, data)

    def test_a_form_sent_after_the_log_in_ended_waits_for_its_writer(self):
        response = self.client.post(self.url, self.written)
        self.assertIn("/login/", response.url)
        self.client.force_login(self.editor)
        page = self.client.get(self.url)
        self.assertContains(page, "Hours\nof &amp; work")
        self.assertRedirects(self.send_again(page), self.url)
        self.article.refresh_from_db()
        self.assertEqual(self.article.headline, "Written")
        self.assertNotContains(self.client.get(self.url), "Submit again")

    def test_it_can_be_let_go(self):
        self.client.post(self.url, self.written)
        self.client.force_login(self.editor)
        self.assertRedirects(self.client.post(self.url, {"_drop_kept": "1"}), self.url)
        self.assertNotContains(self.client.get(self.url), "Submit again")
        self.article.refresh_from_db()
        self.assertEqual(self.article.headline, "Before")

    def test_a_reader_is_shown_nothing_of_it(self):
        self.client.post(self.url, self.written)
        self.client.force_login(make_user())
        self.assertNotContains(self.client.get(self.url, follow=True), "Hours", status_code=403)

    def test_a_stale_token_keeps_the_form_of_this_site_and_of_no_other(self):
        for origin, kept in [("http://testserver", True), ("https://evil.example", False), (None, False)]:
            with self.subTest(origin):
                self.client = Client(enforce_csrf_checks=True)
                self.client.force_login(self.editor)
                headers = {"Origin": origin} if origin else {}
                response = self.client.post(self.url, self.written, headers=headers)
                self.assertEqual(response.status_code, 302 if kept else 403)
                page = self.client.get(self.url)
                self.assertEqual("Submit again" in page.content.decode(), kept)
        self.assertEqual(Article.objects.get().headline, "Before")
