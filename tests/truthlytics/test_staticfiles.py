"""Tests of the stylesheet that production pages link."""

import gzip
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import SimpleTestCase, override_settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

from tests.budget import takes_longer
from truthlytics.staticfiles import bundle

STORAGES = {"staticfiles": {"BACKEND": "truthlytics.staticfiles.SiteStaticFilesStorage"}}
MAX_COMPRESSED_SIZE = 21 * 1024


class BundleTests(SimpleTestCase):
    def test_imports_are_inlined_in_their_layer_with_relative_urls(self):
        with TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "parts").mkdir()
            (root / "layers.css").write_text('@layer a, b;\n@import url("parts/x.css") layer(b);\n')
            (root / "parts" / "x.css").write_text("/* why */ p { background: url(../i/p.svg); mask: url(#m); }")
            css = bundle("layers.css", root.joinpath)
        self.assertEqual(css, '@layer a, b;\n@layer b { p { background: url("i/p.svg"); mask: url(#m); } }\n')

    def test_a_missing_import_is_an_error(self):
        with TemporaryDirectory() as folder:
            Path(folder, "layers.css").write_text('@import url("gone.css") layer(b);')
            with self.assertRaises(FileNotFoundError):
                bundle("layers.css", Path(folder).joinpath)


@override_settings(STORAGES=STORAGES, DEBUG=False)
class CollectStaticTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(TemporaryDirectory())
        cls.root = Path(folder)
        cls.enterClassContext(override_settings(STATIC_ROOT=folder))
        # Compressing other packages' files would take most of the time.
        with mock.patch.object(CompressedManifestStaticFilesStorage, "compress_files", autospec=True) as compress:
            compress.side_effect = compress_css
            call_command("collectstatic", interactive=False, verbosity=0)
        cls.path = cls.root / staticfiles_storage.stored_name("css/site.css")

    def test_the_stylesheet_is_hashed_and_in_the_manifest(self):
        self.assertRegex(self.path.name, r"^site\.[0-9a-f]{12}\.css$")
        self.assertTrue(self.path.exists())
        self.assertEqual(staticfiles_storage.url("css/site.css"), f"/static/css/{self.path.name}")

    def test_no_imports_remain(self):
        css = self.path.read_text()
        self.assertNotIn("@import", css)
        self.assertIn("@layer components {", css)

    def test_every_url_exists(self):
        urls = re.findall(r"""url\(["']?([^"')]+)""", self.path.read_text())
        self.assertTrue(urls)
        for url in urls:
            self.assertTrue((self.path.parent / url).exists(), url)
            self.assertRegex(url, r"\.[0-9a-f]{12}\.")

    def test_it_is_compressed_and_small(self):
        compressed = self.path.with_name(f"{self.path.name}.gz")
        self.assertEqual(gzip.decompress(compressed.read_bytes()), self.path.read_bytes())
        self.assertLessEqual(compressed.stat().st_size, MAX_COMPRESSED_SIZE)

    def test_only_hashed_files_are_compressed(self):
        self.assertTrue(list(self.root.glob("css/site.*.css.gz")))
        self.assertFalse((self.root / "css" / "site.css.gz").exists())

    def test_error_pages_can_link_it_without_the_manifest(self):
        self.assertTrue((self.root / "css" / "site.css").exists())

    @takes_longer("All files of the project are read.")
    def test_collecting_again_changes_nothing(self):
        before = self.path.read_bytes()
        with mock.patch.object(CompressedManifestStaticFilesStorage, "compress_files", return_value=()):
            call_command("collectstatic", interactive=False, verbosity=0)
        self.assertEqual(staticfiles_storage.stored_name("css/site.css"), f"css/{self.path.name}")
        self.assertEqual(self.path.read_bytes(), before)


compress_files = CompressedManifestStaticFilesStorage.compress_files


def compress_css(storage, paths):
    return compress_files(storage, [path for path in paths if path.startswith("css/")])
