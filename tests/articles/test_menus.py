"""Menus: what was arranged, as far as it is public; what stands there by itself until then; and pages follow."""

from datetime import timedelta

import time_machine
from django.utils import timezone
from lxml import html

from articles.models import MenuEdition, Page
from articles.presenters.menus import DEFAULT, drawn, place
from articles.services import pages, publishable
from tests.articles.menu_room import MenuCase, item
from tests.factories import make_article, make_dossier, make_page, make_section, make_topic
from truthlytics.cache import invalidation


class ReadingTests(MenuCase):
    def test_until_somebody_arranges_them_the_sections_stand_there_and_the_footer(self):
        make_section(name="Second", slug="second", position=2)
        make_section(name="First", slug="first", position=1)
        self.assertEqual(self.labels(), ["First", "Second", "Latest"])
        footer = self.labels("/", "footer__columns")
        self.assertEqual(footer, ["Latest", "Archive", "Subscribe", "RSS feed", "Account", "Cancel a subscription"])

    def test_every_kind_of_thing_can_stand_there_in_its_order(self):
        section, topic = make_section(name="Economy"), make_topic(name="Debt")
        dossier, page = make_dossier(make_article(), title="The talks"), make_page(headline="About us", slug="about")
        web = {"kind": "web", "target": "https://example.org/shop", "label": "Shop <>"}
        self.arrange(
            web, place("archive"), item("page", page), item("dossier", dossier), item("topic", topic, "On debt"),
            item("section", section), place("no such"), item("odd"),
        )  # fmt: skip
        self.assertEqual(
            self.links(),
            [
                ("Shop <>", "https://example.org/shop"), ("Archive", "/archive/"), ("About us", "/pages/about/"),
                ("The talks", dossier.get_absolute_url()), ("On debt", topic.get_absolute_url()),
                ("Economy", section.get_absolute_url()),
            ],
        )  # fmt: skip

    def test_what_is_not_public_or_gone_is_left_out_and_comes_back(self):
        page, draft, gone = make_page(headline="Ethics"), make_page(published=False), make_section()
        later = make_page(headline="Later", at=timezone.now() + timedelta(hours=1))
        dossier = make_dossier(make_article(), title="The talks")
        things = [item("page", page), item("page", draft), item("page", later), item("section", gone)]
        self.arrange(*things, item("dossier", dossier))
        gone.delete()
        self.assertEqual(self.labels(), ["Ethics", "The talks"])
        for thing in (page, dossier):
            publishable.withdraw(thing=thing)
        self.assertEqual(self.labels(), [])
        publishable.restore(thing=page)
        with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
            self.assertEqual(self.labels(), ["Ethics", "Later"])

    def test_a_page_is_called_as_it_was_published(self):
        page = make_page(headline="About us")
        self.arrange(item("page", page))
        Page.objects.update(headline="A secret draft")
        self.assertEqual(self.labels(), ["About us"])

    def test_a_merged_topic_leads_to_what_it_became(self):
        old, new = make_topic(name="Old"), make_topic(name="New")
        type(old).objects.filter(pk=old.pk).update(merged_into=new)
        self.arrange(item("topic", old))
        self.assertEqual(self.links(), [("New", new.get_absolute_url())])

    def test_the_page_that_is_open_says_so(self):
        section, page = make_section(), make_page()
        self.arrange(item("section", section), item("page", page), place("latest"))
        for address in (section.get_absolute_url(), page.get_absolute_url(), "/latest/"):
            here = html.fromstring(self.client.get(address).content).xpath("//nav//a[@aria-current]/@href")
            self.assertEqual(here, [address])

    def test_a_column_without_a_link_is_not_there(self):
        page = make_page(published=False)
        self.arrange(
            columns=[{"title": "About", "items": [item("page", page)]}, {"title": "R", "items": [place("rss")]}]
        )
        self.assertEqual(self.labels("/", "footer__columns"), ["RSS feed"])
        self.assertNotContains(self.client.get("/"), "<h2>About</h2>")

    def test_all_sections_can_stand_in_the_footer(self):
        sections = {"kind": "sections", "target": "", "label": ""}
        self.arrange(columns=[{"title": "Read", "items": [place("rss"), sections]}])
        one = make_section(name="Economy")
        self.assertEqual(self.labels("/", "footer__columns"), ["RSS feed", "Economy"])
        one.name = "Money"
        one.save()
        self.assertEqual(self.labels("/", "footer__columns"), ["RSS feed", "Money"])

    def test_they_cost_one_query_and_one_a_kind(self):
        with self.assertNumQueries(1):
            drawn((MenuEdition.objects.newest() or MenuEdition(content=DEFAULT)).content, timezone.now())
        things = [item("section", make_section()) for _ in range(6)] + [item("page", make_page()) for _ in range(6)]
        edition = self.arrange(*things)
        with self.assertNumQueries(2):
            self.assertEqual(len(drawn(edition.content, timezone.now()).main), 12)


class PurgeTests(MenuCase):
    def purged(self, address, change) -> bool:
        generations = invalidation.site_generations()
        tags = self.client.get(address).cache_tags
        marks = generations.marks(tags, generations.snapshot())
        with self.captureOnCommitCallbacks(execute=True):
            change()
        return not generations.hold(marks)

    def test_every_page_follows_the_menus_and_what_stands_in_them(self):
        page, topic, section = make_page(), make_topic(), make_section()
        article = make_article()
        for address in ("/", article.get_absolute_url(), "/archive/", "/search/", "/no/such/page/"):
            self.assertTrue(
                self.purged(address, lambda: self.arrange(item("page", page), item("topic", topic))), address
            )
            self.assertTrue(self.purged(address, topic.save), address)
            self.assertTrue(self.purged(address, lambda: pages.publish(page=page)), address)
            self.assertTrue(self.purged(address, lambda: self.arrange(item("section", section))), address)
            self.assertTrue(self.purged(address, section.save), address)

    def test_a_page_that_no_menu_names_leaves_the_others_as_they_are(self):
        page, article = make_page(), make_article()
        self.assertFalse(self.purged(article.get_absolute_url(), lambda: pages.publish(page=page)))
