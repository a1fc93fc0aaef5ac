"""Menus: what was arranged, as far as it is public; what stands there by itself until somebody arranges it."""

from datetime import timedelta
from threading import Barrier, Thread
from unittest.mock import patch

import time_machine
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone
from lxml import html

from articles.menu_forms import MOST_ROWS, MenusForm
from articles.menus import DEFAULT, drawn, place
from articles.models import AppendOnly, MenuEdition, Page
from articles.services import pages, standing
from articles.services.menus import MenusChanged, save_menus
from tests.factories import make_article, make_dossier, make_editor, make_member, make_page, make_section, make_topic
from truthlytics.pagecache import changes
from truthlytics.roles import ROLES
from truthlytics.web.audit import AuditEntry

MENUS = "/admin/menus/"


def item(kind, thing=None, label="", **more):
    return {"kind": kind, "target": str(thing.uuid) if thing else "", "label": label} | more


def sent(content, *, seen=0, **changes):
    """What the room's form sends for `content`."""
    data = {"seen": seen}
    menus = {"main": content["main"], **{f"c{n}": column["items"] for n, column in enumerate(content["columns"])}}
    for prefix, items in menus.items():
        data |= {f"{prefix}-TOTAL_FORMS": len(items), f"{prefix}-INITIAL_FORMS": 0}
        for number, one in enumerate(items):
            web = one["kind"] == "web"
            data[f"{prefix}-{number}-target"] = "web:" if web else f"{one['kind']}:{one['target']}"
            data |= {f"{prefix}-{number}-label": one["label"], f"{prefix}-{number}-position": number + 1}
            data[f"{prefix}-{number}-url"] = one["target"] if web else ""
    for number, column in enumerate(content["columns"]):
        data |= {f"c{number}-title": column["title"], f"c{number}-position": number + 1}
    return data | changes


class MenuCase(TestCase):
    def links(self, address="/", where="masthead__sections"):
        page = html.fromstring(self.client.get(address).content)
        return [(a.text_content().strip(), a.get("href")) for a in page.xpath(f"//*[contains(@class, '{where}')]//a")]

    def labels(self, *where):
        return [label for label, _ in self.links(*where)]

    def arrange(self, *items, columns=()):
        newest = MenuEdition.objects.newest()
        content = {"main": list(items), "columns": list(columns)}
        return save_menus(content=content, seen=newest.number if newest else 0)


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
            standing.withdraw(thing=thing)
        self.assertEqual(self.labels(), [])
        standing.restore(thing=page)
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
        generations = changes.site_generations()
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


class SavingTests(TestCase):
    def test_what_was_saved_is_never_changed(self):
        edition = save_menus(content=DEFAULT, seen=0)
        for change in (edition.save, edition.delete, MenuEdition.objects.all().delete):
            self.assertRaises(AppendOnly, change)
        self.assertRaises(AppendOnly, MenuEdition.objects.update, content={})

    def test_the_same_again_is_no_new_edition_and_another_is_refused_unseen(self):
        first = save_menus(content=DEFAULT, seen=0)
        self.assertEqual(save_menus(content=DEFAULT, seen=0), first)
        with self.assertRaises(MenusChanged) as raised:
            save_menus(content={"main": [], "columns": []}, seen=0)
        self.assertEqual(raised.exception.edition, first)


class RaceTests(TransactionTestCase):
    def test_of_two_who_save_at_once_one_is_told(self):
        start, told, asked = Barrier(2), [], MenuEdition.objects.newest

        def when_both_have_looked():
            if (found := asked()) is None:
                start.wait(timeout=5)
            return found

        def work(name):
            try:
                save_menus(content={"main": [place(name)], "columns": []}, seen=0)
            except MenusChanged as changed:
                told.append(changed.edition.number)
            finally:
                connection.close()

        threads = [Thread(target=work, args=[name]) for name in ("latest", "archive")]
        with patch.object(MenuEdition.objects, "newest", when_both_have_looked):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual((told, MenuEdition.objects.count()), ([1], 1))


class RoomTests(MenuCase):
    def setUp(self):
        self.editor = make_editor(display_name="Edith Orr")
        self.client.force_login(self.editor)

    def send(self, content, **changes):
        return self.client.post(MENUS, sent(content, **changes))

    def test_it_begins_with_what_stands_there_by_itself(self):
        form = MenusForm(DEFAULT)
        self.assertEqual([row["target"] for row in form.main.initial], ["sections:", "place:latest"])
        page = self.client.get(MENUS)
        for words in ("Nobody has arranged them yet", "Your subscription", "All sections, in their order"):
            self.assertContains(page, words)
        self.assertRedirects(self.send(DEFAULT), MENUS)
        self.assertEqual(MenuEdition.objects.get().content, DEFAULT)

    def test_rows_stand_in_the_order_of_their_numbers_and_emptied_ones_go(self):
        content = {"main": [place("latest"), place("archive"), place("search")], "columns": []}
        self.send(content, **{"main-0-position": 9, "main-1-target": "", "main-2-position": ""})
        self.assertEqual(MenuEdition.objects.get().content["main"], [place("latest"), place("search")])

    def test_columns_stand_in_the_order_of_their_numbers(self):
        columns = [{"title": title, "items": [place("rss")]} for title in ("A", "B", "C")]
        self.send({"main": [], "columns": columns}, **{"c0-position": 7, "c2-position": ""})
        self.assertEqual([c["title"] for c in MenuEdition.objects.get().content["columns"]], ["B", "A", "C"])

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self):
        web = {"kind": "web", "target": "https://example.org/", "label": "Kept words"}
        content = {"main": [web], "columns": [{"title": "T", "items": [place("rss")]}]}
        cases = [
            ({"main-0-url": "javascript:alert(1)"}, "begins with https"),
            ({"main-0-url": "http://example.org/"}, "begins with https"),
            ({"main-0-url": "https://[bad"}, "begins with https"),
            ({"main-0-url": "https://"}, "begins with https"),
            ({"main-0-label": ""}, "Say what this page is called."),
            ({"main-0-target": "", "main-0-url": ""}, "Say where it leads"),
            ({"main-0-target": "page:9"}, "page:9 is not one of the available choices"),
            ({"main-0-position": "9" * 30}, "less than or equal to 999"),
            ({"main-0-label": "x" * 61}, "at most 60"),
            ({"c0-title": ""}, "Give the column a title."),
            ({"main-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
            ({"main-TOTAL_FORMS": MOST_ROWS + 9}, "at most 30"),
        ]
        for typed, said in cases:
            with self.subTest(typed):
                page = self.send(content, **typed)
                self.assertContains(page, said, status_code=422)
        self.assertContains(self.send(content, **{"main-0-url": "x"}), "Kept words", status_code=422)
        self.assertFalse(MenuEdition.objects.exists())

    def test_an_address_alone_is_a_page_of_the_web_and_odd_bytes_are_dropped(self):
        content = {
            "main": [{"kind": "web", "target": "https://example.org/a", "label": "Shop\x00  now"}],
            "columns": [],
        }
        self.send(content, **{"main-0-target": "", "seen": "9" * 40})
        self.assertEqual(MenuEdition.objects.get().content["main"], [
            {"kind": "web", "target": "https://example.org/a", "label": "Shop now"}
        ])  # fmt: skip

    def test_what_is_no_menu_at_all_changes_nothing(self):
        self.assertRedirects(self.client.post(MENUS, {"x": "y"}), MENUS)
        self.assertFalse(MenuEdition.objects.exists())

    def test_who_comes_second_sees_both_and_may_save_again(self):
        save_menus(content={"main": [place("archive")], "columns": []}, seen=0, by=make_editor(display_name="Ben Ode"))
        mine = {"main": [place("search")], "columns": []}
        shown = self.send(mine)
        self.assertContains(shown, "Ben Ode saved the menus at", status_code=409)
        self.assertContains(shown, '<input type="hidden" name="seen" value="1">', status_code=409, html=True)
        self.assertEqual(shown.context["form"].main.forms[0]["target"].value(), "place:search")
        self.send(mine, seen=1)
        self.assertEqual(MenuEdition.objects.newest().content, mine)

    def test_an_earlier_arrangement_comes_back_and_so_does_what_comes_by_itself(self):
        first = self.arrange(place("archive"))
        second = self.arrange(place("search"))
        self.assertContains(self.client.get(MENUS), reverse("admin:menus_restore", args=[1]))
        for number, seen, content in ((1, 2, first.content), (2, 3, second.content), (0, 4, DEFAULT)):
            self.client.post(reverse("admin:menus_restore", args=[number]), {"seen": seen})
            self.assertEqual(MenuEdition.objects.newest().content, content)
        self.client.post(reverse("admin:menus_restore", args=[1]), {"seen": 2})
        self.assertEqual(MenuEdition.objects.newest().content, DEFAULT)
        for number in (99, 10**30):
            self.assertEqual(self.client.post(f"{MENUS}{number}/restore/", {"seen": 5}).status_code, 404)

    def test_what_can_be_chosen_says_where_it_is_not_public_and_what_is_gone_is_counted(self):
        make_page(headline="Hidden", published=False)
        section = make_section()
        self.arrange(item("section", section))
        section.delete()
        page = self.client.get(MENUS)
        self.assertContains(page, "Hidden (not public)")
        self.assertContains(page, "1 link of what is not there any more is left out.")

    def test_the_room_asks_a_bounded_number_of_questions(self):
        self.arrange(*(item("section", make_section()) for _ in range(12)))
        self.client.get(MENUS)
        with self.assertNumQueries(11):
            self.client.get(MENUS)
        for _ in range(5):
            make_topic(), make_page()
        with self.assertNumQueries(11):
            self.client.get(MENUS)

    def test_who_arranged_them_is_written_down(self):
        self.send(DEFAULT)
        self.send(DEFAULT, seen=1)
        entry = AuditEntry.objects.get()
        self.assertEqual((entry.row_name, entry.actor, entry.deed), ("menus 1", self.editor, "added"))

    def test_editors_and_publishers_arrange_and_nobody_else(self):
        self.arrange(place("archive"))
        addresses = [MENUS, reverse("admin:menus_restore", args=[1]), reverse("admin:menus_restore", args=[0])]
        for role in sorted(ROLES, key={"Editor", "Publisher"}.__contains__):
            self.client.force_login(make_member(role))
            answers = {200, 302, 405, 409} if role in {"Editor", "Publisher"} else {403}
            for address in addresses:
                for method, data in (("get", {}), ("post", sent({"main": [], "columns": []}))):
                    with self.subTest(role=role, address=address, method=method):
                        self.assertIn(getattr(self.client, method)(address, data).status_code, answers)
            if answers == {403}:
                self.assertEqual(MenuEdition.objects.count(), 1)
