"""The room where menus are arranged: saved once, of two at once the second is told, earlier ones come back."""

from threading import Barrier, Thread
from unittest.mock import patch

from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.urls import reverse

from articles.forms.menus import MOST_ROWS, MenusForm
from articles.models import AppendOnlyError, MenuEdition
from articles.presenters.menus import DEFAULT, place
from articles.services.menus import MenusChanged, save_menus
from tests.articles.menu_room import MENUS, MenuCase, item, sent
from tests.factories import make_editor, make_member, make_page, make_section, make_topic
from truthlytics.audit.log import AuditEntry
from truthlytics.roles import ROLES


class SavingTests(TestCase):
    def test_what_was_saved_is_never_changed(self):
        edition = save_menus(content=DEFAULT, seen=0)
        for change in (edition.save, edition.delete, MenuEdition.objects.all().delete):
            self.assertRaises(AppendOnlyError, change)
        self.assertRaises(AppendOnlyError, MenuEdition.objects.update, content={})

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
        for words in ("These are the default menus", "Your subscription", "All sections, in their order"):
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
        self.assertContains(page, "1 broken link was removed.")

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
        self.assertEqual((entry.row_name, entry.actor, entry.action), ("menus 1", self.editor, "added"))

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
