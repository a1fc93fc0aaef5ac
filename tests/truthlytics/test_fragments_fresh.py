"""Pages that are put together from fragments follow whatever changes what they show."""

from datetime import timedelta
from unittest import mock

import time_machine
from django.test import Client, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.services.denormalise import rerender_with
from articles.services.publishing import publish
from comments.models import Thread
from comments.services import approve, edit_comment, remove, report_comment
from subscriptions.models import Grant
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_comments,
    make_draft,
    make_image,
    make_price,
    make_section,
    make_subscriber,
    make_user,
    make_version,
)
from tests.truthlytics.fragments import MIDDLEWARE
from truthlytics.cache import next_change


@override_settings(MIDDLEWARE=MIDDLEWARE)
class FreshnessTests(TransactionTestCase):
    """Each change is read before and after by a stranger, a subscriber, and a subscriber who wrote something here."""

    def setUp(self):
        next_change._known = None
        make_price()
        self.section = make_section(name="Before section")
        self.author = make_author(name="Ines", user=make_user(display_name="Ines"))
        self.article = make_article(section=self.section, headline="Before headline", authors=[self.author])
        self.comment = make_comment(article=self.article, text="Before comment", author=make_user())
        self.subscriber, self.writer = make_subscriber(), make_commenter()
        make_comment(article=self.article, author=self.writer)
        self.readers = {"stranger": Client(), "subscriber": Client(), "writer": Client()}
        # One process answers them all, so that what one is shown was kept for another.
        for client in self.readers.values():
            client.handler = self.readers["stranger"].handler
        self.readers["subscriber"].force_login(self.subscriber)
        self.readers["writer"].force_login(self.writer)

    def read(self, who, article=None):
        return self.readers[who].get((article or self.article).get_absolute_url()).content.decode()

    def changes(self, change, words, *, gone="", article=None):
        for who in self.readers:
            for _ in range(2):
                self.assertNotIn(words, self.read(who, article), f"{who} before")
        change()
        for who in self.readers:
            with self.subTest(f"{words}: {who}"):
                page = self.read(who, article)
                self.assertIn(words, page)
                self.assertFalse(gone and gone in page)

    def test_kept_pages_send_no_queries_for_a_stranger_and_few_for_a_subscriber(self):
        for who, queries in [("stranger", 0), ("subscriber", 3)]:
            self.read(who)
            with self.subTest(who), self.assertNumQueries(queries):
                self.read(who)

    def test_a_comment_changes_the_front_page_without_choosing_its_pieces_again(self):
        front = reverse("articles:front")
        before = self.readers["stranger"].get(front).content.decode()
        make_comments(self.article, 7)
        with mock.patch("articles.views.lists.stock", side_effect=AssertionError("chosen again")):
            self.assertNotEqual(self.readers["stranger"].get(front).content.decode(), before)
        make_article(headline="The newest of all", section=self.section)
        self.assertIn("The newest of all", self.readers["stranger"].get(front).content.decode())

    def test_a_new_version_and_its_note(self):
        self.changes(
            lambda: make_version(self.article, headline="After headline"), "After headline", gone="Before headline"
        )
        self.changes(lambda: make_version(self.article, note="A name was wrong."), "A name was wrong.")

    def test_a_comment_is_posted_approved_edited_reported_and_removed(self):
        self.changes(lambda: make_comment(article=self.article, text="Posted words"), "Posted words")
        waiting = make_comment(article=self.article, text="Approved words", status="waiting")
        self.changes(lambda: approve(comments=[waiting], by=None), "Approved words")
        make_comment(article=self.article, author=self.comment.author)
        self.changes(
            lambda: edit_comment(comment=self.comment, text="Edited words"), "Edited words", gone="Before comment"
        )
        report_comment(comment=self.comment, reporter=self.subscriber, reason="other")
        self.assertIn("Edited words", self.read("stranger"))
        self.changes(
            lambda: remove(comments=[self.comment], by=None, reason="unfit"), "Removed by a moderator: unfit",
            gone="Edited words",
        )  # fmt: skip

    def test_names(self):
        def rename(thing, field, words):
            setattr(thing, field, words)
            thing.save()

        self.changes(lambda: rename(self.comment.author, "display_name", "After reader"), "After reader")
        self.changes(lambda: rename(self.section, "name", "After section"), "After section")
        self.changes(self.comment.author.delete, "A former reader")

    def test_an_author_who_is_one_no_more_loses_the_badge(self):
        make_comment(article=self.article, author=self.author.user)
        for who in self.readers:
            self.assertIn("badge--author", self.read(who))
        self.author.user = None
        self.author.save()
        for who in self.readers:
            self.assertNotIn("badge--author", self.read(who))

    def test_the_files_of_a_picture_change(self):
        image = make_image(alt="A field")
        article = make_article(lead=image)
        name = image.renditions.first().file.name
        for who in self.readers:
            self.assertIn(name, self.read(who, article))
        image.renditions.all().delete()
        rerender_with(image)
        for who in self.readers:
            self.assertNotIn(name, self.read(who, article))

    def test_the_conversation_is_closed_by_hand_and_by_the_clock(self):
        thread = Thread.objects.get(article=self.article)
        thread.closes_at = timezone.now() + timedelta(minutes=30)
        thread.closed_message = "Thank you all."
        thread.save()
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            self.changes(lambda: traveller.shift(timedelta(minutes=31)), "Thank you all.", gone='name="text"')

    def test_a_planned_version_and_a_planned_end_come_by_the_clock(self):
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            self.article.headline = "Planned headline"
            self.article.withdrawn_at = timezone.now() + timedelta(minutes=8)
            self.article.save()
            publish(item=self.article, at=timezone.now() + timedelta(minutes=5))
            self.changes(lambda: traveller.shift(timedelta(minutes=6)), "Planned headline", gone="Before headline")
            self.changes(lambda: traveller.shift(timedelta(minutes=3)), "is no longer available")

    def test_a_new_address(self):
        for who in self.readers:
            self.read(who)
        old = self.article.get_absolute_url()
        self.article.slug = "elsewhere"
        self.article.save()
        for who, reader in self.readers.items():
            with self.subTest(who):
                self.assertIn(reader.get(old).status_code, {301, 404})
                self.assertNotIn(old, self.read(who))

    def test_ones_own_comment_is_ones_own(self):
        mine = make_comment(article=self.article, author=self.writer, status="waiting", text="My waiting words")
        self.assertIn("My waiting words", self.read("writer"))
        self.assertIn(f"/comments/{mine.pk}/edit/", self.read("writer"))
        for who in ("subscriber", "stranger"):
            self.assertNotIn("My waiting words", self.read(who))
            self.assertNotIn("/edit/", self.read(who))
        self.assertIn(f"/comments/{self.comment.pk}/report/", self.read("subscriber"))
        self.assertNotIn("/report/", self.read("stranger"))

    def test_who_may_not_write_gets_no_links_to_answer(self):
        self.assertIn("?parent=", self.read("subscriber"))
        Grant.objects.filter(user=self.subscriber).update(ends_at=timezone.now())
        self.assertNotIn("?parent=", self.read("subscriber"))
        self.assertIn("?parent=", self.read("writer"))

    def test_the_gated_part_goes_to_who_may_read_it_whoever_came_before(self):
        gated = make_article(required_level=10)
        registered = Client()
        registered.handler = self.readers["stranger"].handler
        registered.force_login(make_user())
        for _ in range(2):
            self.assertIn("gated words", self.read("subscriber", gated))
            self.assertNotIn("gated words", self.read("stranger", gated))
            self.assertNotIn("gated words", registered.get(gated.get_absolute_url()).content.decode())
        Grant.objects.filter(user=self.subscriber).update(ends_at=timezone.now())
        self.assertNotIn("gated words", self.read("subscriber", gated))

    def test_the_header_and_the_box_are_ones_own(self):
        for _ in range(2):
            for who, name in [("subscriber", self.subscriber), ("writer", self.writer)]:
                page = self.read(who)
                self.assertIn(f"Commenting as <bdi>{name.display_name}</bdi>", page)
                self.assertIn(">Account</a>", page)
            self.assertNotIn(">Account</a>", self.read("stranger").partition("<main")[0])
            self.assertIn(">Log in</a>", self.read("stranger"))

    def test_a_deep_page_of_the_thread_is_a_page_of_its_own(self):
        make_comments(self.article, 30)
        address = self.article.get_absolute_url()
        for reader in self.readers.values():
            first = reader.get(address).content.decode()
            query = first.partition('thread__more" href="')[2].partition("#")[0]
            for _ in range(2):
                self.assertNotEqual(reader.get(address + query).content, reader.get(address).content)
                self.assertIn("Back to the first comments", reader.get(address + query).content.decode())

    def test_a_draft_that_was_asked_for_is_found_once_it_is_published(self):
        draft = make_draft(headline="A draft no more")
        for _ in range(2):
            self.assertEqual(self.readers["stranger"].get(draft.get_absolute_url()).status_code, 404)
        publish(item=draft)
        self.assertIn("A draft no more", self.read("stranger", draft))
