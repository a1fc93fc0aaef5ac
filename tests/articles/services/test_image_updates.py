"""Publishing corrected image texts and replaced files in articles."""

import json
from threading import Barrier, Thread

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from articles.media.renditions import create_first_renditions, create_missing_renditions, responsive_image
from articles.models import Article, Image, Rendition, ReplacedFile, Version
from articles.services import image_updates
from articles.services.media import add_to_library, make_renditions, replace_file
from articles.services.publishing import NotReadyError, publish
from tests.articles.admin.image_library import ImageLibraryTestCase, image_url, uploaded_file
from tests.budget import takes_longer
from tests.factories import image_file, make_article, make_author, make_draft, make_image, make_member, make_version
from tests.transactions import TransactionTestCase


class ReplaceTests(ImageLibraryTestCase):
    def test_much_smaller_file_is_warned_about(self):
        for width, warned in [(300, True), (1000, False), (1700, False)]:
            with self.subTest(width):
                image = make_image(file=image_file(width=1500, height=400 + width))
                file = uploaded_file(image_file(width=width, height=200))
                response = self.client.post(image_url("replace", image.pk), {"file": file}, follow=True)
                self.assertContains(response, "File replaced. Smaller sizes are being made.")
                self.assertEqual("The new file is much smaller" in response.text, warned)

    @takes_longer("Renditions of images are made.")
    def test_published_versions_keep_the_replaced_file(self):
        image = make_image(file=image_file(width=600, height=400, color="red"))
        make_renditions.call(image.pk)
        article = make_article(lead=image)
        old, (*_, (shown, _)) = responsive_image(image).largest, responsive_image(image).sources["webp"]
        new = uploaded_file(image_file(width=500, height=500, color="blue"))
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(image_url("replace", image.pk), {"file": new})
        self.assertRedirects(response, image_url("publish", image.pk))
        page = self.client.get(image_url("publish", image.pk))
        for text in (shown, "On the site: 600 × 400 px", "New: 500 × 500 px"):
            self.assertContains(page, text)
        image = Image.objects.get()
        self.assertEqual((image.width, image.progress), (500, (6, 6)))
        self.assertEqual(responsive_image(image, ReplacedFile.objects.get().sha256).largest, old)
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, old)
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(
                image_url("publish", image.pk), self.form_data(image, article, note="An image was replaced.")
            )
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, responsive_image(image).largest)
        self.assertNotContains(page, old)
        self.assertContains(page, "An image was replaced.")

    def form_data(self, image, *articles, note=""):
        return {
            "articles": [f"article-{article.pk}" for article in articles],
            "note": note,
            "seen": image_updates.fingerprint(image),
        }

    @takes_longer("Renditions of images are made.")
    def test_previous_file_can_be_restored(self):
        image = make_image(file=image_file(color="red"))
        first = image.sha256
        replace_file(image=image, file=image_file(color="blue"))
        replace_file(image=image, file=image_file(color="red"))
        self.assertEqual(image.sha256, first)
        create_missing_renditions(image)
        self.assertEqual(Rendition.objects.values("original").distinct().count(), 2)

    def test_refused_file_changes_nothing(self):
        image, other = make_image(title="This"), make_image(title="Other", file=image_file(color="pink"))
        with image.file.open() as file:
            same = SimpleUploadedFile("a.png", file.read())
        cases = [
            (same, "This is the current file."),
            (uploaded_file(image_file(color="pink")), "“Other”"),
            (SimpleUploadedFile("a.png", b"<svg/>"), "SVG"),
            (SimpleUploadedFile("a.png", b""), "This file is empty."),
            (None, "Choose a file."),
        ]
        for file, message in cases:
            with self.subTest(message):
                response = self.client.post(image_url("replace", image.pk), {"file": file} if file else {})
                self.assertContains(response, message, status_code=422)
        self.assertFalse(ReplacedFile.objects.exists())
        self.assertEqual(other.replaced_files.count(), 0)


class UpdateTests(ImageLibraryTestCase):
    def edit_image(self, image, **fields):
        for name, value in fields.items():
            setattr(image, name, value)
        image.save()

    def publish_update(self, image, *articles, **more):
        data = {
            "articles": [f"article-{article.pk}" for article in articles],
            "note": "",
            "kind": "minor",
            "seen": image_updates.fingerprint(image),
        } | more
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(image_url("publish", image.pk), data)

    def test_corrected_credit_creates_a_version_and_keeps_the_draft(self):
        image = make_image(credit="Wrong")
        create_first_renditions(image)
        first, second = (
            make_article(lead=image),
            make_article(body=f'<figure data-image="{image.uuid}"></figure><p>x</p>'),
        )
        first.headline = "Not for readers yet"
        first.save()
        self.edit_image(image, credit="Right")
        page = self.client.get(image_url("publish", image.pk))
        self.assertContains(page, "Update 2 articles")
        self.assertContains(page, "We corrected the credit of an image.")
        self.publish_update(image, first, second, note="Credit corrected.")
        for article in (first, second):
            article.refresh_from_db()
            self.assertEqual((article.live.number, article.live.note), (2, "Credit corrected."))
            before = json.loads(article.versions.get(number=1).content)
            after = json.loads(article.live.content)
            self.assertEqual(after["pictures"].pop(str(image.uuid))["credit"], "Right")
            self.assertEqual(before["pictures"].pop(str(image.uuid))["credit"], "Wrong")
            self.assertNotEqual(before.pop("salt"), after.pop("salt"))
            self.assertEqual(before, after)
        self.assertContains(self.client.get(first.get_absolute_url()), "Right")
        self.assertEqual(first.headline, "Not for readers yet")
        self.publish_update(image, first, second)
        self.assertEqual(Version.objects.count(), 4)

    def test_other_words_need_a_kind_of_change(self):
        image = make_image(caption="The quay in 1995")
        article = make_article(lead=image)
        self.edit_image(image, caption="The quay in 1996")
        page = self.client.get(image_url("publish", image.pk))
        self.assertContains(page, "Why “Correction” is proposed:")
        for more, problem in [
            ({"kind": ""}, "Choose what kind of change it is."),
            ({"kind": "correction"}, "Tell readers in a sentence what changed."),
            ({"kind": "minor"}, "A date changed. Say in a sentence"),
        ]:
            self.assertContains(self.publish_update(image, article, **more), problem, status_code=422)
        self.assertEqual(Version.objects.count(), 1)
        self.publish_update(image, article, kind="correction", note="The photograph is from 1996.")
        correction = article.versions.get(number=2).correction
        self.assertEqual((correction.kind, correction.made_by), ("correction", self.editor))
        self.assertContains(self.client.get("/corrections/"), "The photograph is from 1996.")

    def test_minor_edit_of_a_date_needs_a_reason_in_every_article(self):
        image = make_image(caption="The quay in 1995")
        first, second = make_article(lead=image, lead_caption="Its own"), make_article(lead=image)
        self.edit_image(image, caption="The quay in 1996", credit="Ann Reil")
        self.assertContains(self.publish_update(image, first, second), "Say in a sentence", status_code=422)
        self.assertEqual(Version.objects.count(), 2)
        with self.assertRaises(NotReadyError):
            image_updates.update_image(item=second, image=image, by=self.editor, kind="minor")
        self.publish_update(image, first, second, note="The year was a typing error.")
        self.assertIn("date", second.versions.get(number=2).change.changed_facts)

    def test_minor_edit_of_a_caption_moves_no_date(self):
        image = make_image(caption="The qay")
        article = make_article(lead=image, at=timezone.now() - timezone.timedelta(days=3))
        self.edit_image(image, caption="The quay")
        self.publish_update(image, article)
        version = article.versions.get(number=2)
        self.assertEqual((version.correction.kind, version.changed_at), ("minor", article.live.changed_at))

    def test_alt_texts_and_captions_that_nobody_sees_need_no_kind(self):
        image = make_image(caption="Old", alt="Old")
        article = make_article(lead=image, lead_caption="Another caption")
        self.edit_image(image, caption="New", alt="New")
        self.assertNotContains(self.client.get(image_url("publish", image.pk)), "What kind of change")
        self.publish_update(image, article, kind="")
        self.assertIsNone(article.versions.get(number=2).change)

    def test_service_refuses_other_words_without_a_kind(self):
        image = make_image(caption="Old")
        article = make_article(lead=image)
        self.edit_image(image, caption="New")
        with self.assertRaisesMessage(NotReadyError, "Choose what kind of change it is."):
            image_updates.update_image(item=article, image=image, by=self.editor)

    def test_updated_article_stays_in_lists_and_search(self):
        image = make_image(alt="Wrong")
        author = make_author()
        article = make_article(lead=image, authors=[author], headline="A quay of its own")
        # Unpublished changes to the byline must not change the lists.
        article.bylines.all().delete()
        self.edit_image(image, alt="Right")
        self.publish_update(image, article)
        for url in (article.section.get_absolute_url(), author.get_absolute_url(), "/latest/", "/search/?q=quay"):
            self.assertContains(self.client.get(url), "A quay of its own")
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 200)

    def test_scheduled_version_is_updated_and_keeps_its_time(self):
        image = make_image(credit="Wrong")
        article = make_article(lead=image)
        soon = timezone.now().replace(microsecond=0) + timezone.timedelta(days=2)
        make_version(article, at=soon, note="Planned.", standfirst="Then.")
        scheduled = make_draft(lead=image)
        publish(item=scheduled, at=soon)
        self.edit_image(image, credit="Right")
        self.publish_update(image, article, scheduled, note="Credit corrected.")
        for item in (article, scheduled):
            item.refresh_from_db()
            self.assertEqual(item.upcoming_at, soon)
            self.assertIn('"Right"', item.upcoming.content)
        self.assertEqual((article.live.number, article.upcoming.number, article.upcoming.note), (3, 4, "Planned."))
        self.assertEqual(article.served(soon).standfirst, "Then.")
        self.assertEqual(list(article.versions.was_public(soon).values_list("number", flat=True)), [1, 3, 4])
        self.client.get(article.get_absolute_url())

    def test_withdrawn_articles_and_incomplete_images_are_not_updated(self):
        image = make_image(credit="Wrong")
        article, withdrawn = make_article(lead=image), make_article(lead=image)
        Article.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now())
        self.edit_image(image, credit="Right")
        self.assertEqual([outdated.item for outdated in image_updates.outdated_items(image)], [article])
        outdated = self.publish_update(image, article, seen="old", note="Credit corrected.")
        self.assertContains(outdated, "changed in the meantime", status_code=422)
        self.assertEqual(self.publish_update(image, withdrawn).status_code, 422)
        self.assertEqual(self.publish_update(image).status_code, 422)
        self.assertEqual(image_updates.update_image(item=withdrawn, image=image, by=None), [])
        self.edit_image(image, credit="")
        self.assertEqual(image_updates.update_image(item=article, image=image, by=None), [])
        self.assertContains(self.client.get(image_url("publish", image.pk)), "Add alt text and a credit first.")
        self.assertEqual(Version.objects.count(), 2)

    def test_saving_offers_updates_to_publishers_only(self):
        image = make_image(credit="Wrong")
        make_article(lead=image)
        response = self.client.post(image_url("change", image.pk), {"alt": "a", "credit": "Right"})
        self.assertRedirects(response, image_url("publish", image.pk))
        self.client.force_login(make_member("Author"))
        page = self.client.get(image_url("change", image.pk))
        self.assertContains(page, "An editor has to publish the change.")
        self.assertNotContains(page, image_url("publish", image.pk))


class RaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_concurrent_uploads_of_a_file_create_one_image(self):
        start, ids = Barrier(2), []

        def upload():
            try:
                start.wait()
                ids.append(add_to_library(file=image_file(color="orchid"), alt="a", credit="b").pk)
            finally:
                connection.close()

        threads = [Thread(target=upload) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(ids), 2)
        self.assertEqual(set(ids), {Image.objects.get().pk})

    @takes_longer("Many threads use the database at once.")
    def test_concurrent_updates_create_one_version(self):
        image = make_image(credit="Wrong")
        article = make_article(lead=image)
        Image.objects.update(credit="Right")
        start, counts, said = Barrier(2), [], {"kind": "correction", "note": "The credit was wrong."}

        def update():
            try:
                start.wait()
                counts.append(len(image_updates.update_image(item=article, image=Image.objects.get(), by=None, **said)))
            finally:
                connection.close()

        threads = [Thread(target=update) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(counts), [0, 1])
        self.assertEqual(Version.objects.count(), 2)
