"""Posting comments that quote a passage of the article."""

import time

from django.core.cache import cache
from django.test import Client, SimpleTestCase
from django.urls import reverse

from comments.models import Comment
from comments.quotes import ArticleText, text_fragment
from tests.budget import takes_longer
from tests.comments.base import TEXT_HTML, PostingTestCase
from tests.comments.quoting import BODY, FREE, GATED, NOT_FOUND, QuoteTestCase
from tests.factories import make_article, make_comment, make_version


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


class HostileTextTests(QuoteTestCase):
    """Hostile values in the fields of a quotation."""

    CASES = (
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "</p><svg onload=x>",
        "three\u202e days", "a" + "\u0301" * 5000, "\u2066three days", "²" * 40, "9" * 40, "%s %(name)s {{ x }}",
        "=cmd|' /C calc'!A0", "\u200b\u3164", "three\n" * 300, "(" * 20_000, "a " * 9000, "\u0000", "x" * 100_000,
    )  # fmt: skip

    @takes_longer("Many kinds of invalid input are sent.")
    def test_fields_are_refused_or_ignored_and_never_stored(self):
        started = time.thread_time()
        for case in self.CASES:
            for field in ("quote", "before", "after"):
                with self.subTest(field=field, case=case[:30]):
                    data = {"quote": "three days", "text": f"{field} {case[:10]}".replace("\0", "")} | {field: case}
                    cache.clear()
                    response = self.post(self.commenter, **data)
                    self.assertIn(response.status_code, {302, 422})
                    self.assertNotIn(b"<img src=x", response.content)
        self.assertLess(time.thread_time() - started, 40)
        self.assertLessEqual({*self.comments().values_list("quote", flat=True)}, {"", "three days"})

    def test_marks_of_direction_and_nul_are_removed_before_looking(self):
        self.assertEqual(self.quote("three\u202e da\x00ys").quote, "three days")

    def test_a_hostile_article_is_escaped(self):
        make_article(slug="hostile", body="<p>1 &lt; 2 &amp; &quot;quoted&quot; &lt;script&gt; in words</p>")
        self.url = reverse("comments:write", args=["hostile"])
        self.post(self.commenter, quote='2 & "quoted" <script> in')
        page = Client().get("/articles/hostile/")
        self.assertContains(page, "2 &amp; &quot;quoted&quot; &lt;script&gt; in</blockquote>")

    def test_long_runs_of_one_letter_are_fast(self):
        text = ArticleText("a" * 200_000)
        started = time.thread_time()
        text.find_sent("a" * 1000, "a" * 48, "a" * 48)
        text.find_sent("a" * 999 + "b", "a" * 48, "a" * 48)
        self.assertLess(time.thread_time() - started, 2)


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
        self.assertEqual(
            response.json(),
            {
                "url": f"/articles/an-article/#comment-{comment.pk}",
                "comment": comment.pk,
                "message": "Your comment was posted.",
                "changed": True,
            },
        )

    def test_errors_are_the_page_with_the_form(self):
        self.client.force_login(self.commenter)
        self.assertContains(self.ask(self.url, text=""), "Write something first", status_code=422)

    def test_no_message_waits_for_the_next_page(self):
        comment = make_comment(article=self.article, author=self.commenter)
        self.client.force_login(self.commenter)
        self.ask(reverse("comments:delete", args=[comment.pk]))
        self.assertNotContains(self.client.get("/articles/an-article/"), 'class="container messages"')
