"""Tests of loading templates without their indentation."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.template import Context, engines
from django.template.engine import Engine
from django.test import SimpleTestCase

LOADERS = ["truthlytics.web.template_loaders.CompactLoader"]


class CompactLoaderTests(SimpleTestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.engine = Engine(dirs=[self.folder], loaders=LOADERS)

    def render(self, name, source):
        (self.folder / name).write_text(source)
        return self.engine.get_template(name).render(Context())

    def test_html_loses_indentation_and_blank_lines_but_no_break(self):
        self.assertEqual(self.render("page.html", "<p>\n    one\n\n  two</p>  \n"), "<p>\none\ntwo</p>\n")

    def test_tags_are_written_on_one_line(self):
        source = "<input\n  {% if 2 > 1 %}checked{% endif %}\n  {% if 2 > 1 %}required{% endif %}\n>\n<p\n>one</p>"
        self.assertEqual(self.render("page.html", source), "<input checked required>\n<p>one</p>")

    def test_words_on_lines_of_conditions_stay_apart(self):
        source = "{% if 1 %}one{% endif %}\n  {% if 1 %}\n    · two{% endif %}\n"
        self.assertEqual(self.render("page.html", source).split(), ["one", "·", "two"])

    def test_plain_text_keeps_its_blank_lines(self):
        self.assertEqual(self.render("mail.txt", "one\n\n  two\n"), "one\n\n  two\n")

    def test_templates_of_libraries_are_found_and_keep_their_texts(self):
        template = engines["django"].engine.get_template("account/email/email_confirmation_message.txt")
        self.assertIn("allauth", template.origin.name)
