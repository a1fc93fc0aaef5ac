import re

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.utils import translation

from truthlytics.publication.colours import (
    TEXT_CONTRAST,
    clean_colour,
    contrast,
    lowest_contrast,
    nearest_readable,
    schemes,
    theme_css,
)


class ColourTests(SimpleTestCase):
    def test_the_nearest_readable_colour_is_readable_in_both_modes(self):
        for colour in ("#ffff00", "#e63946", "#ffffff", "#000000", "#777777", "#1a3f8b"):
            for scheme in schemes():
                with self.subTest(colour, page=scheme["page"]):
                    nearest = nearest_readable(colour, scheme)
                    self.assertGreaterEqual(lowest_contrast(nearest, scheme), TEXT_CONTRAST)
                    if lowest_contrast(colour, scheme) >= TEXT_CONTRAST:
                        self.assertEqual(nearest, colour)

    def test_contrasts_are_written_as_the_language_does(self):
        with translation.override("de"), self.assertRaisesMessage(ValidationError, "beträgt 1,0, nötig sind 4,5."):
            clean_colour("#ffff00", schemes()[0], "")

    def test_buttons_are_readable_too(self):
        css = theme_css("#1a3f8b", nearest_readable("#1a3f8b", schemes()[1]))
        declared = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", css)
        self.assertEqual(len(declared), 3)
        for index, scheme in enumerate(schemes()):
            roles = {role: pair[index] for role, *pair in declared}
            self.assertEqual(roles["on-accent"], scheme["page"])
            for role in ("accent", "accent-strong"):
                self.assertGreaterEqual(contrast(roles[role], roles["on-accent"]), TEXT_CONTRAST)
                self.assertGreaterEqual(lowest_contrast(roles[role], scheme), TEXT_CONTRAST)
