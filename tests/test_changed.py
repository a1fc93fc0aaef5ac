"""`./run test --changed` finds the tests that are nearest to a change."""

from django.test import SimpleTestCase

from tests.changed import MOST, nearest, read_importers, users_of

ARTICLE = "articles/models/articles.py"
NEAR = "tests/articles/models/test_near.py"
FAR = "tests/comments/test_far.py"


class NearestTests(SimpleTestCase):
    def test_tests_that_import_the_change_come_first(self):
        importers = {"a/lost.py": ["a/by_it.py"], "a/by_it.py": [FAR, "a/further.py"], "a/further.py": [NEAR]}
        found = nearest(["a/lost.py"], importers)
        self.assertEqual(found.labels, ["tests.comments.test_far", "tests.articles.models.test_near"])
        self.assertEqual((found.further, found.without), (0, []))

    def test_of_many_the_nearest_run_and_the_others_are_counted(self):
        many = [f"tests/comments/test_{number:03}.py" for number in range(50)]
        found = nearest(["a/lost.py"], {"a/lost.py": ["a/by_it.py", FAR], "a/by_it.py": many})
        self.assertEqual((len(found.labels), found.further), (MOST, 51 - MOST))
        self.assertEqual(found.labels[0], "tests.comments.test_far")
        self.assertIn(f"Further away, and not run: {51 - MOST}.", str(found))

    def test_a_circle_of_imports_ends(self):
        found = nearest(["a/lost.py"], {"a/lost.py": ["a/other.py"], "a/other.py": ["a/lost.py", FAR]})
        self.assertEqual(found.labels, ["tests.comments.test_far"])

    def test_a_test_is_near_to_itself_but_a_browser_test_does_not_run(self):
        found = nearest(["tests/test_main.py", "tests/browser/test_axe.py"], {})
        self.assertEqual(found.labels, ["tests.test_main"])
        self.assertEqual(found.without, ["tests/browser/test_axe.py"])

    def test_code_that_no_test_imports_leads_to_the_tests_in_its_folder(self):
        """Views are found by their addresses only."""
        found = nearest(["articles/views/gift_feeds.py"], {})
        self.assertTrue(found.labels)
        self.assertEqual([label for label in found.labels if not label.startswith("tests.articles.views.test_")], [])

    def test_what_leads_to_no_test_is_named(self):
        # This file must not hold the template's name, or it would be found by it.
        template = f"templates/nobody/{'knows'}.html"
        found = nearest([template, "pyproject.toml"], {})
        self.assertEqual((found.labels, found.without), ([], [template, "pyproject.toml"]))
        self.assertIn(f"No test was found for {template}, pyproject.toml.", str(found))

    def test_documentation_leads_to_its_tests(self):
        self.assertEqual(nearest(["docs/settings.md"], {}).labels, ["tests.test_docs"])

    def test_a_template_is_used_by_views_that_show_it_in_another(self):
        self.assertIn("articles/views/article.py", users_of("templates/articles/article.html"))
        self.assertIn("articles/views/article.py", users_of("templates/articles/_sources.html"))

    def test_the_project_is_read(self):
        importers = read_importers()
        self.assertIn("tests/factories.py", importers[ARTICLE.replace("articles.py", "__init__.py")])
        self.assertIn("truthlytics/urls.py", importers["articles/urls.py"])
