"""The front page that readers see: the live edition, filled up with the newest articles."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from articles.homepage.layout import DEFAULT, Layout, Place, RowLayout, parse
from articles.homepage.placement import arrange, fetch_candidates
from articles.models import HomepageEdition, layout_served
from articles.services.homepage import unschedule_edition
from articles.services.publishing import withdraw
from tests.factories import make_article, make_edition, make_image, make_section
from truthlytics.web.append_only import AppendOnlyError

MAY = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)


def placed(article, newest=None):
    return Place(str(article.uuid), str(newest.uuid) if newest else "")


def homepage(at=None):
    layout = layout_served(at)
    return arrange(fetch_candidates(layout, at or timezone.now()), layout)


def headlines(versions):
    return [version.headline for version in versions]


class EditionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(MAY - timedelta(days=1), tick=False):
            cls.old = make_article(headline="Old")
            cls.other = make_article(headline="Other")
            cls.newest = make_article(headline="Newest", lead=make_image())

    def lead_at(self, time):
        with time_machine.travel(time, tick=False):
            return self.client.get("/").context["front"].lead.headline

    def test_without_an_edition_all_slots_are_automatic(self):
        self.assertEqual(self.lead_at(MAY), "Newest")

    def test_editions_go_live_exactly_on_time(self):
        with time_machine.travel(MAY, tick=False):
            make_edition(Layout(lead=placed(self.other)))
            make_edition(Layout(lead=placed(self.old)), at=MAY + timedelta(hours=2))
        self.assertEqual(self.lead_at(MAY - timedelta(seconds=1)), "Newest")
        self.assertEqual(self.lead_at(MAY + timedelta(hours=2, seconds=-1)), "Other")
        self.assertEqual(self.lead_at(MAY + timedelta(hours=2)), "Old")

    def test_scheduled_edition_replaces_one_published_in_the_meantime(self):
        with time_machine.travel(MAY, tick=False):
            make_edition(Layout(lead=placed(self.old)), at=MAY + timedelta(hours=2))
            make_edition(Layout(lead=placed(self.other)))
        self.assertEqual(self.lead_at(MAY + timedelta(hours=1)), "Other")
        self.assertEqual(self.lead_at(MAY + timedelta(hours=3)), "Old")

    def test_unscheduled_edition_never_goes_live(self):
        with time_machine.travel(MAY, tick=False):
            edition = make_edition(Layout(lead=placed(self.old)), at=MAY + timedelta(hours=2))
            self.assertTrue(unschedule_edition(edition=edition))
            self.assertFalse(unschedule_edition(edition=edition))
        self.assertEqual(self.lead_at(MAY + timedelta(hours=3)), "Newest")
        self.assertEqual(HomepageEdition.objects.count(), 1)

    def test_live_edition_cannot_be_unscheduled(self):
        edition = make_edition()
        self.assertFalse(unschedule_edition(edition=edition))

    def test_editions_are_append_only(self):
        edition = make_edition()
        for change in (
            edition.save,
            edition.delete,
            HomepageEdition.objects.all().delete,
            lambda: HomepageEdition.objects.update(content="{}"),
        ):
            with self.assertRaises(AppendOnlyError):
                change()

    def test_withdrawn_scheduled_or_deleted_article_is_replaced_by_the_newest(self):
        other = make_section()
        make_article(headline="Of the section", section=other)
        scheduled = make_article(headline="Scheduled", at=timezone.now() + timedelta(hours=1))
        edition = Layout(
            lead=placed(self.old),
            secondary=(placed(scheduled, other), Place("0b7a2f0e-1111-4222-8333-444455556666")),
        )
        make_edition(edition)
        self.assertEqual(self.lead_at(timezone.now()), "Old")
        withdraw(item=self.old)
        page = homepage()
        self.assertEqual(page.lead.headline, "Newest")
        self.assertEqual(headlines(page.secondary), ["Of the section"])
        later = homepage(timezone.now() + timedelta(hours=2))
        self.assertEqual(later.secondary[0].headline, "Scheduled")


class ArrangeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.one, cls.two = make_section(name="One", position=1), make_section(name="Two", position=2)
        shared = {"lead": make_image()}
        cls.articles = {
            name: make_article(headline=name, section=section, **shared)
            for name, section in [("a", cls.one), ("b", cls.one), ("c", cls.two), ("d", cls.two), ("e", cls.one)]
        }

    def row(self, section, *names, shown=True):
        articles = [str(self.articles[name].uuid) if name else "" for name in names]
        return RowLayout(str(section.uuid), shown, (*articles, *[""] * (5 - len(articles))))

    def page(self, layout=DEFAULT):
        return arrange(fetch_candidates(layout, timezone.now()), layout)

    def rows(self, layout=DEFAULT):
        return [(row.section.name, headlines(row.versions)) for row in self.page(layout).rows]

    def test_no_article_appears_twice(self):
        layout = Layout(
            lead=placed(self.articles["a"]),
            secondary=(Place(newest=str(self.one.uuid)), Place(), Place()),
            opinion=placed(self.articles["c"]),
            rows=(self.row(self.one, "", "b"),),
        )
        page = self.page(layout)
        versions = [
            page.lead,
            page.opinion,
            *page.secondary,
            *(version for row in page.rows for version in row.versions),
        ]
        self.assertEqual(sorted(headlines(versions)), ["a", "b", "c", "d", "e"])
        above = {page.lead, page.opinion, *page.secondary}
        self.assertFalse({version.pk for version in above} & {version.pk for version in page.latest})

    def test_rows_follow_the_section_order_unless_arranged(self):
        self.assertEqual([name for name, _ in self.rows()], ["One", "Two"])
        self.one.position = 3
        self.one.save()
        self.assertEqual([name for name, _ in self.rows()], ["Two", "One"])
        layout = Layout(rows=(self.row(self.one), self.row(self.two)))
        self.assertEqual([name for name, _ in self.rows(layout)], ["One", "Two"])

    def test_hidden_row_is_left_out_and_frees_its_articles(self):
        layout = Layout(
            lead=placed(self.articles["d"]), rows=(self.row(self.one, "a", shown=False), self.row(self.two))
        )
        page = self.page(layout)
        self.assertEqual([row.section.name for row in page.rows], ["Two"])
        self.assertIn("a", headlines(page.latest))

    def test_row_mixes_placed_and_newest_articles(self):
        lead = placed(self.articles["c"])
        layout = Layout(
            lead=lead, secondary=(placed(self.articles["d"]),) * 1 + (Place(),), rows=(self.row(self.one, "", "a"),)
        )
        self.assertEqual(self.rows(layout)[0], ("One", ["b", "a"]))

    def test_new_sections_get_a_row_and_deleted_ones_lose_it(self):
        layout = Layout(rows=(self.row(self.two), RowLayout("0b7a2f0e-1111-4222-8333-444455556666")))
        self.assertEqual([name for name, _ in self.rows(layout)], ["Two", "One"])

    def test_empty_site_has_an_empty_front_page(self):
        for article in self.articles.values():
            withdraw(item=article)
        page = self.page(Layout(lead=placed(self.articles["a"])))
        self.assertEqual((page.lead, page.versions), (None, []))
        self.assertContains(self.client.get("/"), "No articles have been published yet.")


class LayoutTests(SimpleTestCase):
    UUID = "0b7a2f0e-1111-4222-8333-444455556666"

    def test_what_is_written_is_read_again(self):
        layout = Layout(lead=Place(self.UUID), rows=(RowLayout(self.UUID, False, ("", "", "", "", "")),))
        self.assertEqual(parse(layout.dumps()), layout)
        self.assertEqual(parse(DEFAULT.dumps()), DEFAULT)

    def test_what_is_no_layout_is_refused(self):
        twice = DEFAULT.dumps().replace('"article":""', f'"article":"{self.UUID}"')
        many = Layout(secondary=(Place(),) * 5).dumps()
        one = Layout(secondary=(Place(),)).dumps()
        odd = ["", "null", "[]", "{}", "[" * 3000, '{"lead": 1}', DEFAULT.dumps().replace('""', "7"), "\x00"]
        for text in (twice, many, one, *odd, DEFAULT.dumps().replace('""', '"no-uuid"')):
            with self.subTest(text[:60]), self.assertRaises(ValueError):
                parse(text)
