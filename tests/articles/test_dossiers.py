"""The story so far: what readers see is what was published, and names only what is public."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier, DossierVersion
from articles.models.versions import AppendOnlyError
from articles.services import publishing
from articles.services.publishing import NotReadyError, withdraw
from tests.factories import make_article, make_dossier, make_draft, make_version
from truthlytics.cache import invalidation, next_change
from truthlytics.web.partial_dates import format_partial_date, parse_partial_date

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


class PartialDateTests(SimpleTestCase):
    def test_what_is_known_is_kept_and_no_more(self):
        for typed, kept in [
            ("2024", "2024"), ("2024-3", "2024-03"), ("2024-11-20", "2024-11-20"), ("20 November 2024", "2024-11-20"),
            (" nov  2024 ", "2024-11"), ("1 May 0987", "0987-05-01"),
        ]:  # fmt: skip
            with self.subTest(typed):
                self.assertEqual(parse_partial_date(typed), kept)

    def test_what_is_no_date_is_refused_in_words(self):
        for typed in (
            "",
            "soon",
            "2024-13",
            "2024-02-30",
            "0000",
            "24",
            "20.11.2024",
            "2024-11-20-01",
            "٢٠٢٤",
            "9" * 99,
        ):
            with self.subTest(typed), self.assertRaises(ValidationError):
                parse_partial_date(typed)

    def test_readers_see_as_much_as_is_known(self):
        self.assertEqual(
            [format_partial_date(one) for one in ("2024", "2024-11", "2024-11-20")],
            ["2024", "November 2024", "20 November 2024"],
        )
        self.assertEqual(format_partial_date("2024-11-20", short=True), "20 Nov 2024")


class PublishingTests(TestCase):
    def setUp(self):
        self.article = make_article(headline="The named piece")
        self.dossier = make_dossier(self.article, title="As published", entries=[{"date": "2024-11", "text": "Said."}])

    def page(self, dossier=None):
        return self.client.get((dossier or self.dossier).get_absolute_url())

    def test_readers_see_what_was_published_and_not_what_is_being_written(self):
        Dossier.objects.update(title="Being written", summary="<p>Being written.</p>")
        self.dossier.entries.update(text="Being written.")
        for address in (self.dossier.get_absolute_url(), self.article.get_absolute_url()):
            page = self.client.get(address)
            self.assertContains(page, "As published")
            self.assertNotContains(page, "Being written")
        publishing.publish(item=self.dossier, note="We write it anew.")
        self.assertContains(self.page(), "We write it anew.")
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Being written")

    def test_what_was_published_is_never_changed(self):
        version = DossierVersion.objects.get()
        for deed in (
            version.save, version.delete, DossierVersion.objects.all().delete,
            lambda: DossierVersion.objects.update(content={}),
        ):  # fmt: skip
            with self.assertRaises(AppendOnlyError):
                deed()

    def test_a_draft_has_no_page_and_says_what_it_lacks(self):
        draft = make_dossier(publish=False, summary="<hr data-gate>")
        self.assertEqual(self.page(draft).status_code, 404)
        with self.assertRaises(NotReadyError) as refused:
            publishing.publish(item=draft)
        self.assertEqual(refused.exception.reasons, ["Write a summary.", "Name an article, or write a dated entry."])
        self.assertEqual(draft.state(), "draft")

    def test_a_planned_version_is_served_from_its_second_on_and_is_on_the_clock(self):
        with time_machine.travel(NOON, tick=False) as at:
            dossier = make_dossier(self.article, title="Before")
            Dossier.objects.filter(pk=dossier.pk).update(title="After")
            publishing.publish(item=dossier, at=NOON + timedelta(hours=1), note="Planned.")
            self.assertNotContains(self.page(dossier), "After")
            self.assertNotContains(self.page(dossier), "Planned.")
            self.assertEqual(next_change._ask(timezone.now()), NOON + timedelta(hours=1))
            self.assertEqual(dossier.state(), "changing")
            at.move_to(NOON + timedelta(hours=1))
            self.assertContains(self.page(dossier), "After")
            self.assertContains(self.page(dossier), "Planned.")

    def test_a_replaced_plan_never_appears(self):
        with time_machine.travel(NOON, tick=False) as at:
            dossier = make_dossier(self.article, publish=False)
            publishing.publish(item=dossier, at=NOON + timedelta(hours=1), note="Never seen.")
            self.assertEqual((dossier.state(), self.page(dossier).status_code), ("scheduled", 404))
            self.assertTrue(publishing.unschedule(item=dossier))
            self.assertFalse(publishing.unschedule(item=dossier))
            publishing.publish(item=dossier)
            at.move_to(NOON + timedelta(hours=2))
            self.assertNotContains(self.page(dossier), "Never seen.")
            self.assertEqual(dossier.state(), "published")

    def test_a_withdrawn_dossier_is_gone_everywhere_and_comes_back(self):
        publishing.withdraw(item=self.dossier)
        self.assertEqual((self.page().status_code, self.dossier.state()), (410, "withdrawn"))
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), "As published")
        self.assertNotIn("dossiers", self.client.get("/sitemap.xml").content.decode())
        publishing.restore(item=self.dossier)
        self.assertContains(self.page(), "As published")
        self.assertIn("/sitemap-dossiers-1.xml", self.client.get("/sitemap.xml").content.decode())
        self.assertContains(self.client.get("/sitemap-dossiers-1.xml"), self.dossier.get_absolute_url())

    def test_the_summary_brings_no_apparatus_into_other_pages(self):
        body = (
            "<h2 id='x'>Head</h2><p onclick='x'>One<sup data-footnote='n'></sup> <a href='javascript:1'>a</a></p>"
            "<hr data-gate><table><tr><td>c</td></tr></table>"
        )
        content = publishing.content_of(make_dossier(summary=body, publish=False))
        self.assertEqual(content["summary"], '<p>Head</p><p>One <a rel="noopener">a</a></p>')


class NamedArticleTests(TestCase):
    def story(self, article):
        return self.client.get(article.get_absolute_url()).context["stories"]()

    def test_what_is_not_public_is_not_named(self):
        seen = make_article(headline="Seen")
        gone, draft = make_article(headline="Withdrawn piece"), make_draft(headline="Draft piece")
        later = make_article(headline="Later piece", at=timezone.now() + timedelta(hours=1))
        named = [seen, gone, draft, later]
        entries = [{"date": "2024", "text": f"Entry {article.pk}.", "article": article} for article in named]
        dossier = make_dossier(*named, entries=entries)
        withdraw(item=gone)
        for address in (dossier.get_absolute_url(), seen.get_absolute_url()):
            page = self.client.get(address)
            self.assertContains(page, f"Entry {draft.pk}.")
            for word in ("Withdrawn piece", "Draft piece", "Later piece", gone.slug, draft.slug, later.slug):
                self.assertNotContains(page, word)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            self.assertContains(self.client.get(dossier.get_absolute_url()), "Later piece")
            self.assertEqual(self.story(seen)[0].next.headline, "Later piece")

    def test_before_and_after_follow_the_order_that_was_chosen(self):
        with time_machine.travel(NOON, tick=False):
            old = make_article(headline="Old")
        middle, new = make_article(headline="Middle"), make_article(headline="New")
        for order in ("hand", "newest"):
            make_dossier(new, middle, old, order=order, title=f"By {order}")
        by_hand, by_date = self.story(middle)
        self.assertEqual((by_hand.previous.headline, by_hand.next.headline), ("New", "Old"))
        self.assertEqual((by_date.previous.headline, by_date.next.headline), ("Old", "New"))
        self.assertEqual((self.story(old)[1].previous, self.story(old)[0].next), (None, None))

    def test_a_headline_is_the_one_that_is_served(self):
        one, other = make_article(headline="First"), make_article()
        make_dossier(one, other)
        moment = timezone.now() + timedelta(hours=1)
        make_version(one, headline="Second", at=moment)
        self.assertEqual(self.story(other)[0].previous.headline, "First")
        with time_machine.travel(moment):
            self.assertEqual(self.story(other)[0].previous.headline, "Second")

    def test_an_article_that_only_an_entry_names_belongs_too(self):
        piece, named = make_article(headline="Piece"), make_article(headline="Named")
        make_dossier(piece, entries=[{"date": "2024", "text": "It was.", "article": named}])
        self.assertEqual(self.story(named)[0].previous.headline, "Piece")

    def test_the_last_few_entries_stand_under_the_article(self):
        entries = [{"date": date, "text": f"In {date}."} for date in ("2024-11", "2023", "2024-11-20", "2025", "2024")]
        story = (
            make_dossier(make_article(slug="one"), entries=entries)
            and self.client.get("/articles/one/").context["stories"]()[0]
        )
        self.assertEqual([entry.date for entry in story.recent], ["2024-11", "2024-11-20", "2025"])

    def test_a_stranger_gets_no_word_of_dossiers_where_there_is_none(self):
        self.assertNotContains(self.client.get(make_article().get_absolute_url()), "Story so far")
        for slug in ("none", "none%00", "x" * 300):
            self.assertEqual(self.client.get(f"/dossiers/{slug}/").status_code, 404)
        self.assertEqual(self.client.post(make_dossier(make_article()).get_absolute_url()).status_code, 405)


class PurgeTests(TestCase):
    def purged(self, address, change) -> bool:
        generations = invalidation.site_generations()
        tags = self.client.get(address).cache_tags
        marks = generations.marks(tags, generations.snapshot())
        with self.captureOnCommitCallbacks(execute=True):
            change()
        return not generations.hold(marks)

    def test_pages_follow_what_becomes_of_a_dossier_and_of_its_pieces(self):
        piece, other, alone = make_article(), make_article(), make_article()
        dossier = make_dossier(piece, other)
        deeds = [
            lambda: publishing.publish(item=dossier),
            lambda: make_version(other, headline="Changed"),
            lambda: publishing.withdraw(item=dossier),
        ]
        deeds.append(lambda: publishing.restore(item=dossier))
        for address in (dossier.get_absolute_url(), piece.get_absolute_url()):
            for change in deeds:
                self.assertTrue(self.purged(address, change))
        self.assertTrue(self.purged(alone.get_absolute_url(), lambda: make_dossier(alone)))


class CostTests(TestCase):
    def test_pages_cost_the_same_however_long_the_dossier_is(self):
        pieces = [make_article() for _ in range(3)]
        dossier = make_dossier(*pieces)
        address, page = pieces[1].get_absolute_url(), reverse("articles:dossier", args=[dossier.slug])
        for _ in range(2):
            with self.assertNumQueries(6 + 1):
                self.client.get(address)
            with self.assertNumQueries(5):
                self.client.get(page)
            for number in range(12):
                article = make_article()
                dossier.articles.create(article=article, position=9)
                dossier.entries.create(date="2024", text=f"Entry {number}.", article=article)
            publishing.publish(item=dossier)
