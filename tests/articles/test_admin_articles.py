"""The writing desk by its addresses: nothing typed is lost, and the button does what it says."""

from datetime import timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, OldAddress
from articles.services.publishing import publish, withdraw
from tests.factories import make_article, make_author, make_draft, make_editor, make_image, make_section, make_topic


def fields(article=None, *, authors=(), **changes):
    """What the desk's form sends."""
    rows = list(article.bylines.all()) if article else []
    data = {
        "headline": "A headline", "standfirst": "", "body": "<p>Text.</p>", "kind": "analysis", "section": "",
        "required_level": "0", "lead": "", "lead_caption": "", "slug": "", "seo_title": "", "seo_description": "",
        "bylines-TOTAL_FORMS": len(rows) + 3, "bylines-INITIAL_FORMS": len(rows), "_save": "1",
    }  # fmt: skip
    if article:
        data |= {name: getattr(article, name) for name in ("headline", "standfirst", "body", "kind", "slug")}
        data |= {"section": article.section_id or "", "required_level": article.required_level}
        data["topics"] = [topic.pk for topic in article.topics.all()]
        data["based_on"] = Article.objects.values_list("edition", flat=True).get(pk=article.pk)
    for number, row in enumerate(rows):
        data |= {f"bylines-{number}-id": row.pk, f"bylines-{number}-author": row.author_id}
        data[f"bylines-{number}-position"] = row.position
    for number in range(len(rows), len(rows) + 3):
        data |= {f"bylines-{number}-author": "", f"bylines-{number}-position": number + 1}
    for number, author in enumerate(authors, start=len(rows)):
        data[f"bylines-{number}-author"] = author.pk
    return data | changes


class DeskTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.add = reverse("admin:articles_article_add")

    def setUp(self):
        self.client.force_login(self.editor)

    def url(self, article, name="change"):
        return reverse(f"admin:articles_article_{name}", args=[article.pk])

    def save(self, article, **changes):
        return self.client.post(self.url(article), fields(article, **changes))


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
        self.assertEqual(list(OldAddress.objects.values_list("path", flat=True)), ["/articles/after"])

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


class FewerThan(int):
    """A number that every smaller one equals."""

    def __eq__(self, other):
        return other < int(self)

    __hash__ = int.__hash__


class PublishingPageTests(DeskTestCase):
    def publish(self, article, last=0, **data):
        return self.client.post(self.url(article, "publish"), {"when": "now", "last": last, "note": "", **data})

    def test_save_and_publish_goes_through_the_page_that_says_what_will_happen(self):
        article = make_draft()
        response = self.save(article, _publish="1")
        self.assertRedirects(response, self.url(article, "publish"))
        self.assertRedirects(self.publish(article), self.url(article))
        article.refresh_from_db()
        self.assertEqual((article.state(), article.live.number, article.live.made_by), ("published", 1, self.editor))

    def test_what_is_missing_is_said_and_nothing_is_published(self):
        article = make_draft(section=None, authors=[], body="")
        for response in (self.client.get(self.url(article, "publish")), self.publish(article)):
            for sentence in ("Choose a section.", "Name at least one author.", "Write a text."):
                self.assertContains(response, sentence, status_code=response.status_code)
        article.refresh_from_db()
        self.assertEqual(article.state(), "draft")

    def test_a_set_time_is_kept_in_the_named_zone(self):
        article = make_draft()
        day = timezone.localdate() + timedelta(days=3)
        with self.settings(TIME_ZONE="Europe/Amsterdam"):
            self.assertContains(self.client.get(self.url(article, "publish")), "Europe/Amsterdam")
            self.publish(article, when="later", day=day.isoformat(), hour="09:30")
            article.refresh_from_db()
            self.assertEqual(timezone.localtime(article.upcoming_at).strftime("%H:%M"), "09:30")
        self.assertEqual(article.state(), "scheduled")
        self.assertNotEqual(article.upcoming_at.strftime("%H:%M"), "09:30")

    def test_a_time_that_cannot_be_meant_is_refused_and_the_note_is_kept(self):
        article = make_article()
        self.save(article, headline="Another")
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        for data, sentence in [
            ({"day": "2001-01-01", "hour": "09:00"}, "This time has passed."),
            ({"day": "9999-12-31", "hour": "23:59"}, "within the next five years"),
            ({"day": "0001-01-01", "hour": "00:00"}, "This time has passed."),
            ({"day": "", "hour": "09:00"}, "Choose a day."),
            ({"day": tomorrow, "hour": ""}, "Choose a time."),
            ({"day": "soon", "hour": "\x00"}, "Enter a valid date."),
            ({"when": "never"}, "not one of the available choices"),
        ]:
            with self.subTest(data):
                response = self.publish(article, last=1, note="Kept note", **{"when": "later", **data})
                self.assertContains(response, sentence, status_code=422)
                self.assertContains(response, "Kept note", status_code=422)
        self.assertEqual(article.versions.count(), 1)

    def test_an_hour_that_the_clocks_leave_out_is_refused(self):
        article = make_draft()
        with self.settings(TIME_ZONE="Europe/Amsterdam"), time_machine.travel("2027-03-01T12:00Z"):
            self.client.force_login(self.editor)
            response = self.publish(article, when="later", day="2027-03-28", hour="02:30")
        self.assertContains(response, "this time does not exist", status_code=422)

    def test_a_double_click_publishes_once(self):
        article = make_draft()
        self.publish(article)
        self.save(Article.objects.get(), headline="Changed since")
        response = self.publish(article)
        self.assertContains(response, "Version 1 was made in the meantime", status_code=422)
        self.assertEqual(article.versions.count(), 1)

    def test_what_readers_have_already_is_not_published_again(self):
        article = make_article()
        self.assertContains(self.client.get(self.url(article, "publish")), "Nothing differs from version 1")
        self.publish(article, last=1)
        self.assertEqual(article.versions.count(), 1)

    def test_a_second_version_carries_its_note_and_stands_in_the_list(self):
        article = make_article()
        self.save(article, headline="Better")
        self.publish(article, last=1, note="The headline was too strong.")
        response = self.client.get(self.url(article))
        self.assertContains(response, "The headline was too strong.")
        self.assertContains(response, "Readers see this text as version 2.")

    def test_a_plan_can_be_given_up(self):
        article = make_draft()
        publish(article=article, at=timezone.now() + timedelta(days=1))
        self.assertContains(self.client.get(self.url(article)), "Give up the plan")
        for _ in range(2):
            self.assertRedirects(self.client.post(self.url(article, "unschedule")), self.url(article))
        article.refresh_from_db()
        self.assertEqual((article.state(), article.published_at), ("draft", None))

    def test_a_planned_change_given_up_leaves_what_readers_have(self):
        article = make_article()
        self.save(article, headline="Later")
        publish(article=article, at=timezone.now() + timedelta(days=1))
        self.client.post(self.url(article, "unschedule"))
        article.refresh_from_db()
        self.assertEqual((article.state(), article.live.number), ("published", 1))
        self.assertIsNotNone(article.published_at)

    def test_withdrawn_and_put_back(self):
        article = make_article()
        self.assertContains(self.client.get(self.url(article, "withdraw")), "goes off the site at once")
        for name, state in [("withdraw", "withdrawn"), ("withdraw", "withdrawn"), ("restore", "published")]:
            self.assertRedirects(self.client.post(self.url(article, name)), self.url(article))
            article.refresh_from_db()
            self.assertEqual(article.state(), state)

    def test_nothing_is_published_while_it_is_withdrawn(self):
        article = make_article()
        withdraw(article=article)
        self.save(article, headline="Other")
        self.assertContains(self.publish(article, last=1), "Put it back on the site first", status_code=422)
        self.assertEqual(article.versions.count(), 1)


class ListTests(DeskTestCase):
    def test_the_list_takes_at_most_12_queries_however_long_it_is(self):
        for _ in range(12):
            make_article(authors=[make_author(), make_author()])
        with self.assertNumQueries(FewerThan(13)):
            self.client.get(reverse("admin:articles_article_changelist"))

    def test_each_state_finds_its_articles(self):
        later = timezone.now() + timedelta(days=1)
        made = {"draft": make_draft(), "scheduled": make_article(at=later), "published": make_article()}
        made |= {"changing": make_article(), "withdrawn": make_article()}
        made["changing"].headline = "New"
        made["changing"].save()
        publish(article=made["changing"], at=later)
        withdraw(article=made["withdrawn"])
        for state, article in made.items():
            with self.subTest(state):
                response = self.client.get(reverse("admin:articles_article_changelist"), {"state": state})
                self.assertEqual(list(response.context["cl"].result_list), [article])
                self.assertEqual(article.state(), state)
                self.assertContains(response, f"badge--{state}")

    def test_search_and_nonsense_in_the_address(self):
        article = make_draft(headline="Needle", section=make_section())
        url = reverse("admin:articles_article_changelist")
        self.assertEqual(list(self.client.get(url, {"q": "needle"}).context["cl"].result_list), [article])
        for query in [
            "?q=%00",
            "?state=%00",
            "?kind__exact=%00",
            "?p=-1",
            "?p=99999",
            "?o=99.a",
            "?nope=1",
            "?state=x",
        ]:
            with self.subTest(query):
                self.assertLess(self.client.get(url + query).status_code, 500)


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
