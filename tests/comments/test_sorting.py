"""Threads by the oldest, the newest and the most helpful conversation."""

import re

from comments.models import Comment
from comments.selection import parse_cursor
from tests.budget import takes_longer
from tests.comments.base import PostingTestCase
from tests.factories import make_comment, make_comments


class SortingTests(PostingTestCase):
    page_url = "/articles/an-article/"

    def ids(self, query=""):
        return [int(pk) for pk in re.findall(r'id="comment-(\d+)"', self.page(query))]

    def page(self, query=""):
        return self.client.get(f"{self.page_url}{query}").content.decode()

    def pages(self, sort):
        found, query = [], f"?sort={sort}"
        while query:
            found += self.ids(query)
            more = re.search(r'thread__more" href="([^#]+)#', self.page(query))
            query = more and more[1].replace("&amp;", "&")
        return found

    def voted(self, votes, **fields):
        comment = make_comment(article=self.article, **fields)
        Comment.objects.filter(pk=comment.pk).update(helpful_count=votes)
        return comment

    def test_conversations_are_sorted_and_replies_stay_in_order(self):
        first, second, third = self.voted(1), self.voted(5), self.voted(1)
        one, two = (self.voted(votes, parent=second) for votes in (0, 9))
        self.assertEqual(self.ids(), [first.pk, second.pk, one.pk, two.pk, third.pk])
        self.assertEqual(self.ids("?sort=newest"), [third.pk, second.pk, one.pk, two.pk, first.pk])
        self.assertEqual(self.ids("?sort=helpful"), [second.pk, one.pk, two.pk, third.pk, first.pk])

    @takes_longer("Long lists are made and read.")
    def test_each_order_has_every_comment_once(self):
        make_comments(self.article, 130)
        for pk in self.comments().values_list("pk", flat=True):
            Comment.objects.filter(pk=pk).update(helpful_count=pk % 4)
        for sort, order in (("newest", ("-pk",)), ("helpful", ("-helpful_count", "-pk"))):
            expected = list(self.comments().order_by(*order).values_list("pk", flat=True))
            with self.subTest(sort):
                self.assertEqual(self.pages(sort), expected)

    def test_readers_see_the_same_order_as_visitors(self):
        make_comments(self.article, 30)
        visitor = self.pages("newest")
        self.client.force_login(self.comments().first().author)
        self.assertEqual(self.pages("newest"), visitor)

    def test_the_order_is_offered_and_marked(self):
        make_comments(self.article, 2)
        self.assertInHTML('<a href="?sort=newest#comments">Newest</a>', self.page())
        self.assertInHTML('<a href="?sort=newest#comments" aria-current="true">Newest</a>', self.page("?sort=newest"))

    def test_a_single_comment_has_no_order(self):
        make_comment(article=self.article)
        self.assertNotIn("sort=newest", self.page())

    def test_invalid_orders_and_pages_are_not_found(self):
        path = "0000000001"
        for query in (
            "sort=best",
            "sort=oldest",
            "sort=%00",
            f"sort=helpful&comments={path}",
            f"comments=1-{path}",
            f"sort=helpful&comments=-{path}",
            f"sort=helpful&comments={'9' * 10}-{path}",
            "sort=newest&comments=1",
            f"sort=helpful&comments=²-{path}",
        ):
            with self.subTest(query):
                self.assertEqual(self.client.get(f"{self.page_url}?{query}").status_code, 404)

    def test_a_cursor_is_read_as_it_was_written(self):
        for query in ({"sort": "helpful", "comments": "12-0000000001"}, {"comments": "0000000001" * 2}, {}):
            self.assertEqual(parse_cursor(query).value, query.get("comments", ""))
