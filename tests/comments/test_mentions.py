"""Mentions: @ and the name of another writer in the thread."""

import time

from django.test import TestCase

from comments.services.notifications import MAX_MENTIONS, mentioned_ids
from tests.factories import make_article, make_comment, make_user


class MentionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.ann, cls.lee, cls.oeyvind = (make_user(display_name=name) for name in ("Ann", "Ann Lee", "Øyvind Å"))
        for user in (cls.ann, cls.lee, cls.oeyvind):
            make_comment(article=cls.article, author=user)

    def mentioned(self, text, **fields):
        return mentioned_ids(make_comment(article=self.article, text=text, **fields))

    def test_the_longest_name_counts(self):
        cases = [
            ("@Ann Lee said so", [self.lee]), ("@Ann said so", [self.ann]), ("@ann LEE!", [self.lee]),
            ("@Ann Leeward", [self.ann]), ("@Annette", []), ("ann@Ann", []), ("(@Ann, @Ann Lee)", [self.ann, self.lee]),
            ("@@Ann", [self.ann]), ("@Øyvind Å", [self.oeyvind]), ("@øyvind å's", [self.oeyvind]), ("@", []),
            ("@ Ann", []), ("@Ann_Lee", []), ("@Ann\u0336", []), ("@Nobody", []), ("@Ann @Ann", [self.ann]),
        ]  # fmt: skip
        for text, users in cases:
            with self.subTest(text):
                self.assertEqual(self.mentioned(text), [user.pk for user in users])

    def test_names_that_only_look_alike_do_not_match(self):
        for text in ("@Аnn", "@Ann\u200bLee", "@4nn", "@Änn", "@Ann-Lee"):
            with self.subTest(text):
                self.assertNotIn(self.lee.pk, self.mentioned(text))
        self.assertEqual(self.mentioned("@Аnn"), [])

    def test_only_writers_with_visible_comments_in_this_thread_are_mentioned(self):
        make_comment(author=make_user(display_name="Elsewhere"))
        make_comment(article=self.article, author=make_user(display_name="Unseen"), status="waiting")
        make_user(display_name="Silent")
        self.assertEqual(self.mentioned("@Elsewhere @Unseen @Silent"), [])

    def test_mentions_of_oneself_are_ignored(self):
        self.assertEqual(self.mentioned("@Ann and @Ann Lee", author=self.ann), [self.lee.pk])

    def test_mentions_in_quoted_lines_are_ignored(self):
        self.assertEqual(self.mentioned("> @Ann\n\n@Ann Lee"), [self.lee.pk])

    def test_all_who_share_a_name_are_mentioned(self):
        other = make_comment(article=self.article, author=make_user(display_name="ann")).author
        self.assertEqual(set(self.mentioned("@Ann")), {self.ann.pk, other.pk})

    def test_at_most_ten_are_mentioned(self):
        users = [make_user(display_name=f"Writer {number:02}") for number in range(12)]
        for user in users:
            make_comment(article=self.article, author=user)
        found = self.mentioned(" ".join(f"@{user.display_name}" for user in users))
        self.assertEqual(found, [user.pk for user in users[:MAX_MENTIONS]])

    def test_without_an_at_sign_there_is_no_query(self):
        comment = make_comment(article=self.article, text="Ann, Ann Lee")
        with self.assertNumQueries(0):
            mentioned_ids(comment)

    def test_hostile_texts_take_little_time(self):
        for text in ("@" * 5000, "@Ann" * 1250, "@a " * 1600):
            comment = make_comment(article=self.article, text=text)
            started = time.process_time()
            mentioned_ids(comment)
            self.assertLess(time.process_time() - started, 0.5)
