"""Previews of articles: readers, unsaved changes, access, and that nothing is cached."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.media.renditions import create_first_renditions
from articles.models import Article, Image, Rendition, Version
from articles.services import autosave
from tests.articles.admin.editor import form_data
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_draft,
    make_editor,
    make_image,
    make_member,
    make_series,
    make_version,
)
from tests.html import page_of, texts
from truthlytics.roles import ROLES
from truthlytics.web.fragments import FragmentCache
from truthlytics.web.generations import Generations

BODY = "<p>Free words.</p><hr data-gate><p>Paid words.</p>"


def url(article, page="preview", **query):
    return reverse(f"admin:articles_article_{page}", args=[article.pk], query=query or None)


class ArticlePreviewTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.article = make_draft(headline="The queue", body=BODY, required_level=10)

    def setUp(self):
        self.client.force_login(self.editor)

    def preview(self, article=None, **query):
        return self.client.get(url(article or self.article, "preview_page", **query))

    def autosave(self, **changes):
        self.client.post(
            reverse("admin:articles_article_autosave", args=[self.article.pk]),
            form_data(self.article, based_on=self.article.revision_number, _tab="t", _sequence=1, **changes),
        )

    def test_each_reader_sees_what_their_access_allows(self):
        for level, readers in [
            (0, {"anybody", "registered", "subscriber", "supporter"}),
            (1, {"registered", "subscriber", "supporter"}),
            (10, {"subscriber", "supporter"}),
            (20, {"supporter"}),
        ]:
            Article.objects.filter(pk=self.article.pk).update(required_level=level)
            for reader in ("anybody", "registered", "subscriber", "supporter"):
                with self.subTest(level=level, reader=reader):
                    page = self.preview(**{"as": reader})
                    self.assertContains(page, "Free words.")
                    self.assertEqual(b"Paid words." in page.content, reader in readers)
                    self.assertEqual(b'id="gate"' in page.content, reader not in readers)

    def test_renders_the_readers_page_without_saving_a_version(self):
        page = self.preview()
        self.assertTemplateUsed(page, "articles/article.html")
        self.assertEqual(texts(page_of(page), "page-header__title"), ["The queue"])
        self.assertContains(page, "Version 1, unchanged")
        self.assertFalse(Version.objects.exists())
        self.article.refresh_from_db()
        self.assertIsNone(self.article.published_at)

    def test_shows_the_next_version_of_a_published_article(self):
        article = make_article(body="<p>Old.</p>")
        Article.objects.filter(pk=article.pk).update(body="<p>New.</p>")
        page = self.preview(article)
        self.assertContains(page, "New.")
        self.assertNotContains(page, "Old.")
        self.assertContains(page, "Version 2")
        self.assertEqual(article.versions.count(), 1)

    def test_shows_the_live_version_if_unchanged(self):
        article = make_article(body="<p>The same.</p>")
        self.assertContains(self.preview(article), "Version 1, unchanged")
        make_version(article, body="<p>Another.</p>", note="Corrected.")
        page = self.preview(article)
        self.assertContains(page, "Version 2")
        self.assertNotContains(page, "Version 3")

    def test_unsaved_changes_are_shown_to_their_author_only(self):
        self.autosave(headline="Not saved yet", body="<p>Half a sent</p>")
        page = self.client.get(url(self.article))
        self.assertContains(page, "Shows your unsaved changes")
        self.assertContains(self.preview(text="unsaved"), "Half a sent")
        self.assertContains(self.preview(text="unsaved"), "Not saved yet")
        self.assertNotContains(self.preview(text="saved"), "Half a sent")
        self.client.force_login(make_editor())
        self.assertNotContains(self.preview(text="unsaved"), "Half a sent")
        self.assertNotContains(self.client.get(url(self.article)), "Unsaved changes")

    def test_unsaved_image_has_its_library_metadata(self):
        image = make_image(credit="Photo: Mara Oduya")
        create_first_renditions(image)
        self.autosave(body=f'<figure data-image="{image.uuid}"><figcaption></figcaption></figure><p>Text.</p>')
        self.assertContains(self.preview(text="unsaved", **{"as": "supporter"}), "Photo: Mara Oduya")

    @takes_longer("Many requests, one after the other.")
    def test_incomplete_drafts_can_be_previewed(self):
        image = make_image()
        Rendition.objects.all().delete()
        series = make_series()
        drafts = {
            "empty": make_draft(body="", headline="", standfirst="", section=None, authors=[]),
            "paywall only": make_draft(body="<hr data-gate>", required_level=10, section=None),
            "image without renditions": make_draft(body=f'<figure data-image="{image.uuid}"></figure>', lead=image),
            "deleted image": make_draft(body=f'<figure data-image="{uuid4()}"></figure>'),
            "in a series": make_draft(series=series, series_part=3),
            "begun": autosave.create_item(model=Article, key=uuid4(), user=self.editor, headline=""),
        }
        for name, article in drafts.items():
            for reader in ("anybody", "supporter"):
                with self.subTest(name, reader=reader):
                    self.assertEqual(self.preview(article, **{"as": reader}).status_code, 200)
                    self.assertEqual(self.client.get(url(article)).status_code, 200)
        self.assertTrue(Image.objects.filter(pk=image.pk).exists())

    def test_preview_is_private_and_framed_by_the_newsroom_only(self):
        page = self.preview()
        self.assertEqual(page["X-Frame-Options"], "SAMEORIGIN")
        self.assertIn("frame-ancestors 'self'", page["Content-Security-Policy"])
        self.assertIn("noindex", page["X-Robots-Tag"])
        self.assertIn("no-store", page["Cache-Control"])
        self.assertNotIn(b"canonical", page.content)

    def test_preview_leaves_nothing_in_the_fragment_cache(self):
        article = make_article(body="<p>Old.</p>")
        Article.objects.filter(pk=article.pk).update(body="<p>New.</p>")
        with TemporaryDirectory() as folder:
            store = FragmentCache(Generations(Path(folder) / "generations"), 10**7)
            tomorrow = timezone.now() + timedelta(days=1)
            with store.activate(lambda: tomorrow):
                self.preview(article)
            self.assertEqual(len(store._fragments), 0)

    def test_options_are_links_and_invalid_values_use_the_default(self):
        page = self.client.get(url(self.article, width="phone", **{"as": "registered"}))
        self.assertContains(page, "draft-preview__frame--phone")
        self.assertContains(page, "as=registered&amp;width=desk")
        for invalid in ("x", "²", "9" * 400):
            self.assertContains(
                self.client.get(url(self.article, width=invalid, **{"as": invalid})), "draft-preview__frame--desk"
            )
            self.assertEqual(self.preview(**{"as": invalid, "text": invalid}).status_code, 200)

    @takes_longer("Every role asks many addresses.")
    def test_access_by_role(self):
        users = {role: make_member(role) for role in ROLES}
        drafts = {"own": make_draft(authors=[make_author(user=users["Author"])]), "other": make_draft()}
        for role, user in users.items():
            self.client.force_login(user)
            for owner, article in drafts.items():
                allowed = role in {"Editor", "Publisher"} or (role == "Author" and owner == "own")
                for name in ("preview", "preview_page"):
                    with self.subTest(role=role, owner=owner, page=name):
                        status = self.client.get(url(article, name)).status_code
                        self.assertIn(status, {200} if allowed else {403, 404})
                        self.assertIn(
                            self.client.post(url(article, name)).status_code, {405} if allowed else {403, 404, 405}
                        )
        self.client.logout()
        self.assertEqual(self.client.get(url(self.article)).status_code, 302)
