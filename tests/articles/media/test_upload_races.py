"""The same file uploaded twice at once, and files that are deleted while others use them."""

from unittest import mock

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from articles.models import Document, Image, Recording
from articles.services import documents
from tests.budget import takes_longer
from tests.factories import PDF, audio_file, image_file, make_document, make_draft, make_editor, make_image
from tests.threads import at_once, start_thread
from tests.transactions import TransactionTestCase

TEXTS = {"title": "A", "alt": "A teal field", "credit": "Drawing: T. Est"}


class UploadRaceTests(TransactionTestCase):
    def setUp(self):
        self.editor = make_editor()

    def client_of_editor(self):
        client = Client()
        client.force_login(self.editor)
        return client

    @takes_longer("Many threads use the database at once.")
    def test_a_file_uploaded_twice_at_once_is_in_the_library_once(self):
        files = {Image: image_file(), Document: PDF, Recording: audio_file(tone=3)}
        for model, name, field in (
            (Image, "upload", "files"),
            (Document, "upload", "file"),
            (Image, "add", "file"),
            (Document, "add", "file"),
            (Recording, "add", "file"),
        ):
            model.objects.all().delete()
            url, data = reverse(f"admin:articles_{model._meta.model_name}_{name}"), files[model]
            data = data if isinstance(data, bytes) else data.getvalue()

            def post(url=url, field=field, data=data):
                form = TEXTS | {field: SimpleUploadedFile("a", data)}
                return self.client_of_editor().post(url, form, headers={"Accept": "*/*"}).status_code

            with self.subTest(model=model.__name__, page=name):
                self.assertLessEqual(set(at_once(post, 2)), {200, 201, 302})
                self.assertEqual(model.objects.count(), 1)
                self.assertTrue(storages["originals"].exists(model.objects.get().file.name))

    def test_the_second_upload_of_a_document_leaves_no_file(self):
        first, data = [], b"year,berths\n2025,11\n"

        def content_file(*args, **kwargs):
            if not first:
                first.append(None)
                first[0] = make_document(data)
            return ContentFile(*args, **kwargs)

        store = storages["originals"]
        before = set(store.listdir("")[1])
        with mock.patch("articles.services.media.ContentFile", content_file):
            self.assertEqual(make_document(data).pk, first[0].pk)
        self.assertEqual(set(store.listdir("")[1]) - before, {first[0].file.name})

    def test_a_document_uploaded_while_it_is_deleted_keeps_its_file(self):
        document, delete = make_document(), storages["originals"].delete

        def upload_and_delete(name):
            make_document()
            delete(name)

        with mock.patch.object(storages["originals"], "delete", upload_and_delete):
            documents.delete_document(document=document)
        self.assertTrue(storages["originals"].exists(Document.objects.get().file.name))

    if connection.vendor == "postgresql":  # SQLite has only one writer at a time.

        def test_an_image_that_was_used_just_now_is_not_deleted_and_says_so(self):
            image, delete = make_image(), Image.delete

            def use_and_delete(self):
                if not self.leads.exists():
                    start_thread(lambda: make_draft(lead=image)).join()
                return delete(self)

            url = reverse("admin:articles_image_delete", args=[image.pk])
            with mock.patch.object(Image, "delete", use_and_delete):
                page = self.client_of_editor().post(url, {"post": "yes"}, follow=True)
            self.assertContains(page, "This image cannot be deleted")
            self.assertTrue(Image.objects.filter(pk=image.pk).exists())
