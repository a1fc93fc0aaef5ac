"""The list of security releases: what is newer, and files that are no list."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.test import SimpleTestCase

from truthlytics import __version__
from truthlytics.env import BASE_DIR
from truthlytics.monitoring.security_releases import MAX_SIZE, ReleasesError, security_releases


class SecurityReleaseTests(SimpleTestCase):
    def setUp(self):
        self.path = Path(self.enterContext(TemporaryDirectory())) / "releases.json"
        self.enterContext(mock.patch("truthlytics.monitoring.security_releases.__version__", "1.9.0"))

    def newer(self, *versions):
        self.path.write_text(json.dumps([{"version": version} for version in versions]))
        return [release.version for release in security_releases(self.path)[0]]

    def test_only_newer_ones_are_named_and_the_newest_first(self):
        self.assertEqual(self.newer("1.8.7", "1.9", "1.9.0", "1.10", "1.9.1", "2.0.0"), ["2.0.0", "1.10", "1.9.1"])
        self.assertEqual(self.newer(), [])

    def test_files_that_are_no_list_are_refused(self):
        wrong = (
            "", "{}", "null", "[1]", '["1.9.1"]', "[{}]", '[{"version": 2.0}]', '[{"version": "2"}]', "[[[[", "\x00",
            '[{"version": "2.0-beta"}]', '[{"version": "²·⁰"}]', '[{"version": "9999999999999999.1"}]', "[" * 50_000,
            " " * (MAX_SIZE + 1),
        )  # fmt: skip
        for content in wrong:
            self.path.write_text(content)
            with self.subTest(content[:40]), self.assertRaises(ReleasesError):
                security_releases(self.path)
        self.path.write_bytes(b"\xff\xfe[")
        self.assertRaises(ReleasesError, security_releases, self.path)

    def test_a_missing_file_and_a_folder_are_refused(self):
        for path in (self.path, self.path.parent):
            self.assertRaises(ReleasesError, security_releases, path)

    def test_the_list_of_the_project_can_be_read(self):
        security_releases(BASE_DIR / "docs/deploy/security-releases.json")

    def test_the_version_is_that_of_the_project(self):
        self.assertIn(f'\nversion = "{__version__}"\n', (BASE_DIR / "pyproject.toml").read_text())
