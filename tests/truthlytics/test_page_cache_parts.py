"""What the page cache is made of: what has changed, under which name a page is kept, how much is kept."""

import tempfile
from pathlib import Path
from unittest import mock

from django.test import RequestFactory, SimpleTestCase, override_settings

from truthlytics.cache.keys import Names
from truthlytics.cache.store import Entry, Store
from truthlytics.cache.wsgi import PageCache
from truthlytics.web.generations import Generations

LONG = 10**10


class GenerationTests(SimpleTestCase):
    def test_a_change_is_known_to_all_who_have_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            one, other = (Generations(Path(folder) / "g") for _ in range(2))
            marks = one.marks(["a", "b"], one.snapshot())
            self.assertTrue(one.hold(marks))
            other.bump(["c"])
            self.assertTrue(one.hold(marks))
            other.bump(["b"])
            self.assertFalse(one.hold(marks))

    def test_a_hit_looks_at_its_marks_only_when_something_has_changed(self):
        with tempfile.TemporaryDirectory() as folder:
            known = Generations(Path(folder) / "g")
            cache = PageCache(None, store=Store(10**6), generations=known)
            entry = Entry("200 OK", [], b"x", known.marks(["a"], known.snapshot()), LONG)
            with mock.patch.object(known, "hold", wraps=known.hold) as hold:
                answers = []
                for tags in ([], [], ["b"], [], ["a"]):
                    known.bump(tags) if tags else None
                    answers.append((cache.still_true(entry), hold.call_count))
        self.assertEqual(answers, [(True, 1), (True, 1), (True, 2), (True, 2), (False, 3)])


@override_settings(ALLOWED_HOSTS=["testserver"])
class NamesTests(SimpleTestCase):
    def test_a_way_of_asking_is_remembered_with_all_that_matters_and_not_for_ever(self):
        names = Names()

        def ask(**more):
            return RequestFactory(HTTP_HOST="testserver").get("/latest/").environ | more

        names.remember(ask(), "kept")
        self.assertEqual(names.known(names.asked(ask())), "kept")
        for other in (
            {"HTTP_HOST": "other"},
            {"PATH_INFO": "/"},
            {"QUERY_STRING": "after=a"},
            {"REQUEST_METHOD": "HEAD"},
            {"wsgi.url_scheme": "https"},
            {"SCRIPT_NAME": "/x"},
        ):
            self.assertIsNone(names.known(names.asked(ask(**other))), other)
        with mock.patch("truthlytics.cache.keys.MOST", 3):
            for number in range(5):
                names.remember(ask(QUERY_STRING=f"utm_source={number}"), "kept")
        self.assertLessEqual(len(names._known), 3)

    @override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
    def test_http_and_https_behind_a_proxy_are_two(self):
        names = Names()
        asked = RequestFactory(HTTP_HOST="testserver").get("/", HTTP_X_FORWARDED_PROTO="https").environ
        names.remember(asked, names.of(asked))
        self.assertTrue(names.known(names.asked(asked)).startswith("https:"))
        self.assertIsNone(names.known(names.asked(asked | {"HTTP_X_FORWARDED_PROTO": "http"})))


class StoreTests(SimpleTestCase):
    def test_it_holds_no_more_bytes_than_allowed_and_forgets_the_least_wanted(self):
        def page(size=1000):
            return Entry("200 OK", [], b"x" * size, (), LONG)

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
