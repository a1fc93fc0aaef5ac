"""Quotations above comments: access to gated passages, later edits, and hidden comments."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.services.publishing import withdraw
from articles.services.redaction import redact
from comments.models import Comment
from comments.quotes import ArticleText
from comments.services import delete_own, refresh_quotes, release_comments, remove
from tests.comments.quoting import BODY, NOT_FOUND, QuoteTestCase
from tests.factories import make_article, make_commenter, make_editor, make_subscriber


class GatedTests(QuoteTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.supporter = make_subscriber(20)

    def test_gated_words_are_shown_only_to_readers_with_access(self):
        self.quote("who opened the sluice")
        self.assertTrue(self.comments().get().quote_is_gated)
        for user in (self.commenter, self.supporter, make_subscriber()):
            self.assertContains(self.read(user), '<blockquote dir="auto">who opened the sluice</blockquote>')
        for user in (None, make_commenter(level=1)):
            page = self.read(user)
            self.assertNotContains(page, "sluice")
            self.assertContains(page, "Quotes a passage for subscribers.")

    def test_free_words_are_shown_to_everyone(self):
        self.quote("before anybody measured it")
        self.assertContains(self.read(), '<blockquote dir="auto">before anybody measured it</blockquote>')

    def test_a_passage_that_reaches_into_the_gated_part_is_gated(self):
        self.quote("A second free paragraph. Only the subscribers")
        self.assertNotContains(self.read(), "Only the subscribers")

    def test_readers_without_access_cannot_learn_what_is_gated(self):
        # Readers without access cannot comment either, so this tests the text that they would get.
        free = ArticleText(self.article.served().plain_free)
        self.assertIsNone(free.find_sent("who opened the sluice", "", ""))
        self.assertIsNotNone(free.find_sent("anybody measured it", "", ""))

    def test_refused_readers_get_no_answer_about_the_passage(self):
        page = self.post(make_commenter(level=1), quote="who opened the sluice")
        self.assertNotContains(page, NOT_FOUND, status_code=403)

    def test_a_passage_moved_behind_the_gate_is_no_longer_shown(self):
        self.quote("A second free paragraph")
        self.republish(body=BODY.replace("<hr data-gate>", "").replace("<p>A second", "<hr data-gate><p>A second"))
        self.assertNotContains(self.read(), "A second free paragraph")
        self.assertContains(self.read(self.commenter), "A second free paragraph</blockquote>")

    def test_a_passage_moved_before_the_gate_is_shown(self):
        self.quote("who opened the sluice")
        self.republish(body=BODY.replace("<hr data-gate>", "").replace("<p>The end", "<hr data-gate><p>The end"))
        self.assertContains(self.read(), "who opened the sluice</blockquote>")

    def test_an_article_opened_to_everyone_shows_all_quotes(self):
        self.quote("who opened the sluice")
        self.republish(required_level=0)
        self.assertContains(self.read(), "who opened the sluice</blockquote>")

    def test_gated_words_taken_out_before_an_article_was_opened_are_withheld(self):
        self.quote("who opened the sluice")
        self.republish(body=BODY.replace("who opened the sluice", "how it went"))
        self.assertContains(self.read(self.commenter), "who opened the sluice</blockquote>")
        self.republish(required_level=0)
        self.client.force_login(self.commenter)
        for page in (self.read(), self.read(make_commenter(level=1)), self.client.get("/account/comments/")):
            self.assertNotContains(page, "sluice")
            self.assertContains(page, "Quotes a passage for subscribers.")

    def test_words_taken_out_when_an_article_was_gated_are_gated_too(self):
        article = make_article(slug="open", body=BODY)
        self.url = reverse("comments:write", args=["open"])
        self.post(self.commenter, quote="who opened the sluice")
        self.republish(article, body=BODY.replace("who opened the sluice", "how it went"), required_level=10)
        self.assertNotContains(Client().get("/articles/open/"), "sluice")


class EditedTests(QuoteTestCase):
    def test_a_passage_edited_since_links_to_the_version_that_has_it(self):
        self.quote("three days before anybody")
        self.assertNotContains(self.read(), "edited since")
        self.republish(body=BODY.replace("three days", "four days"))
        page = self.read()
        self.assertContains(page, "three days before anybody</blockquote>")
        self.assertContains(
            page,
            'on <a href="/articles/a-river/versions/1/#:~:text=three%20days%20before%20anybody">version 1</a>, edited',
        )
        self.assertContains(Client().get("/articles/a-river/versions/1/"), "three days before")

    def test_other_edits_do_not_matter(self):
        self.quote("three days before anybody")
        self.republish(body="<p>New.</p>" + BODY.replace("A second free", "Another free"))
        self.assertContains(self.read(), 'href="/articles/a-river/#:~:text=')
        self.assertNotContains(self.read(), "edited since")

    def test_a_restored_passage_is_current_again(self):
        self.quote("three days before anybody")
        self.republish(body=BODY.replace("three days", "four days"))
        self.republish(body=BODY)
        self.assertNotContains(self.read(), "edited since")

    def test_versions_are_counted_as_readers_count_them(self):
        self.republish(at=timezone.now() + timedelta(days=1))
        self.republish(at=timezone.now() + timedelta(days=2))
        self.republish()
        self.assertEqual(self.quote("three days").quote_number, 2)

    def test_a_scheduled_edit_counts_from_its_time_on(self):
        self.quote("three days before anybody")
        at = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        self.republish(body=BODY.replace("three days", "four days"), at=at)
        later = self.quote("for three days before")
        self.assertNotContains(self.read(), "edited since")
        self.assertEqual({*self.comments().values_list("quote_edited_from", flat=True)}, {at})
        self.assertEqual(later.quote_edited_from, at)

    def test_words_removed_from_the_record_are_forgotten(self):
        gone, kept = self.quote("three days before anybody"), self.quote("A second free paragraph")
        version = self.article.served()
        self.republish(body=BODY.replace("three days", "four days"))
        with self.captureOnCommitCallbacks(execute=True):
            redact(item=self.article, version=version, reason="Judgment 7 O 12/26")
        gone.refresh_from_db()
        kept.refresh_from_db()
        self.assertEqual((gone.quote, gone.quote_prefix, gone.quote_version), ("", "", None))
        self.assertEqual(kept.quote, "A second free paragraph")
        self.assertNotContains(self.read(self.commenter), "three days")

    def test_a_withdrawal_changes_nothing(self):
        self.quote("three days before anybody")
        with self.captureOnCommitCallbacks(execute=True):
            withdraw(item=self.article, note="Wrong.")
        self.assertIsNone(self.comments().get().quote_edited_from)

    def test_publishing_reads_a_thousand_quotes_with_few_queries(self):
        self.quote("three days before anybody")
        comment = self.comments().get()
        fields = {name: getattr(comment, name) for name in ("quote", "quote_prefix", "quote_suffix", "quote_version")}
        Comment.objects.bulk_create(Comment(article=self.article, text="x", path=str(n), **fields) for n in range(500))
        with self.assertNumQueries(4):
            self.assertEqual(refresh_quotes(article=self.article), 0)


class HiddenTests(QuoteTestCase):
    def setUp(self):
        super().setUp()
        self.comment = self.quote("three days before anybody")

    def assert_hidden(self):
        for user in (None, self.commenter, make_subscriber()):
            self.assertNotContains(self.read(user), "three days before anybody</blockquote>")

    def test_deleted_by_its_author(self):
        delete_own(comment=self.comment)
        self.assert_hidden()
        self.assertContains(self.read(), "Deleted by its author.")

    def test_removed_by_a_moderator(self):
        remove(comments=[self.comment], by=make_editor(), reason="Off topic")
        self.assert_hidden()

    def test_waiting_again(self):
        self.comment.status = Comment.Status.WAITING
        self.comment.save()
        self.assertNotContains(self.read(), "three days before anybody</blockquote>")

    def test_with_the_account_of_its_author(self):
        for keep_text, quote in ((True, "three days before anybody"), (False, "")):
            release_comments(author=self.commenter, keep_text=keep_text)
            self.comment.refresh_from_db()
            self.assertEqual(self.comment.quote, quote)
            Comment.objects.update(author=self.commenter)
