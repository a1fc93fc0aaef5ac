"""Tests of the style guide and of colour contrast."""

import re
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.db import connection
from django.test import Client, TestCase, tag
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from comments.initials import COLOURS
from tests.factories import make_editor, make_member, make_user
from truthlytics.tools.styleguide import tokens
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.views import components
from truthlytics.web.fragments import FragmentCache
from truthlytics.web.generations import Generations

CSS = Path(__file__).parents[2] / "truthlytics/static/css"
CLASS = re.compile(r"\.([a-z][\w-]*)")


@tag("sqlite")  # The samples are not in the database.
class StyleguideTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        """Render both pages once, with an empty fragment cache, and count the queries."""
        client = Client()
        client.force_login(make_editor())
        folder = cls.enterClassContext(TemporaryDirectory())
        store = FragmentCache(Generations(Path(folder) / "generations"), 10**7)
        with store.activate(lambda: timezone.now() + timedelta(hours=1)):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(reverse("styles"))
            newsroom = client.get(reverse("styles_newsroom"))
        cls.queries = [query["sql"] for query in queries.captured_queries]
        cls.page, cls.newsroom = page.content.decode(), newsroom.content.decode()
        cls.cached = "".join(str(entry.value) for entry in store._fragments.values())

    def test_every_component_has_a_sample(self):
        files = {path.stem: path for path in (CSS / "components").glob("*.css")}
        self.assertEqual(set(components()), set(files), "layers.css and the folder must contain the same components.")
        page = html.fromstring(self.page)
        for name, path in files.items():
            with self.subTest(name):
                classes = set(CLASS.findall(re.sub(r"/\*.*?\*/|url\([^)]*\)", "", path.read_text(), flags=re.DOTALL)))
                shown = page.xpath(f"//section[@id='style-{name}']//*[@data-sample]//@class")
                used = {name for attribute in shown for name in attribute.split()}
                self.assertTrue(classes & used, f"Add a sample of {name} to truthlytics/tools/styleguide/samples/.")

    def test_ids_are_unique(self):
        for page in (self.page, self.newsroom):
            ids = re.findall(r'\bid="([^"]+)"', page)
            self.assertEqual([value for value in set(ids) if ids.count(value) > 1], [])

    def test_difficult_content_is_shown(self):
        for text in (
            "Grundstück",
            "القطار",
            "Your cart is currently empty!",
            "Removed by a moderator",
            "Note 12",
            "Nothing has been published here yet.",
            "KWD",
            "Page not found",
        ):
            self.assertIn(text, self.page)

    def test_it_runs_few_queries_and_writes_nothing(self):
        self.assertLess(len(self.queries), 50)
        self.assertTrue(all(query.startswith("SELECT") for query in self.queries))

    @mock.patch.object(Sample, "render", return_value="")
    def test_only_staff_can_see_it(self, render):
        for name in ("styles", "styles_newsroom"):
            url = reverse(name)
            self.client.logout()
            self.assertEqual(self.client.get(url).status_code, 302)
            self.client.force_login(make_user())
            self.assertIn(self.client.get(url).status_code, {302, 403})
            self.client.force_login(make_member("Moderator"))
            self.assertEqual(self.client.get(url).status_code, 200)
            self.assertEqual(self.client.post(url).status_code, 405)

    def test_every_colour_pair_has_enough_contrast(self):
        self.assertEqual([pair for pair in tokens.pairs() if not pair.passes], [])

    def test_initials_have_enough_contrast_in_every_colour(self):
        css = (CSS / "tokens.css").read_text()
        paper = re.search(r"--raw-paper: (#\w+)", css)[1]
        colours = re.findall(r"--initials-\d: (#\w+)", css)
        self.assertEqual(len(colours), COLOURS)
        self.assertEqual([colour for colour in colours if tokens.contrast(colour, paper) < 4.5], [])

    def test_contrast_matches_wcag(self):
        self.assertEqual(tokens.contrast("#000000", "#ffffff"), 21)
        self.assertEqual(tokens.contrast("#767676", "#ffffff"), 4.5)
        self.assertEqual(tokens.contrast("#777777", "#ffffff"), 4.4)

    def test_samples_are_never_stored_in_the_fragment_cache(self):
        self.assertNotIn("Grundstück", self.cached)
        self.assertNotIn("sample", self.cached)
