"""Threads as visitors and readers see them, and comments on other pages."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Thread
from comments.presenters import Viewer, present
from comments.thread import build_tree
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_comments,
    make_draft,
    make_editor,
    make_subscriber,
    make_user,
    make_version,
)
from tests.growth import LINEAR, growth
from tests.queries import SameQueries
from truthlytics.publication import get_publication

REMOVED = {"status": "removed", "removed_reason": "names a private person", "removed_at": timezone.now()}


class ThreadTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author = make_author(user=make_user(display_name="Ines"))
        cls.article = make_article(authors=[cls.author])
        cls.url = cls.article.get_absolute_url()
        cls.reader = make_commenter()

    def page(self, user=None, **query):
        if user:
            self.client.force_login(user)
        return self.client.get(self.url, query)

    def test_visitors_read_the_comments_and_are_invited_to_log_in(self):
        comment = make_comment(article=self.article, text="Well *put*.")
        page = self.page()
        self.assertContains(page, "Share your perspective")
        self.assertContains(page, f'<li class="comment" id="comment-{comment.pk}">')
        self.assertContains(page, '<p dir="auto">Well <em>put</em>.</p>')
        self.assertContains(page, "today to stay informed and dive deeper into the issues that matter.")
        self.assertContains(page, "to join the conversation and share your thoughts in the comments below!")
        self.assertContains(page, "<span>1 comment</span>")
        for word in ("<textarea", "csrfmiddlewaretoken", ">Reply<", ">Report<"):
            self.assertNotContains(page, word)

    def test_only_readers_without_a_plan_are_asked_to_subscribe(self):
        registered = self.page(make_user())
        self.assertContains(registered, f"Subscribe to {get_publication().name} today to stay informed")
        self.assertNotContains(registered, "Already subscribed?")
        subscriber = self.page(self.reader)
        for sentence in ("today to stay informed", "Already subscribed?"):
            self.assertNotContains(subscriber, sentence)

    def test_commenters_have_initials_in_a_colour_of_their_own(self):
        make_comment(article=self.article, author=make_commenter(display_name="Wen-Li van Achterberg"))
        make_comment(article=self.article, author=make_commenter(display_name="ليلى الحداد"))
        make_comment(article=self.article, author=None)
        page = self.page().content.decode()
        self.assertEqual(re.findall(r'class="initials initials--\d" aria-hidden="true">([^<]+)<', page), ["WA", "لا"])

    def test_dates_have_a_time_zone_and_can_be_read_by_scripts(self):
        comment = make_comment(article=self.article)
        written = timezone.localtime(comment.created_at)
        self.assertContains(self.page(), f'<time datetime="{written:%Y-%m-%dT%H:%MZ}">')
        self.assertContains(self.page(), f"{written:%H:%M %Z}</time>")

    def test_a_waiting_comment_is_not_counted(self):
        comment = make_comment(article=self.article, status=Comment.Status.WAITING)
        page = self.page(comment.author)
        self.assertContains(page, "<span>No comments yet</span>")
        self.assertContains(page, "Pending review")

    def test_closed_comments_have_no_form(self):
        make_comment(article=self.article)
        Thread.objects.update(closes_at=timezone.now())
        self.client.force_login(self.reader)
        page = self.client.get(f"{self.url}comments/")
        self.assertContains(page, "Comments closed on")
        self.assertNotContains(page, "<textarea")
        late = self.client.post(f"{self.url}comments/", {"text": "Late."})
        self.assertContains(late, "Late.</textarea>", status_code=403)

    def test_anonymous_pages_have_no_session_and_are_identical(self):
        make_comment(article=self.article)
        pages = [Client().get(self.url) for _ in range(2)]
        self.assertEqual(pages[0].content, pages[1].content)
        self.assertFalse(pages[0].cookies)
        self.assertNotIn("Cookie", pages[0].headers.get("Vary", ""))
        self.assertTrue(pages[0].headers["Cache-Control"].startswith("public"))

    def test_an_article_without_comments_has_no_list(self):
        page = self.page()
        self.assertContains(page, 'id="comments"')
        self.assertNotContains(page, "thread__list")
        self.assertFalse(Thread.objects.filter(article=self.article).exists())

    def test_replies_are_nested_four_levels_deep(self):
        parent = None
        for text in ("one", "two", "three", "four", "five"):
            parent = make_comment(article=self.article, parent=parent, text=text, author=make_user(display_name=text))
        page = self.page().content.decode()
        self.assertEqual(page.count('<ol class="comment__replies">'), 3)
        self.assertIn("in reply to <bdi>four</bdi>", page)
        self.assertNotIn("in reply to <bdi>three</bdi>", page)

    def test_badges(self):
        cases = [
            (make_editor(), "Staff"),
            (self.author.user, "Author"),
            (make_user(member_since=datetime(2021, 6, 1, tzinfo=UTC)), "Reader since 2021"),
            (make_subscriber(level=20), "Supporter"),
        ]
        for user, badge in cases:
            make_comment(article=self.article, author=user)
            with self.subTest(badge):
                self.assertContains(self.page(), f">{badge}</span>", count=1)

    def test_a_deleted_user_is_a_former_reader(self):
        comment = make_comment(article=self.article, text="Still here.")
        comment.author.delete()
        self.assertContains(self.page(), "A former reader")
        self.assertContains(self.page(), "Still here.")

    def test_names_are_escaped(self):
        make_comment(article=self.article, author=make_user(display_name="<script>alert(1)</script>"))
        self.assertNotContains(self.page(), "<script>alert")

    def test_removed_comments_keep_their_place_if_they_were_visible(self):
        seen = make_comment(article=self.article, text="Unfit.", approved_at=timezone.now(), **REMOVED)
        make_comment(article=self.article, parent=seen, text="The answer stays.")
        make_comment(article=self.article, text="Never shown.", **REMOVED)
        page = self.page()
        self.assertContains(page, "Removed by a moderator: names a private person", count=1)
        self.assertContains(page, "The answer stays.")
        for word in ("Unfit.", "Never shown."):
            self.assertNotContains(page, word)

    def test_readers_get_the_actions_they_may_use(self):
        own = make_comment(article=self.article, author=self.reader)
        other = make_comment(article=self.article)
        page = self.page(self.reader)
        write = reverse("comments:write", args=[self.article.slug])
        self.assertContains(page, f'{write}?parent={other.pk}"')
        self.assertContains(page, reverse("comments:report", args=[other.pk]))
        self.assertNotContains(page, reverse("comments:report", args=[own.pk]))
        self.assertContains(page, reverse("comments:edit", args=[own.pk]))
        self.assertNotContains(page, reverse("comments:edit", args=[other.pk]))
        page = self.page(make_user())
        self.assertNotContains(page, ">Reply<")
        self.assertContains(page, ">Report<")

    def test_pages_continue_where_the_previous_one_ended(self):
        make_comments(self.article, 120)
        seen, query = [], {}
        while True:
            page = self.page(**query)
            self.assertContains(page, "<span>120 comments</span>")
            seen.append(re.findall(r'id="comment-(\d+)"', page.content.decode()))
            more = re.search(r'href="\?comments=(\d+)#comments"', page.content.decode())
            if not more:
                break
            query = {"comments": more[1]}
        self.assertEqual([len(ids) for ids in seen], [20, 50, 50])
        self.assertEqual(len({pk for ids in seen for pk in ids}), 120)

    def test_invalid_cursors_are_not_found(self):
        for junk in ("1", "x", "²" * 10, "1" * 9, "1" * 50, "0000000001\n", "\x00", "-000000001", "1" * 5000):
            with self.subTest(junk[:20]):
                self.assertEqual(self.page(comments=junk).status_code, 404)

    def test_the_url_of_a_comment_redirects_to_its_page(self):
        make_comments(self.article, 72)
        ordered = list(Comment.objects.filter(article=self.article).order_by("path"))
        # The first page, or the one that begins with the comment's conversation.
        pages = {index: f"?comments={ordered[index - 1].path}" for index in (20, 69, 70, 71)}
        for index in (0, 19, *pages):
            query = pages.get(index, "")
            response = self.client.get(ordered[index].get_absolute_url())
            with self.subTest(index):
                self.assertRedirects(response, f"{self.url}{query}#comment-{ordered[index].pk}")
                self.assertContains(self.client.get(response.url), f'id="comment-{ordered[index].pk}"')

    def test_comments_on_unpublished_articles_are_not_found(self):
        comment = make_comment(article=make_draft())
        later = make_comment(article=make_article(at=timezone.now() + timedelta(hours=1)))
        for pk in (comment.pk, later.pk, 10**9, 10**30):
            self.assertEqual(self.client.get(f"/comments/{pk}/").status_code, 404)

    def test_the_number_of_queries_does_not_depend_on_the_length(self):
        self.page(self.reader)
        clients = {client: SameQueries(self) for client in (Client(), self.client)}
        for number in (30, 990):  # both more than the first page holds
            make_comments(self.article, number)
            for client, queries in clients.items():
                with self.subTest(number), queries:
                    client.get(self.url)

    @takes_longer("Large input shows how the time grows.")
    def test_a_thousand_nested_replies_render_as_fast_as_fifty(self):
        short = make_article()
        make_chain(short, 50)
        make_chain(self.article, 1000)
        self.assertLess(growth(self.client.get, short.get_absolute_url(), self.url), LINEAR)
        self.assertContains(self.page(), "in reply to", count=7)


class BuildTreeTests(TestCase):
    def test_a_reply_names_a_parent_on_an_earlier_page(self):
        first = make_comment()
        second = make_comment(parent=first)
        by_id = {first.pk: first, second.pk: second}
        viewer = Viewer(AnonymousUser(), may_write=False, may_read=True)
        article = SimpleNamespace(pk=1, slug="an-article", required_level=0, author_slugs=frozenset())
        self.assertEqual(build_tree(present([second], article, viewer), by_id)[0].parent, first)
        [root] = build_tree(present([first, second], article, viewer), by_id)
        self.assertIsNone(root.replies[0].parent)


class TagTests(TestCase):
    def render(self, text, **context):
        return Template("{% load comments %}" + text).render(Context(context))

    def test_counts_take_one_query(self):
        articles = [make_article() for _ in range(3)]
        make_comments(articles[0], 3)
        make_comment(article=articles[1], status="waiting")
        versions = [article.as_served() for article in articles]
        with self.assertNumQueries(1):
            text = self.render("{% comment_counts versions as counts %}{{ counts }}", versions=versions)
        self.assertEqual(text, str({articles[0].pk: 3, articles[1].pk: 0}))

    def test_most_discussed_shows_the_served_versions(self):
        most, less, _none = (make_article() for _ in range(3))
        hidden = make_article(at=timezone.now() + timedelta(days=1))
        make_comments(most, 3)
        make_comments(less, 2)
        make_comments(hidden, 9)
        make_version(most, headline="What it is called now")
        most.headline = "A secret draft"
        most.save()
        text = "{{ d.kind }}|{{ d.headline }}|{{ d.comments }}|{{ d.url }} "
        with self.assertNumQueries(2):  # the longest threads, and their articles
            lines = self.render(f"{{% most_discussed 5 as found %}}{{% for d in found %}}{text}{{% endfor %}}")
        self.assertEqual(
            lines,
            f"Analysis|What it is called now|3|/articles/{most.slug}/#comments "
            f"Analysis|{less.live.headline}|2|/articles/{less.slug}/#comments ",
        )


def make_chain(article, length):
    """Create comments that each reply to the one before."""
    first = make_comment(article=article)
    same = {"article": article, "author": first.author, "text": "x", "html": "<p>x</p>", "status": "visible"}
    comments = Comment.objects.bulk_create(Comment(**same, approved_at=first.approved_at) for _ in range(length - 1))
    parent = first
    for comment in comments:
        comment.parent_id = parent.pk
        comment.set_path(parent)
        parent = comment
    Comment.objects.bulk_update(comments, ["path", "parent"], batch_size=300)
