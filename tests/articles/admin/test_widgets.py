"""Widgets of the newsroom's forms."""

from django import forms
from django.test import SimpleTestCase

from articles.forms.widgets import PlainSelect


class PlainSelectTests(SimpleTestCase):
    def test_it_is_the_same_as_django_s(self):
        choices = [("", "(none)"), ("<b>", "A & B"), ("Sections", [("1", "One"), ("2", 'Two "quoted"')])]
        for value in (None, "", "<b>", "2", "9"):
            with self.subTest(value):
                plain, django = (
                    widget(choices=choices).render("target", value, {"id": "id_target", "required": True})
                    for widget in (PlainSelect, forms.Select)
                )
                self.assertHTMLEqual(plain, django)
