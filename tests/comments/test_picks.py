"""Editors' picks: comments shown above the thread and beside the text."""

from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Decision, Thread
from comments.picks import MAX_PICKS
from comments.services import edit_comment
from comments.services.picks import pick, unpick
from tests.comments.base import PostingTestCase
from tests.factories import make_article, make_comment, make_editor, make_staff, make_subscriber


class PickTests(PostingTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.comment = make_comment(article=cls.article, text="The *best* point.\n\n> Said before\n\nAnd <more>.")
        cls.editor = make_editor(display_name="Edith")
        cls.pick_url = reverse("comments:pick", args=[cls.comment.pk])

    def page(self, article=None):
        return self.client.get((article or self.article).get_absolute_url())

    def press(self, place, user=None):
        self.client.force_login(user or self.editor)
        return self.client.post(self.pick_url, {"place": place})

    def test_moderators_pick_a_comment_in_the_thread(self):
        self.client.force_login(self.editor)
        self.assertContains(self.page(), f'formaction="{self.pick_url}" name="place" value="thread"')
        response = self.press("thread")
        self.assertRedirects(response, f"{self.article.get_absolute_url()}#comment-{self.comment.pk}")
        self.client.logout()
        page = self.page()
        self.assertContains(page, '<section class="picks"')
        self.assertContains(page, f'class="picks__link" href="/comments/{self.comment.pk}/"')
        self.assertContains(page, '<span class="chip chip--pick">')
        self.assertNotContains(page, "picks-beside")

    def test_moderators_pick_a_comment_in_the_newsroom(self):
        self.client.force_login(self.editor)
        url = reverse("admin:comments_comment_change", args=[self.comment.pk])
        self.assertContains(self.client.get(url), f'formaction="{self.pick_url}" name="place" value="thread"')
        self.press("thread")
        self.assertContains(self.client.get(url), f'formaction="{self.pick_url}" name="place" value="beside"')

    def test_a_pick_can_be_shown_beside_the_text_and_taken_back(self):
        self.press("beside")
        self.assertContains(self.page(), '<p dir="auto">The best point. Said before And &lt;more&gt;.</p>')
        self.press("thread")
        self.assertNotContains(self.page(), "picks-beside")
        self.press("")
        self.assertNotContains(self.page(), '<section class="picks"')

    def test_each_decision_is_recorded_once(self):
        for call in (pick, pick, unpick, unpick):
            call(comment=self.comment, by=self.editor)
        kinds = Decision.objects.order_by("pk").values_list("kind", "by_name", "comment")
        expected = [(kind, "Edith", self.comment.pk) for kind in ("pick", "unpick")]
        self.assertEqual(list(kinds), expected)

    def test_others_may_not_pick(self):
        for user in (self.commenter, make_staff()):
            self.assertEqual(self.press("thread", user).status_code, 403)
        self.client.logout()
        self.assertEqual(self.client.post(self.pick_url, {"place": "thread"}).status_code, 302)
        self.assertFalse(Comment.objects.exclude(picked_at=None).exists())

    def test_readers_get_no_buttons_to_pick(self):
        self.client.force_login(self.commenter)
        self.assertNotContains(self.page(), self.pick_url)

    def test_comments_that_are_not_visible_are_no_picks(self):
        pick(comment=self.comment, by=self.editor, beside=True)
        hidden = {"status": "removed", "removed_at": timezone.now(), "removed_reason": "unfit"}
        for fields in (hidden, {"status": "waiting"}):
            Comment.objects.filter(pk=self.comment.pk).update(**fields)
            page = self.page()
            for word in ("picks", "best"):
                self.assertNotContains(page, word)
            self.assertEqual(self.press("thread").status_code, 404)
            self.client.logout()

    def test_an_edit_ends_the_pick_of_the_text_before(self):
        make_comment(author=self.comment.author)  # Whose edits need no review then.
        self.press("beside")
        edit_comment(comment=self.comment, text="Buy my book.")
        page = self.page()
        self.assertContains(page, "Buy my book.", count=1)
        self.assertNotContains(page, "chip--pick")

    def test_a_comment_removed_while_it_is_picked_is_not_picked(self):
        Comment.objects.filter(pk=self.comment.pk).update(status="waiting")
        self.assertFalse(pick(comment=self.comment, by=self.editor))
        self.assertFalse(Decision.objects.exists())

    def test_readers_without_access_to_the_article_get_no_picks(self):
        gated = make_article(required_level=10)
        pick(comment=make_comment(article=gated), by=self.editor, beside=True)
        self.assertNotContains(self.page(gated), "picks")
        self.client.force_login(make_subscriber())
        self.assertContains(self.page(gated), "picks-beside")

    def test_articles_without_comments_have_no_picks(self):
        pick(comment=self.comment, by=self.editor, beside=True)
        Thread.objects.update(is_off=True)
        self.assertNotContains(self.page(), "picks")

    def test_the_newest_picks_are_shown_on_the_first_page_only(self):
        for _ in range(MAX_PICKS + 1):
            pick(comment=make_comment(article=self.article), by=self.editor)
        self.assertContains(self.page(), "picks__item", count=MAX_PICKS)
        path = self.comment.path
        self.assertNotContains(self.client.get(f"/articles/an-article/?comments={path}"), "picks__item")
