"""Texts in the attributes of shortcodes: readers saw them, so they become text."""

from itertools import product

from django.test import SimpleTestCase

from truthlytics.contrib.importers.wordpress.shortcodes import replace

NAMES = ("tab", "su_box", "et_pb_blurb", "accordion-item", "vc_tta_section", "quux_panel")
TITLES = ("title", "heading", "tab_title", "headline")


def replaced(text):
    return replace(text, lambda *_: [], "strip", lambda *_: None)


class AttributeTextTests(SimpleTestCase):
    def test_titles_of_tabs_and_boxes_are_headings(self):
        for name, key, quote in product(NAMES, TITLES, "\"'"):
            with self.subTest(name=name, key=key):
                html = replaced(f"[{name} {key}={quote}Who pays{quote} color={quote}deep blue{quote}]Text.[/{name}]")
                self.assertIn("<h3>Who pays</h3>", html)
                self.assertIn("Text.", html)
                self.assertNotIn("deep blue", html)

    def test_labels_of_buttons_are_links(self):
        for html in (
            replaced('[button text="Read on" link="https://example.org/more"]'),
            replaced('[vc_btn title="Read on" link="url:https%3A%2F%2Fexample.org%2Fmore|title:More"]'),
            replaced('[et_pb_cta button_text="Read on" button_url="https://example.org/more"]'),
        ):
            self.assertIn('<a href="https://example.org/more">Read on</a>', html)

    def test_unknown_attributes_with_sentences_are_text_and_settings_are_not(self):
        html = replaced('[frobnicate lead_in="The ferry is late again." anim="slide in" id="a b" img="one two.jpg"]')
        self.assertIn("<p>The ferry is late again.</p>", html)
        for setting in ("slide in", "a b", "one two"):
            self.assertNotIn(setting, html)

    def test_markup_in_attributes_is_no_markup(self):
        html = replaced('[tab title="A &lt;script&gt;alert(1)&lt;/script&gt; B"]')
        self.assertNotIn("<script", html)

    def test_titles_of_forms_are_for_editors(self):
        self.assertNotIn("Our form", replaced('[contact-form-7 title="Our form"]'))
