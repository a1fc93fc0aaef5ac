"""Tests of the stylesheet that production pages link."""

import gzip
import os
import re
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.contrib.staticfiles.finders import get_finder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import SimpleTestCase, override_settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

from tests.budget import takes_longer
from truthlytics import staticfiles
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

    def test_what_features_and_plug_ins_add_follows(self):
        with TemporaryDirectory() as folder:
            root = Path(folder)
            for part in ("css", "tides"):
                (root / part).mkdir()
            (root / "css/layers.css").write_text("@layer a, b;")
            (root / "tides/tides.css").write_text("@layer b { p { background: url(high.svg); } }")
            with mock.patch.dict(staticfiles.ADDED, {"css/layers.css": lambda: ["tides/tides.css"]}):
                css = bundle("css/layers.css", root.joinpath)
        self.assertEqual(css, '@layer a, b;\n@layer b { p { background: url("../tides/high.svg"); } }\n')

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


@override_settings(STORAGES=STORAGES, DEBUG=False)
class VersionTests(SimpleTestCase):
    """Which sources the collected files are of, with three files instead of all."""

    def setUp(self):
        self.theme, self.root = (Path(self.enterContext(TemporaryDirectory())) for _ in range(2))
        for name in ("css/layers.css", "newsroom/css/layers.css", "js/quote.js"):
            self.write(name, f"/* {name} */")
        finders = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        places = {"STATIC_ROOT": self.root, "STATICFILES_DIRS": [self.theme], "STATICFILES_FINDERS": finders}
        self.enterContext(override_settings(**places))
        self.enterContext(mock.patch.dict(staticfiles.ADDED, clear=True))
        self.addCleanup(get_finder.cache_clear)
        get_finder.cache_clear()

    def write(self, name, text, changed=None):
        path = self.theme / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if changed:
            os.utime(path, (changed, changed))

    def collect(self, root=None):
        with override_settings(STATIC_ROOT=root or self.root):
            call_command("collectstatic", interactive=False, verbosity=0)

    def state(self):
        return staticfiles.is_current(self.root), staticfiles.missing_names(self.root)

    def test_collected_files_are_current_until_a_source_or_the_version_changes(self):
        self.assertEqual(self.state(), (False, sorted(["css/site.css", "newsroom/css/newsroom.css", *self.names()])))
        self.collect()
        self.assertEqual(self.state(), (True, []))
        with mock.patch.object(staticfiles, "__version__", "99.1"):
            self.assertEqual(self.state(), (False, []))
        self.write("js/quote.js", "changed()")
        self.assertEqual(self.state(), (False, []))
        self.write("js/check.js", "added()")
        self.assertEqual(self.state(), (False, ["js/check.js"]))

    def names(self):
        return [str(path.relative_to(self.theme)) for path in self.theme.rglob("*.*")]

    def test_a_source_that_is_older_than_its_copy_is_collected_too(self):
        self.collect()
        self.write("js/quote.js", "ofAnOlderPackage()", changed=1_000_000_000)
        self.collect()
        self.assertEqual((self.root / "js/quote.js").read_text(), "ofAnOlderPackage()")
        self.assertEqual(self.state(), (True, []))

    def test_a_list_that_was_cut_off_is_made_again(self):
        self.collect()
        whole = (self.root / "staticfiles.json").read_text()
        for text in ("", whole[:50], '{"paths": 7}', "[]", "null"):
            (self.root / "staticfiles.json").write_text(text)
            with self.subTest(text):
                self.assertEqual(len(self.state()[1]), 5)
                staticfiles.forget_broken_list(self.root)
                self.collect()
                self.assertEqual(self.state(), (True, []))

    def test_files_from_another_folder_are_put_in_place_and_earlier_ones_stay(self):
        self.collect()
        before = {path.name for path in (self.root / "js").iterdir()}
        self.write("js/quote.js", "changed()")
        waiting = Path(self.enterContext(TemporaryDirectory()))
        self.collect(waiting)
        self.assertEqual(self.state(), (False, []))
        staticfiles.publish(waiting, self.root)
        after = {path.name for path in (self.root / "js").iterdir()}
        self.assertEqual((self.state(), before - after, len(after - before)), ((True, []), set(), 1))
        self.assertEqual(list(self.root.rglob("*.part")), [])

    def test_a_copy_that_ends_at_any_file_is_noticed_and_completed(self):
        waiting = Path(self.enterContext(TemporaryDirectory()))
        self.collect(waiting)
        replace, ends = Path.replace, 0
        while not staticfiles.is_current(self.root):
            ends += 1
            steps = [*[replace] * (ends - 1), end]
            with mock.patch.object(Path, "replace", by_turns(steps)), suppress(KeyboardInterrupt):
                staticfiles.publish(waiting, self.root)
            self.assertLess(ends, 100)
            is_current, missing = self.state()
            self.assertFalse(is_current and missing)
        self.assertGreater(ends, 10)


def end(*names):
    raise KeyboardInterrupt


def by_turns(steps):
    rest = iter(steps)
    return lambda *names: next(rest, end)(*names)


compress_files = CompressedManifestStaticFilesStorage.compress_files


def compress_css(storage, paths):
    return compress_files(storage, [path for path in paths if path.startswith("css/")])
