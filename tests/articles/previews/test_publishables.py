"""Previews and checks of dossiers and pages."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.media.renditions import create_first_renditions
from articles.models import Dossier, DossierVersion, Image, Page, PageVersion
from articles.services import publishing
from articles.services.publishing import NotReadyError
from tests.articles.admin.page_editor import form_data
from tests.factories import make_article, make_dossier, make_draft, make_editor, make_image, make_member, make_page
from tests.html import page_of, texts
from truthlytics.roles import ROLES


def url(item, name="preview", **query):
    return reverse(f"admin:articles_{item._meta.model_name}_{name}", args=[item.pk], query=query or None)


class PublishableTestCase(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def preview(self, item, **query):
        return self.client.get(url(item, "preview_page", **query))


class PublishablePreviewTests(PublishableTestCase):
    def test_renders_the_readers_page_without_saving_a_version(self):
        page = make_page(
            published=False, headline="Who pays us", body="<p>Readers.<sup data-footnote='Both'></sup></p>"
        )
        for reader in ("anybody", "registered", "subscriber", "supporter"):
            response = self.preview(page, **{"as": reader})
            self.assertTemplateUsed(response, "articles/page.html")
            for text in ("Readers.", "Both", "Unchanged since"):
                self.assertContains(response, text)
            self.assertEqual(texts(page_of(response), "page-header__title"), ["Who pays us"])
        self.assertFalse(PageVersion.objects.exists())
        self.assertEqual(self.client.get(page.get_absolute_url()).status_code, 404)

    def test_dossier_shows_only_published_articles(self):
        public, draft = make_article(headline="Public article"), make_draft(headline="Draft article")
        entries = [{"date": "2024", "text": "It began.", "article": public}]
        dossier = make_dossier(public, draft, publish=False, title="The talks", entries=entries)
        response = self.preview(dossier)
        self.assertTemplateUsed(response, "articles/dossier.html")
        for text in ("The talks", "What it is about.", "It began.", "Public article", "Started"):
            self.assertContains(response, text)
        self.assertNotContains(response, "Draft article")
        self.assertFalse(DossierVersion.objects.exists())

    def test_shows_the_next_version_or_the_live_one_if_unchanged(self):
        page, dossier = make_page(body="<p>Old.</p>"), make_dossier(make_article(), summary="<p>Old.</p>")
        for item in (page, dossier):
            self.assertNotContains(self.preview(item), "Minor changes")
            self.assertNotContains(self.preview(item), "<details>")
        Page.objects.update(body="<p>New.</p>")
        Dossier.objects.update(summary="<p>New.</p>")
        for item in (page, dossier):
            response = self.preview(item)
            self.assertContains(response, "New.")
            self.assertNotContains(response, "Old.")
            self.assertContains(response, "<details>")
            self.assertContains(self.client.get(item.get_absolute_url()), "Old.")

    def test_unsaved_changes_of_a_page_are_shown_to_their_author_only(self):
        page, image = make_page(published=False), make_image(credit="Photo: Mara Oduya")
        create_first_renditions(image)
        body = f'<p>Half a sent</p><figure data-image="{image.uuid}"><figcaption></figcaption></figure>'
        data = form_data(page, headline="Not saved yet", body=body, _tab="t", _sequence=1)
        self.client.post(reverse("admin:articles_page_autosave", args=[page.pk]), data)
        self.assertContains(self.client.get(url(page)), "Shows your unsaved changes")
        for text in ("Half a sent", "Not saved yet", "Photo: Mara Oduya"):
            self.assertContains(self.preview(page, text="unsaved"), text)
            self.assertNotContains(self.preview(page, text="saved"), text)
        self.client.force_login(make_editor())
        self.assertNotContains(self.preview(page, text="unsaved"), "Half a sent")
        self.assertNotContains(self.client.get(url(page)), "Unsaved changes")

    def test_options_and_private_headers(self):
        for item in (make_page(published=False), make_dossier(publish=False)):
            frame = self.client.get(url(item, width="phone", **{"as": "registered"}))
            for text in ("draft-preview__frame--phone", "as=registered&amp;width=desk", url(item, "preview_page")):
                self.assertContains(frame, text)
            self.assertNotContains(frame, "Share it with an outsider")
            self.assertContains(self.client.get(url(item, "change")), url(item))
            response = self.preview(item)
            self.assertEqual(response["X-Frame-Options"], "SAMEORIGIN")
            self.assertIn("no-store", response["Cache-Control"])
            self.assertIn("noindex", response["X-Robots-Tag"])
            self.assertNotContains(response, "canonical")

    def test_incomplete_drafts_can_be_previewed(self):
        for item in (
            make_page(published=False, headline="", body="", slug="empty"),
            make_dossier(publish=False, summary=""),
            make_page(at=timezone.now() + timedelta(days=1)),
        ):
            self.assertEqual(self.preview(item).status_code, 200)
            self.assertEqual(self.client.get(url(item)).status_code, 200)

    def test_access_by_role(self):
        items = (make_page(published=False), make_dossier(publish=False))
        for role in ROLES:
            self.client.force_login(make_member(role))
            for item in items:
                for name in ("preview", "preview_page"):
                    status = self.client.get(url(item, name)).status_code
                    self.assertIn(status, {200} if role in {"Editor", "Publisher"} else {403, 404})


class PublishableCheckTests(PublishableTestCase):
    def messages(self, item):
        found = self.client.get(url(item, "publish")).context["check_results"]
        return [line.finding.message for line in (*found.blocking, *found.advice)]

    def test_page_checks_leave_out_article_only_checks(self):
        make_draft(slug="draft"), make_page(slug="hidden", published=False)
        image = make_image(alt="")
        Image.objects.filter(pk=image.pk).update(alt="", credit="A")
        body = (
            f'<h3>Late</h3><p>TK says <a href="/articles/draft/">one</a> <a href="/pages/never/">two</a> '
            f'<a href="/pages/hidden/">three</a></p><figure data-image="{image.uuid}"></figure>'
        )
        messages = " ".join(self.messages(make_page(published=False, body=body)))
        for text in (
            "“TK” is still in",
            "is a small heading, but the level above it",
            "“one” links to a page that is not public",
            "“two” is a broken link: /pages/never/",
            "“three” links to a page that is not public",
            "has no alt text",
        ):
            self.assertIn(text, messages)
        for text in ("section", "author", "standfirst", "headline"):
            self.assertNotIn(text, messages)

    def test_dossier_checks_include_entries(self):
        entries = [{"date": "2024", "text": "It was TK then."}]
        summary = '<p>TK and <a href="/pages/never/">there</a></p>'
        dossier = make_dossier(make_article(), publish=False, summary=summary, entries=entries, title="TK")
        page = self.client.get(url(dossier, "publish"))
        for text in (
            "“TK” is still in",
            "It was TK then",
            "is a broken link",
            "#id_title",
            "#id_summary",
            "entries-0-text",
        ):
            self.assertContains(page, text)
        self.assertNotContains(page, "Publish now")

    def test_valid_page_and_dossier_have_no_findings(self):
        for item in (make_page(published=False), make_dossier(make_article(), publish=False)):
            self.assertEqual(self.messages(item), [])

    def test_blocking_findings_prevent_publishing(self):
        page, dossier = make_page(published=False, body="<p>TK</p>"), make_dossier(publish=False, summary="<p>TK</p>")
        dossier.entries.create(date="2024", text="More.")
        for publish in (lambda: publishing.publish(item=page), lambda: publishing.publish(item=dossier)):
            with self.assertRaisesMessage(NotReadyError, "TK"):
                publish()
        for item in (page, dossier):
            self.assertEqual(self.client.post(url(item, "publish"), {"when": "now", "last": 0}).status_code, 422)
        self.assertFalse(PageVersion.objects.exists() or DossierVersion.objects.exists())

    def test_page_editor_checks_unsaved_changes(self):
        page = make_page()
        self.assertContains(self.client.get(url(page, "change")), url(page, "checks"))
        data = form_data(page, body="<p>Still TK.</p>", _tab="t", _sequence=1)
        self.client.post(reverse("admin:articles_page_autosave", args=[page.pk]), data)
        self.assertContains(self.client.get(url(page, "checks", tab="t")), "Still TK")
        self.assertNotContains(self.client.get(url(page, "checks", tab="other")), "Still TK")
