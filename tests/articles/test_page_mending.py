"""A mended picture is published in pages about the publication too, and in nothing else of them."""

import json
from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.admin.media.image_actions import count_items
from articles.integrity import faults
from articles.models import Image, Page
from articles.services import image_updates, publishing
from articles.services.image_updates import outdated_items
from tests.factories import make_article, make_editor, make_image, make_member, make_page
from truthlytics.audit.log import AuditEntry


class PageMendingTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())
        self.image = make_image(credit="Wrong")
        self.body = f'<p>Who we are.</p><figure data-image="{self.image.uuid}"></figure>'
        self.page = make_page(body=self.body, headline="About us")

    def mend(self, **fields):
        Image.objects.filter(pk=self.image.pk).update(**fields)
        self.image.refresh_from_db()

    def address(self, name):
        return reverse(f"admin:articles_image_{name}", args=[self.image.pk])

    def take(self, *keys, **more):
        data = {"articles": keys, "note": "Credit corrected.", "seen": image_updates.fingerprint(self.image)} | more
        return self.client.post(self.address("publish"), data)

    def contents(self):
        return [json.loads(version.content) for version in self.page.versions.order_by("number")]

    def test_it_is_offered_beside_the_articles_and_published_with_one_press(self):
        article = make_article(lead=self.image)
        self.mend(credit="Right")
        self.assertContains(self.client.get(self.address("change")), "Update 1 article and 1 page…")
        offered = self.client.get(self.address("publish"))
        for words in (
            "Update 1 article and 1 page",
            "About us",
            f'value="page-{self.page.pk}"',
            "<del>Wrong</del>",
        ):
            self.assertContains(offered, words)
        self.take(article.pk, f"page-{self.page.pk}")
        found = self.client.get(self.page.get_absolute_url())
        for words in ("Right", "Credit corrected."):
            self.assertContains(found, words)
        self.assertContains(self.client.get(article.get_absolute_url()), "Right")
        for row in (article, self.page):
            self.assertIn("as it is now", AuditEntry.objects.about(row)[0].message)
        self.assertContains(self.client.get(self.address("publish")), "All articles and pages on the site show")

    def test_the_picture_says_in_which_pages_it_stands(self):
        draft = make_page(body=self.body, headline="Half a page", published=False)
        Page.objects.filter(pk=self.page.pk).update(body="")
        found = self.client.get(self.address("change"))
        for page in (draft, self.page):
            self.assertContains(found, reverse("admin:articles_page_change", args=[page.pk]))
        self.client.force_login(make_member("Author"))
        shown = self.client.get(self.address("change"))
        self.assertContains(shown, "<li>a page</li>")
        self.assertNotContains(shown, "About us")
        self.assertNotContains(shown, "Half a page")

    def test_nothing_else_of_it_changes_and_the_record_holds(self):
        Page.objects.update(body="<p>Not for readers yet</p>")
        self.mend(credit="Right")
        self.take(f"page-{self.page.pk}")
        before, after = self.contents()
        key = str(self.image.uuid)
        self.assertEqual(
            (before["pictures"][key].pop("credit"), after["pictures"][key].pop("credit")), ("Wrong", "Right")
        )
        self.assertEqual(before, after)
        self.assertEqual(list(faults(self.page.uuid, self.page.versions.order_by("number"))), [])
        self.assertEqual(Page.objects.get().body, "<p>Not for readers yet</p>")

    def test_a_plan_keeps_its_time_and_gets_the_words_too(self):
        soon = timezone.now().replace(microsecond=0) + timedelta(days=2)
        Page.objects.update(body=f"{self.body}<p>Planned.</p>")
        self.page.refresh_from_db()
        publishing.publish(item=self.page, at=soon, note="Planned.")
        self.mend(alt="Another")
        self.take(f"page-{self.page.pk}")
        waiting = self.page.scheduled_version()
        self.assertEqual((waiting.public_from, waiting.note, waiting.number), (soon, "Planned.", 4))
        self.assertIn("Another", self.page.served_version().content)
        self.assertNotIn("<p>Planned.</p>", self.page.served_version().content)
        self.assertIn("<p>Planned.</p>", waiting.content)
        self.assertIn("Another", waiting.content)
        self.assertEqual(list(faults(self.page.uuid, self.page.versions.order_by("number"))), [])
        self.assertEqual(image_updates.update_image(item=self.page, image=self.image, by=None), [])
        self.assertEqual(outdated_items(self.image), [])

    def test_what_waits_alone_and_what_was_withdrawn(self):
        planned = make_page(body=self.body, at=timezone.now() + timedelta(days=1))
        publishing.withdraw(item=self.page)
        self.mend(credit="Right")
        self.assertEqual([one.item for one in outdated_items(self.image)], [planned])
        self.assertEqual(image_updates.update_image(item=self.page, image=self.image, by=None), [])
        image_updates.update_image(item=planned, image=self.image, by=None)
        self.assertIn("Right", planned.scheduled_version().content)
        self.mend(credit="")
        self.assertEqual(image_updates.update_image(item=planned, image=self.image, by=None), [])

    def test_what_is_chosen_must_be_offered(self):
        other = make_page()
        self.mend(credit="Right")
        for keys in ((), (f"page-{other.pk}",), ("page-x",), ("9" * 400,)):
            self.assertEqual(self.take(*keys).status_code, 422)
        self.assertEqual(self.page.versions.count(), 1)

    def test_how_many_is_said_in_words(self):
        article, page = make_article(), self.page
        cases = {
            (): "0 articles",
            (article,): "1 article",
            (page, page): "2 pages",
            (article, article, page): "2 articles and 1 page",
        }
        for things, words in cases.items():
            self.assertEqual(count_items(things), words)
