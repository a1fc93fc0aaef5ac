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

    def test_conditions_and_loops_leave_no_blank_lines(self):
        condition = "{# why #}\n  {% if 1 %}\n    one\n  {% else %}{% endif %}\n"
        loop = "{% for n in 'ab' %}\n    {{ n }}\n  {% endfor %}\n"
        source = f"<p>\n{condition}{loop}</p>"
        self.assertEqual(self.render("page.html", source), "<p>\none\na\nb\n</p>")

    def test_lines_with_output_stay_apart(self):
        self.assertEqual(self.render("page.html", "{% firstof 'a' %}\n{% firstof 'b' %}\n"), "a\nb\n")

    def test_plain_text_keeps_its_blank_lines(self):
        self.assertEqual(self.render("mail.txt", "one\n\n  two\n"), "one\n\n  two\n")

    def test_templates_of_libraries_are_found_and_keep_their_texts(self):
        template = engines["django"].engine.get_template("account/email/email_confirmation_message.txt")
        self.assertIn("allauth", template.origin.name)
