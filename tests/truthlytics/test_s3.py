"""Tests of the media library in an S3 bucket, with a local S3 server."""

import os
import tempfile
from io import StringIO
from pathlib import Path
from unittest import mock

import boto3
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import SimpleTestCase, override_settings, tag
from django.urls import reverse
from moto.server import ThreadedMotoServer

from articles.models import Document, Image
from articles.models.recordings import Recording
from articles.services.media import add_to_library
from articles.services.publishing import publish
from tests.budget import takes_longer
from tests.factories import PDF, image_file, make_article, make_document, make_draft, make_recording
from tests.transactions import TransactionTestCase
from truthlytics import storage
from truthlytics.backups import folder
from truthlytics.checks import check_s3

KEYS = {"S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret", "S3_REGION": "eu-central-1"}


def with_environment(**names):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("S3_")}
    return mock.patch.dict(os.environ, clean | names, clear=True)


@tag("sqlite")  # Files do not depend on the database.
class S3StorageTests(TransactionTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        host, port = cls.server.get_host_and_port()
        cls.endpoint = f"http://{host}:{port}"

    def setUp(self):
        names = KEYS | {"S3_BUCKET": self.id().rpartition("_")[2], "S3_ENDPOINT_URL": self.endpoint}
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            region_name="eu-central-1",
        )
        self.bucket = names["S3_BUCKET"]
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        with with_environment(**names):
            storages_settings = storage.media_storages("/media/")
        static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        self.enterContext(override_settings(STORAGES=storages_settings | {"staticfiles": static}))
        # Models resolve their storage once, when they are loaded.
        for model in (Document, Image, Recording):
            self.enterContext(mock.patch.object(model._meta.get_field("file"), "storage", storages["originals"]))

    def names(self):
        entries = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {entry["Key"] for entry in entries}

    def published(self):
        image = add_to_library(file=image_file(width=900), alt="A wall", credit="Us")
        article = make_draft(lead=image, lead_caption="The wall")
        publish(item=article)
        return image, article

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_an_uploaded_image_is_served_from_the_bucket(self):
        image, article = self.published()
        names = self.names()
        self.assertIn(f"originals/{image.file.name}", names)
        page = self.client.get(article.get_absolute_url()).content.decode()
        for rendition in image.renditions.all():
            self.assertIn(f"media/{rendition.file.name}", names)
            self.assertEqual(rendition.file.url, f"/media/{rendition.file.name}")
        rendition = image.renditions.filter(format="jpeg").first()
        self.assertIn(rendition.file.url, page)
        response = self.client.get(rendition.file.url)
        self.assertTrue(b"".join(response.streaming_content).startswith(b"\xff\xd8\xff"))
        head = self.s3.head_object(Bucket=self.bucket, Key=f"media/{rendition.file.name}")
        self.assertEqual((head["ContentType"], head["CacheControl"]), ("image/jpeg", storage.IMMUTABLE))

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_originals_have_no_url_and_missing_files_are_not_found(self):
        image, _ = self.published()
        with self.assertRaises(ValueError):
            image.file.url  # noqa: B018
        digest = Path(image.file.name).stem
        self.assertEqual(self.client.get(f"/media/{'0' * 64}.jpg").status_code, 404)
        self.assertEqual(self.client.get(f"/media/{digest}.png").status_code, 404)

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_a_recording_is_served_in_byte_ranges(self):
        recording = make_recording()
        article = make_draft(audio=recording)
        publish(item=article)
        url = reverse("articles:audio", args=[article.slug, recording.format])
        whole = b"".join(self.client.get(url).streaming_content)
        part = self.client.get(url, headers={"Range": "bytes=10-19"})
        self.assertEqual(part.status_code, 206)
        self.assertEqual(b"".join(part.streaming_content), whole[10:20])

    def test_a_document_is_private_in_the_bucket_and_served_once_linked(self):
        document = make_document()
        self.assertEqual(self.names(), {f"originals/{document.file.name}"})
        self.assertEqual(self.client.get(document.get_absolute_url()).status_code, 404)
        make_article(body=f'<p><a href="{document.get_absolute_url()}">It</a></p>')
        self.assertEqual(b"".join(self.client.get(document.get_absolute_url()).streaming_content), PDF)

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_backups_include_the_files(self):
        image, article = self.published()
        before = self.names()
        with tempfile.TemporaryDirectory() as directory:
            backup = Path(directory) / "today"
            call_command("backup", backup, stdout=StringIO())
            self.assertTrue((backup / "originals" / image.file.name).is_file())
            for name in before:
                self.s3.delete_object(Bucket=self.bucket, Key=name)
            call_command("flush", interactive=False, verbosity=0)
            call_command("restore", backup, stdout=StringIO())
        self.assertEqual(self.names(), before)
        self.assertEqual(Image.objects.get().file.read(), self.original(image))
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 200)

    def original(self, image):
        key = f"originals/{image.file.name}"
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_existing_files_are_not_overwritten(self):
        image, _ = self.published()
        first = self.original(image)
        name = storages["originals"].save(image.file.name, image_file(color="red"))
        self.assertNotEqual(name, image.file.name)
        self.assertEqual(self.original(image), first)
        self.assertIn(name, list(folder.stored_files("originals")))


class SettingsTests(SimpleTestCase):
    def errors(self, **names):
        with with_environment(**names):
            return [error.msg for error in check_s3(None)]

    def test_without_a_bucket_files_are_stored_on_disk(self):
        with with_environment():
            backends = {options["BACKEND"] for options in storage.media_storages("/media/").values()}
        self.assertEqual(backends, {storage.FILE_SYSTEM})
        self.assertEqual(self.errors(), [])

    def test_missing_variables_are_named(self):
        complete = KEYS | {"S3_BUCKET": "b"}
        self.assertEqual(self.errors(**complete), [])
        self.assertEqual(self.errors(S3_BUCKET="b", S3_REGION="r"), [])
        for missing, text in [
            ("S3_BUCKET", "without S3_BUCKET"),
            ("S3_ACCESS_KEY_ID", "without S3_ACCESS_KEY_ID"),
            ("S3_SECRET_ACCESS_KEY", "without S3_SECRET_ACCESS_KEY"),
            ("S3_REGION", "without its location"),
        ]:
            with self.subTest(missing):
                (error,) = self.errors(**{name: value for name, value in complete.items() if name != missing})
                self.assertIn(text, error)

    def test_secrets_can_be_read_from_files(self):
        with tempfile.NamedTemporaryFile("w") as secret:
            secret.write("from a file\n")
            secret.flush()
            with with_environment(S3_BUCKET="b", S3_ACCESS_KEY_ID="k", S3_SECRET_ACCESS_KEY_FILE=secret.name):
                options = storage.media_storages("/media/")["originals"]["OPTIONS"]
        self.assertEqual(options["secret_key"], "from a file")

    def test_a_missing_client_is_an_error(self):
        with (
            with_environment(S3_BUCKET="b"),
            mock.patch("truthlytics.storage.find_spec", return_value=None),
            self.assertRaisesMessage(ImproperlyConfigured, "extra `s3`"),
        ):
            storage.media_storages("/media/")

    def test_the_csp_allows_the_media_host(self):
        self.assertEqual(storage.media_csp_sources("https://cdn.example.org/media/"), ["https://cdn.example.org"])
        self.assertEqual(storage.media_csp_sources("/media/"), [])
