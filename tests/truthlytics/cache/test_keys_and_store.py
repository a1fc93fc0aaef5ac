"""Parts of the page cache: generations, keys and the store."""

import tempfile
from pathlib import Path
from unittest import mock

from django.test import RequestFactory, SimpleTestCase, override_settings

from tests.truthlytics.cache.visitor import FAR_FUTURE
from truthlytics.cache.keys import CacheKeys
from truthlytics.cache.store import Entry, Store
from truthlytics.cache.wsgi import PageCache
from truthlytics.web.generations import Generations


class GenerationTests(SimpleTestCase):
    def test_changes_are_visible_to_all_workers_that_share_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            one, other = (Generations(Path(folder) / "g") for _ in range(2))
            stamps = one.stamps(["a", "b"], one.snapshot())
            self.assertTrue(one.are_current(stamps))
            other.bump(["c"])
            self.assertTrue(one.are_current(stamps))
            other.bump(["b"])
            self.assertFalse(one.are_current(stamps))

    def test_a_hit_checks_its_stamps_only_after_a_change(self):
        with tempfile.TemporaryDirectory() as folder:
            generations = Generations(Path(folder) / "g")
            cache = PageCache(None, store=Store(10**6), generations=generations)
            entry = Entry("200 OK", [], b"x", generations.stamps(["a"], generations.snapshot()), FAR_FUTURE)
            with mock.patch.object(generations, "are_current", wraps=generations.are_current) as check:
                results = []
                for tags in ([], [], ["b"], [], ["a"]):
                    generations.bump(tags) if tags else None
                    results.append((cache.is_current(entry), check.call_count))
        self.assertEqual(results, [(True, 1), (True, 1), (True, 2), (True, 2), (False, 3)])


@override_settings(ALLOWED_HOSTS=["testserver"])
class CacheKeysTests(SimpleTestCase):
    def test_remembered_keys_distinguish_requests_and_are_limited(self):
        keys = CacheKeys()

        def environ(**changes):
            return RequestFactory(HTTP_HOST="testserver").get("/latest/").environ | changes

        keys.remember(environ(), "a key")
        self.assertEqual(keys.remembered(keys.raw_key(environ())), "a key")
        for changes in (
            {"HTTP_HOST": "other"},
            {"PATH_INFO": "/"},
            {"QUERY_STRING": "after=a"},
            {"REQUEST_METHOD": "HEAD"},
            {"wsgi.url_scheme": "https"},
            {"SCRIPT_NAME": "/x"},
        ):
            self.assertIsNone(keys.remembered(keys.raw_key(environ(**changes))), changes)
        with mock.patch("truthlytics.cache.keys.MAX_REMEMBERED", 3):
            for number in range(5):
                keys.remember(environ(QUERY_STRING=f"utm_source={number}"), "a key")
        self.assertLessEqual(len(keys._keys), 3)

    @override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
    def test_http_and_https_behind_a_proxy_have_different_keys(self):
        keys = CacheKeys()
        environ = RequestFactory(HTTP_HOST="testserver").get("/", HTTP_X_FORWARDED_PROTO="https").environ
        keys.remember(environ, keys.build(environ))
        self.assertTrue(keys.remembered(keys.raw_key(environ)).startswith("https:"))
        self.assertIsNone(keys.remembered(keys.raw_key(environ | {"HTTP_X_FORWARDED_PROTO": "http"})))


class StoreTests(SimpleTestCase):
    def test_the_store_is_limited_and_evicts_unused_pages_first(self):
        def page(size=1000):
            return Entry("200 OK", [], b"x" * size, (), FAR_FUTURE)

        store = Store(limit=3 * page().size)
        for name in "abc":
            store.put(name, page())
        store.get("a").hits += 1
        store.put("d", page())
        self.assertEqual([name for name in "abcd" if store.get(name)], ["a", "c", "d"])
        store.put("e", page())
        store.put("f", page())
        self.assertEqual([name for name in "adef" if store.get(name)], ["a", "e", "f"])
        store.put("huge", page(10**6))
        self.assertIsNone(store.get("huge"))
        self.assertIsNotNone(store.get("f"))
