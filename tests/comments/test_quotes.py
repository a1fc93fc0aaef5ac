"""Comments that quote a passage: finding it in the article, and showing it to readers with access."""

import time
from datetime import timedelta

from django.core.cache import cache
from django.test import Client, SimpleTestCase
from django.urls import reverse
from django.utils import timezone

from articles.services.publishing import withdraw
from articles.services.redaction import redact
from comments.models import Comment
from comments.quotes import ArticleText, text_fragment
from comments.services import delete_own, refresh_quotes, release_comments, remove
from tests.comments.base import TEXT_HTML, PostingTestCase
from tests.factories import make_article, make_comment, make_commenter, make_editor, make_subscriber, make_version

FREE = "The river rose for three days before anybody measured it."
GATED = "Only the subscribers learn who opened the sluice at night."
BODY = f"<p>{FREE}</p><p>A second free paragraph.</p><hr data-gate><p>{GATED}</p><p>The end of the story.</p>"
NOT_FOUND = "We couldn’t find this passage in the article."


class QuoteTestCase(PostingTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.article = make_article(slug="a-river", body=BODY, required_level=10)
        cls.url = reverse("comments:write", args=["a-river"])

    def quote(self, quote, user=None, **data):
        response = self.post(user or self.commenter, quote=quote, **data)
        self.assertEqual(
            response.status_code, 302, getattr(response, "context", None) and response.context["form"].errors
        )
        return self.comments().latest("pk")

    def republish(self, article=None, **changes):
        with self.captureOnCommitCallbacks(execute=True):
            make_version(article or self.article, **changes)

    def read(self, user=None):
        client = Client()
        if user:
            client.force_login(user)
        return client.get("/articles/a-river/")


class QuotingTests(QuoteTestCase):
    def test_the_comment_carries_the_passage_and_where_it_was(self):
        comment = self.quote("before anybody measured it")
        version = self.article.served()
        self.assertEqual(comment.quote, "before anybody measured it")
        self.assertTrue(FREE.endswith(f"{comment.quote}."))
        self.assertEqual((comment.quote_version, comment.quote_number), (version, 1))
        self.assertEqual(comment.quote_position, FREE.index("before"))
        self.assertTrue(comment.quote_prefix.endswith("for three days "))
        self.assertTrue(comment.quote_suffix.startswith(".\nA second free"))

    def test_spaces_and_quotation_marks_may_differ(self):
        article = make_article(slug="quotes", body="<p>He said “it’s over” and left.</p><p>Nobody followed him.</p>")
        self.url = reverse("comments:write", args=["quotes"])
        self.post(self.commenter, quote='  said "it\'s over"\r\n and\u00a0left.  Nobody\tfollowed ')
        self.assertEqual(Comment.objects.get(article=article).quote, "said “it’s over” and left.\nNobody followed")

    def test_of_equal_passages_the_one_with_the_same_context_is_quoted(self):
        make_article(
            slug="twice", body="<p>One: the same words. Then other things.</p><p>Two: the same words. End.</p>"
        )
        self.url = reverse("comments:write", args=["twice"])
        self.post(self.commenter, quote="the same words", before="Two: ", after=". End.")
        self.assertEqual(Comment.objects.latest("pk").quote_prefix[-5:], "Two: ")

    def test_a_reply_can_quote_too(self):
        parent = make_comment(article=self.article)
        comment = self.quote("three days", parent=parent.pk)
        self.assertEqual((comment.parent, comment.quote), (parent, "three days"))

    def test_a_passage_that_is_not_in_the_article_is_refused_and_the_text_kept(self):
        for quote in ("words that nobody wrote", "three nights", GATED.replace("sluice", "gate"), ".,;" * 50):
            with self.subTest(quote):
                page = self.post(self.commenter, quote=quote)
                self.assertContains(page, NOT_FOUND, status_code=422)
                self.assertContains(page, TEXT_HTML, status_code=422)
                self.assertContains(page, quote, status_code=422)
        self.assertFalse(self.comments().exists())

    def test_a_passage_that_is_too_long_is_refused_and_kept(self):
        page = self.post(self.commenter, quote="word " * 300)
        self.assertContains(page, "1,499 characters; the limit is 1,000", status_code=422)
        self.assertContains(page, "word " * 299, status_code=422)

    def test_words_of_drafts_and_earlier_versions_are_not_found(self):
        make_version(self.article, body=BODY.replace("three days", "four days"))
        self.article.body = BODY.replace("three days", "five days")
        self.article.save()
        for quote in ("for three days before", "for five days before"):
            self.assertContains(self.post(self.commenter, quote=quote), NOT_FOUND, status_code=422)
        self.quote("for four days before")

    def test_a_pending_comment_keeps_its_passage(self):
        data = {"text": "x", "key": "1", "quote": "three days", "before": "for ", "after": " before"}
        self.client.post(reverse("comments:keep", args=["a-river"]), data)
        form = self.client.get(self.url).context["form"]
        self.assertEqual([form[name].value() for name in data], [*data.values()])

    def test_a_passage_too_long_to_store_is_not_lost(self):
        data = {"text": "x", "key": "1", "quote": "y" * 30_000}
        page = self.client.post(reverse("comments:keep", args=["a-river"]), data)
        self.assertContains(page, "y" * 30_000, status_code=422)


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


class HostileTextTests(QuoteTestCase):
    """Hostile values in the fields of a quotation."""

    CASES = (
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "</p><svg onload=x>",
        "three\u202e days", "a" + "\u0301" * 5000, "\u2066three days", "²" * 40, "9" * 40, "%s %(name)s {{ x }}",
        "=cmd|' /C calc'!A0", "\u200b\u3164", "three\n" * 300, "(" * 20_000, "a " * 9000, "\u0000", "x" * 100_000,
    )  # fmt: skip

    def test_fields_are_refused_or_ignored_and_never_stored(self):
        started = time.monotonic()
        for case in self.CASES:
            for field in ("quote", "before", "after"):
                with self.subTest(field=field, case=case[:30]):
                    data = {"quote": "three days", "text": f"{field} {case[:10]}".replace("\0", "")} | {field: case}
                    cache.clear()
                    response = self.post(self.commenter, **data)
                    self.assertIn(response.status_code, {302, 422})
                    self.assertNotIn(b"<img src=x", response.content)
        self.assertLess(time.monotonic() - started, 40)
        self.assertLessEqual({*self.comments().values_list("quote", flat=True)}, {"", "three days"})

    def test_marks_of_direction_and_nul_are_removed_before_looking(self):
        self.assertEqual(self.quote("three\u202e da\x00ys").quote, "three days")

    def test_a_hostile_article_is_escaped(self):
        make_article(slug="hostile", body="<p>1 &lt; 2 &amp; &quot;quoted&quot; &lt;script&gt; in words</p>")
        self.url = reverse("comments:write", args=["hostile"])
        self.post(self.commenter, quote='2 & "quoted" <script> in')
        page = Client().get("/articles/hostile/")
        self.assertContains(page, "2 &amp; &quot;quoted&quot; &lt;script&gt; in</blockquote>")

    def test_the_same_letter_a_thousand_times_takes_no_time(self):
        text = ArticleText("a" * 200_000)
        started = time.monotonic()
        text.find_sent("a" * 1000, "a" * 48, "a" * 48)
        text.find_sent("a" * 999 + "b", "a" * 48, "a" * 48)
        self.assertLess(time.monotonic() - started, 2)


class TextFragmentTests(SimpleTestCase):
    def test_text_fragments_name_the_passage(self):
        cases = [
            (("A well-known passage, quoted", ""), "A%20well%2Dknown%20passage%2C%20quoted"),
            (("short", "some words before "), "some%20words%20before-,short"),
            (("short", "End.\n"), "short"),
            (("First line of it\nand the last line", ""), "First%20line%20of%20it,and%20the%20last%20line"),
            ((("word " * 30).strip(), ""), "word%20word%20word%20word,word%20word%20word%20word"),
        ]
        for arguments, expected in cases:
            with self.subTest(arguments):
                self.assertEqual(text_fragment(*arguments), f":~:text={expected}")


class JsonTests(PostingTestCase):
    """Responses to the script on the article's page."""

    def ask(self, url, **data):
        return self.client.post(url, data, headers={"Accept": "application/json"})

    def test_a_posted_comment_and_what_to_announce(self):
        self.client.force_login(self.commenter)
        response = self.ask(self.url, text="A text.", key="5f8a0c0e-7d0e-4a35-8c3d-0e2c1c9f4a11")
        comment = self.comments().get()
        self.assertEqual(response.json(), {
            "url": f"/articles/an-article/#comment-{comment.pk}", "comment": comment.pk,
            "message": "Your comment was posted.", "changed": True,
        })  # fmt: skip

    def test_errors_are_the_page_with_the_form(self):
        self.client.force_login(self.commenter)
        self.assertContains(self.ask(self.url, text=""), "Write something first", status_code=422)

    def test_no_message_waits_for_the_next_page(self):
        comment = make_comment(article=self.article, author=self.commenter)
        self.client.force_login(self.commenter)
        self.ask(reverse("comments:delete", args=[comment.pk]))
        self.assertNotContains(self.client.get("/articles/an-article/"), 'class="container messages"')
