"""Rules of the house that no other tool holds."""

import re
import tomllib
from pathlib import Path

from django.test import SimpleTestCase

ROOT = Path(__file__).parent.parent
APPS = ("articles", "comments", "subscriptions", "truthlytics")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


class HouseRuleTests(SimpleTestCase):
    def test_every_module_of_the_project_stands_in_the_layers(self):
        contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
        named = set(re.findall(r"truthlytics\.(\w+)", " ".join(contract["layers"])))
        there = {path.stem for path in (ROOT / "truthlytics").glob("*.py")} | {
            path.parent.name for path in (ROOT / "truthlytics").glob("*/__init__.py")
        }
        self.assertEqual(there - named - {"__init__", "migrations"}, set())

    def test_the_top_level_is_what_was_agreed(self):
        folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
        self.assertEqual(folders, {*APPS, "tests"})

    def test_templates_carry_no_inline_style_script_or_handler(self):
        wrong = re.compile(
            r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(?:\ssrc=|application/(?:ld\+)?json|type=\"importmap))",
            re.IGNORECASE,
        )
        for path in TEMPLATES:
            if "emails" in path.parts:
                continue  # a letter carries its own style
            with self.subTest(path.relative_to(ROOT)):
                self.assertIsNone(wrong.search(path.read_text()))

    def test_a_partial_says_what_it_takes(self):
        for path in TEMPLATES:
            if path.name.startswith("_") and "allauth" not in path.parts:
                with self.subTest(path.relative_to(ROOT)):
                    first = path.read_text().splitlines()[0]
                    self.assertRegex(first, r"^\{#.*(Takes|Needs nothing).*#\}$")

    def test_no_file_has_grown_into_two_ideas(self):
        for app in APPS:
            for path in (ROOT / app).rglob("*.py"):
                if "migrations" not in path.parts:
                    with self.subTest(path.relative_to(ROOT)):
                        self.assertLessEqual(len(path.read_text().splitlines()), 300)
        for path in TEMPLATES:
            with self.subTest(path.relative_to(ROOT)):
                self.assertLessEqual(len(path.read_text().splitlines()), 120)

    def test_nothing_is_fetched_from_another_host(self):
        address = re.compile(r"""(?:src|href)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|from ["']https?://""")
        files = [
            *TEMPLATES,
            *(ROOT / "truthlytics/static").rglob("*.css"),
            *(ROOT / "truthlytics/static").rglob("*.js"),
        ]
        for path in files:
            with self.subTest(path.relative_to(ROOT)):
                self.assertIsNone(address.search(path.read_text()))
