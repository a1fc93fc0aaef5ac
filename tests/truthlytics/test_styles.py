"""The style page shows every component, to the newsroom alone, and writes nothing."""

import re
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from tests.factories import make_editor, make_member, make_user
from truthlytics.styleguide import tokens
from truthlytics.styleguide.views import components
from truthlytics.web.fragments import Fragments
from truthlytics.web.generations import Generations

CSS = Path(__file__).parents[2] / "truthlytics/static/css"
CLASS = re.compile(r"\.([a-z][\w-]*)")


class StylesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()

    def page(self, name="styles"):
        self.client.force_login(self.editor)
        return self.client.get(reverse(name))

    def test_every_file_of_components_is_shown(self):
        files = {path.stem: path for path in (CSS / "components").glob("*.css")}
        self.assertEqual(set(components()), set(files), "layers.css and the folder name the same components.")
        page = html.fromstring(self.page().content)
        for name, path in files.items():
            with self.subTest(name):
                classes = set(CLASS.findall(re.sub(r"/\*.*?\*/|url\([^)]*\)", "", path.read_text(), flags=re.DOTALL)))
                shown = page.xpath(f"//section[@id='style-{name}']//*[@data-sample]//@class")
                seen = {one for several in shown for one in several.split()}
                self.assertTrue(classes & seen, f"Show {name} in truthlytics/styleguide/samples/.")

    def test_no_id_stands_twice(self):
        for name in ("styles", "styles_newsroom"):
            ids = re.findall(r'\bid="([^"]+)"', self.page(name).content.decode())
            self.assertEqual([one for one in set(ids) if ids.count(one) > 1], [], name)

    def test_all_that_is_hard_is_there(self):
        page = self.page()
        for words in ("Grundstück", "القطار", "Your cart is currently empty!", "Removed by a moderator", "Note 12",
                      "Nothing has been published here yet.", "KWD", "There is no page"):  # fmt: skip
            self.assertContains(page, words)

    def test_it_costs_few_queries_and_writes_nothing(self):
        self.page()
        with CaptureQueriesContext(connection) as asked:
            self.client.get(reverse("styles"))
        self.assertLess(len(asked), 40)
        self.assertTrue(all(query["sql"].startswith("SELECT") for query in asked.captured_queries))

    def test_it_is_for_the_newsroom_alone(self):
        for name in ("styles", "styles_newsroom"):
            address = reverse(name)
            self.client.logout()
            self.assertEqual(self.client.get(address).status_code, 302)
            self.client.force_login(make_user())
            self.assertIn(self.client.get(address).status_code, {302, 403})
            self.client.force_login(make_member("Moderator"))
            self.assertEqual(self.client.get(address).status_code, 200)
            self.assertEqual(self.client.post(address).status_code, 405)

    def test_every_pair_of_colours_stands_out_enough(self):
        self.assertEqual([pair for pair in tokens.pairs() if not pair.holds], [])

    def test_contrast_is_what_the_standard_says(self):
        self.assertEqual(tokens.contrast("#000000", "#ffffff"), 21)
        self.assertEqual(tokens.contrast("#767676", "#ffffff"), 4.5)
        self.assertEqual(tokens.contrast("#777777", "#ffffff"), 4.4)

    def test_what_is_made_up_is_never_kept_in_the_place_of_what_is_true(self):
        with TemporaryDirectory() as folder:
            store = Fragments(Generations(Path(folder) / "generations"), 10**7)
            with store.reading(lambda: timezone.now() + timedelta(hours=1)):
                self.page()
                self.page("styles_newsroom")
            kept = "".join(str(one.value) for one in store._kept.values())
        self.assertNotIn("Grundstück", kept)
        self.assertNotIn("sample", kept)
