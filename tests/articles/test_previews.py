"""The draft as it would be published: for whom it is drawn, from which words, and that nothing is kept of it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from django.test import TestCase
from django.urls import reverse

from articles.models import Article, Image, Rendition, Version
from articles.services import autosave
from tests.articles.admin.editor import form_data
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
from truthlytics.roles import ROLES
from truthlytics.web.fragments import Fragments
from truthlytics.web.generations import Generations

BODY = "<p>Free words.</p><hr data-gate><p>Paid words.</p>"


def url(article, page="preview", **query):
    return reverse(f"admin:articles_article_{page}", args=[article.pk], query=query or None)


class PreviewTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.article = make_draft(headline="The queue", body=BODY, required_level=10)

    def setUp(self):
        self.client.force_login(self.editor)

    def inside(self, article=None, **query):
        return self.client.get(url(article or self.article, "preview_page", **query))

    def unsaved(self, **changed):
        self.client.post(
            reverse("admin:articles_article_autosave", args=[self.article.pk]),
            form_data(self.article, based_on=self.article.revision_number, _tab="t", _sequence=1, **changed),
        )

    def test_each_reader_sees_what_they_may(self):
        for level, readers in [
            (0, {"anybody", "registered", "subscriber", "supporter"}), (1, {"registered", "subscriber", "supporter"}),
            (10, {"subscriber", "supporter"}), (20, {"supporter"}),
        ]:  # fmt: skip
            Article.objects.filter(pk=self.article.pk).update(required_level=level)
            for reader in ("anybody", "registered", "subscriber", "supporter"):
                with self.subTest(level=level, reader=reader):
                    page = self.inside(**{"as": reader})
                    self.assertContains(page, "Free words.")
                    self.assertEqual(b"Paid words." in page.content, reader in readers)
                    self.assertEqual(b'id="gate"' in page.content, reader not in readers)

    def test_it_is_the_real_page_and_leaves_no_version(self):
        page = self.inside()
        self.assertTemplateUsed(page, "articles/article.html")
        self.assertContains(page, 'class="page-header__title">The queue</h1>')
        self.assertContains(page, "Version 1, unchanged")
        self.assertFalse(Version.objects.exists())
        self.article.refresh_from_db()
        self.assertIsNone(self.article.published_at)

    def test_of_a_published_article_it_is_the_next_version(self):
        article = make_article(body="<p>Old.</p>")
        Article.objects.filter(pk=article.pk).update(body="<p>New.</p>")
        page = self.inside(article)
        self.assertContains(page, "New.")
        self.assertNotContains(page, "Old.")
        self.assertContains(page, "Version 2")
        self.assertEqual(article.versions.count(), 1)

    def test_of_what_readers_have_already_it_is_the_version_they_have(self):
        article = make_article(body="<p>The same.</p>")
        self.assertContains(self.inside(article), "Version 1, unchanged")
        make_version(article, body="<p>Another.</p>", note="Mended.")
        page = self.inside(article)
        self.assertContains(page, "Version 2</a>")
        self.assertNotContains(page, "Version 3")

    def test_unsaved_words_are_shown_to_their_writer_and_the_saved_ones_on_demand(self):
        self.unsaved(headline="Not saved yet", body="<p>Half a sent</p>")
        page = self.client.get(url(self.article))
        self.assertContains(page, "Shows your unsaved changes")
        self.assertContains(self.inside(words="unsaved"), "Half a sent")
        self.assertContains(self.inside(words="unsaved"), "Not saved yet")
        self.assertNotContains(self.inside(words="saved"), "Half a sent")
        self.client.force_login(make_editor())
        self.assertNotContains(self.inside(words="unsaved"), "Half a sent")
        self.assertNotContains(self.client.get(url(self.article)), "Unsaved changes")

    def test_an_unsaved_picture_is_drawn_with_the_words_of_the_library(self):
        image = make_image(credit="Photo: Mara Oduya")
        self.unsaved(body=f'<figure data-image="{image.uuid}"><figcaption></figcaption></figure><p>Text.</p>')
        self.assertContains(self.inside(words="unsaved", **{"as": "supporter"}), "Photo: Mara Oduya")

    def test_nothing_that_is_lacking_breaks_it(self):
        image = make_image()
        Rendition.objects.all().delete()
        series = make_series()
        hard = {
            "empty": make_draft(body="", headline="", standfirst="", section=None, authors=[]),
            "gate alone": make_draft(body="<hr data-gate>", required_level=10, section=None),
            "picture without sizes": make_draft(body=f'<figure data-image="{image.uuid}"></figure>', lead=image),
            "picture that is gone": make_draft(body=f'<figure data-image="{uuid4()}"></figure>'),
            "in a series": make_draft(series=series, series_part=3),
            "begun": autosave.create_item(model=Article, key=uuid4(), user=self.editor, headline=""),
        }  # fmt: skip
        for name, article in hard.items():
            for reader in ("anybody", "supporter"):
                with self.subTest(name, reader=reader):
                    self.assertEqual(self.inside(article, **{"as": reader}).status_code, 200)
                    self.assertEqual(self.client.get(url(article)).status_code, 200)
        self.assertTrue(Image.objects.filter(pk=image.pk).exists())

    def test_it_may_be_framed_by_us_alone_and_kept_by_nobody(self):
        page = self.inside()
        self.assertEqual(page["X-Frame-Options"], "SAMEORIGIN")
        self.assertIn("frame-ancestors 'self'", page["Content-Security-Policy"])
        self.assertIn("noindex", page["X-Robots-Tag"])
        self.assertIn("no-store", page["Cache-Control"])
        self.assertNotIn(b"canonical", page.content)

    def test_no_piece_of_it_is_kept_for_readers(self):
        article = make_article(body="<p>Old.</p>")
        Article.objects.filter(pk=article.pk).update(body="<p>New.</p>")
        with TemporaryDirectory() as folder:
            store = Fragments(Generations(Path(folder) / "generations"), 10**7)
            with store.reading(lambda: article.published_at.replace(year=2999)):
                self.inside(article)
            self.assertEqual(len(store._kept), 0)

    def test_choices_lead_to_one_another_and_nonsense_to_the_first(self):
        page = self.client.get(url(self.article, width="phone", **{"as": "registered"}))
        self.assertContains(page, "draft-preview__frame--phone")
        self.assertContains(page, "as=registered&amp;width=desk")
        for junk in ("x", "²", "9" * 400):
            self.assertContains(
                self.client.get(url(self.article, width=junk, **{"as": junk})), "draft-preview__frame--desk"
            )
            self.assertEqual(self.inside(**{"as": junk, "words": junk}).status_code, 200)

    def test_roles(self):
        people = {role: make_member(role) for role in ROLES}
        drafts = {"own": make_draft(authors=[make_author(user=people["Author"])]), "foreign": make_draft()}
        for role, person in people.items():
            self.client.force_login(person)
            for whose, article in drafts.items():
                may = role in {"Editor", "Publisher"} or (role == "Author" and whose == "own")
                for name in ("preview", "preview_page"):
                    with self.subTest(role=role, whose=whose, page=name):
                        status = self.client.get(url(article, name)).status_code
                        self.assertIn(status, {200} if may else {403, 404})
                        self.assertIn(
                            self.client.post(url(article, name)).status_code, {405} if may else {403, 404, 405}
                        )
        self.client.logout()
        self.assertEqual(self.client.get(url(self.article)).status_code, 302)
