"""Dossiers and pages before they are published: as they would be read, and what the checks find in them."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier, DossierVersion, Image, Page, PageVersion
from articles.services import publishing
from articles.services.publishing import NotReadyError
from tests.articles.test_admin_pages import fields
from tests.factories import make_article, make_dossier, make_draft, make_editor, make_image, make_member, make_page
from truthlytics.roles import ROLES


def url(thing, name="preview", **query):
    return reverse(f"admin:articles_{thing._meta.model_name}_{name}", args=[thing.pk], query=query or None)


class StandingCase(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def inside(self, thing, **query):
        return self.client.get(url(thing, "preview_page", **query))


class PreviewTests(StandingCase):
    def test_a_page_is_drawn_as_readers_would_get_it_and_no_version_is_made(self):
        page = make_page(
            published=False, headline="Who pays us", body="<p>Readers.<sup data-footnote='Both'></sup></p>"
        )
        for reader in ("anybody", "registered", "subscriber", "supporter"):
            found = self.inside(page, **{"as": reader})
            self.assertTemplateUsed(found, "articles/page.html")
            for words in ("Readers.", "Both", "Unchanged since", '<h1 class="page-header__title">Who pays us</h1>'):
                self.assertContains(found, words)
        self.assertFalse(PageVersion.objects.exists())
        self.assertEqual(self.client.get(page.get_absolute_url()).status_code, 404)

    def test_a_dossier_is_drawn_with_what_is_public_of_its_articles(self):
        seen, draft = make_article(headline="Public piece"), make_draft(headline="Draft piece")
        entries = [{"date": "2024", "text": "It began.", "article": seen}]
        dossier = make_dossier(seen, draft, publish=False, title="The talks", entries=entries)
        found = self.inside(dossier)
        self.assertTemplateUsed(found, "articles/dossier.html")
        for words in ("The talks", "What it is about.", "It began.", "Public piece", "Started"):
            self.assertContains(found, words)
        self.assertNotContains(found, "Draft piece")
        self.assertFalse(DossierVersion.objects.exists())

    def test_of_what_is_public_it_is_the_next_version_or_the_one_that_readers_have(self):
        page, dossier = make_page(body="<p>Old.</p>"), make_dossier(make_article(), summary="<p>Old.</p>")
        for thing in (page, dossier):
            self.assertNotContains(self.inside(thing), "Minor changes")
            self.assertNotContains(self.inside(thing), "<details")
        Page.objects.update(body="<p>New.</p>")
        Dossier.objects.update(summary="<p>New.</p>")
        for thing in (page, dossier):
            found = self.inside(thing)
            self.assertContains(found, "New.")
            self.assertNotContains(found, "Old.")
            self.assertContains(found, "<details")
            self.assertContains(self.client.get(thing.get_absolute_url()), "Old.")

    def test_unsaved_words_of_a_page_are_shown_to_their_writer_alone(self):
        page, image = make_page(published=False), make_image(credit="Photo: Mara Oduya")
        body = f'<p>Half a sent</p><figure data-image="{image.uuid}"><figcaption></figcaption></figure>'
        sent = fields(page, headline="Not saved yet", body=body, _tab="t", _sequence=1)
        self.client.post(reverse("admin:articles_page_autosave", args=[page.pk]), sent)
        self.assertContains(self.client.get(url(page)), "Shows your unsaved changes")
        for words in ("Half a sent", "Not saved yet", "Photo: Mara Oduya"):
            self.assertContains(self.inside(page, words="unsaved"), words)
            self.assertNotContains(self.inside(page, words="saved"), words)
        self.client.force_login(make_editor())
        self.assertNotContains(self.inside(page, words="unsaved"), "Half a sent")
        self.assertNotContains(self.client.get(url(page)), "Unsaved changes")

    def test_the_frame_offers_readers_and_widths_and_is_ours_alone(self):
        for thing in (make_page(published=False), make_dossier(publish=False)):
            frame = self.client.get(url(thing, width="phone", **{"as": "registered"}))
            for words in ("draft-preview__frame--phone", "as=registered&amp;width=desk", url(thing, "preview_page")):
                self.assertContains(frame, words)
            self.assertNotContains(frame, "Share it with an outsider")
            self.assertContains(self.client.get(url(thing, "change")), url(thing))
            found = self.inside(thing)
            self.assertEqual(found["X-Frame-Options"], "SAMEORIGIN")
            self.assertIn("no-store", found["Cache-Control"])
            self.assertIn("noindex", found["X-Robots-Tag"])
            self.assertNotContains(found, "canonical")

    def test_nothing_that_is_lacking_breaks_it(self):
        for thing in (
            make_page(published=False, headline="", body="", slug="empty"), make_dossier(publish=False, summary=""),
            make_page(at=timezone.now() + timedelta(days=1)),
        ):  # fmt: skip
            self.assertEqual(self.inside(thing).status_code, 200)
            self.assertEqual(self.client.get(url(thing)).status_code, 200)

    def test_only_those_who_write_them_look_at_them(self):
        things = (make_page(published=False), make_dossier(publish=False))
        for role in ROLES:
            self.client.force_login(make_member(role))
            for thing in things:
                for name in ("preview", "preview_page"):
                    status = self.client.get(url(thing, name)).status_code
                    self.assertIn(status, {200} if role in {"Editor", "Publisher"} else {403, 404})


class CheckTests(StandingCase):
    def sentences(self, thing):
        found = self.client.get(url(thing, "publish")).context["found"]
        return [line.finding.message for line in (*found.blocking, *found.advice)]

    def test_a_page_is_looked_at_as_an_article_is_without_what_only_articles_have(self):
        make_draft(slug="draft"), make_page(slug="hidden", published=False)
        image = make_image(alt="")
        Image.objects.filter(pk=image.pk).update(alt="", credit="A")
        body = (
            f'<h3>Late</h3><p>TK says <a href="/articles/draft/">one</a> <a href="/pages/never/">two</a> '
            f'<a href="/pages/hidden/">three</a></p><figure data-image="{image.uuid}"></figure>'
        )
        found = " ".join(self.sentences(make_page(published=False, body=body)))
        for words in (
            "“TK” is still in", "is a small heading, but the level above it", "“one” links to a page that is not public",
            "“two” is a broken link: /pages/never/", "“three” links to a page that is not public", "has no alt text",
        ):  # fmt: skip
            self.assertIn(words, found)
        for words in ("section", "author", "standfirst", "headline"):
            self.assertNotIn(words, found)

    def test_a_dossier_is_looked_at_too_in_its_entries_as_well(self):
        entries = [{"date": "2024", "text": "It was TK then."}]
        summary = '<p>TK and <a href="/pages/never/">there</a></p>'
        dossier = make_dossier(make_article(), publish=False, summary=summary, entries=entries, title="TK")
        page = self.client.get(url(dossier, "publish"))
        for words in (
            "“TK” is still in",
            "It was TK then",
            "is a broken link",
            "#id_title",
            "#id_summary",
            "entries-0-text",
        ):
            self.assertContains(page, words)
        self.assertNotContains(page, "Publish now")

    def test_a_sound_page_and_a_sound_dossier_have_no_finding(self):
        for thing in (make_page(published=False), make_dossier(make_article(), publish=False)):
            self.assertEqual(self.sentences(thing), [])

    def test_nothing_is_published_past_them(self):
        page, dossier = make_page(published=False, body="<p>TK</p>"), make_dossier(publish=False, summary="<p>TK</p>")
        dossier.entries.create(date="2024", text="More.")
        for publish in (lambda: publishing.publish(item=page), lambda: publishing.publish(item=dossier)):
            with self.assertRaisesMessage(NotReadyError, "TK"):
                publish()
        for thing in (page, dossier):
            self.assertEqual(self.client.post(url(thing, "publish"), {"when": "now", "last": 0}).status_code, 422)
        self.assertFalse(PageVersion.objects.exists() or DossierVersion.objects.exists())

    def test_on_the_desk_of_a_page_they_follow_what_is_typed(self):
        page = make_page()
        self.assertContains(self.client.get(url(page, "change")), url(page, "checks"))
        sent = fields(page, body="<p>Still TK.</p>", _tab="t", _sequence=1)
        self.client.post(reverse("admin:articles_page_autosave", args=[page.pk]), sent)
        self.assertContains(self.client.get(url(page, "checks", tab="t")), "Still TK")
        self.assertNotContains(self.client.get(url(page, "checks", tab="other")), "Still TK")
