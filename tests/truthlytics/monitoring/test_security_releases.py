"""The list of security releases: what is newer, and files that are no list."""

import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.test import SimpleTestCase

from truthlytics import __version__
from truthlytics.env import BASE_DIR
from truthlytics.monitoring import versions
from truthlytics.monitoring.security_releases import MAX_SIZE, ReleasesError, numbers, security_releases


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

    def fixed_in(self, running, *versions):
        """Return what a site is told to install, if these versions have the same repairs."""
        self.path.write_text(json.dumps([{"version": versions[0], "also": list(versions[1:])}]))
        with mock.patch("truthlytics.monitoring.security_releases.__version__", running):
            return [release.version for release in security_releases(self.path)[0]]

    def test_a_branch_that_has_the_repairs_itself_is_not_told_to_leave_it(self):
        versions = ("1.2.1", "1.1.4", "1.0.3", "1.3.0.dev1")
        for running, expected in (
            ("1.0.3", []), ("1.0.2", ["1.0.3"]), ("1.1.3", ["1.1.4"]), ("1.1.4", []), ("1.1.5", []),
            ("1.2.0", ["1.2.1"]), ("1.2.1", []), ("1.3.0.dev0", ["1.3.0.dev1"]), ("1.3.0.dev1", []), ("1.3.0", []),
            ("0.9.9", ["1.3.0.dev1"]), ("2.0", []), ("1.2.1.dev3", ["1.2.1"]),
        ):  # fmt: skip
            with self.subTest(running):
                self.assertEqual(self.fixed_in(running, *versions), expected)

    def test_every_version_that_may_run_can_be_compared(self):
        found = sorted(["1.1.0", "1.1.0.dev10", "1.0.9", "1.1", "1.1.0.dev9", "1.10"], key=numbers)
        self.assertEqual(found, ["1.0.9", "1.1.0.dev9", "1.1.0.dev10", "1.1.0", "1.1", "1.10"])
        self.assertEqual(self.fixed_in(__version__, "99.1"), ["99.1"])

    def test_files_that_are_no_list_are_refused(self):
        wrong = (
            "", "{}", "null", "[1]", '["1.9.1"]', "[{}]", '[{"version": 2.0}]', '[{"version": "2"}]', "[[[[", "\x00",
            '[{"version": "2.0-beta"}]', '[{"version": "²·⁰"}]', '[{"version": "9999999999999999.1"}]', "[" * 50_000,
            " " * (MAX_SIZE + 1), '[{"version": "2.0", "also": "1.9.1"}]', '[{"version": "2.0", "also": [1]}]',
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

    def test_code_between_releases_does_not_call_itself_a_release(self):
        heads = re.findall(r"^## (\S+)", (BASE_DIR / "CHANGELOG.md").read_text(), re.MULTILINE)
        if heads[0] == "Unreleased":
            self.assertRegex(__version__, r"\.dev\d+$")
            self.assertGreater(numbers(__version__), numbers(heads[1]))
        else:
            self.assertEqual(__version__, heads[0])

    def test_what_is_new_can_be_read_in_a_minute(self):
        text = (BASE_DIR / "CHANGELOG.md").read_text()
        # From 1.1 on, releases have one.
        for release in re.split(r"^## ", text.partition("\n## 1.0.0 ")[0], flags=re.MULTILINE)[1:]:
            name, summary = release.split("\n")[0], re.search(r"### Summary\n(.*?)\n### ", release, re.DOTALL)
            self.assertTrue(summary and summary[1].strip(), name)
            self.assertLessEqual(len(summary[1].strip().splitlines()), 25, name)


class CommitTests(SimpleTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.enterContext(mock.patch.object(versions, "GIT", self.folder))

    def test_the_commit_of_a_branch_a_tag_and_a_packed_branch(self):
        commit = "47c8065c" + "0" * 32
        self.assertEqual(versions.read_commit(), "")
        (self.folder / "HEAD").write_text(commit + "\n")
        self.assertEqual(versions.read_commit(), "47c8065c")
        (self.folder / "HEAD").write_text("ref: refs/heads/main\n")
        self.assertEqual(versions.read_commit(), "")
        (self.folder / "packed-refs").write_text(f"# pack-refs\n{'1' * 40} refs/heads/a\n{commit} refs/heads/main\n")
        self.assertEqual(versions.read_commit(), "47c8065c")
        (self.folder / "refs/heads").mkdir(parents=True)
        (self.folder / "refs/heads/main").write_text("abcdef01" + "0" * 32)
        self.assertEqual(versions.read_commit(), "abcdef01")

    def test_the_command_says_what_runs(self):
        command = [sys.executable, str(BASE_DIR / "manage.py"), "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.assertRegex(
            said, rf"^Truthlytics {re.escape(__version__)}( \([0-9a-f]{{8}}\))?, Django [\d.]+, Python [\d.]+\n$"
        )
