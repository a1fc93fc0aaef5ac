"""Keys from the side of those who have one, and of those who have none and try."""

import logging
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import override_settings, tag
from django.urls import reverse
from django.utils import timezone

from articles.access import Level
from subscriptions.models import Grant
from tests.contrib.api.base import ApiTestCase
from tests.factories import BODY, PASSWORD, make_article, make_lapsed_reader, make_subscriber, make_user
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.contrib.api import callers
from truthlytics.contrib.api.models import Key, Scope
from truthlytics.contrib.api.services import CannotIssue, issue_to_reader
from truthlytics.privacy.deletion import delete_account

API = "/api/v1"
GATED = "The gated text of the article."
WRONG = f"tlk_{'A' * 43}"


def make_key(*scopes, reader=None, name="A program"):
    return Key.objects.issue(name=name, scopes=scopes, reader=reader)


def with_key(*scopes, reader=None):
    """Return the headers of a request with a new key."""
    return {"Authorization": f"Bearer {make_key(*scopes, reader=reader)[1]}"}


class KeyTestCase(ApiTestCase):
    def setUp(self):
        cache.clear()


class ReadingTests(KeyTestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(required_level=Level.SUBSCRIBER)
        cls.url = f"{API}/articles/{cls.article.slug}"

    def assert_reads_all(self, headers, *, is_complete=True):
        answer = self.ask(self.url, **headers)
        self.assertEqual((answer["is_complete"], GATED in answer["html"]), (is_complete, is_complete))

    def test_a_key_for_whole_articles(self):
        self.assert_reads_all(with_key(Scope.ARTICLES))
        self.assert_reads_all(with_key(Scope.COMMENTS), is_complete=False)
        self.assert_reads_all(with_key(), is_complete=False)
        self.assert_reads_all({}, is_complete=False)

    def test_a_reader_reads_what_they_may_at_that_moment(self):
        reader = make_subscriber()
        headers = with_key(reader=reader)
        self.assert_reads_all(headers)
        Grant.objects.filter(user=reader).update(ends_at=timezone.now() - timedelta(seconds=1))
        self.assert_reads_all(headers, is_complete=False)
        for other in (make_user(), make_lapsed_reader(), make_subscriber(verified=False)):
            self.assertEqual(
                self.ask(self.url, **with_key(reader=other))["is_complete"], other.pk and not other.verified_at
            )

    def test_the_answer_is_private(self):
        response = self.client.get(self.url, headers=with_key(Scope.ARTICLES))
        self.assertEqual(response.headers["Cache-Control"], "private, no-cache")
        self.assertNotIn("Access-Control-Allow-Origin", response.headers)
        self.assertIn("Authorization", response.headers["Vary"])
        refused = self.client.get(self.url, headers={"Authorization": f"Bearer {WRONG}"})
        self.assertEqual(refused.headers["Cache-Control"], "private, no-cache")

    def test_what_a_key_got_is_no_answer_to_a_visitor(self):
        etag = self.client.get(self.url, headers=with_key(Scope.ARTICLES)).headers["ETag"]
        self.assertEqual(self.client.get(self.url, headers={"If-None-Match": etag}).status_code, 200)

    def test_the_search_finds_gated_words_only_with_access(self):
        url = f"{API}/search?q=gated"
        for headers, found in ((with_key(Scope.ARTICLES), 1), (with_key(Scope.READERS), 0), ({}, 0)):
            self.assertEqual(len(self.items(url, **headers)), found)

    def test_it_is_noted_when_a_key_was_used_at_most_once_a_minute(self):
        row, key = make_key()
        headers, now = {"Authorization": f"Bearer {key}"}, timezone.now().replace(microsecond=0)
        for seconds, noted in ((0, 0), (50, 0), (61, 61)):
            with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
                self.ask(f"{API}/publication", **headers)
            row.refresh_from_db()
            self.assertEqual(row.last_used_at, now + timedelta(seconds=noted))

    def test_the_password_of_a_closed_site_is_no_key(self):
        headers = {"Authorization": "Basic c3RhZ2luZzpzZWNyZXQ="}
        self.assert_reads_all(headers, is_complete=False)
        self.assertEqual(self.client.get(self.url, headers=headers).headers["Cache-Control"], "private, no-cache")
        self.ask(f"{API}/readers", 401, **headers)


class RefusedTests(KeyTestCase):
    def test_a_wrong_key_is_never_a_visitor(self):
        row, key = make_key(Scope.ARTICLES)
        revoked, revoked_key = make_key(Scope.ARTICLES)
        revoked.revoke(timezone.now())
        tried = [
            WRONG,
            key[:-1],
            key.lower(),
            key.swapcase(),
            f"{key}A",
            f"{key} {key}",
            row.digest,
            row.start,
            "",
            "x",
        ]
        tried += [revoked_key, "é", "%00", "a" * 8000, f"{key}\x00"]
        for each in [*(f"Bearer {key}" for key in tried), key, f"Token {key}", "Bearer", "Digest x", ":"]:
            with self.subTest(each[:60]):
                answer = self.client.get(f"{API}/publication", headers={"Authorization": each})
                self.assertEqual((answer.status_code, answer.headers["WWW-Authenticate"]), (401, "Bearer"))
                self.assertNotIn("name", answer.json())
                self.assertNotIn(key, answer.content.decode())
        self.ask(f"{API}/publication", 401, Authorization=f"Bearer {WRONG}")
        self.ask(f"{API}/publication", Authorization=f"bearer  {key}")

    def test_keys_in_the_query_or_a_cookie_are_none(self):
        key = make_key(Scope.READERS, Scope.ARTICLES)[1]
        article = make_article(required_level=Level.SUBSCRIBER)
        for name in ("key", "api_key", "access_token", "token", "authorization"):
            self.ask(f"{API}/articles/{article.slug}?{name}={key}", 400)
            self.ask(f"{API}/readers?{name}={key}", 401)
            self.client.cookies[name] = key
        self.ask(f"{API}/readers", 401)
        for header in ("X-Api-Key", "Api-Key", "Cookie", "Proxy-Authorization"):
            self.ask(f"{API}/readers", 401, **{header: f"Bearer {key}"})
        self.assertFalse(self.ask(f"{API}/articles/{article.slug}", X_Api_Key=key)["is_complete"])

    def test_a_scope_is_needed_and_no_other_will_do(self):
        reader = make_subscriber(email="nadia@example.org")
        paths = {Scope.READERS: "readers", Scope.PAYMENTS: "payments", Scope.COMMENTS: "comments",
                 Scope.STATISTICS: "statistics"}  # fmt: skip
        for scope, path in paths.items():
            for headers in (with_key(*set(Scope) - {scope}), with_key(), with_key(reader=reader)):
                answer = self.ask(f"{API}/{path}", 403, **headers)
                self.assertEqual(answer["detail"], f"This key does not allow “{scope}”.")
            self.ask(f"{API}/{path}", 401)
            self.ask(f"{API}/{path}", **with_key(scope))
        self.ask(f"{API}/readers/{reader.pk}", 403, **with_key(Scope.PAYMENTS))

    def test_the_keys_of_a_closed_account_end(self):
        reader, gone = make_subscriber(), make_subscriber()
        headers, deleted = with_key(reader=reader), with_key(reader=gone)
        self.ask(f"{API}/publication", **headers)
        reader.is_active = False
        reader.save()
        delete_account(user=gone, keep_comments=True)
        for each in (headers, deleted):
            self.ask(f"{API}/publication", 401, **each)
        self.assertFalse(Key.objects.filter(reader=gone).exists())

    def test_a_reader_gets_no_scopes(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_key(Scope.READERS, reader=make_user())

    def test_keys_are_found_by_their_digest_alone(self):
        row, key = make_key()
        self.assertNotIn(key, str(list(Key.objects.values())))
        self.assertGreaterEqual(len(key) - len(row.start), 36)
        with self.assertNumQueries(0):
            self.assertIsNone(Key.objects.matching("no key"))
        with self.assertNumQueries(1):
            Key.objects.matching(WRONG)
        self.assertEqual(len({make_key()[1] for _ in range(50)}), 50)


class LimitTests(KeyTestCase):
    def test_too_many_requests_with_a_key(self):
        headers, other = with_key(), with_key()
        with patch.object(callers, "MAX_REQUESTS", 3):
            for _ in range(3):
                self.ask(f"{API}/publication", **headers)
            response = self.client.get(f"{API}/publication", headers=headers)
            self.assertEqual(response.status_code, 429)
            self.assertLessEqual(int(response.headers["Retry-After"]), 60)
            self.ask(f"{API}/publication", 429, **headers)
            self.ask(f"{API}/publication", **other)
        self.assertEqual(callers.MAX_REQUESTS, 600)

    def test_too_many_wrong_keys_from_one_address(self):
        right = with_key()
        wrong = {"Authorization": f"Bearer {WRONG}"}
        for _ in range(callers.MAX_FAILURES):
            self.client.get(f"{API}/publication", headers=wrong)
        answer = self.client.get(f"{API}/publication", headers=wrong)
        self.assertEqual(answer.status_code, 429)
        self.assertIn("Retry-After", answer.headers)
        elsewhere = self.client.get(f"{API}/publication", headers=wrong, REMOTE_ADDR="198.51.100.7")
        self.assertEqual(elsewhere.status_code, 401)
        # The neighbours of somebody who guesses, and visitors, go on reading.
        self.ask(f"{API}/publication", **right)
        self.ask(f"{API}/publication")

    def test_keys_are_in_no_log(self):
        key = make_key(Scope.READERS)[1]
        self.client.raise_request_exception = False
        self.addCleanup(logging.disable, logging.root.manager.disable)
        logging.disable(logging.NOTSET)
        broken = patch("truthlytics.contrib.api.views.private._accounts", side_effect=RuntimeError("broken"))
        with self.assertLogs("django", "DEBUG") as logs, broken:
            for path in ("readers", "payments", f"readers?key={key[:4]}"):
                self.client.get(f"{API}/{path}", headers={"Authorization": f"Bearer {key}"})
            self.client.get(f"{API}/payments", headers={"Authorization": f"Bearer {key}x"})
        self.assertIn("broken", "".join(logs.output))
        self.assertNotIn(key[10:], "".join(logs.output))


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class PageCacheTests(TransactionTestCase):
    def setUp(self):
        cache.clear()

    def test_neither_gets_the_answer_of_the_other(self):
        article = make_article(required_level=Level.SUBSCRIBER, body=BODY)
        visitor, url = Visitor(), f"{API}/articles/{article.slug}"
        key = make_key(Scope.ARTICLES)[1]
        asked = {"visitor": {}, "key": {"HTTP_AUTHORIZATION": f"Bearer {key}"},
                 "wrong": {"HTTP_AUTHORIZATION": f"Bearer {WRONG}"},
                 "basic": {"HTTP_AUTHORIZATION": "Basic c3RhZ2luZzpzZWNyZXQ="}}  # fmt: skip
        for order in (("key", "visitor", "wrong", "basic"), ("visitor", "key", "basic", "wrong")) * 2:
            for who in order:
                with self.subTest(who, order=order):
                    answer = visitor.get(url, **asked[who])
                    self.assertEqual(answer["status"][:3], "401" if who == "wrong" else "200")
                    self.assertEqual(GATED.encode() in answer["body"], who == "key")
                    cached = answer["headers"]["Cache-Control"].startswith("public")
                    self.assertEqual(cached, who == "visitor")
        # Of the four visits by visitors, three came from the cache.
        self.assertEqual(visitor.rendered, 13)


@tag("sqlite")  # PostgreSQL has no lock for all writers.
class LockedTests(TransactionTestCase):
    def setUp(self):
        cache.clear()

    def test_reading_with_a_key_waits_for_no_lock(self):
        headers = with_key()
        self.addCleanup(connection.close)
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            started = timezone.now()
            for sent, status in ((headers, 200), ({"Authorization": f"Bearer {WRONG}"}, 401)):
                self.assertEqual(self.client.get(f"{API}/publication", headers=sent).status_code, status)
            self.assertLess(timezone.now() - started, timedelta(seconds=5))
            other.execute("ROLLBACK")
        self.assertIsNone(Key.objects.get().last_used_at)
        self.client.get(f"{API}/publication", headers=headers)
        self.assertIsNotNone(Key.objects.get().last_used_at)

    def test_the_page_of_a_reader_waits_for_no_lock(self):
        self.client.force_login(make_user())
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        self.addCleanup(connection.close)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.assertEqual(self.client.get("/account/keys/").status_code, 200)
            other.execute("ROLLBACK")


class RaceTests(TransactionTestCase):
    def setUp(self):
        cache.clear()

    def test_of_many_keys_made_at_once_five_work(self):
        reader = make_user()

        def make():
            with suppress(CannotIssue):
                return issue_to_reader(reader=reader, name="A program")

        self.assertEqual(len(list(filter(None, at_once(make, 8)))), 5)
        self.assertEqual(Key.objects.of_reader(reader).count(), 5)

    def test_a_key_that_is_locked_reads_on(self):
        row, key = make_key()
        with transaction.atomic():
            Key.objects.select_for_update().get(pk=row.pk)
            headers = {"Authorization": f"Bearer {key}"}
            (answer,) = at_once(lambda: self.client.get(f"{API}/publication", headers=headers).status_code, 1)
        self.assertEqual(answer, 200)
        row.refresh_from_db()
        self.assertIsNone(row.last_used_at)
