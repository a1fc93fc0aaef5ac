"""Pieces that are drawn by the dozen: what a mould gives is what its template would."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.conf import settings
from django.template import TemplateSyntaxError
from django.test import SimpleTestCase, override_settings

from truthlytics.web.compiled_partials import CompiledPartial

LINE = '<li{% if loud %} class="loud"{% endif %}>100 % {{ word }}{% if loud %}!{% endif %}</li>'


class Shape(NamedTuple):
    loud: bool = False


class MouldTests(SimpleTestCase):
    def mould(self, template):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "line.html"
        self.file.write_text(template)
        engine = settings.TEMPLATES[0] | {"DIRS": [folder.name]}
        changed = override_settings(TEMPLATES=[engine])
        changed.enable()
        self.addCleanup(changed.disable)
        return CompiledPartial("line.html", "word")

    def test_one_drawing_a_shape_and_any_words(self):
        mould = self.mould(LINE)
        self.assertEqual(mould.filled(Shape(), {"word": "a"}), "<li>100 % a</li>")
        self.assertEqual(mould.filled(Shape(loud=True), {"word": "b"}), '<li class="loud">100 % b!</li>')
        self.file.write_text("changed")
        self.assertEqual(mould.filled(Shape(), {"word": "%(word)s & 50 %"}), "<li>100 % %(word)s & 50 %</li>")

    def test_a_template_that_does_more_than_write_a_word_is_refused(self):
        for template in ("{{ word|upper }}", "{{ word|truncatechars:9 }}", "{{ word|slice:':4' }}"):
            with self.subTest(template), self.assertRaises(TemplateSyntaxError):
                self.mould(template).filled(Shape(), {"word": "a"})

    def test_a_word_that_is_missing_is_no_gap(self):
        with self.assertRaises(KeyError):
            self.mould(LINE).filled(Shape(), {})
