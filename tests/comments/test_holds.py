"""Comments held for a moderator, as set for the publication: first ones, and those with links or listed words."""

import time

from django.test import SimpleTestCase, TestCase

from comments.holds import has_link, has_listed_word, parse_words
from comments.models import Comment
from comments.services import approve, edit_comment
from tests.comments.base import PostingTestCase
from tests.factories import make_comment, make_commenter, make_editor, make_subscriber
from truthlytics.publication.models import Publication

LISTED = "idiot\ncaf\u00e9\nbuy now\nshit\n18plus\n\n"


class ListedWordTests(SimpleTestCase):
    def test_whole_words_and_phrases_are_found(self):
        for text in (
            "You idiot!", "IDIOT", "(idiot)", "An *idiot*", "id*io*t", "Cafe", "CAF\u00c9", "Buy\nNOW, please",
            "buy   now!", "18plus", "¡idiot!", "\u201eidiot\u201c", "idiot,", "idiot1",
        ):  # fmt: skip
            with self.subTest(text):
                self.assertTrue(has_listed_word(text, LISTED))

    def test_look_alikes_and_hidden_characters_are_seen_through(self):
        for text in (
            "1d10t", "\u0456di\u043et", "ⓘⓓⓘⓞⓣ", "ｉｄｉｏｔ", "id\u200biot", "i\u0301\u0302\u0303diot", "$hit", "sh!t",
            "\u202eidiot", "id\u00adiot", "𝐢𝐝𝐢𝐨𝐭",
        ):  # fmt: skip
            with self.subTest(text):
                self.assertTrue(has_listed_word(text, LISTED))

    def test_parts_of_words_and_other_words_are_not_found(self):
        for text in ("idiotic", "cafeteria", "to buy, then now", "plus", "the id, IOT", "18", "", "🙂", "buy snow"):
            with self.subTest(text):
                self.assertFalse(has_listed_word(text, LISTED))

    def test_an_empty_list_holds_nothing(self):
        self.assertFalse(has_listed_word("idiot", " \n\n"))

    def test_the_longest_list_and_text_take_less_than_half_a_second(self):
        for listed, text in (
            ("\n".join(["a a"] * 1000), "a " * 2500),
            ("a " * 1999 + "b", "a " * 2500),
            ("a" * 4000, "a" * 5000),
            ("\n".join(f"{n} {n}" for n in range(500))[:4000], "1 " * 2500),
            ("(a+)+$\n" * 500, "a" * 4999 + "!"),
            ("x\n" * 2000, "\u0301" * 5000),
            ("x", "!" * 5000),
            ("x", "*" * 5000),
            ("rn" * 2000, "rn" * 2500),
        ):
            with self.subTest(listed=listed[:20], text=text[:20]):
                parse_words.cache_clear()
                started = time.thread_time()
                has_listed_word(text, listed)
                self.assertLess(time.thread_time() - started, 0.5)


class LinkTests(SimpleTestCase):
    def test_addresses_are_links(self):
        for text in (
            "https://example.org",
            "[here](https://a.example)",
            "HTTP://EXAMPLE.ORG",
            "see www.example.org",
            "example.com",
            "example.co/deal",
            "ｈttps://example.org",
        ):
            with self.subTest(text):
                self.assertTrue(has_link(text))

    def test_sentences_are_not(self):
        for text in ("The end.Next", "e.g. this", "z.B. das", "3.14/2", "and/or", "https is better", "a.communist"):
            with self.subTest(text):
                self.assertFalse(has_link(text))

    def test_hostile_text_takes_less_than_a_tenth_of_a_second(self):
        for text in ("a" * 5000, "a." * 2500, "www" * 1600, "." * 5000, "http" * 1250, "a.a" * 1600):
            started = time.thread_time()
            has_link(text)
            self.assertLess(time.thread_time() - started, 0.1)


class HoldTests(PostingTestCase):
    def hold_of(self, text, user=None):
        self.post(user or self.commenter, text=text)
        comment = self.comments().latest("pk")
        return comment.status, comment.hold

    def test_the_first_comment_waits_unless_the_publication_does_not_want_it(self):
        self.assertEqual(self.hold_of("One.", make_subscriber()), ("waiting", "first"))
        Publication.objects.create(hold_first_comments=False)
        self.assertEqual(self.hold_of("Two.", make_subscriber()), ("visible", ""))

    def test_links_wait_only_if_the_publication_wants_it(self):
        self.assertEqual(self.hold_of("https://a.example"), ("visible", ""))
        Publication.objects.create(hold_links=True)
        self.assertEqual(self.hold_of("https://b.example"), ("waiting", "link"))

    def test_listed_words_wait(self):
        Publication.objects.create(held_words="idiot")
        self.assertEqual(self.hold_of("You 1diot"), ("waiting", "word"))
        self.assertEqual(self.count(), 0)

    def test_comments_of_staff_never_wait(self):
        Publication.objects.create(held_words="idiot", hold_links=True)
        self.assertEqual(self.hold_of("idiot https://a.example", make_editor()), ("visible", ""))


class EditTests(TestCase):
    def test_an_edit_is_checked_again(self):
        Publication.objects.create(held_words="idiot", hold_first_comments=False)
        comment = make_comment(author=make_commenter())
        edited = edit_comment(comment=comment, text="Idiot.")
        self.assertEqual((edited.status, edited.hold), ("waiting", "word"))

    def test_an_approved_comment_has_no_reason_to_wait(self):
        comment = make_comment(status="waiting", hold="word")
        approve(comments=[comment], by=make_editor())
        self.assertEqual(Comment.objects.get(pk=comment.pk).hold, "")
