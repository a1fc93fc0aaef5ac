"""Pages of a thread begin and end between conversations."""

import re

from comments.thread import page_end
from tests.comments.base import PostingTestCase
from tests.factories import make_comment


class ThreadPageTests(PostingTestCase):
    page_url = "/articles/an-article/"

    def shown(self, url):
        page = self.client.get(url).content.decode()
        more = re.search(r'href="(\?comments=\d+)#comments"', page)
        return [int(pk) for pk in re.findall(r'id="comment-(\d+)"', page)], more and more[1]

    def test_replies_stay_with_their_comment(self):
        for _ in range(18):
            make_comment(article=self.article)
        root = make_comment(article=self.article)
        replies = [make_comment(article=self.article, parent=root) for _ in range(4)]
        first, more = self.shown(self.page_url)
        self.assertEqual(len(first), 18)
        second, more = self.shown(f"{self.page_url}{more}")
        self.assertEqual(second, [root.pk, *(reply.pk for reply in replies)])
        self.assertIsNone(more)

    def test_every_comment_is_on_one_page_and_on_the_page_of_its_url(self):
        root = make_comment(article=self.article)
        for number in range(90):
            make_comment(article=self.article, parent=root if number % 3 == 0 else None)
        long = make_comment(article=self.article)
        for _ in range(60):
            make_comment(article=self.article, parent=long)
        seen, query = [], ""
        while query is not None:
            found, query = self.shown(f"{self.page_url}{query}")
            seen += found
        self.assertEqual(sorted(seen), sorted(self.comments().values_list("pk", flat=True)))
        for comment in self.comments().order_by("path")[::7]:
            page = self.client.get(comment.get_absolute_url(), follow=True)
            self.assertContains(page, f'id="comment-{comment.pk}"')

    def test_only_a_conversation_longer_than_a_page_is_divided(self):
        root, reply = "0000000001", "00000000010000000002"
        self.assertEqual(page_end([root] * 3, 3), 3)
        self.assertEqual(page_end([root, root, reply, reply], 3), 1)
        self.assertEqual(page_end([root, reply, reply, reply], 3), 3)
