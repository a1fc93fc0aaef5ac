"""The style sheet of a design, its fonts, and the names on which additional CSS may rely."""

import re
from dataclasses import replace
from pathlib import Path

import tinycss2
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, TestCase

from articles.services.media import make_renditions
from tests.factories import make_article, make_author, make_image
from truthlytics.publication.colours import (
    BACKGROUNDS,
    INKS,
    TEXT_CONTRAST,
    clean_paper,
    contrast,
    lowest_contrast,
    schemes,
)
from truthlytics.publication.design import FOLDER, OPTIONS, PRELOADS, Design, style_sheet, validate_design
from truthlytics.publication.models import Publication

PAPERS = ("#ffffff", "#fff1e5", "#eef3f8", "#f4f4f0", "#f0fff0")
# What templates leave out, instead of style sheets hiding it.
IN_TEMPLATES = {"portraits-off"}
FONTS = Path(settings.BASE_DIR) / "truthlytics/static/fonts"
TOKENS = Path(settings.BASE_DIR) / "truthlytics/static/css/tokens.css"


def set_design(**options):
    """Let readers see a design; return the publication."""
    publication = Publication.objects.get_or_create(pk=1)[0]
    Design(**options).apply(publication)
    publication.save()
    return publication


class StyleSheetTests(SimpleTestCase):
    def test_the_default_has_none(self):
        self.assertEqual((style_sheet(Design()), Design().digest), ("", ""))
        self.assertEqual(Design(), Design(**{name: next(iter(options)) for name, options in OPTIONS.items()}))

    def test_every_other_option_has_its_file_and_no_file_is_left_over(self):
        others = {f"{name}-{value}" for name, values in OPTIONS.items() for value in list(values)[1:]}
        self.assertEqual(others - IN_TEMPLATES, {path.stem for path in FOLDER.glob("*.css")})

    def test_it_is_valid_and_changes_screens_only(self):
        for name, values in OPTIONS.items():
            for value in list(values)[1:]:
                with self.subTest(name, value=value):
                    css = style_sheet(Design(**{name: value}))
                    rules = tinycss2.parse_stylesheet(css, skip_whitespace=True)
                    self.assertEqual(
                        [rule.type for rule in rules], [] if f"{name}-{value}" in IN_TEMPLATES else ["at-rule"]
                    )
                    self.assertNotIn("!important", css)
                    if css:
                        self.assertTrue(css.startswith("@layer design { @media screen { "))

    def test_additional_css_follows_and_can_be_off(self):
        design = Design(css=".teaser { color: red }", rules="off")
        self.assertTrue(style_sheet(design).endswith("} }\n.teaser { color: red }\n"))
        self.assertNotIn(".teaser { color: red }", style_sheet(replace(design, css_is_on=False)))

    def test_stored_values_that_are_unknown_or_forged_have_no_effect(self):
        stored = {"typefaces": "../x", "accent": "red}*{", "paper": 7, "css": ["x"], "css_is_on": "no", "other": 1}
        self.assertEqual(Design.parse(stored), Design())
        self.assertEqual(Design.parse(Design(rules="off", paper="#ffffff").as_json()).paper, "#ffffff")
        for forged in ([], "x", {"css": "@import '//e.example';"}):
            with self.subTest(forged), self.assertRaises(ValidationError):
                validate_design(forged)


class PaperTests(SimpleTestCase):
    def test_text_and_borders_are_readable_on_it_in_both_modes(self):
        for paper in PAPERS:
            for scheme in schemes(clean_paper(paper)):
                with self.subTest(paper, page=scheme["page"]):
                    self.assertGreaterEqual(min(lowest_contrast(scheme[ink], scheme) for ink in INKS), TEXT_CONTRAST)
                    self.assertGreaterEqual(lowest_contrast(scheme["accent"], scheme), TEXT_CONTRAST)
                    self.assertGreaterEqual(min(contrast(scheme["edge"], scheme[role]) for role in BACKGROUNDS[:2]), 3)

    def test_a_dark_one_is_refused_with_the_nearest_that_works(self):
        for paper in ("#000000", "#ff0000", "#cccccc"):
            with self.subTest(paper), self.assertRaises(ValidationError) as refused:
                clean_paper(paper)
            nearest = re.search("#[0-9a-f]{6}", refused.exception.messages[0])[0]
            self.assertEqual(clean_paper(nearest), nearest)


class FontTests(SimpleTestCase):
    def test_no_pair_has_more_bytes_than_the_sites_own(self):
        def size(names):
            return sum((FONTS / name).stat().st_size for name in names)

        for typefaces, preloads in PRELOADS.items():
            with self.subTest(typefaces):
                self.assertLessEqual(size(map(finders.find, preloads)), size(map(finders.find, PRELOADS["ledger"])))

    def test_every_font_is_there_with_its_licence(self):
        readme = (FONTS / "README.md").read_text()
        for path in FOLDER.glob("typefaces-*.css"):
            for name in re.findall(r'url\("(fonts/[^"]+)"\)', path.read_text()):
                with self.subTest(name):
                    self.assertIsNotNone(finders.find(name))
                    family = re.match(r"fonts/(newsreader|literata|libre-franklin)", name)[1]
                    licence = (FONTS / "OFL.txt").read_text()
                    self.assertIn(f"The {family.replace('-', ' ').title()} Project Authors", licence)
                    self.assertIn("SIL OPEN FONT LICENSE", licence)
                    self.assertIn(f"`{family}", readme)


class ReadersPagesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        portrait, lead = make_image(), make_image()
        make_renditions.call(portrait.pk)
        make_renditions.call(lead.pk)
        cls.article = make_article(lead=lead, authors=[make_author(portrait=portrait)])

    def pages(self):
        return [self.client.get(url).content for url in ("/", self.article.get_absolute_url(), "/latest/")]

    def test_the_default_adds_no_byte_and_no_request(self):
        before = self.pages()
        set_design()
        self.assertEqual(self.pages(), before)
        self.assertNotIn(b"/publication/theme-", before[0])

    def test_a_design_has_one_style_sheet_that_caches_keep_and_the_old_one_is_gone(self):
        old = set_design(rules="off").theme_url
        url = set_design(rules="off", css=".a { color: red }").theme_url
        for page in self.pages():
            self.assertIn(f'<link rel="stylesheet" href="{url}">'.encode(), page)
        response = self.client.get(url)
        self.assertEqual(response.headers["Cache-Control"], "public, max-age=31536000")
        self.assertEqual(response.headers["Content-Type"], "text/css; charset=utf-8")
        self.assertContains(response, ".a { color: red }")
        self.assertEqual(self.client.get(old).status_code, 404)

    def test_the_fonts_of_the_pair_are_loaded_first(self):
        set_design(typefaces="newsreader")
        page = self.pages()[0].decode()
        self.assertIn("newsreader-latin", page)
        self.assertNotIn("ledger-serif", page)

    def test_a_paper_of_text_has_no_pictures_and_a_byline_no_portraits_if_so_chosen(self):
        front, article, _latest = self.pages()
        self.assertIn(b"<picture", front)
        self.assertIn(b"byline__portraits", article)
        set_design(pictures="off", portraits="off")
        front, article, _latest = self.pages()
        self.assertNotIn(b"<picture", front)
        self.assertNotIn(b"byline__portraits", article)

    def test_the_manifest_has_the_paper_colour(self):
        set_design(paper="#fff1e5")
        self.assertEqual(self.client.get("/manifest.webmanifest").json()["background_color"], "#fff1e5")


class StableNamesTests(SimpleTestCase):
    """The names in docs/themes.md on which additional CSS may rely."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = (Path(settings.BASE_DIR) / "docs/themes.md").read_text()
        part = text.partition("## Names that stay")[2].partition("\n## ")[0]
        cls.properties = set(re.findall(r"`(--[\w-]+)`", part))
        cls.classes = set(re.findall(r"`\.([\w-]+)`", part))

    def test_custom_properties_are_defined(self):
        self.assertGreater(len(self.properties), 15)
        self.assertEqual(self.properties - set(re.findall(r"^\s*(--[\w-]+):", TOKENS.read_text(), re.MULTILINE)), set())

    def test_classes_are_in_templates_and_style_sheets(self):
        self.assertGreater(len(self.classes), 20)
        css = "".join(path.read_text() for path in TOKENS.parent.rglob("*.css"))
        html = "".join(path.read_text() for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"))
        for name in sorted(self.classes):
            with self.subTest(name):
                self.assertRegex(css, rf"\.{name}(?![\w-])")
                self.assertRegex(html, rf'class="[^"]*(?<![\w-]){name}(?![\w-])')
