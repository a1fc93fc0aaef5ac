"""The end of an article: planned to the second, moved, taken back, and said at its address."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import time_machine
from django.db import connection
from django.test import TestCase, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.services.ending import EndChanged, NotThen, end_at, explain, go_on
from articles.services.publishing import NotReady, publish, restore, unschedule, withdraw
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_draft,
    make_editor,
    make_section,
    make_subscriber,
    make_topic,
    make_version,
)
from tests.truthlytics.test_page_cache import MIDDLEWARE, Visitor
from truthlytics.pagecache import clock

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
TWO = NOON + timedelta(hours=2)
LEFT_OUT = "The clocks go forward that day: this time does not exist."
SECOND = timedelta(seconds=1)


class TimeTests(TestCase):
    """True at read time: no task runs in these tests."""

    @classmethod
    def setUpTestData(cls):
        cls.section, cls.topic, cls.author = make_section(), make_topic(), make_author()
        with time_machine.travel(NOON, tick=False):
            places = {"section": cls.section, "topics": [cls.topic], "authors": [cls.author]}
            cls.article = make_article(slug="ends", headline="Zwanenzang", **places)
            end_at(thing=cls.article, at=TWO, note="The offer that it told of has ended.")

    def test_it_is_there_until_the_second_and_no_longer(self):
        for moment, status, listed in [(TWO - SECOND, 200, True), (TWO, 410, False), (TWO + SECOND, 410, False)]:
            with time_machine.travel(moment, tick=False):
                self.assertEqual(self.client.get("/articles/ends/").status_code, status)
                for address in [
                    "/", "/latest/", "/search/?q=zwanenzang", "/sitemap-articles-1.xml", "/sitemap-news.xml",
                    "/feeds/rss.xml", self.section.get_absolute_url(), self.topic.get_absolute_url(),
                    self.author.get_absolute_url(), "/archive/2026/05/",
                ]:  # fmt: skip
                    with self.subTest(address=address, moment=moment):
                        answer = self.client.get(address)
                        there = b"/articles/ends/" in (answer.getvalue())
                        self.assertEqual(there, listed)

    def test_its_address_says_when_it_went_and_why(self):
        with time_machine.travel(TWO, tick=False), self.settings(TIME_ZONE="Europe/Amsterdam"):
            answer = self.client.get("/articles/ends/")
        self.assertContains(answer, "The offer that it told of has ended.", status_code=410)
        self.assertContains(answer, "3 May 2026, 16:00 CEST", status_code=410)
        self.assertNotContains(answer, "Zwanenzang", status_code=410)
        self.assertContains(answer, 'content="noindex"', status_code=410)

    def test_the_conversation_is_closed_and_what_was_typed_is_in_the_page(self):
        self.client.force_login(make_subscriber())
        for name in ("write", "keep"):
            with time_machine.travel(TWO, tick=False):
                self.client.force_login(make_subscriber())
                answer = self.client.post(reverse(f"comments:{name}", args=["ends"]), {"text": "My <b>words</b>"})
            self.assertContains(answer, "My &lt;b&gt;words&lt;/b&gt;", status_code=410)

    def test_the_address_of_a_comment_leads_to_where_it_is_said(self):
        with time_machine.travel(NOON, tick=False):
            shown, hidden = make_comment(article=self.article), make_comment(article=self.article, status="waiting")
        for moment, target in [(TWO - SECOND, "#comment-"), (TWO, "/articles/ends/")]:
            with time_machine.travel(moment, tick=False):
                self.assertIn(target, self.client.get(f"/comments/{shown.pk}/").headers["Location"])
                self.assertEqual(self.client.get(f"/comments/{hidden.pk}/").status_code, 404)
        waiting = make_comment(article=make_article(at=timezone.now() + timedelta(days=1)))
        self.assertEqual(self.client.get(f"/comments/{waiting.pk}/").status_code, 404)

    def test_what_never_was_public_is_not_found(self):
        withdrawn_before = make_article(slug="plan", at=timezone.now() + timedelta(days=1))
        withdraw(article=withdrawn_before)
        make_draft(slug="draft")
        for moment in (timezone.now(), timezone.now() + timedelta(days=2)):
            with time_machine.travel(moment):
                for slug in ("plan", "draft", "no-such"):
                    self.assertEqual(self.client.get(f"/articles/{slug}/").status_code, 404)

    def test_put_back_it_is_as_it_was_and_says_nothing(self):
        with time_machine.travel(TWO, tick=False):
            restore(article=self.article)
            self.assertEqual(self.client.get("/articles/ends/").status_code, 200)
        self.assertEqual((self.article.withdrawn_at, self.article.withdrawn_note), (None, ""))


class EndingTests(TestCase):
    def setUp(self):
        travel = time_machine.travel(NOON, tick=False)
        travel.start()
        self.addCleanup(travel.stop)
        self.article = make_article()

    def test_it_is_moved_and_taken_back_while_it_lies_ahead(self):
        end_at(thing=self.article, at=TWO)
        end_at(thing=self.article, at=TWO + SECOND, seen=TWO)
        self.assertEqual(self.article.withdrawn_at, TWO + SECOND)
        self.assertTrue(go_on(thing=self.article))
        self.assertFalse(go_on(thing=self.article))
        self.assertIsNone(self.article.withdrawn_at)

    def test_what_has_ended_does_not_go_on_by_itself(self):
        withdraw(article=self.article)
        self.assertFalse(go_on(thing=self.article))
        self.assertEqual(self.article.state(), "withdrawn")
        with self.assertRaises(NotThen):
            end_at(thing=self.article, at=TWO, seen=self.article.withdrawn_at)

    def test_of_two_editors_the_second_is_told(self):
        end_at(thing=self.article, at=TWO)
        with self.assertRaises(EndChanged):
            end_at(thing=self.article, at=TWO + SECOND)
        self.assertEqual(Article.objects.get().withdrawn_at, TWO)

    def test_nothing_ends_before_it_begins(self):
        plan = make_article(at=TWO)
        make_version(self.article, headline="Another", at=TWO)
        for article, at in [(plan, TWO), (self.article, TWO), (make_draft(), TWO), (plan, NOON)]:
            with self.subTest(article.headline, at=at), self.assertRaises(NotThen):
                end_at(thing=article, at=at)
        end_at(thing=plan, at=TWO + SECOND)
        self.assertEqual(plan.state(), "scheduled")

    def test_nothing_is_published_for_after_its_end(self):
        end_at(thing=self.article, at=TWO)
        self.article.headline = "Another"
        self.article.save()
        with self.assertRaises(NotReady):
            publish(article=self.article, at=TWO)
        publish(article=self.article, at=TWO - SECOND)
        self.assertEqual(self.article.state(), "changing")

    def test_a_plan_that_is_given_up_takes_its_end_along(self):
        plan = make_article(at=TWO)
        end_at(thing=plan, at=TWO + SECOND, note="Words")
        unschedule(article=plan)
        self.assertEqual((plan.withdrawn_at, plan.withdrawn_note, plan.state()), (None, "", "draft"))

    def test_the_sentence_can_be_mended_later(self):
        withdraw(article=self.article, note="Once")
        explain(thing=self.article, note="Twice")
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Twice", status_code=410)


class DeskTests(TestCase):
    """The pages on which an end is planned, in a zone whose clocks change."""

    def setUp(self):
        for context in (self.settings(TIME_ZONE="Europe/Amsterdam"), time_machine.travel("2026-10-01T12:00Z")):
            self.enterContext(context)
        self.article = make_article()
        self.client.force_login(make_editor())
        self.url = reverse("admin:articles_article_end", args=[self.article.pk])

    def post(self, **data):
        return self.client.post(self.url, {"day": "2026-11-27", "hour": "09:00", **data})

    def ends(self):
        return Article.objects.get(pk=self.article.pk).withdrawn_at

    def test_it_is_set_shown_everywhere_moved_and_taken_back(self):
        self.assertEqual(self.post(note="It was an offer.").status_code, 302)
        self.assertEqual(self.ends(), datetime(2026, 11, 27, 8, tzinfo=UTC))
        change = reverse("admin:articles_article_change", args=[self.article.pk])
        self.assertContains(self.client.get(change), "Ends Fri 27 Nov 2026, 09:00 CET.")
        self.assertContains(self.client.get(reverse("admin:articles_article_changelist")), "2026-11-27T09:00:00+01:00")
        Article.objects.update(headline="Another")
        publishing = self.client.get(reverse("admin:articles_article_publish", args=[self.article.pk]))
        self.assertContains(publishing, "27 November 2026, 09:00 CET")
        self.assertContains(self.client.get(self.url), 'value="2026-11-27"')
        self.assertEqual(self.post(hour="10:00", seen=int(self.ends().timestamp())).status_code, 302)
        keep = reverse("admin:articles_article_keep", args=[self.article.pk])
        self.assertContains(self.client.get(keep), "10:00 CET")
        self.client.post(keep)
        self.assertIsNone(self.ends())

    def test_the_hour_that_is_left_out_is_refused_and_the_double_one_asked(self):
        missing = self.post(day="2027-03-28", hour="02:30")
        self.assertContains(missing, "this time does not exist", status_code=422)
        self.assertContains(missing, 'value="2027-03-28"', status_code=422)
        self.assertContains(self.post(day="2026-10-25", hour="02:30"), "Which one is meant?", status_code=422)
        self.assertIsNone(self.ends())
        self.post(day="2026-10-25", hour="02:30", which="second")
        self.assertEqual(self.ends(), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    def test_whoever_looks_first_reads_the_moment_in_the_button_and_nothing_happens(self):
        looked = self.post(look="1")
        self.assertContains(looked, "End on Fri 27 Nov, 09:00 CET")
        self.assertIsNone(self.ends())
        sure = "2026-11-27T08:00:00+00:00"
        self.assertContains(looked, f'name="sure" value="{sure}"')
        self.assertContains(self.post(hour="10:00", sure=sure), "End on Fri 27 Nov, 10:00 CET")
        self.assertEqual(self.post(sure=sure).status_code, 302)

    def test_somebody_else_was_first(self):
        end_at(thing=self.article, at=datetime(2026, 12, 1, tzinfo=UTC))
        answer = self.post(seen=0)
        self.assertContains(answer, "changed in the meantime", status_code=422)
        self.assertEqual(self.post(seen=answer.context["form"].data["seen"]).status_code, 302)

    def test_odd_input_gets_a_sentence(self):
        for data in [
            {"day": "", "hour": ""}, {"day": "9999-12-31"}, {"day": "0001-01-01"}, {"hour": "25:00"},
            {"which": "third"}, {"seen": "x"}, {"seen": "9" * 30}, {"note": "x" * 301},
        ]:  # fmt: skip
            with self.subTest(data):
                self.assertEqual(self.post(**data).status_code, 422)
        self.assertIsNone(self.ends())

    def test_a_draft_and_what_is_withdrawn_have_no_end_to_plan(self):
        withdraw(article=self.article)
        self.assertContains(self.post(), "It is not on the site", status_code=422)

    def test_withdrawing_says_why_and_the_sentence_is_changed_later(self):
        url = reverse("admin:articles_article_withdraw", args=[self.article.pk])
        for note in ("A source was not who she said.", "Another sentence."):
            self.assertEqual(self.client.post(url, {"note": note}).status_code, 302)
            self.assertContains(self.client.get(self.article.get_absolute_url()), note, status_code=410)

    def test_the_newsrooms_clocks_answer_while_somebody_types(self):
        url = reverse("admin:moment")
        for data, expected in [
            ({"day": "2026-11-27", "hour": "09:00"}, {"named": "Fri 27 Nov, 09:00 CET", "which": False}),
            ({"day": "2027-03-28", "hour": "02:30"}, {"which": False, "sentence": LEFT_OUT}),
            ({"day": "2026-10-25", "hour": "02:30"}, {"which": True}),
            ({"day": "2026-10-25", "hour": "02:30", "which": "first"}, {"named": "Sun 25 Oct, 02:30 CEST"}),
            ({"day": "x", "hour": "\x00"}, {"which": False}),
        ]:  # fmt: skip
            with self.subTest(data):
                answer = self.client.get(url, data)
                if "\x00" in data["hour"]:
                    self.assertEqual(answer.status_code, 400)
                else:
                    self.assertLessEqual(expected.items(), answer.json().items())


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class KeptPageTests(TransactionTestCase):
    def setUp(self):
        clock._known = None
        self.visitor = Visitor()
        with time_machine.travel(NOON, tick=False):
            self.article = make_article(headline="Zwanenzang")
        self.pages = [self.article.get_absolute_url(), "/latest/", self.article.section.get_absolute_url()]

    def there(self, moment):
        """Each page is asked for twice, so that the second is a kept one where it may be."""
        with time_machine.travel(moment, tick=False):
            return [b"Zwanenzang" in [self.visitor.get(page) for _ in range(2)][1]["body"] for page in self.pages]

    def test_kept_pages_end_with_it_and_follow_each_change_of_the_plan(self):
        self.assertEqual(self.there(NOON), [True] * 3)
        with time_machine.travel(NOON, tick=False):
            end_at(thing=self.article, at=TWO)
        self.assertEqual(self.there(TWO - SECOND), [True] * 3)
        self.assertEqual(self.there(TWO), [False] * 3)
        made = self.visitor.made
        with time_machine.travel(TWO, tick=False):
            self.assertEqual(self.visitor.get(self.pages[0])["status"], "410 Gone")
            self.assertEqual(self.visitor.made, made)
            restore(article=self.article)
        self.assertEqual(self.there(TWO), [True] * 3)

    def test_an_end_that_is_moved_forward_is_seen_by_pages_that_were_kept(self):
        with time_machine.travel(NOON, tick=False):
            end_at(thing=self.article, at=TWO)
            self.there(NOON)
            end_at(thing=self.article, at=NOON + SECOND, seen=TWO)
        self.assertEqual(self.there(NOON + SECOND), [False] * 3)


class RaceTests(TransactionTestCase):
    def test_of_two_who_plan_an_end_at_once_one_is_told(self):
        article = make_article()
        barrier, done = Barrier(2), []

        def plan(days):
            try:
                barrier.wait()
                end_at(thing=Article.objects.get(), at=timezone.now() + timedelta(days=days), note=f"Day {days}")
                done.append("planned")
            except EndChanged:
                done.append("told")
            finally:
                connection.close()

        threads = [Thread(target=plan, args=[days]) for days in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(done), ["planned", "told"])
        article.refresh_from_db()
        self.assertEqual(article.withdrawn_note, f"Day {(article.withdrawn_at - timezone.now()).days + 1}")


class QueryTests(TestCase):
    def test_a_withdrawn_address_costs_a_look_up_more(self):
        article = make_article()
        withdraw(article=article)
        with self.assertNumQueries(5):
            self.client.get(article.get_absolute_url())
