"""What readers find on the front page: the newest edition that is due, filled up with the newest."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from articles.homepage.layout import DEFAULT, Layout, Place, RowPlan, parse
from articles.homepage.placement import arrange, stock
from articles.models import AppendOnlyError, HomepageEdition, layout_served
from articles.services.homepage import give_up
from articles.services.publishing import withdraw
from tests.factories import make_article, make_edition, make_image, make_section

MAY = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)


def by_hand(article, newest=None):
    return Place(str(article.uuid), str(newest.uuid) if newest else "")


def front(at=None):
    layout = layout_served(at)
    return arrange(stock(layout, at or timezone.now()), layout)


def headlines(versions):
    return [version.headline for version in versions]


class ServingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(MAY - timedelta(days=1), tick=False):
            cls.old = make_article(headline="Old")
            cls.quiet = make_article(headline="Quiet")
            cls.newest = make_article(headline="Newest", lead=make_image())

    def lead_at(self, moment):
        with time_machine.travel(moment, tick=False):
            return self.client.get("/").context["front"].lead.headline

    def test_without_an_edition_everything_fills_itself(self):
        self.assertEqual(self.lead_at(MAY), "Newest")

    def test_the_newest_edition_that_is_due_is_served_to_the_second(self):
        with time_machine.travel(MAY, tick=False):
            make_edition(Layout(lead=by_hand(self.quiet)))
            make_edition(Layout(lead=by_hand(self.old)), at=MAY + timedelta(hours=2))
        self.assertEqual(self.lead_at(MAY - timedelta(seconds=1)), "Newest")
        self.assertEqual(self.lead_at(MAY + timedelta(hours=2, seconds=-1)), "Quiet")
        self.assertEqual(self.lead_at(MAY + timedelta(hours=2)), "Old")

    def test_what_was_planned_comes_at_its_time_though_another_was_published_meanwhile(self):
        with time_machine.travel(MAY, tick=False):
            make_edition(Layout(lead=by_hand(self.old)), at=MAY + timedelta(hours=2))
            make_edition(Layout(lead=by_hand(self.quiet)))
        self.assertEqual(self.lead_at(MAY + timedelta(hours=1)), "Quiet")
        self.assertEqual(self.lead_at(MAY + timedelta(hours=3)), "Old")

    def test_a_plan_that_was_given_up_never_appears_and_stays_in_the_list(self):
        with time_machine.travel(MAY, tick=False):
            plan = make_edition(Layout(lead=by_hand(self.old)), at=MAY + timedelta(hours=2))
            self.assertTrue(give_up(edition=plan))
            self.assertFalse(give_up(edition=plan))
        self.assertEqual(self.lead_at(MAY + timedelta(hours=3)), "Newest")
        self.assertEqual(HomepageEdition.objects.count(), 1)

    def test_what_has_been_served_is_not_given_up(self):
        edition = make_edition()
        self.assertFalse(give_up(edition=edition))

    def test_an_edition_is_neither_changed_nor_deleted(self):
        edition = make_edition()
        for deed in (
            edition.save,
            edition.delete,
            HomepageEdition.objects.all().delete,
            lambda: HomepageEdition.objects.update(content="{}"),
        ):
            with self.assertRaises(AppendOnlyError):
                deed()

    def test_a_piece_that_is_withdrawn_waiting_or_gone_gives_its_place_to_the_newest(self):
        other = make_section()
        make_article(headline="Of the section", section=other)
        waiting = make_article(headline="Waiting", at=timezone.now() + timedelta(hours=1))
        edition = Layout(
            lead=by_hand(self.old),
            seconds=(by_hand(waiting, other), Place("0b7a2f0e-1111-4222-8333-444455556666")),
        )
        make_edition(edition)
        self.assertEqual(self.lead_at(timezone.now()), "Old")
        withdraw(article=self.old)
        page = front()
        self.assertEqual(page.lead.headline, "Newest")
        self.assertEqual(headlines(page.seconds), ["Of the section"])
        later = front(timezone.now() + timedelta(hours=2))
        self.assertEqual(later.seconds[0].headline, "Waiting")


class ArrangingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.one, cls.two = make_section(name="One", position=1), make_section(name="Two", position=2)
        shared = {"lead": make_image()}
        cls.pieces = {
            name: make_article(headline=name, section=section, **shared)
            for name, section in [("a", cls.one), ("b", cls.one), ("c", cls.two), ("d", cls.two), ("e", cls.one)]
        }

    def row(self, section, *names, shown=True):
        pieces = [str(self.pieces[name].uuid) if name else "" for name in names]
        return RowPlan(str(section.uuid), shown, (*pieces, *[""] * (5 - len(pieces))))

    def page(self, layout=DEFAULT):
        return arrange(stock(layout, timezone.now()), layout)

    def rows(self, layout=DEFAULT):
        return [(row.section.name, headlines(row.versions)) for row in self.page(layout).rows]

    def test_nothing_has_two_places(self):
        layout = Layout(
            lead=by_hand(self.pieces["a"]),
            seconds=(Place(newest=str(self.one.uuid)), Place(), Place()),
            voice=by_hand(self.pieces["c"]),
            rows=(self.row(self.one, "", "b"),),
        )
        page = self.page(layout)
        placed = [page.lead, page.voice, *page.seconds, *(version for row in page.rows for version in row.versions)]
        self.assertEqual(sorted(headlines(placed)), ["a", "b", "c", "d", "e"])
        above = {page.lead, page.voice, *page.seconds}
        self.assertFalse({version.pk for version in above} & {version.pk for version in page.latest})

    def test_rows_stand_as_the_sections_do_until_an_editor_orders_them(self):
        self.assertEqual([name for name, _ in self.rows()], ["One", "Two"])
        self.one.position = 3
        self.one.save()
        self.assertEqual([name for name, _ in self.rows()], ["Two", "One"])
        layout = Layout(rows=(self.row(self.one), self.row(self.two)))
        self.assertEqual([name for name, _ in self.rows(layout)], ["One", "Two"])

    def test_a_hidden_row_is_not_drawn_and_keeps_nothing_from_other_places(self):
        layout = Layout(lead=by_hand(self.pieces["d"]), rows=(self.row(self.one, "a", shown=False), self.row(self.two)))
        page = self.page(layout)
        self.assertEqual([row.section.name for row in page.rows], ["Two"])
        self.assertIn("a", headlines(page.latest))

    def test_a_row_has_pieces_by_hand_where_they_were_put_and_the_newest_between(self):
        lead = by_hand(self.pieces["c"])
        layout = Layout(
            lead=lead, seconds=(by_hand(self.pieces["d"]),) * 1 + (Place(),), rows=(self.row(self.one, "", "a"),)
        )
        self.assertEqual(self.rows(layout)[0], ("One", ["b", "a"]))

    def test_a_section_that_came_later_has_its_row_and_one_that_went_has_none(self):
        layout = Layout(rows=(self.row(self.two), RowPlan("0b7a2f0e-1111-4222-8333-444455556666")))
        self.assertEqual([name for name, _ in self.rows(layout)], ["Two", "One"])

    def test_an_empty_site_has_an_empty_front(self):
        for piece in self.pieces.values():
            withdraw(article=piece)
        page = self.page(Layout(lead=by_hand(self.pieces["a"])))
        self.assertEqual((page.lead, page.versions), (None, []))
        self.assertContains(self.client.get("/"), "No articles have been published yet.")


class LayoutTests(SimpleTestCase):
    UUID = "0b7a2f0e-1111-4222-8333-444455556666"

    def test_what_is_written_is_read_again(self):
        layout = Layout(lead=Place(self.UUID), rows=(RowPlan(self.UUID, False, ("", "", "", "", "")),))
        self.assertEqual(parse(layout.dumped()), layout)
        self.assertEqual(parse(DEFAULT.dumped()), DEFAULT)

    def test_what_is_no_layout_is_refused(self):
        twice = DEFAULT.dumped().replace('"article":""', f'"article":"{self.UUID}"')
        many = Layout(seconds=(Place(),) * 5).dumped()
        one = Layout(seconds=(Place(),)).dumped()
        odd = ["", "null", "[]", "{}", "[" * 3000, '{"lead": 1}', DEFAULT.dumped().replace('""', "7"), "\x00"]
        for text in (twice, many, one, *odd, DEFAULT.dumped().replace('""', '"no-uuid"')):
            with self.subTest(text[:60]), self.assertRaises(ValueError):
                parse(text)
