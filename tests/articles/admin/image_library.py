"""URLs, uploads and a test case for the image library."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from tests.factories import image_file, make_editor

JSON = {"Accept": "application/json"}


def image_url(name, *args):
    return reverse(f"admin:articles_image_{name}", args=args)


def uploaded_file(data=None, name="quay.png", kind="image/png"):
    return SimpleUploadedFile(name, (data or image_file()).getvalue(), kind)


class ImageLibraryTestCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)

    def upload(self, *files, headers=JSON):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(image_url("upload"), {"files": list(files)}, headers=headers)
