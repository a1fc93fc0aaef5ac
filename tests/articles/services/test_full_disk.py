"""Uploads to a full disk leave nothing behind."""

import errno
import io
from unittest import mock

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.db import OperationalError
from django.test import TestCase
from django.urls import reverse

from articles.models import Document, Image, Recording
from articles.services.documents import add_document
from articles.services.media import add_to_library, replace_file, store_recording
from tests.factories import PDF, audio_file, image_file, make_editor, make_image, make_member
from truthlytics.backups.folder import STORAGES, stored_files

FULL = OSError(errno.ENOSPC, "No space left on device")


class FullDiskTests(TestCase):
    def files(self):
        return {name for alias in STORAGES.values() for name in stored_files(alias)}

    def uploads(self):
        image = make_image()
        pdf = PDF + b"% not in the storage yet\n"
        return {
            Image: lambda: add_to_library(file=image_file(color="red"), alt="a", credit="b"),
            # Of its own: a file of the same name that another test left would give it another name.
            Recording: lambda: store_recording(Recording(title="a"), audio_file(tone=77)),
            Document: lambda: add_document(document=Document(title="a", credit="b"), file=io.BytesIO(pdf)),
            None: lambda: replace_file(image=image, file=image_file(color="blue")),
        }

    def test_a_partly_written_file_is_removed(self):
        save = InMemoryStorage._save

        def write_some(storage, name, content):
            save(storage, name, ContentFile(b"some"))
            raise FULL

        for model, upload in self.uploads().items():
            before = self.files()
            with self.subTest(model), mock.patch.object(InMemoryStorage, "_save", write_some):
                with self.assertRaises(OSError):
                    upload()
                self.assertEqual(self.files(), before)

    def test_the_file_of_a_row_that_cannot_be_saved_is_removed(self):
        for model, upload in self.uploads().items():
            before = self.files()
            failing = mock.patch.object(model or Image, "save", side_effect=OperationalError("disk is full"))
            with self.subTest(model), failing:
                with self.assertRaises(OperationalError):
                    upload()
                self.assertEqual(self.files(), before)

    def test_a_form_sent_to_a_full_disk_gets_a_503_page(self):
        self.client.force_login(make_editor())
        self.client.raise_request_exception = False
        data = {"file": image_file(), "alt": "A description", "credit": "Photograph: A. Name"}
        with mock.patch.object(InMemoryStorage, "_save", side_effect=FULL):
            url = reverse("admin:articles_image_add")
            response = self.client.post(url, data, headers={"origin": "http://testserver"})
        self.assertContains(response, ">Photograph: A. Name</textarea>", status_code=503)

    def test_the_answer_says_it_to_scripts_for_files_and_databases(self):
        self.client.force_login(make_editor())
        self.client.raise_request_exception = False
        full = "could not extend file: No space left on device"
        for error, header in (
            (FULL, "disk-full"),
            (OperationalError("database or disk is full"), "disk-full"),
            (OperationalError(full), "disk-full"),
            (OperationalError("database is locked"), None),
        ):
            with self.subTest(error), mock.patch("articles.views.lists.layout_served", side_effect=error):
                response = self.client.get("/")
                self.assertEqual((response.status_code, response.headers.get("X-Problem")), (503, header))

    def test_the_dashboard_says_it_to_everyone_in_the_newsroom(self):
        self.client.force_login(make_member("Author"))
        sentence = "What you write may not be saved."
        self.assertNotContains(self.client.get(reverse("admin:index")), sentence)
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=1)):
            self.assertContains(self.client.get(reverse("admin:index")), sentence)
