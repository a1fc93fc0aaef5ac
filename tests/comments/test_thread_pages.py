"""Pages of a thread have whole conversations; long ones continue on pages of their own."""

import re
from html import unescape

from comments.models import Comment
from comments.selection import PAGE_SIZE, REPLIES
from tests.budget import takes_longer
from tests.comments.base import PostingTestCase
from tests.factories import make_comment

MORE_COMMENTS = re.compile(r'class="thread__more" href="(\?[^#]+)#comments"')
MORE_REPLIES = re.compile(r'class="comment__more" href="(\?[^#]+)#comment-\d+"')


class ThreadPageTests(PostingTestCase):
    page_url = "/articles/an-article/"

    def shown(self, query=""):
        """The ids of the comments on a page, and the links to further comments and replies."""
        page = unescape(self.client.get(f"{self.page_url}{query}").content.decode())
        ids = [int(pk) for pk in re.findall(r'id="comment-(\d+)"', page)]
        return ids, MORE_COMMENTS.findall(page), MORE_REPLIES.findall(page)

    def all_pages(self, query=""):
        """The comments on each page that links lead to from the first one."""
        pages, queries = [], [query]
        while queries:
            ids, comments, replies = self.shown(queries.pop(0))
            pages.append(ids)
            queries += comments + replies
        return pages

    def conversation(self, replies):
        root = make_comment(article=self.article)
        return root, [make_comment(article=self.article, parent=root) for _ in range(replies)]

    def test_replies_stay_with_their_comment(self):
        for _ in range(18):
            make_comment(article=self.article)
        root, replies = self.conversation(4)
        first, [more], _replies = self.shown()
        self.assertEqual(len(first), 18)
        self.assertEqual(self.shown(more), ([root.pk, *(reply.pk for reply in replies)], [], []))

    def test_a_long_conversation_continues_below_its_first_comment(self):
        root, replies = self.conversation(REPLIES + PAGE_SIZE + 1)
        other = make_comment(article=self.article)
        first, more, [rest] = self.shown()
        self.assertEqual(first, [root.pk, *(reply.pk for reply in replies[:REPLIES]), other.pk])
        self.assertEqual(more, [])
        second, _more, [last] = self.shown(rest)
        self.assertEqual(second, [root.pk, *(reply.pk for reply in replies[REPLIES:-1])])
        self.assertEqual(self.shown(last), ([root.pk, replies[-1].pk], [], []))

    def test_the_rest_of_a_deep_conversation_names_those_it_replies_to(self):
        root, replies = self.conversation(1)
        for _ in range(REPLIES + 2):
            last = make_comment(article=self.article, parent=replies[0])
        _ids, _more, [rest] = self.shown()
        page = self.client.get(f"{self.page_url}{rest}").content.decode()
        self.assertEqual(page.count("in reply to"), 3)
        self.assertLess(page.index(f'id="comment-{root.pk}"'), page.index(f'id="comment-{last.pk}"'))

    @takes_longer("Long lists are made and read.")
    def test_every_comment_is_on_a_page_and_on_the_page_of_its_url(self):
        root = make_comment(article=self.article)
        for number in range(90):
            make_comment(article=self.article, parent=root if number % 3 == 0 else None)
        self.conversation(REPLIES + PAGE_SIZE + 10)
        shown = {pk for page in self.all_pages() for pk in page}
        self.assertEqual(shown, set(self.comments().values_list("pk", flat=True)))
        for comment in self.comments().order_by("path")[::5]:
            page = self.client.get(comment.get_absolute_url(), follow=True)
            self.assertContains(page, f'id="comment-{comment.pk}"')

    @takes_longer("Long lists are made and read.")
    def test_no_page_begins_with_a_reply(self):
        for _ in range(3):
            self.conversation(REPLIES * 3)
        roots = set(self.comments().filter(parent=None).values_list("pk", flat=True))
        for sort in ("", "?sort=newest", "?sort=helpful"):
            for page in self.all_pages(sort):
                self.assertIn(page[0], roots)

    def test_comments_waiting_for_approval_do_not_use_up_the_page(self):
        root, replies = self.conversation(REPLIES)
        Comment.objects.filter(pk=replies[0].pk).update(status="waiting", approved_at=None)
        make_comment(article=self.article, parent=root)
        ids, _more, rest = self.shown()
        self.assertEqual(len(ids), 1 + REPLIES)
        self.assertEqual(rest, [])

    def test_the_rest_of_an_unknown_conversation_is_empty(self):
        other, _replies = self.conversation(1)
        for cursor in ("0000000001" * 2, f"{other.pk + 900:010d}" * 2):
            self.assertEqual(self.shown(f"?comments={cursor}"), ([], [], []))
