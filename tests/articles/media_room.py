"""What the tests of the media room begin with: who is logged in, its addresses, a file as a browser sends it."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from tests.factories import make_editor, picture_file

JSON = {"Accept": "application/json"}


def address(name, *args):
    return reverse(f"admin:articles_image_{name}", args=args)


def sent(data=None, name="quay.png", kind="image/png"):
    return SimpleUploadedFile(name, (data or picture_file()).getvalue(), kind)


class RoomCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)

    def bring(self, *files, headers=JSON):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(address("upload"), {"files": list(files)}, headers=headers)
