"""The site's menus: default and saved links, hidden unpublished targets, and cache invalidation."""

from datetime import timedelta

import time_machine
from django.utils import timezone
from lxml import html

from articles.models import Page
from articles.presenters.menus import place, resolve, served_menus
from articles.services import publishing
from tests.articles.menus import MenusTestCase, item
from tests.budget import takes_longer
from tests.factories import make_article, make_dossier, make_page, make_section, make_topic
from tests.invalidation import invalidates


class MenuTests(MenusTestCase):
    def test_default_menus_show_sections_and_footer(self):
        make_section(name="Second", slug="second", position=2)
        make_section(name="First", slug="first", position=1)
        self.assertEqual(self.labels(), ["First", "Second", "Latest"])
        footer = self.labels("/", "footer__menus")
        subscription = ["Subscribe", "Give a subscription", "Account", "Cancel subscription", "Contact"]
        self.assertEqual(
            footer, ["Latest", "Topics", "Series", "Dossiers", "Authors", "Archive", "RSS feed", *subscription]
        )

    def test_every_footer_leads_to_the_page_for_cancelling(self):
        for menu in ([place("cancel")], [place("latest")]):
            self.save_menus(*menu)
            self.assertContains(self.client.get("/"), 'href="/cancel/"', 1)

    def test_legal_pages_put_themselves_into_the_footer_until_a_menu_has_them(self):
        terms = make_page(slug="agb", purpose="terms")
        make_page(slug="privacy", purpose="privacy", published=False)
        make_page(slug="about", purpose="AboutPage")
        make_page(slug="impressum", purpose="imprint")
        self.save_menus(place("cancel"))
        self.assertEqual(self.labels("/", "footer__legal"), ["Imprint", "Terms", "Withdraw from a contract"])
        self.save_menus(place("withdraw"), item("page", terms))
        self.assertEqual(self.labels("/", "footer__legal"), ["Imprint", "Cancel subscription"])

    def test_links_of_every_kind_keep_their_order(self):
        section, topic = make_section(name="Economy"), make_topic(name="Debt")
        dossier, page = make_dossier(make_article(), title="The talks"), make_page(headline="About us", slug="about")
        web = {"kind": "web", "target": "https://example.org/shop", "label": "Shop <>"}
        self.save_menus(
            web,
            place("archive"),
            item("page", page),
            item("dossier", dossier),
            item("topic", topic, "On debt"),
            item("section", section),
            place("no such"),
            item("odd"),
        )
        self.assertEqual(
            self.links(),
            [
                ("Shop <>", "https://example.org/shop"),
                ("Archive", "/archive/"),
                ("About us", "/pages/about/"),
                ("The talks", dossier.get_absolute_url()),
                ("On debt", topic.get_absolute_url()),
                ("Economy", section.get_absolute_url()),
            ],
        )

    def test_unpublished_and_deleted_targets_are_hidden_until_public(self):
        page, draft, deleted = make_page(headline="Ethics"), make_page(published=False), make_section()
        later = make_page(headline="Later", at=timezone.now() + timedelta(hours=1))
        dossier = make_dossier(make_article(), title="The talks")
        items = [item("page", page), item("page", draft), item("page", later), item("section", deleted)]
        self.save_menus(*items, item("dossier", dossier))
        deleted.delete()
        self.assertEqual(self.labels(), ["Ethics", "The talks"])
        for target in (page, dossier):
            publishing.withdraw(item=target)
        self.assertEqual(self.labels(), [])
        publishing.restore(item=page)
        with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
            self.assertEqual(self.labels(), ["Ethics", "Later"])

    def test_page_link_uses_published_title(self):
        page = make_page(headline="About us")
        self.save_menus(item("page", page))
        Page.objects.update(headline="A secret draft")
        self.assertEqual(self.labels(), ["About us"])

    def test_merged_topic_links_to_its_survivor(self):
        old, new = make_topic(name="Old"), make_topic(name="New")
        type(old).objects.filter(pk=old.pk).update(merged_into=new)
        self.save_menus(item("topic", old))
        self.assertEqual(self.links(), [("New", new.get_absolute_url())])

    def test_current_page_is_marked(self):
        section, page = make_section(), make_page()
        self.save_menus(item("section", section), item("page", page), place("latest"))
        for url in (section.get_absolute_url(), page.get_absolute_url(), "/latest/"):
            current = html.fromstring(self.client.get(url).content).xpath("//nav//a[@aria-current]/@href")
            self.assertEqual(current, [url])

    def test_empty_column_is_hidden(self):
        page = make_page(published=False)
        self.save_menus(
            columns=[{"title": "About", "items": [item("page", page)]}, {"title": "R", "items": [place("rss")]}]
        )
        self.assertEqual(self.labels("/", "footer__menus"), ["RSS feed"])
        self.assertNotContains(self.client.get("/"), "<h2>About</h2>")

    def test_all_sections_link_works_in_the_footer(self):
        sections = {"kind": "sections", "target": "", "label": ""}
        self.save_menus(columns=[{"title": "Read", "items": [place("rss"), sections]}])
        section = make_section(name="Economy")
        self.assertEqual(self.labels("/", "footer__menus"), ["RSS feed", "Economy"])
        section.name = "Money"
        section.save()
        self.assertEqual(self.labels("/", "footer__menus"), ["RSS feed", "Money"])

    def test_one_query_for_the_menu_one_for_legal_pages_and_one_per_kind_of_target(self):
        with self.assertNumQueries(2):
            served_menus(timezone.now())
        items = [item("section", make_section()) for _ in range(6)] + [item("page", make_page()) for _ in range(6)]
        edition = self.save_menus(*items)
        with self.assertNumQueries(2):
            self.assertEqual(len(resolve(edition.content, timezone.now()).main), 12)


class MenuCacheTests(MenusTestCase):
    def purges(self, url, change) -> bool:
        return invalidates(self, self.client.get(url).cache_tags, change)

    @takes_longer("Many requests, one after the other.")
    def test_menus_and_their_targets_purge_every_page(self):
        page, topic, section = make_page(), make_topic(), make_section()
        article = make_article()
        for url in ("/", article.get_absolute_url(), "/archive/", "/search/", "/no/such/page/"):
            self.assertTrue(self.purges(url, lambda: self.save_menus(item("page", page), item("topic", topic))), url)
            self.assertTrue(self.purges(url, topic.save), url)
            self.assertTrue(self.purges(url, lambda: publishing.publish(item=page)), url)
            self.assertTrue(self.purges(url, lambda: self.save_menus(item("section", section))), url)
            self.assertTrue(self.purges(url, section.save), url)

    def test_page_not_in_a_menu_purges_no_other_page(self):
        page, article = make_page(), make_article()
        self.assertFalse(self.purges(article.get_absolute_url(), lambda: publishing.publish(item=page)))
