"""The writing desk by its addresses: nothing typed is lost, and the button does what it says."""

from datetime import timedelta

from django.utils import timezone

from articles.models import Article, Redirect
from articles.services.publishing import publish
from tests.articles.desk import DeskTestCase, FewerThan, fields
from tests.factories import make_article, make_author, make_draft, make_image, make_topic


class WritingTests(DeskTestCase):
    def test_a_draft_needs_no_more_than_a_headline(self):
        response = self.client.post(self.add, fields(headline="Only this", body=""))
        article = Article.objects.get()
        self.assertRedirects(response, self.url(article))
        self.assertEqual((article.headline, article.slug, article.state()), ("Only this", "only-this", "draft"))
        self.assertEqual(article.created_by, self.editor)

    def test_an_empty_address_is_made_from_the_headline_and_never_taken_twice(self):
        for expected in ("the-same", "the-same-2", "the-same-3"):
            self.client.post(self.add, fields(headline="The same"))
            self.assertEqual(Article.objects.order_by("-pk").first().slug, expected)
        self.client.post(self.add, fields(headline="…"))
        self.assertEqual(Article.objects.order_by("-pk").first().slug, "article")

    def test_a_double_click_makes_one_article(self):
        key = self.client.get(self.add).context["adminform"].form["key"].value()
        first, second = (self.client.post(self.add, fields(key=str(key))) for _ in range(2))
        self.assertEqual(Article.objects.count(), 1)
        self.assertEqual(first.url, second.url)

    def test_a_broken_key_stops_nobody(self):
        self.client.post(self.add, fields(key="nope"))
        self.assertTrue(Article.objects.exists())

    def test_the_same_form_with_another_text_is_another_article(self):
        for headline in ("One", "Two"):
            self.client.post(self.add, fields(key="6a3f2d3c-7c0f-4f4e-9d5c-111111111111", headline=headline))
        self.assertEqual(Article.objects.count(), 2)

    def test_everything_typed_is_shown_again_when_something_is_wrong(self):
        author = make_author()
        response = self.client.post(
            self.add,
            fields(headline="", standfirst="Kept line", body="<p>Kept text</p>", authors=[author], kind="review"),
        )
        self.assertContains(response, "Give it a headline")
        form = response.context["adminform"].form
        self.assertEqual((form["standfirst"].value(), form["body"].value()), ("Kept line", "<p>Kept text</p>"))
        rows = response.context["inline_admin_formsets"][0].formset.forms
        self.assertEqual(rows[0]["author"].value(), str(author.pk))
        self.assertContains(response, '<option value="review" selected>')

    def test_bylines_keep_the_order_of_their_numbers_and_an_emptied_row_goes(self):
        first, second, third = (make_author() for _ in range(3))
        article = make_draft(authors=[first, second])
        self.save(article, **{"bylines-0-position": 5, "bylines-2-author": third.pk, "bylines-2-position": 0})
        order = [byline.author for byline in article.bylines.all()]
        self.assertEqual(order, [third, second, first])
        self.save(article, **{"bylines-1-author": ""})
        self.assertEqual([byline.author for byline in article.bylines.all()], [third, first])

    def test_an_author_stands_in_a_byline_once(self):
        author = make_author()
        response = self.client.post(self.add, fields(authors=[author, author]))
        self.assertEqual(response.status_code, 200)
        self.assertFalse(Article.objects.exists())
        self.assertContains(response, "twice")

    def test_what_is_pasted_is_in_our_vocabulary_when_it_is_stored(self):
        self.client.post(self.add, fields(body='<p style="x">A<script>b()</script><b>c</b><img src="//e.org/p"></p>'))
        self.assertEqual(Article.objects.get().body, "<p>A<strong>c</strong></p>")

    def test_control_characters_and_null_are_dropped_not_refused(self):
        self.client.post(self.add, fields(headline="A\x00 head\x07line", body="<p>a\x00b</p>", standfirst="x\x00"))
        article = Article.objects.get()
        self.assertEqual((article.headline, article.body, article.standfirst), ("A headline", "<p>ab</p>", "x"))

    def test_nonsense_is_refused_in_words_and_never_breaks(self):
        for name, value in [
            ("section", "999999"), ("section", "\x00"), ("kind", "nope"), ("lead", "x"), ("topics", ["abc"]),
            ("required_level", "7"), ("slug", "../../x"), ("slug", "é" * 300), ("headline", "x" * 5000),
            ("bylines-0-author", "99999"), ("bylines-TOTAL_FORMS", "nope"),
            ("lead", "9" * 400), ("section", "9" * 400),
        ]:  # fmt: skip
            with self.subTest(name=name, value=value):
                response = self.client.post(self.add, fields(**{name: value}))
                self.assertEqual(response.status_code, 200)
                self.assertContains(response, "errorlist")

    def test_the_desk_shows_every_field_of_its_form(self):
        response = self.client.get(self.url(make_draft()))
        for name in response.context["adminform"].form.fields:
            self.assertContains(response, f'name="{name}"' if name != "topics" else 'id="id_topics"', msg_prefix=name)

    def test_a_change_of_a_public_address_leads_the_old_one_on(self):
        article = make_article(slug="before")
        self.save(article, slug="after")
        self.client.logout()
        self.assertRedirects(
            self.client.get("/articles/before/"), "/articles/after/", 301, fetch_redirect_response=False
        )

    def test_an_address_that_leads_elsewhere_is_refused(self):
        article = make_article(slug="before", headline="Moved piece")
        self.save(article, slug="after")
        response = self.client.post(self.add, fields(slug="before"))
        self.assertContains(response, "still leads readers to “Moved piece”")
        self.client.post(self.add, fields(headline="Before"))
        self.assertEqual(Article.objects.order_by("-pk").first().slug, "before-2")
        self.save(article, slug="before")
        self.assertEqual(list(Redirect.objects.values_list("path", flat=True)), ["/articles/after"])

    def test_the_address_of_a_public_article_is_not_lost_by_emptying_the_box(self):
        article = make_article(slug="stays")
        self.save(article, slug="")
        article.refresh_from_db()
        self.assertEqual(article.slug, "stays")

    def test_the_desk_takes_at_most_25_queries(self):
        article = make_draft(authors=[make_author() for _ in range(4)], topics=[make_topic() for _ in range(5)])
        article.body = "".join(f'<figure data-image="{make_image().uuid}"></figure>' for _ in range(3)) + "<p>x</p>"
        article.save()
        publish(article=article)
        with self.assertNumQueries(FewerThan(26)):
            self.client.get(self.url(article))


class DeletingTests(DeskTestCase):
    def test_a_draft_can_be_deleted(self):
        article = make_draft()
        self.assertContains(self.client.get(self.url(article)), "Delete draft")
        self.client.post(self.url(article, "delete"), {"post": "yes"})
        self.assertFalse(Article.objects.exists())

    def test_what_was_ever_published_or_planned_is_kept_and_a_sentence_says_so(self):
        for article in (make_article(), make_article(at=timezone.now() + timedelta(days=1))):
            for method in (self.client.get, self.client.post):
                response = method(self.url(article, "delete"), {"post": "yes"}, follow=True)
                self.assertRedirects(response, self.url(article))
                self.assertContains(response, "it cannot be deleted")
        self.assertEqual(Article.objects.count(), 2)
