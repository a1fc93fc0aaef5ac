"""Redaction of a version: its text is deleted everywhere, and the record stays valid."""

import json
from datetime import timedelta
from functools import partial

from django.core.files.storage import storages
from django.core.management.base import CommandError
from django.db import transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.media.renditions import create_first_renditions, create_missing_renditions
from articles.models import (
    Article,
    Autosave,
    Citation,
    Image,
    ImageUsage,
    Rendition,
    Revision,
    SearchEntry,
    Version,
)
from articles.services.publishing import publish, restore, withdraw
from articles.services.redaction import RedactionError, effects, redact
from articles.services.revisions import current_fields, write
from tests.articles.management.commands import run
from tests.factories import (
    image_file,
    make_article,
    make_author,
    make_document,
    make_dossier,
    make_draft,
    make_editor,
    make_image,
    make_member,
    make_page,
    make_subscriber,
    make_version,
    publish_change,
)
from tests.invalidation import invalidates
from truthlytics.audit.log import AuditEntry
from truthlytics.roles import ROLES

REASON = "A court ordered it."
WORD = "Zyzzyva"
BODY = (
    f"<p>Free {WORD} words, <a data-source='' href='https://example.org/{WORD}'>{WORD} source</a>."
    f"<sup data-footnote='A {WORD} note.'></sup></p><hr data-gate>"
    f"<p>Paid {WORD} words.<sup data-footnote='A paid {WORD} note.'></sup></p>"
)


def make_redactable(**fields):
    """An article with `WORD` in every part of its first version, and a second one without it."""
    lead = make_image(caption=f"{WORD} caption", alt=f"{WORD} alt", credit=f"{WORD} credit")
    article = make_article(
        headline=f"{WORD} headline",
        standfirst=f"{WORD} standfirst.",
        body=BODY,
        lead=lead,
        seo_title=f"{WORD} seo",
        seo_description=f"{WORD} description",
        social_title=f"{WORD} social",
        lead_caption=f"{WORD} lead",
        why_written=f"{WORD} why.",
        ai_use=f"{WORD} AI.",
        **fields,
    )
    texts = ("standfirst", "seo_title", "seo_description", "social_title", "lead_caption", "why_written", "ai_use")
    make_version(article, headline="Second", body="<p>Other text.</p>", lead=None, **dict.fromkeys(texts, ""))
    return article


def first(item):
    return item.versions.get(number=1)


def remove(item, number=1, **options):
    return redact(item=item, version=item.versions.get(number=number), reason=REASON, **options)


class RedactedArticleTests(TestCase):
    def setUp(self):
        self.article = make_redactable()
        self.url = self.article.get_absolute_url()
        self.assertTrue(Citation.objects.filter(version=first(self.article)).exists())
        remove(self.article)

    def paths(self):
        feeds = ("/feeds/rss.xml", "/feeds/atom.xml", "/feeds/feed.json", "/corrections/feeds/atom.xml")
        of_article = [f"{self.url}{path}" for path in ("", "history/", "history/1..2/", "versions/1/")]
        return [*of_article, *feeds, "/.well-known/record.json", "/", "/latest/", "/corrections/"]

    def test_no_word_is_left_on_any_page(self):
        for reader in (None, make_subscriber()):
            if reader:
                self.client.force_login(reader)
            for path in self.paths():
                with self.subTest(path, reader=reader):
                    self.assertNotContains(self.client.get(path), WORD)

    def test_search_does_not_find_it(self):
        for path in (f"/search/?q={WORD}", f"/search/?q={WORD[:-1]}x"):
            self.assertNotContains(self.client.get(path), self.url)

    def test_no_word_is_left_in_the_row(self):
        row = Version.objects.filter(pk=first(self.article).pk).values().get()
        self.assertNotIn(WORD, str(row))
        self.assertEqual(row["content"], None)
        for model in (ImageUsage, Citation, SearchEntry):
            self.assertFalse(model.objects.filter(version=row["id"]).exists(), model)
        self.assertNotIn(WORD, run("export_record"))

    def test_reason_is_public(self):
        for path in ("history/", "history/1..2/", "versions/1/"):
            with self.subTest(path):
                self.assertContains(self.client.get(f"{self.url}{path}"), REASON)
        self.assertIn(REASON, run("export_record"))

    def test_record_stays_valid(self):
        self.assertIn("1 removed text", run("verify_record", "--served"))

    def test_rendering_again_brings_nothing_back(self):
        self.assertIn("0 of 2", run("rerender"))

    def test_next_version_can_be_published(self):
        self.assertEqual(make_version(self.article, headline="Third").number, 3)


class WithdrawnTests(TestCase):
    def test_redacted_article_is_not_restored_before_a_new_version(self):
        article = make_redactable()
        withdraw(item=article)
        remove(article, 2)
        self.client.force_login(make_editor())
        page = reverse("admin:articles_article_restore", args=[article.pk])
        self.assertContains(self.client.get(page), "Its text was removed from the record.")
        self.client.post(page)
        restore(item=article)
        self.assertEqual(article.state(), "withdrawn")
        self.assertEqual(self.client.get(reverse("admin:articles_article_changelist")).status_code, 200)
        self.assertEqual(self.client.get(reverse("admin:articles_article_change", args=[article.pk])).status_code, 200)
        self.assertNotContains(
            self.client.get(reverse("admin:articles_article_publish", args=[article.pk])), "It is withdrawn."
        )
        make_version(article, headline="Third")
        restore(item=article)
        self.assertContains(self.client.get(article.get_absolute_url()), "Third")

    def test_word_is_not_found_in_the_index(self):
        article = make_article(headline=WORD)
        withdraw(item=article)
        remove(article)
        Article.objects.update(withdrawn_at=None)
        self.assertNotContains(self.client.get(f"/search/?q={WORD}"), article.get_absolute_url())


class PageAndDossierTests(TestCase):
    def test_text_is_removed_and_the_record_stays_valid(self):
        page = make_page(headline=WORD, body=f"<p>{WORD}</p>")
        page.headline, page.body = "Second", "<p>Other.</p>"
        dossier = make_dossier(make_article(), title=WORD, entries=[{"date": "2024", "text": WORD}])
        dossier.title = "Second"
        dossier.entries.update(text="Other.")
        for item in (page, dossier):
            item.save()
            publish(item=item)
            remove(item)
            for path in ("", "history/", "history/1..2/", "versions/1/"):
                with self.subTest(item._meta.model_name, path=path):
                    response = self.client.get(f"{item.get_absolute_url()}{path}")
                    self.assertNotContains(response, WORD)
                    self.assertEqual(REASON in response.content.decode(), bool(path))
        self.assertIn("2 removed texts", run("verify_record"))
        self.assertNotIn(WORD, run("export_record"))


class RefusalTests(TestCase):
    def assert_refused(self, text, item, number, reason=REASON):
        version = item.versions.get(number=number)
        with self.assertRaisesMessage(RedactionError, text):
            redact(item=item, version=version, reason=reason)
        version.refresh_from_db()

    def test_version_that_readers_get(self):
        for item in (make_article(), make_page(), make_dossier(make_article())):
            with self.subTest(item._meta.model_name):
                self.assert_refused("Readers get this version now.", item, 1)
                self.assertIsNotNone(first(item).content)

    def test_scheduled_version(self):
        article = make_article()
        make_version(article, headline="Later", at=timezone.now() + timedelta(days=1))
        self.assert_refused("This version is scheduled.", article, 2)

    def test_text_that_is_gone_already(self):
        article = make_redactable()
        remove(article)
        self.assert_refused("removed already", article, 1)

    def test_missing_and_long_reasons(self):
        article = make_redactable()
        for reason, text in [("", "Give the reason."), (" \x00 ", "Give the reason."), ("x" * 301, "too long")]:
            with self.subTest(reason[:3]):
                self.assert_refused(text, article, 1, reason)


class BesidesTests(TestCase):
    def test_audit_log_says_who_and_why_without_the_text(self):
        article, editor = make_redactable(), make_editor()
        remove(article, by=editor)
        entry = AuditEntry.objects.about(article).first()
        self.assertEqual(entry.actor, editor)
        self.assertIn(f"Removed the text of version 1 from the record: {REASON}", entry.message)
        self.assertNotIn(WORD, f"{entry.before} {entry.after} {entry.row_name}")

    def test_caches_are_purged(self):
        article = make_redactable()
        self.assertTrue(invalidates(self, [f"article:{article.pk}"], partial(remove, article)))
        page = make_page()
        publish(item=page)
        self.assertTrue(invalidates(self, ["pages"], partial(remove, page)))

    def test_revisions_are_deleted_on_demand(self):
        article, editor = make_draft(body=f"<p>{WORD}</p>"), make_editor()
        for headline in (WORD, "Second"):
            write(item=article, fields=current_fields(article) | {"headline": headline}, by=editor)
            publish_change(article)
        Autosave.objects.create(article=article, user=editor, form_data="{}")
        other = make_draft()
        write(item=other, fields=current_fields(other), by=editor)
        before = Revision.objects.filter(article=article).count()
        self.assertEqual(remove(article, revisions=True), before)
        self.assertEqual(Revision.objects.get(article=article).number, article.revision_number)
        self.assertTrue(Revision.objects.filter(article=other).exists())

    def test_revisions_stay_otherwise(self):
        article = make_draft()
        for headline in ("First", "Second"):
            write(item=article, fields=current_fields(article) | {"headline": headline}, by=make_editor())
            publish_change(article)
        before = Revision.objects.count()
        self.assertEqual(remove(article), 0)
        self.assertEqual(Revision.objects.count(), before)


class ImageTests(TestCase):
    """Images that only the removed text uses can be deleted with it, with all their files."""

    def setUp(self):
        self.article = make_redactable()
        self.image = first(self.article).image_usages.get().image
        create_first_renditions(self.image)

    def test_files_are_deleted(self):
        create_missing_renditions(self.image)
        files = [(storages["originals"], self.image.file.name)]
        for rows in (self.image.renditions, self.image.social_crops):
            files += [(storages["default"], name) for name in rows.values_list("file", flat=True)]
        self.assertTrue(all(storage.exists(name) for storage, name in files))
        with self.captureOnCommitCallbacks(execute=True):
            remove(self.article, images=[self.image])
        self.assertFalse(any(storage.exists(name) for storage, name in files))
        self.assertFalse(Image.objects.exists())

    def test_file_that_another_image_has_too_stays(self):
        other = make_image(file=image_file(color="black"))
        name = self.image.renditions.first().file.name
        Rendition.objects.create(image=other, format="jpeg", width=480, height=320, sha256=name[:64], file=name)
        with self.captureOnCommitCallbacks(execute=True):
            remove(self.article, images=[self.image])
        self.assertTrue(storages["default"].exists(name))

    def test_image_that_is_used_elsewhere_is_not_deleted(self):
        body = f'<figure data-image="{self.image.uuid}"></figure>'
        for use in (
            lambda: make_draft(lead=self.image),
            lambda: make_article(lead=self.image),
            lambda: make_author(portrait=self.image),
            lambda: make_page(body=f"<p>Text.</p>{body}"),
        ):
            with self.subTest(), transaction.atomic():
                use()
                self.assertEqual(effects(self.article, first(self.article)).images, ())
                self.assertEqual(effects(self.article, first(self.article)).shared_images, (self.image,))
                with self.assertRaisesMessage(RedactionError, "used elsewhere"):
                    remove(self.article, images=[self.image])
                transaction.set_rollback(True)
        self.assertEqual(effects(self.article, first(self.article)).images, (self.image,))

    def test_image_of_a_page_is_found(self):
        page = make_page(body=f'<p>Text.</p><figure data-image="{make_image().uuid}"></figure>')
        page.body = "<p>Other.</p>"
        page.save()
        publish(item=page)
        (image,) = effects(page, first(page)).images
        remove(page, images=[image])
        self.assertFalse(Image.objects.filter(pk=image.pk).exists())


class RedactionPageTests(TestCase):
    def setUp(self):
        self.article = make_redactable()
        self.url = reverse("admin:articles_article_redact", args=[self.article.pk, 1])
        self.publisher = make_member("Publisher")
        self.client.force_login(self.publisher)

    def post(self, **data):
        return self.client.post(self.url, {"reason": REASON, "confirmed": "on"} | data)

    def test_page_says_what_goes_and_what_stays_and_removes_nothing(self):
        document = make_document()
        article = make_article(body=f'<p><a href="{document.get_absolute_url()}">It</a></p>', headline="Same")
        publish(item=article)
        make_version(article, body="<p>Other.</p>")
        page = self.client.get(reverse("admin:articles_article_redact", args=[article.pk, 1]))
        self.assertContains(page, "The same text in other versions: 2")
        self.assertContains(page, "Backups. Delete those from before today")
        self.assertNotContains(page, "can no longer be downloaded")  # version 2 still links to it
        redact(item=article, version=article.versions.get(number=2), reason=REASON)
        page = self.client.get(reverse("admin:articles_article_redact", args=[article.pk, 1]))
        self.assertContains(page, f"The document “{document}” can no longer be downloaded.")
        self.assertIsNotNone(first(article).content)

    def test_text_and_chosen_images_are_removed_and_logged(self):
        image = Image.objects.get()
        self.assertContains(self.client.get(self.url), "Also delete these images")
        self.assertRedirects(
            self.post(images=image.pk), reverse("admin:articles_article_change", args=[self.article.pk])
        )
        self.assertIsNone(first(self.article).content)
        self.assertFalse(Image.objects.exists())
        entry = AuditEntry.objects.about(self.article).filter(message__contains=REASON).get()
        self.assertEqual(entry.actor, self.publisher)
        self.assertContains(self.client.get(self.url), "removed already")

    def test_images_stay_unless_chosen(self):
        self.post()
        self.assertTrue(Image.objects.exists())

    def test_reason_and_confirmation_are_required_and_nothing_typed_is_lost(self):
        for data, message in [
            ({"reason": ""}, "Give the reason."),
            ({"confirmed": ""}, "Confirm that the text"),
            ({"images": "999999"}, "used elsewhere by now"),
        ]:
            with self.subTest(message):
                response = self.post(**data)
                self.assertContains(response, message, status_code=422)
                self.assertContains(response, data.get("reason", REASON), status_code=422)
        self.assertIsNotNone(first(self.article).content)

    def test_served_version_has_no_button(self):
        page = self.client.get(reverse("admin:articles_article_redact", args=[self.article.pk, 2]))
        self.assertContains(page, "Readers get this version now.")
        self.assertNotContains(page, 'name="confirmed"')

    def test_only_publishers_may(self):
        for role in ROLES:
            self.client.force_login(make_member(role))
            status = self.post(reason="").status_code
            with self.subTest(role):
                self.assertEqual(status, {"Publisher": 422, "Editor": 403}.get(role, 404))
        self.assertIsNotNone(first(self.article).content)

    def test_versions_link_to_it_for_publishers(self):
        page = reverse("admin:articles_article_change", args=[self.article.pk])
        self.assertContains(self.client.get(page), self.url)
        remove(self.article)
        self.assertContains(self.client.get(page), "text removed")
        self.client.force_login(make_member("Editor"))
        self.assertNotContains(self.client.get(page), self.url)

    def test_pages_and_dossiers_have_it_too(self):
        for item in (make_page(), make_dossier(make_article())):
            publish(item=item)
            name = f"admin:articles_{item._meta.model_name}"
            url = reverse(f"{name}_redact", args=[item.pk, 1])
            self.assertContains(self.client.get(reverse(f"{name}_change", args=[item.pk])), url)
            self.client.post(url, {"reason": REASON, "confirmed": "on"})
            self.assertIsNone(first(item).content)

    def test_version_that_readers_never_saw_is_not_found(self):
        version = make_version(self.article, headline="Later", at=timezone.now() + timedelta(days=1))
        url = reverse("admin:articles_article_redact", args=[self.article.pk, version.number])
        self.assertEqual(self.client.get(url).status_code, 404)
        editor = self.client.get(reverse("admin:articles_article_change", args=[self.article.pk]))
        self.assertNotContains(editor, url)


class CommandTests(TestCase):
    def setUp(self):
        self.article = make_redactable(slug="a-story")
        self.command = partial(run, "redact_version", reason=REASON)

    def test_version_is_found_by_url_and_number_of_readers(self):
        make_version(self.article, headline="Never seen", at=timezone.now() + timedelta(days=1))
        make_version(self.article, headline="Third", note="New.")
        make_version(self.article, headline="Fourth")
        out = self.command("https://example.org/articles/a-story/", "3")
        self.assertIn("The note stays: New.", out)
        self.assertIsNone(self.article.versions.get(number=4).content)

    def test_user_is_named_in_the_log(self):
        editor = make_editor(email="ines@example.org")
        self.command("/articles/a-story", "1", by="Ines@example.org")
        self.assertEqual(AuditEntry.objects.about(self.article).first().actor, editor)

    def test_dry_run_changes_nothing(self):
        self.assertIn("would be removed", self.command("/articles/a-story/", "1", dry_run=True))
        self.assertIsNotNone(first(self.article).content)
        with self.assertRaisesMessage(CommandError, "Readers get this version now."):
            self.command("/articles/a-story/", "2", dry_run=True)

    def test_images_are_deleted_on_demand(self):
        self.assertIn("would be deleted", self.command("/articles/a-story/", "1", images=True, dry_run=True))
        self.assertTrue(Image.objects.exists())
        self.assertIn("was deleted", self.command("/articles/a-story/", "1", images=True))
        self.assertFalse(Image.objects.exists())

    def test_other_versions_with_the_text_are_named(self):
        publish(item=self.article)
        make_version(self.article, headline="Fourth")
        self.assertIn("The same text is in version 3.", self.command("/articles/a-story/", "2"))

    def test_wrong_arguments_are_explained(self):
        for arguments, options, text in [
            (("/articles/nowhere/", "1"), {}, "There is no article, page or dossier at"),
            (("a-story", "1"), {}, "Give a URL"),
            (("/articles/\x00/", "1"), {}, "Give a URL"),
            (("/articles/a-story/", "3"), {}, "has 2 versions that readers have seen"),
            (("/articles/a-story/", "0"), {}, "has 2 versions that readers have seen"),
            (("/articles/a-story/", "1"), {"by": "nobody@example.org"}, "No user has the address"),
            (("/articles/a-story/", "1"), {"reason": " "}, "Give the reason."),
        ]:
            with self.subTest(text), self.assertRaisesMessage(CommandError, text):
                self.command(*arguments, **options)
        self.assertEqual(json.loads(first(self.article).content)["body"].count(WORD), 6)
