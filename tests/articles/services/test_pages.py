"""Pages about the publication: versions, public view and purging."""

from datetime import timedelta
from threading import Barrier, Thread

import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.utils import timezone

from articles.integrity import faults
from articles.media.renditions import create_missing_renditions
from articles.models import Page, PageVersion, Redirect
from articles.services import publishing, redirects
from articles.services.publishing import NotReadyError
from tests.factories import make_article, make_image, make_page
from tests.invalidation import invalidates
from tests.transactions import TransactionTestCase
from truthlytics.cache.next_change import next_change
from truthlytics.web.append_only import AppendOnlyError

RICH = (
    "<h2>How we work</h2><p>By rule<sup data-footnote='The rule of 1998.'></sup>.</p>"
    "<table><tbody><tr><th>Year</th><th>Paid by</th></tr><tr><td>2025</td><td>Readers</td></tr></tbody></table>"
    "<hr data-gate><p>All of it is free.</p>"
)


class VersionTests(TestCase):
    def test_versions_are_chained_and_cannot_be_changed(self):
        page = make_page()
        page.body = "<p>Second.</p>"
        page.save()
        version = publishing.publish(item=page, note=" Now\x00 clearer. ")
        self.assertEqual((version.number, version.note), (2, "Now clearer."))
        self.assertEqual(list(faults(page.uuid, page.versions.order_by("number"))), [])
        for change in (version.save, version.delete, page.versions.all().delete):
            self.assertRaises(AppendOnlyError, change)
        with self.assertRaises(AppendOnlyError):
            PageVersion.objects.update(content="{}")

    def test_page_needs_title_and_text(self):
        page = make_page(published=False, headline=" ", body="<p> </p>")
        with self.assertRaises(NotReadyError) as raised:
            publishing.publish(item=page)
        self.assertEqual(raised.exception.reasons, ["Enter a title.", "Enter some text."])

    def test_replaced_scheduled_version_never_appears(self):
        now = timezone.now()
        page = make_page(at=now + timedelta(days=1))
        self.assertEqual(page.state(), "scheduled")
        publishing.publish(item=page, at=now + timedelta(days=2))
        with time_machine.travel(now + timedelta(days=1, hours=1), tick=False):
            self.assertEqual(self.client.get(page.get_absolute_url()).status_code, 404)
        with time_machine.travel(now + timedelta(days=2, hours=1), tick=False):
            self.assertEqual(self.client.get(page.get_absolute_url()).status_code, 200)

    def test_purpose_is_unique(self):
        for _ in range(2):
            make_page()
        make_page(purpose="ethicsPolicy")
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_page(purpose="ethicsPolicy")

    def test_redirect_has_one_target(self):
        for targets in ({}, {"article": make_article(), "page": make_page()}):
            with self.assertRaises(IntegrityError), transaction.atomic():
                Redirect.objects.create(path="/x", **targets)


class PageViewTests(TestCase):
    def test_page_shows_notes_tables_and_images_without_a_paywall(self):
        image = make_image(alt="A press hall", credit="Photo: A")
        create_missing_renditions(image)
        body = f"{RICH}<figure data-image='{image.uuid}'><figcaption>Here.</figcaption></figure>"
        page = self.client.get(make_page(body=body, standfirst="In a sentence.").get_absolute_url())
        for text in ("In a sentence.", "All of it is free.", "The rule of 1998.", "note-1", "A press hall", "<thead>"):
            self.assertContains(page, text)
        self.assertNotContains(page, "gate")

    def test_draft_answers_404_and_withdrawn_page_410(self):
        draft, withdrawn = make_page(published=False), make_page()
        publishing.withdraw(item=withdrawn)
        for page, status in ((draft, 404), (withdrawn, 410)):
            self.assertEqual(self.client.get(page.get_absolute_url()).status_code, status)
        publishing.restore(item=withdrawn)
        self.assertEqual(self.client.get(withdrawn.get_absolute_url()).status_code, 200)

    def test_readers_see_the_published_version(self):
        page = make_page(headline="About us", body="<p>Published text.</p>")
        Page.objects.update(headline="Half a", body="<p>Half a thought</p>")
        response = self.client.get(page.get_absolute_url())
        self.assertContains(response, "Published text.")
        self.assertNotContains(response, "Half a")

    def test_page_lists_its_changes(self):
        now = timezone.now()
        with time_machine.travel(now - timedelta(days=90), tick=False):
            page = make_page()
            first_date = timezone.localdate().strftime("%-d %B %Y")
        self.assertContains(self.client.get(page.get_absolute_url()), "Unchanged since")
        for note in ("Says <who> pays.", ""):
            publishing.publish(item=page, note=note)
        response = self.client.get(page.get_absolute_url())
        for text in ("Updated on", "Says &lt;who&gt; pays.", "Minor changes.", "First version.", first_date):
            self.assertContains(response, text)

    def test_scheduled_change_is_served_at_its_time(self):
        now = timezone.now()
        page = make_page(body="<p>The old rule.</p>")
        Page.objects.update(body="<p>The new rule.</p>")
        publishing.publish(item=page, at=now + timedelta(hours=2))
        self.assertLessEqual(next_change(now), now + timedelta(hours=2))
        self.assertContains(self.client.get(page.get_absolute_url()), "The old rule.")
        with time_machine.travel(now + timedelta(hours=3), tick=False):
            self.assertContains(self.client.get(page.get_absolute_url()), "The new rule.")

    def test_old_url_redirects_even_if_withdrawn(self):
        page = make_page(slug="who-we-are")
        page.slug = "about"
        page.save()
        redirects.add_redirect(item=page, old_slug="who-we-are")
        self.assertRedirects(self.client.get("/pages/who-we-are/"), "/pages/about/", 301)
        publishing.withdraw(item=page)
        self.assertRedirects(self.client.get("/pages/who-we-are/"), "/pages/about/", 301, target_status_code=410)

    def test_page_takes_five_queries(self):
        page = make_page(body=RICH)
        for number in range(6):
            publishing.publish(item=page, note=f"Change {number}.")
        with self.assertNumQueries(5):
            self.client.get(page.get_absolute_url())

    def test_public_page_is_in_the_sitemap(self):
        make_page(slug="draft", published=False)
        make_page(slug="about")
        self.assertContains(self.client.get("/sitemap.xml"), "/sitemap-pages-1.xml")
        part = self.client.get("/sitemap-pages-1.xml").getvalue().decode()
        self.assertIn("/pages/about/</loc><lastmod>", part)
        self.assertNotIn("draft", part)


class PurgeTests(TestCase):
    def purged(self, url, change) -> bool:
        return invalidates(self, self.client.get(url).cache_tags, change)

    def test_cached_pages_are_purged(self):
        page = make_page(purpose="correctionsPolicy")
        self.assertTrue(self.purged(page.get_absolute_url(), lambda: publishing.publish(item=page)))
        # The front page only names the addresses of policies, which another version does not change.
        for url in (page.get_absolute_url(), "/"):
            self.assertTrue(self.purged(url, lambda: publishing.withdraw(item=page)))
            publishing.restore(item=page)


class RaceTests(TransactionTestCase):
    def test_concurrent_publishing_creates_two_versions(self):
        page, start = make_page(published=False), Barrier(2)

        def publish():
            try:
                start.wait()
                publishing.publish(item=page)
            finally:
                connection.close()

        threads = [Thread(target=publish) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(list(page.versions.values_list("number", flat=True)), [1, 2])
        self.assertEqual(list(faults(page.uuid, page.versions.order_by("number"))), [])
