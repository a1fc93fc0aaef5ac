"""The menus editor: saving, conflicts, restoring and permissions."""

from threading import Barrier, Thread
from unittest.mock import patch

from django.db import connection
from django.test import TestCase
from django.urls import reverse

from articles.forms.menus import MAX_ROWS, MenusForm
from articles.models import MenuEdition
from articles.presenters.menus import DEFAULT, place
from articles.services.menus import MenuConflict, save_menus
from tests.articles.menus import MENUS, MenusTestCase, form_data, item
from tests.factories import make_editor, make_member, make_page, make_section, make_topic
from tests.queries import SameQueries
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry
from truthlytics.roles import ROLES
from truthlytics.web.append_only import AppendOnlyError


class SaveMenusTests(TestCase):
    def test_editions_are_append_only(self):
        edition = save_menus(content=DEFAULT, seen=0)
        for change in (edition.save, edition.delete, MenuEdition.objects.all().delete):
            self.assertRaises(AppendOnlyError, change)
        self.assertRaises(AppendOnlyError, MenuEdition.objects.update, content={})

    def test_unchanged_menus_make_no_edition_and_unseen_changes_are_a_conflict(self):
        first = save_menus(content=DEFAULT, seen=0)
        self.assertEqual(save_menus(content=DEFAULT, seen=0), first)
        with self.assertRaises(MenuConflict) as raised:
            save_menus(content={"main": [], "columns": []}, seen=0)
        self.assertEqual(raised.exception.edition, first)


class SaveMenusRaceTests(TransactionTestCase):
    def test_second_of_two_concurrent_saves_is_a_conflict(self):
        barrier, conflicts, newest = Barrier(2), [], MenuEdition.objects.newest

        def newest_once_both_have_read():
            if (edition := newest()) is None:
                barrier.wait(timeout=5)
            return edition

        def save(name):
            try:
                save_menus(content={"main": [place(name)], "columns": []}, seen=0)
            except MenuConflict as conflict:
                conflicts.append(conflict.edition.number)
            finally:
                connection.close()

        threads = [Thread(target=save, args=[name]) for name in ("latest", "archive")]
        with patch.object(MenuEdition.objects, "newest", newest_once_both_have_read):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual((conflicts, MenuEdition.objects.count()), ([1], 1))


class MenusEditorTests(MenusTestCase):
    def setUp(self):
        self.editor = make_editor(display_name="Edith Orr")
        self.client.force_login(self.editor)

    def post(self, content, **changes):
        return self.client.post(MENUS, form_data(content, **changes))

    def test_default_menus_are_shown_first(self):
        form = MenusForm(DEFAULT)
        self.assertEqual([row["target"] for row in form.main.initial], ["sections:", "place:latest"])
        page = self.client.get(MENUS)
        for text in ("These are the default menus", "Your subscription", "All sections"):
            self.assertContains(page, text)
        self.assertRedirects(self.post(DEFAULT), MENUS)
        self.assertEqual(MenuEdition.objects.get().content, DEFAULT)

    def test_rows_are_ordered_by_number_and_empty_rows_are_removed(self):
        content = {"main": [place("latest"), place("archive"), place("search")], "columns": []}
        self.post(content, **{"main-0-position": 9, "main-1-target": "", "main-2-position": ""})
        self.assertEqual(MenuEdition.objects.get().content["main"], [place("latest"), place("search")])

    def test_columns_are_ordered_by_number(self):
        columns = [{"title": title, "items": [place("rss")]} for title in ("A", "B", "C")]
        self.post({"main": [], "columns": columns}, **{"c0-position": 7, "c2-position": ""})
        self.assertEqual([c["title"] for c in MenuEdition.objects.get().content["columns"]], ["B", "A", "C"])

    def test_errors_are_shown_and_input_is_kept(self):
        web = {"kind": "web", "target": "https://example.org/", "label": "My label"}
        content = {"main": [web], "columns": [{"title": "T", "items": [place("rss")]}]}
        cases = [
            ({"main-0-url": "javascript:alert(1)"}, "Enter a URL that starts with https://."),
            ({"main-0-url": "http://example.org/"}, "Enter a URL that starts with https://."),
            ({"main-0-url": "https://[bad"}, "Enter a URL that starts with https://."),
            ({"main-0-url": "https://"}, "Enter a URL that starts with https://."),
            ({"main-0-label": ""}, "Enter a label for this link."),
            ({"main-0-target": "", "main-0-url": ""}, "Choose a link target or clear the row."),
            ({"main-0-target": "page:9"}, "page:9 is not one of the available choices"),
            ({"main-0-position": "9" * 30}, "less than or equal to 999"),
            ({"main-0-label": "x" * 61}, "at most 60"),
            ({"c0-title": ""}, "Enter a title for the column."),
            ({"main-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
            ({"main-TOTAL_FORMS": MAX_ROWS + 9}, "at most 30"),
        ]
        for changes, error in cases:
            with self.subTest(changes):
                page = self.post(content, **changes)
                self.assertContains(page, error, status_code=422)
        self.assertContains(self.post(content, **{"main-0-url": "x"}), "My label", status_code=422)
        self.assertFalse(MenuEdition.objects.exists())

    def test_url_alone_is_an_external_link_and_control_characters_are_removed(self):
        content = {
            "main": [{"kind": "web", "target": "https://example.org/a", "label": "Shop\x00  now"}],
            "columns": [],
        }
        self.post(content, **{"main-0-target": "", "seen": "9" * 40})
        self.assertEqual(
            MenuEdition.objects.get().content["main"],
            [{"kind": "web", "target": "https://example.org/a", "label": "Shop now"}],
        )

    def test_incomplete_form_changes_nothing(self):
        self.assertRedirects(self.client.post(MENUS, {"x": "y"}), MENUS)
        self.assertFalse(MenuEdition.objects.exists())

    def test_conflict_shows_both_versions_and_can_be_saved_again(self):
        save_menus(content={"main": [place("archive")], "columns": []}, seen=0, by=make_editor(display_name="Ben Ode"))
        mine = {"main": [place("search")], "columns": []}
        page = self.post(mine)
        self.assertContains(page, "Ben Ode saved the menus at", status_code=409)
        self.assertContains(page, '<input type="hidden" name="seen" value="1">', status_code=409, html=True)
        self.assertEqual(page.context["form"].main.forms[0]["target"].value(), "place:search")
        self.post(mine, seen=1)
        self.assertEqual(MenuEdition.objects.newest().content, mine)

    def test_restores_earlier_and_default_menus(self):
        first = self.save_menus(place("archive"))
        second = self.save_menus(place("search"))
        self.assertContains(self.client.get(MENUS), reverse("admin:menus_restore", args=[1]))
        for number, seen, content in ((1, 2, first.content), (2, 3, second.content), (0, 4, DEFAULT)):
            self.client.post(reverse("admin:menus_restore", args=[number]), {"seen": seen})
            self.assertEqual(MenuEdition.objects.newest().content, content)
        self.client.post(reverse("admin:menus_restore", args=[1]), {"seen": 2})
        self.assertEqual(MenuEdition.objects.newest().content, DEFAULT)
        for number in (99, 10**30):
            self.assertEqual(self.client.post(f"{MENUS}{number}/restore/", {"seen": 5}).status_code, 404)

    def test_unpublished_targets_are_marked_and_broken_links_counted(self):
        make_page(headline="Hidden", published=False)
        section = make_section()
        self.save_menus(item("section", section))
        section.delete()
        page = self.client.get(MENUS)
        self.assertContains(page, "Hidden (not public)")
        self.assertContains(page, "1 broken link was removed.")

    def test_editor_uses_a_constant_number_of_queries(self):
        self.save_menus(*(item("section", make_section()) for _ in range(12)))
        self.client.get(MENUS)
        queries = SameQueries(self)
        with queries:
            self.client.get(MENUS)
        for _ in range(5):
            make_topic(), make_page()
        with queries:
            self.client.get(MENUS)

    def test_saving_is_logged_once(self):
        self.post(DEFAULT)
        self.post(DEFAULT, seen=1)
        entry = AuditEntry.objects.get()
        self.assertEqual((entry.row_name, entry.actor, entry.action), ("Menus, version 1", self.editor, "added"))

    def test_only_editors_and_publishers_have_access(self):
        self.save_menus(place("archive"))
        urls = [MENUS, reverse("admin:menus_restore", args=[1]), reverse("admin:menus_restore", args=[0])]
        for role in sorted(ROLES, key={"Editor", "Publisher"}.__contains__):
            self.client.force_login(make_member(role))
            statuses = {200, 302, 405, 409} if role in {"Editor", "Publisher"} else {403}
            for url in urls:
                for method, data in (("get", {}), ("post", form_data({"main": [], "columns": []}))):
                    with self.subTest(role=role, url=url, method=method):
                        self.assertIn(getattr(self.client, method)(url, data).status_code, statuses)
            if statuses == {403}:
                self.assertEqual(MenuEdition.objects.count(), 1)
