"""Pages assembled from cached fragments show every change."""

from datetime import UTC, datetime, timedelta
from functools import partial
from unittest import mock

import time_machine
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.services.denormalise import rerender_showing
from articles.services.error_reports import answer_report
from articles.services.publishing import publish, withdraw
from comments.models import Thread
from comments.services import approve, edit_comment, remove, report_comment
from subscriptions.models import Grant
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_comments,
    make_dossier,
    make_draft,
    make_error_report,
    make_image,
    make_member,
    make_page,
    make_price,
    make_section,
    make_subscriber,
    make_user,
    make_version,
    publish_change,
)
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE
from truthlytics.cache import next_change
from truthlytics.newsroom.design_publishing import publish_design
from truthlytics.publication.design import Design
from truthlytics.publication.design_editions import DesignDraft
from truthlytics.publication.models import Publication


@override_settings(MIDDLEWARE=MIDDLEWARE)
class FreshnessTests(TransactionTestCase):
    """Each change is checked by an anonymous visitor, a subscriber, and a subscriber who commented here."""

    def setUp(self):
        next_change._cached.clear()
        make_price()
        self.section = make_section(name="Before section")
        self.author = make_author(name="Ines", user=make_user(display_name="Ines"))
        self.article = make_article(section=self.section, headline="Before headline", authors=[self.author])
        self.comment = make_comment(article=self.article, text="Before comment", author=make_user())
        self.subscriber, self.commenter = make_subscriber(), make_commenter()
        make_comment(article=self.article, author=self.commenter)
        self.readers = {"anonymous": Client(), "subscriber": Client(), "commenter": Client()}
        # All use the same handler, and so the same cache.
        for client in self.readers.values():
            client.handler = self.readers["anonymous"].handler
        self.readers["subscriber"].force_login(self.subscriber)
        self.readers["commenter"].force_login(self.commenter)

    def read(self, reader, article=None):
        return self.readers[reader].get((article or self.article).get_absolute_url()).content.decode()

    def check(self, change, text, *, removed="", article=None):
        """`change` makes `text` appear for all readers, and `removed` disappear."""
        for reader in self.readers:
            for _ in range(2):
                self.assertNotIn(text, self.read(reader, article), f"{reader} before")
        change()
        for reader in self.readers:
            with self.subTest(f"{text}: {reader}"):
                page = self.read(reader, article)
                self.assertIn(text, page)
                self.assertFalse(removed and removed in page)

    def test_cached_pages_need_no_queries_for_visitors_and_five_for_subscribers(self):
        for reader, queries in [("anonymous", 0), ("subscriber", 5)]:
            self.read(reader)
            with self.subTest(reader), self.assertNumQueries(queries):
                self.read(reader)

    def test_a_comment_updates_the_front_page_without_placing_its_articles_again(self):
        front = reverse("articles:front")
        before = self.readers["anonymous"].get(front).content.decode()
        make_comments(self.article, 7)
        with mock.patch("articles.views.lists.fetch_candidates", side_effect=AssertionError("placed again")):
            self.assertNotEqual(self.readers["anonymous"].get(front).content.decode(), before)
        make_article(headline="The newest of all", section=self.section)
        self.assertIn("The newest of all", self.readers["anonymous"].get(front).content.decode())

    def test_a_publication_leaves_the_masthead_of_the_front_page(self):
        front, visitor = reverse("articles:front"), self.readers["anonymous"]
        visitor.get(front)
        make_article(headline="The newest of all", section=self.section)
        with CaptureQueriesContext(connection) as queries:
            self.assertContains(visitor.get(front), "The newest of all")
        self.assertFalse([query for query in queries if "menuedition" in query["sql"]])

    def test_teasers_of_related_articles_are_shared_by_pages_and_change_with_the_article(self):
        other = make_article(section=self.section, headline="Before other")
        third = make_article(section=self.section)
        for article in (self.article, third):
            self.read("anonymous", article)
        change = partial(make_version, other, headline="After other")
        self.check(change, "After other", removed="Before other", article=third)
        with mock.patch("articles.presenters.related.teaser", side_effect=AssertionError("rendered again")):
            self.assertIn("After other", self.read("anonymous"))

    def test_a_dossier_is_shown_on_the_pages_of_its_articles(self):
        self.check(lambda: make_dossier(self.article, title="The dossier"), "The dossier")

    def test_a_new_version_and_its_note_are_shown(self):
        self.check(
            lambda: make_version(self.article, headline="After headline"), "After headline", removed="Before headline"
        )
        self.check(lambda: make_version(self.article, note="A name was wrong."), "A name was wrong.")

    def test_published_digests_are_cached_and_change_with_each_version(self):
        visitor, record = self.readers["anonymous"], reverse("articles:record")
        before = visitor.get(record).content
        with self.assertNumQueries(0):
            self.assertEqual(visitor.get(record).content, before)
        for change in (make_article, make_page, partial(make_dossier, self.article)):
            change()
            after = visitor.get(record).content
            self.assertNotEqual(after, before)
            before = after

    def test_a_correction_is_shown_at_once_on_the_article_and_on_the_page_of_corrections(self):
        visitor, corrections = self.readers["anonymous"], reverse("articles:corrections")
        feed = reverse("articles:corrections_feed", args=["feed.json"])
        for url in (corrections, feed):
            self.assertNotContains(visitor.get(url), "A figure was wrong.")
        correct = {"headline": "After headline", "kind": "correction", "note": "A figure was wrong.", "by": make_user()}
        self.check(lambda: make_version(self.article, **correct), "A figure was wrong.")
        for url in (corrections, feed):
            self.assertContains(visitor.get(url), "A figure was wrong.")
        with self.assertNumQueries(0):
            visitor.get(corrections)

    def test_reports_of_errors_are_counted_at_once_and_leave_the_front_page_cached(self):
        visitor, corrections, front = self.readers["anonymous"], reverse("articles:corrections"), "/"
        for url in (corrections, front):
            visitor.get(url)
        report = make_error_report(self.article)
        self.assertContains(visitor.get(corrections), "1 report of an error")
        with self.assertNumQueries(0):
            visitor.get(front)
        answer_report(report=report, by=make_user(), text="It is right.")
        self.assertContains(visitor.get(corrections), "The median time")
        self.assertContains(visitor.get(front), "report of an error answered")

    def test_the_record_of_the_month_ends_with_the_month(self):
        year = timezone.now().year + 2
        with time_machine.travel(datetime(year, 1, 31, 12, tzinfo=UTC), tick=False):
            make_version(self.article, headline="In January")
            self.assertContains(self.readers["anonymous"].get("/"), f"The record, January {year}")
        with time_machine.travel(datetime(year, 2, 1, 12, tzinfo=UTC), tick=False):
            self.assertNotContains(self.readers["anonymous"].get("/"), "The record, ")

    @takes_longer("The pages are rendered after each change.")
    def test_comments_are_shown_as_posted_approved_edited_and_removed(self):
        self.check(lambda: make_comment(article=self.article, text="A posted comment"), "A posted comment")
        waiting = make_comment(article=self.article, text="An approved comment", status="waiting")
        self.check(lambda: approve(comments=[waiting], by=None), "An approved comment")
        make_comment(article=self.article, author=self.comment.author)
        self.check(
            lambda: edit_comment(comment=self.comment, text="An edited comment"),
            "An edited comment",
            removed="Before comment",
        )
        report_comment(comment=self.comment, reporter=self.subscriber, reason="other")
        self.assertIn("An edited comment", self.read("anonymous"))
        self.check(
            lambda: remove(comments=[self.comment], by=None, reason="unfit"),
            "Removed by a moderator: unfit",
            removed="An edited comment",
        )

    def test_renamed_users_and_sections_are_shown(self):
        def rename(instance, field, name):
            setattr(instance, field, name)
            instance.save()

        self.check(lambda: rename(self.comment.author, "display_name", "After reader"), "After reader")
        self.check(lambda: rename(self.section, "name", "After section"), "After section")
        self.check(lambda: rename(self.author, "bio", "After biography"), "After biography")
        self.check(self.comment.author.delete, "A former reader")

    def test_new_settings_are_shown(self):
        quay = Publication(name="The Quay Post", accent="#1a3f8b")
        self.check(quay.save, "The Quay Post", removed="Truthlytics")
        quay.accent = "#7a1f1f"
        self.check(quay.save, quay.__class__(accent="#7a1f1f").theme_url)

    def test_a_design_changes_every_page_and_its_preview_changes_none(self):
        publisher, client, design = make_member("Publisher"), Client(), Design(rules="off")
        client.handler = self.readers["anonymous"].handler
        client.force_login(publisher)
        DesignDraft.objects.create(user=publisher, content=design.as_json())
        preview = reverse("admin:truthlytics_designsettings_preview_page", args=["article"])
        style_sheet = reverse("admin:truthlytics_designsettings_preview_css")
        for _ in range(2):
            self.assertContains(client.get(preview), style_sheet)
            for reader in self.readers:
                self.assertNotIn(style_sheet, self.read(reader))
        self.check(partial(publish_design, design=design, by=publisher), f"/publication/theme-{design.digest}.css")

    def test_a_former_author_loses_the_badge(self):
        make_comment(article=self.article, author=self.author.user)
        for reader in self.readers:
            self.assertIn("chip--author", self.read(reader))
        self.author.user = None
        self.author.save()
        for reader in self.readers:
            self.assertNotIn("chip--author", self.read(reader))

    @takes_longer("Renditions of images are made.")
    def test_new_files_of_an_image_are_shown(self):
        image = make_image(alt="A field")
        article = make_article(lead=image)
        name = image.renditions.first().file.name
        for reader in self.readers:
            self.assertIn(name, self.read(reader, article))
        image.renditions.all().delete()
        rerender_showing(image)
        for reader in self.readers:
            self.assertNotIn(name, self.read(reader, article))

    def test_comments_close_on_schedule(self):
        thread = Thread.objects.get(article=self.article)
        thread.closes_at = timezone.now() + timedelta(minutes=30)
        thread.closed_message = "Thank you all."
        thread.save()
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            self.check(lambda: traveller.shift(timedelta(minutes=31)), "Thank you all.", removed='name="text"')

    def test_scheduled_versions_and_removals_are_shown_on_time(self):
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            self.article.headline = "Planned headline"
            self.article.withdrawn_at = timezone.now() + timedelta(minutes=8)
            self.article.save()
            publish_change(self.article, at=timezone.now() + timedelta(minutes=5))
            self.check(lambda: traveller.shift(timedelta(minutes=6)), "Planned headline", removed="Before headline")
            self.check(lambda: traveller.shift(timedelta(minutes=3)), "is no longer available")

    def test_a_new_url_is_shown(self):
        for reader in self.readers:
            self.read(reader)
        old = self.article.get_absolute_url()
        self.article.slug = "elsewhere"
        self.article.save()
        for reader, client in self.readers.items():
            with self.subTest(reader):
                self.assertIn(client.get(old).status_code, {301, 404})
                self.assertNotIn(old, self.read(reader))

    def test_only_the_author_sees_a_waiting_comment(self):
        own = make_comment(article=self.article, author=self.commenter, status="waiting", text="My waiting comment")
        self.assertIn("My waiting comment", self.read("commenter"))
        self.assertIn(f"/comments/{own.pk}/edit/", self.read("commenter"))
        for reader in ("subscriber", "anonymous"):
            self.assertNotIn("My waiting comment", self.read(reader))
            self.assertNotIn("/edit/", self.read(reader))
        self.assertIn(f"/comments/{self.comment.pk}/report/", self.read("subscriber"))
        self.assertNotIn("/report/", self.read("anonymous"))

    def test_reply_links_are_only_for_readers_who_can_comment(self):
        self.assertIn("?parent=", self.read("subscriber"))
        Grant.objects.filter(user=self.subscriber).update(ends_at=timezone.now())
        self.assertNotIn("?parent=", self.read("subscriber"))
        self.assertIn("?parent=", self.read("commenter"))

    def test_the_gated_part_is_only_for_readers_with_access(self):
        gated = make_article(required_level=10)
        registered = Client()
        registered.handler = self.readers["anonymous"].handler
        registered.force_login(make_user())
        for _ in range(2):
            self.assertIn("gated text", self.read("subscriber", gated))
            self.assertNotIn("gated text", self.read("anonymous", gated))
            self.assertNotIn("gated text", registered.get(gated.get_absolute_url()).content.decode())
        Grant.objects.filter(user=self.subscriber).update(ends_at=timezone.now())
        self.assertNotIn("gated text", self.read("subscriber", gated))

    def test_the_masthead_and_the_form_are_personal(self):
        for _ in range(2):
            for reader, user in [("subscriber", self.subscriber), ("commenter", self.commenter)]:
                page = self.read(reader)
                self.assertIn(f"Commenting as <bdi>{user.display_name}</bdi>", page)
                self.assertIn(">Account</a>", page)
            self.assertNotIn(">Account</a>", self.read("anonymous").partition("<main")[0])
            self.assertIn(">Log in</a>", self.read("anonymous"))

    def test_further_pages_of_comments_are_cached_separately(self):
        make_comments(self.article, 30)
        address = self.article.get_absolute_url()
        for reader in self.readers.values():
            first = reader.get(address).content.decode()
            query = first.partition('thread__more" href="')[2].partition("#")[0]
            for _ in range(2):
                self.assertNotEqual(reader.get(address + query).content, reader.get(address).content)
                self.assertIn("Back to the first comments", reader.get(address + query).content.decode())

    def test_translations_are_linked_while_they_are_public(self):
        self.article.translation_group = self.article.uuid
        self.article.save()
        draft = make_draft(language="de", translation_group=self.article.uuid)
        self.check(lambda: publish(item=draft), ">Deutsch</a>")
        withdraw(item=draft)
        self.assertNotIn(">Deutsch</a>", self.read("anonymous"))

    def test_a_draft_that_was_not_found_is_found_once_it_is_published(self):
        draft = make_draft(headline="A draft no more")
        for _ in range(2):
            self.assertEqual(self.readers["anonymous"].get(draft.get_absolute_url()).status_code, 404)
        publish(item=draft)
        self.assertIn("A draft no more", self.read("anonymous", draft))
