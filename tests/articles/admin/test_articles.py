"""The article editor: saving, slugs, bylines and deletion."""

from datetime import timedelta

from django.utils import timezone

from articles.access import Level
from articles.models import Article, Redirect
from tests.articles.admin.editor import AtMost, EditorTestCase, form_data
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_draft, make_image, make_topic, publish_change
from truthlytics.publication.models import Publication


class ArticleFormTests(EditorTestCase):
    def test_draft_only_needs_a_headline(self):
        response = self.client.post(self.add, form_data(headline="Only this", body=""))
        article = Article.objects.get()
        self.assertRedirects(response, self.url(article))
        self.assertEqual((article.headline, article.slug, article.state()), ("Only this", "only-this", "draft"))
        self.assertEqual(article.created_by, self.editor)

    def test_new_articles_start_with_the_access_in_the_settings(self):
        level = self.client.get(self.add).context["adminform"].form["required_level"]
        self.assertEqual(level.value(), Level.EVERYONE)
        Publication.objects.create(default_access=Level.SUBSCRIBER)
        level = self.client.get(self.add).context["adminform"].form["required_level"]
        self.assertEqual(level.value(), Level.SUBSCRIBER)

    def test_blank_slug_is_generated_and_unique(self):
        for expected in ("the-same", "the-same-2", "the-same-3"):
            self.client.post(self.add, form_data(headline="The same"))
            self.assertEqual(Article.objects.order_by("-pk").first().slug, expected)
        self.client.post(self.add, form_data(headline="…"))
        self.assertEqual(Article.objects.order_by("-pk").first().slug, "article")

    def test_double_click_makes_one_article(self):
        key = self.client.get(self.add).context["adminform"].form["key"].value()
        first, second = (self.client.post(self.add, form_data(key=str(key))) for _ in range(2))
        self.assertEqual(Article.objects.count(), 1)
        self.assertEqual(first.url, second.url)

    def test_invalid_key_is_ignored(self):
        self.client.post(self.add, form_data(key="nope"))
        self.assertTrue(Article.objects.exists())

    def test_same_key_with_another_text_makes_another_article(self):
        for headline in ("One", "Two"):
            self.client.post(self.add, form_data(key="6a3f2d3c-7c0f-4f4e-9d5c-111111111111", headline=headline))
        self.assertEqual(Article.objects.count(), 2)

    def test_errors_keep_all_input(self):
        author = make_author()
        response = self.client.post(
            self.add,
            form_data(headline="", standfirst="Kept line", body="<p>Kept text</p>", authors=[author], kind="review"),
        )
        self.assertContains(response, "Enter a headline")
        form = response.context["adminform"].form
        self.assertEqual((form["standfirst"].value(), form["body"].value()), ("Kept line", "<p>Kept text</p>"))
        rows = response.context["inline_admin_formsets"][0].formset.forms
        self.assertEqual(rows[0]["author"].value(), str(author.pk))
        self.assertContains(response, '<option value="review" selected>')

    def test_bylines_are_ordered_by_number_and_cleared_rows_removed(self):
        first, second, third = (make_author() for _ in range(3))
        article = make_draft(authors=[first, second])
        self.save(article, **{"bylines-0-position": 5, "bylines-2-author": third.pk, "bylines-2-position": 0})
        order = [byline.author for byline in article.bylines.all()]
        self.assertEqual(order, [third, second, first])
        self.save(article, **{"bylines-1-author": ""})
        self.assertEqual([byline.author for byline in article.bylines.all()], [third, first])

    def test_author_cannot_be_listed_twice(self):
        author = make_author()
        response = self.client.post(self.add, form_data(authors=[author, author]))
        self.assertEqual(response.status_code, 200)
        self.assertFalse(Article.objects.exists())
        self.assertContains(response, "twice")

    def test_pasted_html_is_sanitised(self):
        self.client.post(
            self.add, form_data(body='<p style="x">A<script>b()</script><b>c</b><img src="//e.org/p"></p>')
        )
        self.assertEqual(Article.objects.get().body, "<p>A<strong>c</strong></p>")

    def test_control_characters_are_removed(self):
        self.client.post(self.add, form_data(headline="A\x00 head\x07line", body="<p>a\x00b</p>", standfirst="x\x00"))
        article = Article.objects.get()
        self.assertEqual((article.headline, article.body, article.standfirst), ("A headline", "<p>ab</p>", "x"))

    @takes_longer("Many kinds of invalid input are sent.")
    def test_invalid_values_are_refused_with_errors(self):
        for name, value in [
            ("section", "999999"), ("section", "\x00"), ("kind", "nope"), ("lead", "x"), ("topics", ["abc"]),
            ("required_level", "7"), ("slug", "../../x"), ("slug", "é" * 300), ("headline", "x" * 5000),
            ("bylines-0-author", "99999"), ("bylines-TOTAL_FORMS", "nope"),
            ("lead", "9" * 400), ("section", "9" * 400),
        ]:  # fmt: skip
            with self.subTest(name=name, value=value):
                response = self.client.post(self.add, form_data(**{name: value}))
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")

    def test_editor_shows_every_form_field(self):
        response = self.client.get(self.url(make_draft()))
        for name in response.context["adminform"].form.fields:
            self.assertContains(response, f'name="{name}"' if name != "topics" else 'id="id_topics"', msg_prefix=name)

    def test_changed_slug_redirects_the_old_url(self):
        article = make_article(slug="before")
        self.save(article, slug="after")
        self.client.logout()
        self.assertRedirects(
            self.client.get("/articles/before/"), "/articles/after/", 301, fetch_redirect_response=False
        )

    def test_slug_with_a_redirect_is_refused(self):
        article = make_article(slug="before", headline="Moved article")
        self.save(article, slug="after")
        response = self.client.post(self.add, form_data(slug="before"))
        self.assertContains(response, "“Moved article”")
        self.client.post(self.add, form_data(headline="Before"))
        self.assertEqual(Article.objects.order_by("-pk").first().slug, "before-2")
        self.save(article, slug="before")
        self.assertEqual(list(Redirect.objects.values_list("path", flat=True)), ["/articles/after"])

    def test_published_article_keeps_its_slug_when_cleared(self):
        article = make_article(slug="stays")
        self.save(article, slug="")
        article.refresh_from_db()
        self.assertEqual(article.slug, "stays")

    def test_editor_takes_at_most_27_queries(self):
        article = make_draft(authors=[make_author() for _ in range(4)], topics=[make_topic() for _ in range(5)])
        article.body = "".join(f'<figure data-image="{make_image().uuid}"></figure>' for _ in range(3)) + "<p>x</p>"
        article.save()
        publish_change(article)
        with self.assertNumQueries(AtMost(27)):
            self.client.get(self.url(article))


class DeleteArticleTests(EditorTestCase):
    def test_draft_can_be_deleted(self):
        article = make_draft()
        self.assertContains(self.client.get(self.url(article)), "Delete draft")
        self.client.post(self.url(article, "delete"), {"post": "yes"})
        self.assertFalse(Article.objects.exists())

    @takes_longer("Many requests, one after the other.")
    def test_published_or_scheduled_article_cannot_be_deleted(self):
        for article in (make_article(), make_article(at=timezone.now() + timedelta(days=1))):
            for method in (self.client.get, self.client.post):
                response = method(self.url(article, "delete"), {"post": "yes"}, follow=True)
                self.assertRedirects(response, self.url(article))
                self.assertContains(response, "it cannot be deleted")
        self.assertEqual(Article.objects.count(), 2)
