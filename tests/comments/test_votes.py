"""Votes for helpful comments: one per reader, withdrawn by a second press, and counted by the next tick."""

from django.core.cache import cache
from django.test import tag
from django.urls import reverse
from django.utils import timezone

from comments.models import ChangedVotes, Comment, Thread, Vote
from comments.services.votes import count_changed, delete_votes, toggle_vote
from tests.budget import takes_longer
from tests.comments.base import PostingTestCase
from tests.factories import make_comment, make_commenter, make_draft, make_subscriber, make_user
from tests.queries import SameQueries
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.cache.invalidation import site_generations

JSON = {"Accept": "application/json"}
THREADS = 20


class VoteTests(PostingTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.comment = make_comment(article=cls.article)
        cls.vote_url = reverse("comments:vote", args=[cls.comment.pk])

    def vote(self, user=None, url="", headers=JSON):
        if user:
            self.client.force_login(user)
        return self.client.post(url or self.vote_url, headers=headers)

    def shown_count(self):
        self.comment.refresh_from_db()
        return self.comment.helpful_count

    def test_a_second_press_takes_the_vote_back(self):
        self.assertEqual(self.vote(self.commenter).json(), {"voted": True, "count": 1})
        self.assertEqual(self.vote().json(), {"voted": False, "count": 0})
        self.assertFalse(Vote.objects.exists())

    def test_votes_of_several_readers_add_up_with_the_next_tick(self):
        for reader in (self.commenter, make_subscriber(), make_subscriber()):
            self.vote(reader)
        self.assertEqual(self.shown_count(), 0)
        self.assertEqual(count_changed(timezone.now()), 1)
        self.assertEqual(self.shown_count(), 3)
        self.assertFalse(ChangedVotes.objects.exists())

    def test_a_vote_that_was_taken_back_changes_no_count(self):
        for _ in range(2):
            self.vote(self.commenter)
        self.assertEqual(count_changed(timezone.now()), 0)

    def test_without_script_the_reader_returns_to_the_comment(self):
        response = self.vote(self.commenter, headers={})
        self.assertEqual(response.url, f"/articles/an-article/#comment-{self.comment.pk}")
        page = self.client.get(response.url)
        self.assertContains(page, "You found this comment helpful.")
        self.assertContains(page, f'formaction="{self.vote_url}" aria-pressed="true"')

    def test_only_the_voter_sees_the_vote(self):
        self.vote(self.commenter)
        self.client.force_login(make_subscriber())
        self.assertContains(self.client.get("/articles/an-article/"), f'"{self.vote_url}" aria-pressed="false"')

    def test_visitors_read_the_count_but_get_no_button(self):
        self.assertNotContains(self.client.get("/articles/an-article/"), "Helpful <b>")
        Comment.objects.update(helpful_count=12)
        page = self.client.get("/articles/an-article/")
        self.assertContains(page, "<span>Helpful <b>12</b></span>")
        self.assertNotContains(page, "aria-pressed")

    def test_ones_own_comment_has_no_button_and_no_vote(self):
        self.client.force_login(self.comment.author)
        self.assertNotContains(self.client.get("/articles/an-article/"), "aria-pressed")
        self.assertEqual(self.vote().status_code, 404)

    def test_only_visible_comments_on_published_articles_have_votes(self):
        waiting = make_comment(article=self.article, status="waiting")
        hidden = make_comment(article=make_draft())
        self.client.force_login(self.commenter)
        for pk in (waiting.pk, hidden.pk, 10**9, 10**30):
            self.assertEqual(self.vote(url=f"/comments/{pk}/vote/").status_code, 404)

    def test_those_who_may_not_comment_have_no_vote(self):
        for user in (None, make_user()):
            response = self.vote(user)
            self.assertEqual(response.status_code, 403)
            self.assertIn("subscri", response.json()["error"])
        self.assertFalse(Vote.objects.exists())

    def test_closed_comments_take_no_votes(self):
        Thread.objects.update(closes_at=timezone.now())
        self.assertEqual(self.vote(self.commenter).status_code, 403)

    def test_refused_readers_without_script_get_a_message(self):
        response = self.client.post(self.vote_url, follow=True)
        self.assertContains(response, "Only subscribers can comment.")

    def test_votes_are_posted_with_a_token(self):
        self.assertEqual(self.client.get(self.vote_url).status_code, 405)
        client = self.client_class(enforce_csrf_checks=True)
        client.force_login(self.commenter)
        self.assertEqual(client.post(self.vote_url).status_code, 403)
        self.assertFalse(Vote.objects.exists())

    @takes_longer("Many kinds of invalid input are sent.")
    def test_too_many_votes_are_refused(self):
        cache.clear()
        self.client.force_login(self.commenter)
        codes = [self.vote().status_code for _ in range(121)]
        self.assertEqual((codes[-2], codes[-1]), (200, 429))

    def test_votes_purge_nothing_and_the_tick_purges_each_thread_once(self):
        other = make_comment(article=self.article)
        tag = f"thread:{self.article.pk}"
        before = site_generations().stamps([tag], site_generations().snapshot())
        with self.captureOnCommitCallbacks(execute=True) as callbacks:
            for comment in (self.comment, other):
                toggle_vote(comment=comment, user=self.commenter)
        self.assertEqual(callbacks, [])
        self.assertTrue(site_generations().are_current(before))
        with self.captureOnCommitCallbacks(execute=True) as callbacks:
            count_changed(timezone.now())
        self.assertEqual(len(callbacks), 1)
        self.assertFalse(site_generations().are_current(before))

    def test_the_votes_of_a_deleted_account_go(self):
        toggle_vote(comment=self.comment, user=self.commenter)
        count_changed(timezone.now())
        self.assertEqual(delete_votes(user=self.commenter), 1)
        count_changed(timezone.now())
        self.assertEqual(self.shown_count(), 0)

    def test_the_number_of_queries_does_not_depend_on_the_number_of_votes(self):
        self.client.force_login(self.commenter)
        queries = SameQueries(self)
        for number in (3, 30):
            for _ in range(number):
                toggle_vote(comment=make_comment(article=self.article), user=self.commenter)
            with self.subTest(number), queries:
                count_changed(timezone.now())


@tag("slow")
class VoteRaceTests(TransactionTestCase):
    def setUp(self):
        self.comment = make_comment()

    def at_once(self, *calls):
        threads = [start_thread(call) for call in calls]
        for thread in threads:
            thread.join()

    def toggle(self, user):
        return lambda: toggle_vote(comment=self.comment, user=user)

    @takes_longer("Many threads use the database at once.")
    def test_concurrent_votes_of_twenty_readers_are_all_counted(self):
        readers = [make_commenter() for _ in range(THREADS)]
        counting = [lambda: count_changed(timezone.now())] * 5
        self.at_once(*map(self.toggle, readers), *counting)
        count_changed(timezone.now())
        self.comment.refresh_from_db()
        self.assertEqual((self.comment.helpful_count, Vote.objects.count()), (THREADS, THREADS))

    @takes_longer("Many threads use the database at once.")
    def test_one_reader_pressing_twenty_times_at_once_leaves_no_second_vote(self):
        reader = make_commenter()
        self.at_once(*[self.toggle(reader)] * THREADS)
        self.assertLessEqual(Vote.objects.count(), 1)
        count_changed(timezone.now())
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.helpful_count, Vote.objects.count())
