"""Publishing corrected images in pages about the publication."""

import json
from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.admin.media.image_actions import count_items
from articles.integrity import faults
from articles.media.renditions import create_first_renditions
from articles.models import Image, Page
from articles.services import image_updates, publishing
from articles.services.image_updates import outdated_items
from tests.factories import make_article, make_editor, make_image, make_member, make_page
from truthlytics.audit.log import AuditEntry


class PageImageUpdateTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())
        self.image = make_image(credit="Wrong")
        create_first_renditions(self.image)
        self.body = f'<p>Who we are.</p><figure data-image="{self.image.uuid}"></figure>'
        self.page = make_page(body=self.body, headline="About us")

    def edit_image(self, **fields):
        Image.objects.filter(pk=self.image.pk).update(**fields)
        self.image.refresh_from_db()

    def image_url(self, name):
        return reverse(f"admin:articles_image_{name}", args=[self.image.pk])

    def publish_update(self, *keys, **changes):
        data = {
            "articles": keys,
            "note": "Credit corrected.",
            "kind": "minor",
            "seen": image_updates.fingerprint(self.image),
        } | changes
        return self.client.post(self.image_url("publish"), data)

    def contents(self):
        return [json.loads(version.content) for version in self.page.versions.order_by("number")]

    def test_pages_are_offered_with_articles_and_published_together(self):
        article = make_article(lead=self.image)
        self.edit_image(credit="Right")
        self.assertContains(self.client.get(self.image_url("change")), "Update 1 article and 1 page…")
        response = self.client.get(self.image_url("publish"))
        for text in (
            "Update 1 article and 1 page",
            "About us",
            f'value="page-{self.page.pk}"',
            "<del>Wrong</del>",
        ):
            self.assertContains(response, text)
        self.publish_update(f"article-{article.pk}", f"page-{self.page.pk}")
        response = self.client.get(self.page.get_absolute_url())
        for text in ("Right", "Credit corrected."):
            self.assertContains(response, text)
        self.assertContains(self.client.get(article.get_absolute_url()), "Right")
        for row in (article, self.page):
            self.assertIn("current image", AuditEntry.objects.about(row)[0].message)
        self.assertContains(self.client.get(self.image_url("publish")), "All articles and pages on the site show")

    def test_image_lists_the_pages_that_use_it(self):
        draft = make_page(body=self.body, headline="Half a page", published=False)
        Page.objects.filter(pk=self.page.pk).update(body="")
        response = self.client.get(self.image_url("change"))
        for page in (draft, self.page):
            self.assertContains(response, reverse("admin:articles_page_change", args=[page.pk]))
        self.client.force_login(make_member("Author"))
        response = self.client.get(self.image_url("change"))
        self.assertContains(response, "<li>a page</li>", html=True)
        self.assertNotContains(response, "About us")
        self.assertNotContains(response, "Half a page")

    def test_only_the_image_changes_and_the_chain_is_valid(self):
        Page.objects.update(body="<p>Not for readers yet</p>")
        self.edit_image(credit="Right")
        self.publish_update(f"page-{self.page.pk}")
        before, after = self.contents()
        key = str(self.image.uuid)
        self.assertEqual(
            (before["pictures"][key].pop("credit"), after["pictures"][key].pop("credit")), ("Wrong", "Right")
        )
        self.assertNotEqual(before.pop("salt"), after.pop("salt"))
        self.assertEqual(before, after)
        self.assertEqual(list(faults(self.page.uuid, self.page.versions.order_by("number"))), [])
        self.assertEqual(Page.objects.get().body, "<p>Not for readers yet</p>")

    def test_scheduled_version_is_updated_and_keeps_its_time(self):
        soon = timezone.now().replace(microsecond=0) + timedelta(days=2)
        Page.objects.update(body=f"{self.body}<p>Planned.</p>")
        self.page.refresh_from_db()
        publishing.publish(item=self.page, at=soon, note="Planned.")
        self.edit_image(alt="Another")
        self.publish_update(f"page-{self.page.pk}")
        scheduled = self.page.scheduled_version()
        self.assertEqual((scheduled.public_from, scheduled.note, scheduled.number), (soon, "Planned.", 4))
        self.assertIn("Another", self.page.served_version().content)
        self.assertNotIn("<p>Planned.</p>", self.page.served_version().content)
        self.assertIn("<p>Planned.</p>", scheduled.content)
        self.assertIn("Another", scheduled.content)
        self.assertEqual(list(faults(self.page.uuid, self.page.versions.order_by("number"))), [])
        self.assertEqual(image_updates.update_image(item=self.page, image=self.image, by=None), [])
        self.assertEqual(outdated_items(self.image), [])

    def test_scheduled_only_and_withdrawn_pages(self):
        scheduled = make_page(body=self.body, at=timezone.now() + timedelta(days=1))
        publishing.withdraw(item=self.page)
        self.edit_image(credit="Right")
        self.assertEqual([outdated.item for outdated in outdated_items(self.image)], [scheduled])
        self.assertEqual(image_updates.update_image(item=self.page, image=self.image, by=None), [])
        image_updates.update_image(item=scheduled, image=self.image, by=None)
        self.assertIn("Right", scheduled.scheduled_version().content)
        self.edit_image(credit="")
        self.assertEqual(image_updates.update_image(item=scheduled, image=self.image, by=None), [])

    def test_only_offered_items_can_be_selected(self):
        other = make_page()
        self.edit_image(credit="Right")
        for keys in ((), (f"page-{other.pk}",), ("page-x",), ("9" * 400,)):
            self.assertEqual(self.publish_update(*keys).status_code, 422)
        self.assertEqual(self.page.versions.count(), 1)

    def test_count_items(self):
        article, page = make_article(), self.page
        cases = {
            (): "0 articles",
            (article,): "1 article",
            (page, page): "2 pages",
            (article, article, page): "2 articles and 1 page",
        }
        for items, text in cases.items():
            self.assertEqual(count_items(items), text)
