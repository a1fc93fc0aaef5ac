"""Sections, topics, authors and series whose slug changes: old URLs redirect."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client, TestCase
from django.urls import reverse

from articles.models import Redirect, Topic
from articles.services import checks
from articles.services.merge_topics import merge_topics
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_editor, make_section, make_series, make_topic
from tests.invalidation import invalidates
from tests.threads import at_once
from tests.transactions import TransactionTestCase

FIELDS = {
    "section": ("name", "slug", "intro", "position"),
    "topic": ("name", "slug", "intro"),
    "author": ("name", "slug", "role", "bio", "expertise", "links"),
    "series": ("name", "slug", "intro"),
}


def save(client, row, **changes):
    name = row._meta.model_name
    data = {field: getattr(row, field) for field in FIELDS[name]} | changes
    return client.post(reverse(f"admin:articles_{name}_change", args=[row.pk]), data)


class RenameTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.rows = [make_section(), make_topic(), make_author(), make_series()]
        cls.section, cls.topic, cls.author, cls.series = cls.rows
        cls.article = make_article(
            section=cls.section, topics=[cls.topic], authors=[cls.author], series=cls.series, series_part=1
        )

    def setUp(self):
        self.desk = Client()
        self.desk.force_login(self.editor)

    def rename(self, row, slug):
        self.assertEqual(save(self.desk, row, slug=slug).status_code, 302)
        row.refresh_from_db()

    def test_old_urls_redirect_permanently_before_texts_are_rendered_again(self):
        for row in self.rows:
            old = row.get_absolute_url()
            with self.subTest(row._meta.model_name):
                self.rename(row, "renamed")
                self.assertRedirects(self.client.get(old), row.get_absolute_url(), status_code=301)
        page = self.client.get(self.article.get_absolute_url())  # no worker ran
        for link in page.context["version"].head["section"]["slug"], page.context["version"].head["series"]["slug"]:
            self.assertNotEqual(link, "renamed")

    def test_feeds_move_too(self):
        for row in self.rows[:3]:
            old = row.get_absolute_url()
            self.rename(row, "moved")
            for file in ("rss.xml", "feed.json"):
                new = f"{row.get_absolute_url()}feeds/{file}"
                self.assertRedirects(self.client.get(f"{old}feeds/{file}"), new, status_code=301)
        self.assertEqual(self.client.get(f"{self.series.get_absolute_url()}feeds/rss.xml").status_code, 404)

    def test_second_rename_makes_no_chain_and_going_back_no_loop(self):
        first = self.section.slug
        self.rename(self.section, "second")
        self.rename(self.section, "third")
        for slug in (first, "second"):
            self.assertRedirects(self.client.get(f"/sections/{slug}/"), "/sections/third/", status_code=301)
        self.rename(self.section, first)
        self.assertEqual(self.client.get(f"/sections/{first}/").status_code, 200)
        self.assertRedirects(self.client.get("/sections/third/"), f"/sections/{first}/", status_code=301)

    def test_new_section_may_take_an_old_url(self):
        old = self.section.slug
        self.rename(self.section, "elsewhere")
        data = {"name": "Another", "slug": old, "intro": "", "position": 0}
        self.assertEqual(self.desk.post(reverse("admin:articles_section_add"), data).status_code, 302)
        self.assertContains(self.client.get(f"/sections/{old}/"), "Another")
        self.assertFalse(Redirect.objects.filter(path=f"/sections/{old}").exists())

    def test_renamed_topic_that_is_merged_redirects_in_one_step(self):
        old, into = self.topic.get_absolute_url(), make_topic()
        self.rename(self.topic, "renamed-topic")
        merge_topics(topic=self.topic, into=into)
        self.assertRedirects(self.client.get(old), into.get_absolute_url(), status_code=301)
        feed = f"{into.get_absolute_url()}feeds/rss.xml"
        self.assertRedirects(self.client.get(f"{old}feeds/rss.xml"), feed, status_code=301)

    def test_rename_invalidates_the_page_at_the_old_url(self):
        for row in self.rows:
            with self.subTest(row._meta.model_name):
                tags = self.client.get(row.get_absolute_url()).cache_tags
                self.assertTrue(invalidates(self, tags, lambda row=row: self.rename(row, "purged")))

    def test_change_without_a_new_slug_adds_no_redirect(self):
        for row in self.rows:
            save(self.desk, row, name="Another name")
        self.assertFalse(Redirect.objects.exists())

    def test_form_says_that_the_old_url_redirects_but_not_of_a_new_row(self):
        for row in self.rows:
            name = row._meta.model_name
            change = self.desk.get(reverse(f"admin:articles_{name}_change", args=[row.pk]))
            self.assertContains(change, "If you change it, the old URL redirects.")
            self.assertNotContains(self.desk.get(reverse(f"admin:articles_{name}_add")), "the old URL redirects")

    def test_redirects_can_lead_to_all_of_them(self):
        for row in self.rows:
            name = row._meta.model_name
            self.desk.post(reverse("admin:articles_redirect_add"), {"path": f"/old/{name}/", name: row.pk})
            self.assertRedirects(self.client.get(f"/old/{name}"), row.get_absolute_url(), status_code=301)
        data = {"path": "/old/two", "section": self.section.pk, "topic": self.topic.pk}
        self.assertContains(self.desk.post(reverse("admin:articles_redirect_add"), data), "Choose one target")
        with self.assertRaises(ValidationError):
            Redirect(path="/old/none").full_clean()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Redirect.objects.create(path="/old/both", section=self.section, article=self.article)

    def test_feed_and_history_below_a_redirect_to_something_without_them_are_not_found(self):
        Redirect.objects.create(path="/sections/gone", article=self.article)
        Redirect.objects.create(path="/articles/gone", section=self.section)
        for url in ("/sections/gone/feeds/rss.xml", "/articles/gone/history/"):
            self.assertEqual(self.client.get(url).status_code, 404)

    def test_links_to_an_old_url_are_no_dead_links(self):
        old = self.section.get_absolute_url()
        self.rename(self.section, "renamed")
        self.assertEqual(checks.link_targets([old], "/articles/x/")[old], checks.LinkTarget.REDIRECT)

    def test_parts_are_counted_before_the_series_is_rendered_again(self):
        make_article(series=self.series, series_part=2)
        self.rename(self.series, "renamed")
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Part 1 of 2 in")


class RaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_two_renames_at_once_leave_no_dead_url(self):
        topic, slugs = make_topic(slug="first"), iter(["left", "right"])
        editor = make_editor()

        def rename():
            client = Client()
            client.force_login(editor)
            return save(client, topic, slug=next(slugs)).status_code

        self.assertEqual(at_once(rename, 2), [302, 302])
        current = Topic.objects.get().slug
        for slug in {"first", "left", "right"} - {current}:
            self.assertRedirects(self.client.get(f"/topics/{slug}/"), f"/topics/{current}/", status_code=301)
