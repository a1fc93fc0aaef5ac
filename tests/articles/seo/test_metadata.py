"""Structured data (JSON-LD) and OpenGraph meta tags of public pages."""

import json
from io import BytesIO

from django.conf import settings
from django.test import TestCase
from lxml import html
from PIL import Image as Pillow

from articles.media.renditions import create_missing_renditions
from articles.models import Page, Purpose
from articles.models.pages import RULES
from articles.services.publishing import withdraw
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
from tests.invalidation import invalidates
from tests.schemas import article_errors, vocabulary_errors
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.web.text import split_words


class MetadataTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_price()
        cls.image = make_image(alt="A “teal” field")
        create_missing_renditions(cls.image)
        cls.section, cls.topic = make_section(name="Money & power"), make_topic()
        cls.author = make_author(
            name="Ana O’Neil",
            role="Editor",
            bio="Writes about </script> tags.",
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
            "front": "/",
            "latest": "/latest/",
            "section": cls.section.get_absolute_url(),
            "topic": cls.topic.get_absolute_url(),
            "author": cls.author.get_absolute_url(),
            "article": cls.pictured.get_absolute_url(),
            "plain": cls.plain.get_absolute_url(),
            "plans": "/subscribe/",
            "dossier": cls.dossier.get_absolute_url(),
            "policy": cls.policy.get_absolute_url(),
            "about": make_page(purpose="AboutPage").get_absolute_url(),
        }

    def page(self, name: str):
        return html.fromstring(self.client.get(self.pages[name]).content)

    def structure(self, name: str) -> list[dict]:
        return [json.loads(found) for found in self.page(name).xpath("//script[@type='application/ld+json']/text()")]

    def typed(self, name: str, kind: str) -> dict:
        (found,) = (data for data in self.structure(name) if kind in data["@type"])
        return found


class StructuredDataTests(MetadataTestCase):
    def test_structured_data_is_valid_schema_org(self):
        everything = [data for name in self.pages for data in self.structure(name)]
        self.assertGreaterEqual(len(everything), 11)
        self.assertEqual({data["@context"] for data in everything}, {"https://schema.org"})
        self.assertEqual(vocabulary_errors(everything), [])

    def test_articles_are_valid_for_search_engines(self):
        for name in ("article", "plain"):
            self.assertEqual(article_errors(self.typed(name, "NewsArticle")), [])
        self.assertIn("OpinionNewsArticle", self.typed("plain", "NewsArticle")["@type"])

    def test_breadcrumbs(self):
        cases = {
            "article": ["Truthlytics", "Money & power", self.pictured.headline],
            "section": ["Truthlytics", "Money & power"],
            "topic": ["Truthlytics", self.topic.name],
            "author": ["Truthlytics", "Ana O’Neil"],
            "latest": ["Truthlytics", "Latest"],
            "policy": ["Truthlytics", "Corrections & more"],
        }
        for name, path in cases.items():
            steps = self.typed(name, "BreadcrumbList")["itemListElement"]
            self.assertEqual([step["name"] for step in steps], path)
            self.assertEqual([step["position"] for step in steps], [*range(1, len(path) + 1)])
            self.assertEqual(steps[-1]["item"]["@id"], f"{settings.SITE_URL}{self.pages[name]}")

    def test_author_is_a_person_with_job_title_and_image(self):
        person = self.typed("author", "Person")
        self.assertEqual((person["jobTitle"], person["knowsAbout"]), ("Editor", ["tax", "debt"]))
        self.assertEqual(person["description"], "Writes about </script> tags.")
        self.assertTrue(person["image"].startswith(f"{settings.SITE_URL}/media/"))
        self.assertEqual(person["worksFor"]["@type"], "NewsMediaOrganization")

    def test_front_page_describes_the_publisher_and_the_site(self):
        organisation, site = self.typed("front", "NewsMediaOrganization"), self.typed("front", "WebSite")
        self.assertEqual(site["publisher"]["@id"], organisation["@id"])
        self.assertEqual(site["inLanguage"], "en-GB")

    def test_page_has_the_type_of_its_purpose_and_dates(self):
        policy, about = self.typed("policy", "WebPage"), self.typed("about", "AboutPage")
        self.assertEqual((policy["name"], policy["description"]), ("Corrections & more", "At <once>."))
        self.assertLessEqual(policy["datePublished"], policy["dateModified"])
        self.assertEqual(about["about"]["@type"], "NewsMediaOrganization")

    def test_publisher_links_to_public_policy_pages(self):
        for purpose in Purpose.values:
            if not Page.objects.filter(purpose=purpose).exists():
                make_page(purpose=purpose, slug=f"page-{purpose.lower()}")
        make_page(published=False)
        withdraw(item=Page.objects.get(purpose="masthead"))
        organisation = self.typed("front", "NewsMediaOrganization")
        named = {purpose for purpose in Purpose.values if purpose in organisation}
        self.assertEqual(named, set(Purpose.values) - {"AboutPage", "ContactPage", "masthead", *RULES})
        address = f"{settings.SITE_URL}{self.policy.get_absolute_url()}"
        self.assertEqual(organisation["correctionsPolicy"], address)
        self.assertEqual(vocabulary_errors([organisation]), [])

    def test_publisher_of_an_article_names_principles_and_ownership_if_there_are_such_pages(self):
        names = {"publishingPrinciples", "ownershipFundingInfo"}
        article = self.typed("article", "NewsArticle")
        self.assertFalse(names & article["publisher"].keys())
        pages = [make_page(purpose=purpose, slug=f"page-{purpose.lower()}") for purpose in names]
        article = self.typed("article", "NewsArticle")
        addresses = {page.purpose: f"{settings.SITE_URL}{page.get_absolute_url()}" for page in pages}
        self.assertEqual({name: article["publisher"][name] for name in names}, addresses)
        self.assertEqual(vocabulary_errors([article]), [])

    def test_articles_are_invalidated_by_policy_pages_and_not_by_others(self):
        def saved():
            Page.objects.get(pk=page.pk).save()

        def other_purpose():
            changed = Page.objects.get(pk=page.pk)
            changed.purpose = ""
            changed.save()

        article, page = make_article(), make_page(purpose="publishingPrinciples")
        tags = self.client.get(article.get_absolute_url()).cache_tags
        self.assertTrue(invalidates(self, tags, saved))
        self.assertTrue(invalidates(self, tags, other_purpose))
        self.assertFalse(invalidates(self, tags, saved))


class MetaTagTests(MetadataTestCase):
    REQUIRED = split_words(
        "og:type og:site_name og:locale og:title og:description og:url og:image og:image:width og:image:height "
        "og:image:alt twitter:card twitter:image:alt"
    )

    def meta_tags(self, name: str) -> dict[str, str]:
        tags = self.page(name).xpath("//head/meta[@property or @name]")
        return {tag.get("property") or tag.get("name"): tag.get("content") for tag in tags}

    def test_all_page_types_have_meta_tags(self):
        for name, url in self.pages.items():
            meta = self.meta_tags(name)
            for name_of_tag in self.REQUIRED:
                with self.subTest(f"{name} {name_of_tag}"):
                    self.assertTrue(meta.get(name_of_tag, "").strip())
            self.assertEqual(meta["og:url"], f"{settings.SITE_URL}{url}")
            self.assertEqual(self.page(name).xpath("//link[@rel='canonical']/@href"), [meta["og:url"]])
            self.assertEqual(meta["og:locale"], "en_GB")

    def test_no_description_is_empty(self):
        Publication.objects.create(name="The Pier", tagline="", description="")
        paid = make_article(headline="All paid", standfirst="", body="<hr data-gate><p>Paid.</p>", required_level=10)
        self.pages |= {"paid": paid.get_absolute_url()}
        for name, expected in (("front", "The Pier"), ("paid", "All paid")):
            with self.subTest(name):
                meta = self.meta_tags(name)
                self.assertEqual((meta["description"], meta["og:description"]), (expected, expected))
        self.assertEqual(self.page("front").findtext(".//title").strip(), "The Pier")

    def test_article_has_its_own_image(self):
        meta = self.meta_tags("article")
        self.assertTrue(meta["og:image"].startswith(f"{settings.SITE_URL}/media/"))
        self.assertEqual((meta["og:image:width"], meta["og:image:height"]), ("900", "472"))
        self.assertEqual(meta["og:image:alt"], "A “teal” field")
        self.assertEqual(meta["og:type"], "article")
        self.assertEqual(meta["article:author"], f"{settings.SITE_URL}{self.author.get_absolute_url()}")

    def test_pages_without_an_image_have_the_default_image(self):
        for name in ("plain", "front", "section"):
            meta = self.meta_tags(name)
            self.assertEqual(meta["og:image"], f"{settings.SITE_URL}{get_publication().social_image_url}")
            self.assertEqual((meta["og:image:width"], meta["og:image:height"]), ("1200", "630"))
        drawn = self.client.get(get_publication().social_image_url)
        with Pillow.open(BytesIO(drawn.content)) as pillow_image:
            self.assertEqual(pillow_image.size, (1200, 630))
