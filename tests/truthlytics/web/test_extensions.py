"""What the attributes of a plug-in's configuration add, and what of them is refused."""

import logging
from types import SimpleNamespace
from unittest import mock

from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings
from django.urls import path

from articles.models import Article
from tests.factories import make_editor
from truthlytics.api import schemas
from truthlytics.api.endpoints import endpoint
from truthlytics.api.openapi import document
from truthlytics.backups.conversion import converted_models
from truthlytics.crawlers.files import robots_txt
from truthlytics.publication.models import Publication
from truthlytics.styleguide import views
from truthlytics.web import plugins


def tides():
    return [("High water", "articles/_month_record.html", {}), ("Low water", "nowhere.html", {})]


def ebb():
    return [("Low water", "_footer.html", {})]


@override_settings(PLUGINS=["harbour"])
class ExtensionCase(TestCase):
    def add(self, **attributes):
        config = SimpleNamespace(name="harbour", **attributes)
        self.enterContext(mock.patch.object(plugins, "extension_configs", lambda: iter([config])))
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)


class LinkTests(ExtensionCase):
    def test_links_in_the_footer(self):
        self.add(footer_links=(("Tides & ebb", "contact"), ("Nowhere", "harbour:nowhere")))
        page = self.client.get("/nowhere/").content.decode()
        self.assertIn('<a href="/contact/">Tides &amp; ebb</a>', page)
        self.assertNotIn("Nowhere<", page)

    def test_paths_without_crawlers(self):
        wrong = ["tides/", "/tides/\nAllow: /admin/", "/a b", "", None, "/" + "x" * 300]
        self.add(paths_without_crawlers=("/tides/", *wrong))
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            robots = robots_txt(Publication())
        self.assertIn("Disallow: /tides/\n", robots)
        self.assertNotIn("Allow", robots.replace("Disallow", ""))
        self.assertEqual(len(logs.output), len(wrong))


class DerivedTests(ExtensionCase):
    def test_models_of_other_apps_are_never_left_out(self):
        self.add(derived_models=("articles.Article", "harbour.Nothing"))
        with self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
            self.assertIn(Article, converted_models())
        self.assertIn("it is a model of the app", logs.output[0])


class StyleTests(ExtensionCase):
    def test_samples_are_shown_and_one_that_fails_shows_nothing(self):
        name = f"{__name__}."
        self.add(
            style_samples=(("ebb", "css/layers.css", f"{name}ebb"), ("tide", "css/layers.css", f"{name}tides")),
        )
        request = RequestFactory().get("/")
        request.user = make_editor()
        with (
            mock.patch.object(views, "components", return_value=[]),
            self.assertLogs("truthlytics.styleguide.views", "ERROR") as logs,
        ):
            page = views.site_styles(request).content.decode()
        self.assertEqual(page.count("No sample for this component yet."), 1)
        self.assertIn('id="style-ebb"', page)
        self.assertIn("Low water", page)
        self.assertIn("The samples of “tide” cannot be shown.", logs.output[0])


class DocumentTests(SimpleTestCase):
    def test_addresses_of_plug_ins_are_described_whatever_their_parts_are(self):
        tide = schemas.Schema("Tide", "A tide.", {"metres": schemas.text("How high it is.")})
        view = endpoint("Tides", tide)(lambda request, **parts: {"metres": "4"})
        found = document([path("v1/tides/<uuid:harbour>", view)])
        (part,) = found["paths"]["/v1/tides/{harbour}"]["get"]["parameters"][:1]
        self.assertEqual((part["name"], part["schema"]), ("harbour", {"type": "string"}))
        self.assertIn("Tide", found["components"]["schemas"])
