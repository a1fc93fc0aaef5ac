"""Compiled partials return what their templates return, and fall back to them."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from truthlytics.web import compiled_partials
from truthlytics.web.compiled_partials import CompiledPartial

LINE = '<li{% if loud %} class="loud"{% endif %}>100 % {{ text }}{% if loud %}!{% endif %}</li>'


class Variant(NamedTuple):
    loud: bool = False


class CompiledPartialTests(SimpleTestCase):
    def partial(self, template):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "line.html"
        self.file.write_text(template)
        engine = settings.TEMPLATES[0] | {"DIRS": [folder.name]}
        changed = override_settings(TEMPLATES=[engine])
        changed.enable()
        self.addCleanup(changed.disable)
        return CompiledPartial("line.html", "text")

    def test_the_template_is_rendered_once_per_variant(self):
        partial = self.partial(LINE)
        self.assertEqual(partial.render(Variant(), {"text": "a"}), "<li>100 % a</li>")
        self.assertEqual(partial.render(Variant(loud=True), {"text": "b"}), '<li class="loud">100 % b!</li>')
        self.file.write_text("changed")
        self.assertEqual(partial.render(Variant(), {"text": "%(text)s & 50 %"}), "<li>100 % %(text)s & 50 %</li>")

    def test_a_template_that_changes_a_value_is_rendered_each_time(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        for template, html in [
            ("{{ text|upper }}", "LONG TEXT"),
            ("{{ text|truncatechars:5 }}", "long…"),
            ("{{ text|slice:':4' }}", "long"),
        ]:
            with self.subTest(template):
                partial = self.partial(template)
                with self.assertLogs("truthlytics.web.compiled_partials"):
                    self.assertEqual(partial.render(Variant(), {"text": "long text"}), html)
                self.assertEqual(partial.render(Variant(), {"text": "long text"}), html)

    def test_a_template_engine_that_works_differently_is_noticed(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        partial = self.partial(LINE)
        with (
            mock.patch.object(compiled_partials, "_PLACEHOLDER", mock.Mock(sub=lambda replacement, html: html)),
            self.assertLogs("truthlytics.web.compiled_partials"),
        ):
            self.assertEqual(partial.render(Variant(), {"text": "a"}), "<li>100 % a</li>")
        self.assertEqual(partial.render(Variant(), {"text": "b"}), "<li>100 % b</li>")

    def test_a_missing_value_is_an_error(self):
        partial = self.partial(LINE)
        partial.render(Variant(), {"text": "a"})
        with self.assertRaises(KeyError):
            partial.render(Variant(), {})
