"""Who may write, and that no word is lost on the way."""

import uuid
from datetime import timedelta

from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from comments.models import Thread
from tests.comments.posting import IN_MEMORY, SHOWN, WORDS, Posting
from tests.factories import make_article, make_comment, make_comments, make_lapsed_reader, make_subscriber, make_user


class PostTests(Posting):
    def test_a_posted_comment_stands_in_the_thread(self):
        response = self.post(self.writer)
        comment = self.written().get()
        self.assertRedirects(response, f"/articles/a-piece/#comment-{comment.pk}")
        self.assertEqual((comment.author, comment.status, self.count()), (self.writer, "visible", 1))
        self.assertContains(Client().get("/articles/a-piece/"), SHOWN)

    def test_the_box_stands_in_the_article_and_on_a_page_of_its_own(self):
        self.client.force_login(self.writer)
        for url in ("/articles/a-piece/", self.url):
            page = self.client.get(url)
            self.assertContains(page, 'name="text"')
            self.assertContains(page, 'name="key"')
            self.assertContains(page, f'action="{self.url}"')
            self.assertEqual(page.headers["Cache-Control"], "private, no-store")

    def test_the_same_form_twice_is_one_comment(self):
        key = str(uuid.uuid4())
        first, second = self.post(self.writer, key=key), self.post(key=key)
        self.assertEqual(first.url, second.url)
        self.assertEqual((self.written().count(), self.count()), (1, 1))

    def test_the_same_form_with_other_words_loses_neither(self):
        key = str(uuid.uuid4())
        self.post(self.writer, key=key)
        page = self.post(key=key, text="Second thoughts.")
        self.assertContains(page, "Second thoughts.", status_code=409)
        again = page.context["form"]["key"].value()
        self.assertNotEqual(again, key)
        self.assertEqual(self.post(key=again, text="Second thoughts.").status_code, 302)
        self.assertEqual(self.written().count(), 2)

    def test_a_reply_hangs_under_what_it_answers(self):
        parent = make_comment(article=self.article, text="The first word.")
        page = self.client.get(self.url, {"parent": parent.pk})
        self.assertContains(page, "The first word.")
        self.post(self.writer, parent=parent.pk)
        reply = self.written().latest("pk")
        self.assertEqual((reply.parent, reply.path), (parent, f"{parent.path}{reply.pk:010d}"))

    def test_what_is_wrong_with_it_is_said_and_the_words_stay(self):
        other = make_comment(text="Elsewhere.")
        gone = make_comment(article=self.article, status="removed", removed_reason="x", removed_at=timezone.now())
        cases = [
            ({"text": ""}, "Write something first"), ({"text": "   \n"}, "Write something first"),
            ({"text": "\u200b\u3164"}, "Write something first"), ({"text": "\x00"}, "Write something first"),
            ({"text": "x" * 5001}, "5,001 characters"), ({"text": "x" * 100_000}, "100,000 characters"),
            ({"key": ""}, SHOWN), ({"key": "\x00"}, SHOWN), ({"key": "k" * 9000}, SHOWN), ({"key": "1"}, SHOWN),
            ({"parent": other.pk}, SHOWN), ({"parent": gone.pk}, SHOWN), ({"parent": "9" * 5000}, SHOWN),
            ({"parent": "²"}, SHOWN), ({"parent": "1\x00"}, SHOWN), ({"parent": 10**30}, SHOWN),
        ]  # fmt: skip
        for data, words in cases:
            with self.subTest(str(data)[:60]):
                page = self.post(self.writer, **data)
                self.assertContains(page, words, status_code=422)
                self.assertEqual(self.post(text=WORDS, key=page.context["form"]["key"].value()).status_code, 302)
                cache.clear()
        self.assertContains(self.post(self.writer, text="é" * 5001), "é" * 5001, status_code=422)

    def test_a_form_whose_hidden_parts_were_broken_can_be_sent_again_as_it_stands(self):
        page = self.post(self.writer, key="", parent="0")
        fields = {name: page.context["form"][name].value() for name in ("text", "key", "parent")}
        self.assertEqual(self.client.post(self.url, fields).status_code, 302)

    def test_nul_and_direction_marks_are_dropped(self):
        self.post(self.writer, text="a\x00b\u202ec")
        self.assertEqual(self.written().get().text, "abc")

    def test_extra_fields_change_nothing(self):
        self.post(self.writer, status="removed", author=make_user().pk, path="1", html="<script>", pk=7)
        comment = self.written().get()
        self.assertEqual((comment.author, comment.status), (self.writer, "visible"))
        self.assertNotIn("<script", comment.html)

    def test_after_a_dozen_in_ten_minutes_the_words_wait_in_the_box(self):
        for number in range(12):
            self.assertEqual(self.post(self.writer, text=f"Number {number}").status_code, 302)
        self.assertContains(self.post(), SHOWN, status_code=429)
        self.assertEqual(self.written().count(), 12)

    def test_posting_costs_a_bounded_number_of_queries(self):
        make_comments(self.article, 60)
        self.client.force_login(self.writer)
        with override_settings(CACHES=IN_MEMORY), self.assertNumQueries(15):
            self.post()

    def test_unknown_and_unpublished_articles_are_not_found(self):
        draft = make_article(at=timezone.now() + timedelta(days=1))
        for slug in (draft.slug, "no-such-piece"):
            url = reverse("comments:write", args=[slug])
            self.assertEqual(self.client.get(url).status_code, 404)
            self.assertEqual(self.client.post(url, {"text": WORDS}).status_code, 404)


class GateTests(Posting):
    def test_who_may_not_write_is_told_why_and_keeps_the_words(self):
        cases = {
            "anonymous": (None, "Only subscribers can comment. Log in"),
            "unverified": (make_subscriber(verified=False), "Confirm your email address"),
            "registered": (make_user(), "You don’t have a subscription"),
            "lapsed": (make_lapsed_reader(), "You don’t have a subscription"),
            "another plan": (make_subscriber(may_comment=False), "Your plan doesn’t include comments"),
        }
        for who, (user, sentence) in cases.items():
            with self.subTest(who):
                self.client.logout()
                page = self.post(user)
                self.assertContains(page, sentence, status_code=403)
                self.assertContains(page, SHOWN, status_code=403)
        self.assertFalse(self.written().exists())

    def test_a_piece_beyond_the_plan_is_not_written_about(self):
        piece = make_article(required_level=20)
        self.client.force_login(self.writer)
        page = self.client.post(reverse("comments:write", args=[piece.slug]), {"text": WORDS, "key": uuid.uuid4()})
        self.assertContains(page, "Your plan doesn’t include this article", status_code=403)

    def test_a_closed_conversation_says_since_when_and_may_still_be_read(self):
        make_comment(article=self.article, text="From before.")
        closed = timezone.now() - timedelta(days=1)
        Thread.objects.update(closes_at=closed, closed_message="It goes on in the spring.")
        sentence = f"Comments closed on {closed.day} "
        page = self.post(self.writer)
        self.assertContains(page, sentence, status_code=403)
        self.assertContains(page, SHOWN, status_code=403)
        for client in (self.client, Client()):
            page = client.get("/articles/a-piece/")
            self.assertContains(page, "From before.")
            self.assertContains(page, "It goes on in the spring.")
            self.assertNotContains(page, 'name="text"')

    def test_an_open_one_closes_at_its_time(self):
        make_comment(article=self.article)
        Thread.objects.update(closes_at=timezone.now() + timedelta(hours=1))
        self.assertEqual(self.post(self.writer).status_code, 302)

    def test_each_step_keeps_the_words_and_fills_the_box_on_return(self):
        login = f"{reverse('account_login')}?next=%2Farticles%2Fa-piece%2Fcomments%2F"
        cases = [
            (None, "log_in", login), (None, "subscribe", reverse("subscriptions:plans")), (None, "x", login),
            (make_user(), "subscribe", reverse("subscriptions:plans")), (make_user(), "log_in", "/subscribe/"),
            (make_subscriber(verified=False), "verify", reverse("account_email")), (self.writer, "", self.url),
        ]  # fmt: skip
        parent = make_comment(article=self.article)
        for user, step, address in cases:
            with self.subTest(step=step, user=user):
                self.client = Client()
                if user:
                    self.client.force_login(user)
                data = {"text": WORDS, "key": str(uuid.uuid4()), "parent": parent.pk, "step": step}
                response = self.client.post(reverse("comments:keep", args=["a-piece"]), data)
                self.assertRedirects(response, address, fetch_redirect_response=False)
                page = self.client.get(self.url)
                self.assertContains(page, SHOWN)
                self.assertContains(page, data["key"])
                self.assertEqual(page.context["parent"], parent)

    def test_words_kept_before_the_login_are_posted_after_it_and_then_forgotten(self):
        parent = make_comment(article=self.article)
        data = {"text": WORDS, "key": str(uuid.uuid4()), "parent": parent.pk}
        self.client.post(reverse("comments:keep", args=["a-piece"]), data)
        self.client.force_login(self.writer)
        page = self.client.get("/articles/a-piece/")
        self.assertContains(page, SHOWN)
        self.assertContains(page, "In reply to")
        form = self.client.get(self.url).context["form"]
        self.post(**{name: form[name].value() for name in data})
        self.assertEqual(parent.replies.get().text, WORDS)
        self.assertNotContains(self.client.get(self.url), SHOWN)

    def test_far_too_much_is_not_kept_and_not_lost(self):
        page = self.client.post(reverse("comments:keep", args=["a-piece"]), {"text": "x" * 30_000, "key": "1"})
        self.assertContains(page, "x" * 30_000, status_code=422)

    def test_only_the_last_five_articles_are_kept(self):
        pieces = [make_article() for _ in range(6)]
        for piece in pieces:
            self.client.post(reverse("comments:keep", args=[piece.slug]), {"text": WORDS, "key": "1"})
        shown = [SHOWN in self.client.get(reverse("comments:write", args=[p.slug])).content.decode() for p in pieces]
        self.assertEqual(shown, [False, True, True, True, True, True])
