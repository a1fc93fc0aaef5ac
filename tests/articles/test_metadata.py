"""What machines read of the pages: JSON-LD, OpenGraph, and the picture beside a shared link."""

import json

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import TestCase
from lxml import html
from PIL import Image as Pillow

from articles.media.renditions import make_missing
from articles.models import Page, Purpose
from articles.services.publishable import withdraw
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_image,
    make_page,
    make_price,
    make_section,
    make_topic,
)
from tests.schemas import article_errors, needs_schemas, vocabulary_errors


class MetadataCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_price()
        cls.image = make_image(alt="A “teal” field")
        make_missing(cls.image)
        cls.section, cls.topic = make_section(name="Money & power"), make_topic()
        cls.author = make_author(
            name="Ana O’Neil",
            role="Editor",
            bio="Writes </script> of it.",
            expertise="tax, debt",
            portrait=cls.image,
        )
        cls.pictured = make_article(
            section=cls.section, topics=[cls.topic], authors=[cls.author], lead=cls.image, required_level=10
        )
        cls.plain = make_article(section=cls.section, kind="opinion")
        cls.dossier = make_dossier(cls.pictured, cls.plain, title="Tax & debt", summary="<p>Who </p><p>pays.</p>")
        cls.policy = make_page(purpose="correctionsPolicy", headline="Corrections & more", standfirst="At <once>.")
        cls.pages = {
            "front": "/", "latest": "/latest/", "section": cls.section.get_absolute_url(),
            "topic": cls.topic.get_absolute_url(), "author": cls.author.get_absolute_url(),
            "article": cls.pictured.get_absolute_url(), "plain": cls.plain.get_absolute_url(), "plans": "/subscribe/",
            "dossier": cls.dossier.get_absolute_url(), "policy": cls.policy.get_absolute_url(),
            "about": make_page(purpose="AboutPage").get_absolute_url(),
        }  # fmt: skip

    def page(self, name: str):
        return html.fromstring(self.client.get(self.pages[name]).content)

    def structure(self, name: str) -> list[dict]:
        return [json.loads(found) for found in self.page(name).xpath("//script[@type='application/ld+json']/text()")]

    def typed(self, name: str, kind: str) -> dict:
        (found,) = (data for data in self.structure(name) if kind in data["@type"])
        return found


class StructureTests(MetadataCase):
    @needs_schemas
    def test_every_page_speaks_the_vocabulary(self):
        everything = [data for name in self.pages for data in self.structure(name)]
        self.assertGreaterEqual(len(everything), 11)
        self.assertEqual({data["@context"] for data in everything}, {"https://schema.org"})
        self.assertEqual(vocabulary_errors(everything), [])

    @needs_schemas
    def test_articles_keep_the_rules_of_search_engines(self):
        for name in ("article", "plain"):
            self.assertEqual(article_errors(self.typed(name, "NewsArticle")), [])
        self.assertIn("OpinionNewsArticle", self.typed("plain", "NewsArticle")["@type"])

    def test_pages_say_where_they_stand(self):
        cases = {
            "article": ["Truthlytics", "Money & power", self.pictured.headline],
            "section": ["Truthlytics", "Money & power"],
            "topic": ["Truthlytics", self.topic.name],
            "author": ["Truthlytics", "Ana O’Neil"],
            "latest": ["Truthlytics", "Latest"],
            "policy": ["Truthlytics", "Corrections & more"],
        }
        for name, way in cases.items():
            steps = self.typed(name, "BreadcrumbList")["itemListElement"]
            self.assertEqual([step["name"] for step in steps], way)
            self.assertEqual([step["position"] for step in steps], [*range(1, len(way) + 1)])
            self.assertEqual(steps[-1]["item"]["@id"], f"{settings.SITE_URL}{self.pages[name]}")

    def test_an_author_is_a_person_with_work_and_face(self):
        person = self.typed("author", "Person")
        self.assertEqual((person["jobTitle"], person["knowsAbout"]), ("Editor", ["tax", "debt"]))
        self.assertEqual(person["description"], "Writes </script> of it.")
        self.assertTrue(person["image"].startswith(f"{settings.SITE_URL}/media/"))
        self.assertEqual(person["worksFor"]["@type"], "NewsMediaOrganization")

    def test_the_front_page_says_who_publishes_what(self):
        organisation, site = self.typed("front", "NewsMediaOrganization"), self.typed("front", "WebSite")
        self.assertEqual(site["publisher"]["@id"], organisation["@id"])
        self.assertEqual(site["inLanguage"], "en-GB")

    def test_a_page_of_words_says_what_it_is_and_when_it_changed(self):
        policy, about = self.typed("policy", "WebPage"), self.typed("about", "AboutPage")
        self.assertEqual((policy["name"], policy["description"]), ("Corrections & more", "At <once>."))
        self.assertLessEqual(policy["datePublished"], policy["dateModified"])
        self.assertEqual(about["about"]["@type"], "NewsMediaOrganization")

    @needs_schemas
    def test_the_publication_names_every_policy_that_is_public(self):
        for purpose in Purpose.values:
            if not Page.objects.filter(purpose=purpose).exists():
                make_page(purpose=purpose, slug=f"page-{purpose.lower()}")
        make_page(published=False)
        withdraw(thing=Page.objects.get(purpose="masthead"))
        organisation = self.typed("front", "NewsMediaOrganization")
        named = {purpose for purpose in Purpose.values if purpose in organisation}
        self.assertEqual(named, set(Purpose.values) - {"AboutPage", "ContactPage", "masthead"})
        address = f"{settings.SITE_URL}{self.policy.get_absolute_url()}"
        self.assertEqual(organisation["correctionsPolicy"], address)
        self.assertEqual(vocabulary_errors([organisation]), [])


class SharingTests(MetadataCase):
    WANTED = (
        "og:type", "og:site_name", "og:locale", "og:title", "og:description", "og:url", "og:image", "og:image:width",
        "og:image:height", "og:image:alt", "twitter:card", "twitter:title", "twitter:description", "twitter:image",
        "twitter:image:alt",
    )  # fmt: skip

    def said(self, name: str) -> dict[str, str]:
        tags = self.page(name).xpath("//head/meta[@property or @name]")
        return {tag.get("property") or tag.get("name"): tag.get("content") for tag in tags}

    def test_every_kind_of_page_can_be_shared(self):
        for name, address in self.pages.items():
            said = self.said(name)
            for wanted in self.WANTED:
                with self.subTest(f"{name} {wanted}"):
                    self.assertTrue(said.get(wanted, "").strip())
            self.assertEqual(said["og:url"], f"{settings.SITE_URL}{address}")
            self.assertEqual(self.page(name).xpath("//link[@rel='canonical']/@href"), [said["og:url"]])
            self.assertEqual(said["og:locale"], "en_GB")

    def test_a_piece_is_shared_with_its_own_picture(self):
        said = self.said("article")
        self.assertTrue(said["og:image"].startswith(f"{settings.SITE_URL}/media/"))
        self.assertEqual((said["og:image:width"], said["og:image:height"]), ("900", "472"))
        self.assertEqual(said["og:image:alt"], "A “teal” field")
        self.assertEqual(said["og:type"], "article")
        self.assertEqual(said["article:section"], "Money & power")
        self.assertEqual(said["article:author"], f"{settings.SITE_URL}{self.author.get_absolute_url()}")

    def test_what_has_no_picture_is_shared_with_ours(self):
        for name in ("plain", "front", "section"):
            said = self.said(name)
            self.assertRegex(said["og:image"], rf"^{settings.SITE_URL}/static/img/social[.\w]*png$")
            self.assertEqual((said["og:image:width"], said["og:image:height"]), ("1200", "630"))
        with Pillow.open(finders.find("img/social.png")) as picture:
            self.assertEqual(picture.size, (1200, 630))
