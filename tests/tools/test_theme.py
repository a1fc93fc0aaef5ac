"""A theme: templates and static files of one's own, and what is told about them."""

import os
import re
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings, tag

from tests.budget import takes_longer
from truthlytics.env import BASE_DIR

SITE = BASE_DIR / "templates"
NAME = "articles/_byline.html"


@takes_longer("All samples of the style guide are rendered.")
class ThemeTests(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.own = self.folder / "templates" / NAME
        templates = [dict(BASE, DIRS=[self.folder / "templates", SITE]) for BASE in settings_templates()]
        self.enterContext(override_settings(THEME_DIR=self.folder, TEMPLATES=templates))

    def theme(self, *arguments, fails=False):
        out = StringIO()
        with self.assertRaisesMessage(CommandError, "Pages of the site would fail") if fails else nullcontext():
            call_command("theme", *arguments, stdout=out)
        return out.getvalue()

    def test_a_copy_is_like_the_original_and_nothing_is_to_do(self):
        self.theme("copy", NAME)
        self.assertEqual(self.own.read_text(), (SITE / NAME).read_text())
        self.assertEqual(self.theme("check"), "1 templates of the theme checked, 0 to look at.\n")

    def test_what_fails_is_named_with_the_sample(self):
        self.theme("copy", NAME)
        self.own.write_text("{% load nothing %}")
        self.assertRegex(self.theme("check", fails=True), f"{NAME}: .*'nothing' is not a registered tag library.")
        self.own.write_text("{% load articles %}{{ minutes|add:bylines|length }}{% bylines 7 %}")
        self.assertRegex(self.theme("check", fails=True), r"\S+\.html, “.+” \(/admin/styles/\): TypeError: ")

    def test_changes_of_the_site_are_told_with_the_difference(self):
        self.theme("copy", NAME)
        original = self.folder / "originals" / NAME
        original.write_text(original.read_text().replace('<div class="byline">', '<p class="byline">'))
        said = self.theme("check")
        self.assertIn(f"{NAME} has changed in the site.", said)
        self.assertIn('-<p class="byline">\n+<div class="byline">', said)
        self.own.rename(self.own.with_name("_gone.html"))
        self.assertIn("articles/_gone.html: the site has no template of this name", self.theme("check"))

    def test_wrong_names(self):
        for name in ("articles/nothing.html", "../manage.py", "/etc/passwd"):
            with self.assertRaisesMessage(CommandError, "The site has no template"):
                self.theme("copy", name)
        self.theme("copy", NAME)
        with self.assertRaisesMessage(CommandError, "exists"):
            self.theme("copy", NAME)
        with override_settings(THEME_DIR=None), self.assertRaisesMessage(CommandError, "Set THEME_DIR"):
            self.theme("check")

    def test_what_is_promised_exists_and_says_what_it_takes(self):
        promised = (BASE_DIR / "docs" / "themes.md").read_text().partition("| Template |")[2].partition("## ")[0]
        names = re.findall(r"`([\w/]+\.html)`", promised)
        self.assertGreater(len(names), 15)
        for name in names:
            self.assertTrue((SITE / name).is_file(), name)


@tag("sqlite")
class StaticTests(TestCase):
    def test_templates_and_tokens_of_the_theme_come_first(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        own = {"templates/_footer.html": "<p>Our own footer</p>", "static/css/tokens.css": ":root{--own:1}"}
        for name, text in own.items():
            (folder / name).parent.mkdir(parents=True)
            (folder / name).write_text(text)
        environ = {"PATH": os.environ["PATH"], "VAR_DIR": f"{folder}/var", "STATIC_ROOT": f"{folder}/out",
                   "THEME_DIR": str(folder), "SECRET_KEY": "x" * 50}  # fmt: skip
        program = "from django.template.loader import get_template; print(get_template('_footer.html').template.source)"
        for arguments in (["collectstatic", "--noinput"], ["shell", "--no-imports", "-c", program]):
            command = [sys.executable, "manage.py", *arguments]
            done = subprocess.run(command, env=environ, cwd=BASE_DIR, capture_output=True, text=True, timeout=200)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.strip(), "<p>Our own footer</p>")
        self.assertIn("--own:1", (folder / "out" / "css" / "site.css").read_text())


def settings_templates():
    from django.conf import settings

    return settings.TEMPLATES
