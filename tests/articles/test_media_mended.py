"""The library's files and words are mended, and published where they stand; of two at once nothing is made twice."""

import json
from threading import Barrier, Thread

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from articles.media.renditions import create_missing_renditions, responsive_image
from articles.models import Article, Image, Rendition, ReplacedFile, Version
from articles.services import image_updates
from articles.services.media import add_to_library, make_renditions, replace_file
from articles.services.publishing import publish
from tests.articles.admin.image_library import ImageLibraryTestCase, image_url, uploaded_file
from tests.factories import make_article, make_author, make_draft, make_image, make_member, make_version, picture_file


class ReplaceTests(ImageLibraryTestCase):
    def test_versions_go_on_showing_the_file_that_they_named(self):
        image = make_image(file=picture_file(width=600, height=400, color="red"))
        make_renditions.call(image.pk)
        article = make_article(lead=image)
        old = responsive_image(image).largest
        new = uploaded_file(picture_file(width=500, height=500, color="blue"))
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post(image_url("replace", image.pk), {"file": new})
        self.assertRedirects(answer, image_url("publish", image.pk))
        image = Image.objects.get()
        self.assertEqual((image.width, image.progress), (500, (6, 6)))
        self.assertEqual(responsive_image(image, ReplacedFile.objects.get().sha256).largest, old)
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, old)
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(
                image_url("publish", image.pk), self.chosen(image, article, note="A picture was replaced.")
            )
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, responsive_image(image).largest)
        self.assertNotContains(page, old)
        self.assertContains(page, "A picture was replaced.")

    def chosen(self, image, *articles, note=""):
        return {
            "articles": [f"article-{article.pk}" for article in articles],
            "note": note,
            "seen": image_updates.fingerprint(image),
        }

    def test_a_file_that_was_here_before_comes_back(self):
        image = make_image(file=picture_file(color="red"))
        first = image.sha256
        replace_file(image=image, file=picture_file(color="blue"))
        replace_file(image=image, file=picture_file(color="red"))
        self.assertEqual(image.sha256, first)
        create_missing_renditions(image)
        self.assertEqual(Rendition.objects.values("original").distinct().count(), 2)

    def test_what_is_refused_says_why_and_changes_nothing(self):
        image, other = make_image(title="This"), make_image(title="Other", file=picture_file(color="pink"))
        with image.file.open() as file:
            same = SimpleUploadedFile("a.png", file.read())
        cases = [
            (same, "the very file that stands here"),
            (uploaded_file(picture_file(color="pink")), "“Other”"),
            (SimpleUploadedFile("a.png", b"<svg/>"), "SVG"),
            (SimpleUploadedFile("a.png", b""), "This file is empty."),
            (None, "This field is required."),
        ]
        for file, sentence in cases:
            with self.subTest(sentence):
                answer = self.client.post(image_url("replace", image.pk), {"file": file} if file else {})
                self.assertContains(answer, sentence, status_code=422)
        self.assertFalse(ReplacedFile.objects.exists())
        self.assertEqual(other.replaced_files.count(), 0)


class TakeOverTests(ImageLibraryTestCase):
    def mend(self, image, **fields):
        for name, value in fields.items():
            setattr(image, name, value)
        image.save()

    def take(self, image, *articles, **more):
        data = {
            "articles": [f"article-{article.pk}" for article in articles],
            "note": "",
            "seen": image_updates.fingerprint(image),
        } | more
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(image_url("publish", image.pk), data)

    def test_a_mended_credit_makes_one_minor_version_in_each_and_leaves_the_working_text(self):
        image = make_image(credit="Wrong")
        first, second = (
            make_article(lead=image),
            make_article(body=f'<figure data-image="{image.uuid}"></figure><p>x</p>'),
        )
        first.headline = "Not for readers yet"
        first.save()
        self.mend(image, credit="Right")
        page = self.client.get(image_url("publish", image.pk))
        self.assertContains(page, "Update 2 articles")
        self.assertContains(page, "We corrected the credit of an image.")
        self.take(image, first, second, note="Credit corrected.")
        for article in (first, second):
            article.refresh_from_db()
            self.assertEqual((article.live.number, article.live.note), (2, "Credit corrected."))
            before = json.loads(article.versions.get(number=1).content)
            after = json.loads(article.live.content)
            self.assertEqual(after["pictures"].pop(str(image.uuid))["credit"], "Right")
            self.assertEqual(before["pictures"].pop(str(image.uuid))["credit"], "Wrong")
            self.assertEqual(before, after)
        self.assertContains(self.client.get(first.get_absolute_url()), "Right")
        self.assertEqual(first.headline, "Not for readers yet")
        self.take(image, first, second)
        self.assertEqual(Version.objects.count(), 4)

    def test_it_stays_in_every_list_and_is_found(self):
        image = make_image(alt="Wrong")
        author = make_author()
        article = make_article(lead=image, authors=[author], headline="A quay of its own")
        # What is chosen at the desk meanwhile is not what readers have.
        article.bylines.all().delete()
        self.mend(image, alt="Right")
        self.take(image, article)
        for url in (article.section.get_absolute_url(), author.get_absolute_url(), "/latest/", "/search/?q=quay"):
            self.assertContains(self.client.get(url), "A quay of its own")
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 200)

    def test_a_plan_keeps_its_time_and_gets_the_words_too(self):
        image = make_image(credit="Wrong")
        article = make_article(lead=image)
        soon = timezone.now().replace(microsecond=0) + timezone.timedelta(days=2)
        make_version(article, at=soon, note="Planned.", standfirst="Then.")
        scheduled = make_draft(lead=image)
        publish(item=scheduled, at=soon)
        self.mend(image, credit="Right")
        self.take(image, article, scheduled)
        for piece in (article, scheduled):
            piece.refresh_from_db()
            self.assertEqual(piece.upcoming_at, soon)
            self.assertIn('"Right"', piece.upcoming.content)
        self.assertEqual((article.live.number, article.upcoming.number, article.upcoming.note), (3, 4, "Planned."))
        self.assertEqual(article.served(soon).standfirst, "Then.")
        self.assertEqual(list(article.versions.was_public(soon).values_list("number", flat=True)), [1, 3, 4])
        self.client.get(article.get_absolute_url())

    def test_nothing_is_done_blindly_or_to_what_is_withdrawn_or_unfinished(self):
        image = make_image(credit="Wrong")
        article, gone = make_article(lead=image), make_article(lead=image)
        Article.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
        self.mend(image, credit="Right")
        self.assertEqual([one.item for one in image_updates.outdated_items(image)], [article])
        self.assertContains(self.take(image, article, seen="old"), "changed in the meantime", status_code=422)
        self.assertEqual(self.take(image, gone).status_code, 422)
        self.assertEqual(self.take(image).status_code, 422)
        self.assertEqual(image_updates.update_image(item=gone, image=image, by=None), [])
        self.mend(image, credit="")
        self.assertEqual(image_updates.update_image(item=article, image=image, by=None), [])
        self.assertContains(self.client.get(image_url("publish", image.pk)), "Add alt text and a credit first.")
        self.assertEqual(Version.objects.count(), 2)

    def test_saving_leads_there_who_may_publish_and_nobody_else(self):
        image = make_image(credit="Wrong")
        make_article(lead=image)
        answer = self.client.post(image_url("change", image.pk), {"alt": "a", "credit": "Right"})
        self.assertRedirects(answer, image_url("publish", image.pk))
        self.client.force_login(make_member("Author"))
        page = self.client.get(image_url("change", image.pk))
        self.assertContains(page, "An editor has to publish the change.")
        self.assertNotContains(page, image_url("publish", image.pk))


class RaceTests(TransactionTestCase):
    def test_the_same_file_from_two_at_once_is_one_picture(self):
        start, found = Barrier(2), []

        def bring():
            try:
                start.wait()
                found.append(add_to_library(file=picture_file(color="orchid"), alt="a", credit="b").pk)
            finally:
                connection.close()

        threads = [Thread(target=bring) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(found), 2)
        self.assertEqual(set(found), {Image.objects.get().pk})

    def test_two_who_publish_the_same_change_make_one_version(self):
        image = make_image(credit="Wrong")
        article = make_article(lead=image)
        Image.objects.update(credit="Right")
        start, made = Barrier(2), []

        def take():
            try:
                start.wait()
                made.append(len(image_updates.update_image(item=article, image=Image.objects.get(), by=None)))
            finally:
                connection.close()

        threads = [Thread(target=take) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(made), [0, 1])
        self.assertEqual(Version.objects.count(), 2)
