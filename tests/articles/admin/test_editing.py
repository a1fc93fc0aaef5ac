"""What the editor fetches while a user writes, and what it says after saving."""

import json
from datetime import timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from articles.forms.articles import ArticleForm
from articles.media.renditions import create_missing_renditions
from articles.models import Article, Author, Redirect, Topic
from articles.previews.articles import ArticlePreview
from articles.services import revisions
from articles.services.publishing import publish, unschedule
from tests.articles.admin.editor import EditorTestCase, form_data
from tests.factories import make_article, make_draft, make_editor, make_image, make_member, make_section, make_topic
from tests.html import page_of, text_of


class LinkTargetTests(EditorTestCase):
    def titles(self, q, client=None):
        response = (client or self.client).get(reverse("admin:articles_article_link_targets"), {"q": q})
        return [item["title"] for item in response.json()["items"]]

    def test_finds_public_articles_by_words_of_the_headline(self):
        article = make_article(headline="The plug and the queue")
        make_article(headline="The queue")
        self.assertEqual(self.titles("queue plug"), ["The plug and the queue"])
        response = self.client.get(reverse("admin:articles_article_link_targets"), {"q": "plug"})
        self.assertEqual(response.json()["items"][0]["href"], article.get_absolute_url())

    def test_drafts_come_last_and_are_labelled(self):
        make_draft(headline="A queue in work")
        make_article(headline="The queue")
        items = self.client.get(reverse("admin:articles_article_link_targets"), {"q": "queue"}).json()["items"]
        self.assertEqual([item["kind"] for item in items], ["Article", "Draft, not public yet"])

    def test_login_is_required(self):
        self.client.logout()
        self.assertNotEqual(self.client.get(reverse("admin:articles_article_link_targets")).status_code, 200)

    def test_permission_to_change_articles_is_required(self):
        self.client.force_login(make_member("Moderator"))
        self.assertEqual(self.client.get(reverse("admin:articles_article_link_targets")).status_code, 403)

    def test_number_of_queries_does_not_grow(self):
        for _ in range(5):
            make_article(headline="The queue")
        with self.assertNumQueries(6):
            self.titles("queue")


class OwnAuthorTests(EditorTestCase):
    url = reverse_lazy("admin:articles_author_own")

    def test_the_byline_of_a_first_article_can_be_created_in_the_editor(self):
        Author.objects.all().delete()
        add = reverse("admin:articles_article_add")
        self.assertContains(self.client.get(add), f'data-own-author="{self.url}"')
        first = self.client.post(self.url).json()
        self.assertEqual(self.client.post(self.url).json(), first)
        author = Author.objects.get()
        self.assertEqual((author.user, author.pk, author.name), (self.editor, first["pk"], self.editor.display_name))
        self.assertNotContains(self.client.get(add), "data-own-author")

    def test_authors_are_told_to_ask_an_editor(self):
        self.client.force_login(make_member("Author"))
        page = self.client.get(reverse("admin:articles_article_add"))
        self.assertContains(page, "Ask an editor to create it.")
        self.assertEqual(self.client.post(self.url).status_code, 403)

    def test_without_a_name_the_reason_is_said(self):
        type(self.editor).objects.update(display_name="")
        response = self.client.post(self.url)
        self.assertEqual(
            (response.status_code, response.json()["says"]), (422, "Enter your name in your account first.")
        )


class QuickTopicTests(EditorTestCase):
    def add_topic(self, name):
        return self.client.post(reverse("admin:articles_topic_quick_add"), {"name": name})

    def test_adds_a_topic_once_whatever_the_case(self):
        first = self.add_topic(" Shore  power ").json()
        self.assertEqual(self.add_topic("shore POWER").json(), first)
        self.assertEqual(list(Topic.objects.values_list("name", "slug")), [("Shore power", "shore-power")])

    def test_name_of_a_merged_topic_gives_its_successor(self):
        ports = make_topic(name="Ports")
        make_topic(name="Harbours", merged_into=ports)
        self.assertEqual(self.add_topic("harbours").json(), {"pk": ports.pk, "name": "Ports"})

    def test_invalid_names_are_refused_with_the_reason(self):
        for name in ("", "x" * 81):
            with self.subTest(name):
                response = self.add_topic(name)
                self.assertEqual(response.status_code, 422)
                self.assertTrue(response.json()["says"])

    def test_permission_is_required(self):
        self.client.force_login(make_member("Moderator"))
        self.assertEqual(self.add_topic("Ports").status_code, 403)
        self.assertFalse(Topic.objects.exists())


class ImagesByUuidTests(EditorTestCase):
    def test_returns_the_known_ones(self):
        image = make_image()
        response = self.client.get(reverse("admin:articles_image_by_uuid"), {"uuid": [str(image.uuid), "x", "'"]})
        self.assertEqual([item["pk"] for item in response.json()["items"]], [image.pk])


class NewArticleTests(EditorTestCase):
    def test_page_has_an_input_for_every_field(self):
        """Saving would empty a field without one. The editor's templates are in templates/admin/articles/article."""
        make_topic()
        html = self.client.get(self.add).content.decode()
        self.assertEqual([name for name in ArticleForm.base_fields if f'name="{name}"' not in html], [])

    def test_section_is_the_last_one_of_the_user(self):
        ports, energy = make_section(name="Ports"), make_section(name="Energy")
        for section, user in ((energy, self.editor), (ports, self.editor), (energy, make_editor())):
            Article.objects.filter(pk=make_draft(section=section).pk).update(created_by=user)
        self.assertContains(self.client.get(self.add), f'<option value="{ports.pk}" selected>Ports</option>')


class SavedMessageTests(EditorTestCase):
    def message(self, article, **changes):
        return str(
            next(
                iter(
                    self.client.post(self.url(article), form_data(article, **changes), follow=True).context["messages"]
                )
            )
        )

    def test_changed_url_is_said_to_apply_at_once(self):
        article = make_article(slug="old")
        message = self.message(article, slug="new")
        self.assertEqual(message, "Saved. The new URL applies at once, and the old one redirects to it.")
        self.assertEqual(Redirect.objects.get().article, article)
        self.assertRedirects(self.client.get("/articles/old/"), "/articles/new/", 301)

    def test_a_new_url_alone_is_nothing_to_publish(self):
        article, pages = make_article(slug="old"), reverse("admin:articles_article_changelist")
        with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
            self.message(article, slug="new")
            self.assertNotContains(self.client.get(pages), "unpublished changes")
            self.assertContains(self.client.get(self.url(article, "publish")), "Nothing has changed since version 1")
            self.message(article, headline="Another")
            self.assertContains(self.client.get(pages), "unpublished changes")

    def test_other_changes_wait_until_they_are_published(self):
        article = make_article(slug="old")
        self.assertEqual(
            self.message(article, slug="new", headline="New"),
            "Saved. The new URL applies at once, and the old one redirects to it. "
            "Readers see the other changes once you publish them.",
        )
        article.refresh_from_db()
        self.assertIn("Readers see the change once you publish it.", self.message(article, headline="Newer"))

    def test_unchanged_text_and_drafts_are_just_saved(self):
        self.assertEqual(self.message(make_article()), "Saved.")
        self.assertEqual(self.message(make_draft(), slug="new"), "Saved.")


class VersionNumberTests(EditorTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft(headline="Before")
        publish(item=self.article, at=timezone.now() + timedelta(days=1))
        unschedule(item=self.article)
        publish(item=self.article)

    def test_readers_do_not_count_what_never_appeared(self):
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, "Version 1, unchanged")
        self.assertContains(page, '"version":1')
        self.assertNotContains(page, "Version 2")

    def test_next_version_is_the_second(self):
        self.save(self.article, headline="After")
        self.assertContains(self.client.get(self.url(self.article, "publish")), "Publish version 2")
        preview = ArticlePreview(self.article, revisions.current_fields(self.article))
        self.assertEqual(preview.version_log().number, 2)

    def test_newsroom_uses_the_same_numbers(self):
        page = self.client.get(self.url(self.article))
        self.assertContains(page, "Version 1 is live.")
        self.assertContains(page, "never published")
        history = self.client.get(self.url(self.article, "history"))
        titles = [entry.title for entry in history.context["entries"] if entry.version]
        self.assertEqual(titles, ["Version 1", "Scheduled version"])
        self.assertContains(history, "never appeared")


class SocialTests(TestCase):
    def test_shared_links_show_their_own_title_and_image(self):
        image = make_image(alt="A plug")
        create_missing_renditions(image)
        article = make_article(headline="A long headline", social_title="Plug!", social_image=image, lead=make_image())
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, '<meta property="og:title" content="Plug!">')
        self.assertContains(page, '<meta property="og:image:alt" content="A plug">')
        self.assertContains(page, '"headline":"A long headline"')
        self.assertTrue(text_of(page_of(page).find(".//title")).startswith("A long headline"))
        self.assertTrue(image.usages.filter(version=article.live).exists())

    def test_content_without_them_is_unchanged(self):
        article = make_article(headline="A headline")
        self.assertNotIn("social", json.loads(article.live.content))
        self.assertContains(self.client.get(article.get_absolute_url()), 'og:title" content="A headline"')
