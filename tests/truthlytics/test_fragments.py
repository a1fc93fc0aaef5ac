"""Pieces of pages that are kept: made once, within their bytes, and never anybody's own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import time_machine
from django.http import Http404
from django.template import Context, Template, TemplateSyntaxError
from django.test import SimpleTestCase

from tests.truthlytics.fragments import later, make_known
from truthlytics.web.fragments import Fragments, fragment, mention, noting
from truthlytics.web.generations import Generations


class FragmentTests(SimpleTestCase):
    def setUp(self):
        folder = self.enterContext(TemporaryDirectory())
        self.generations = Generations(Path(folder) / "g")
        self.fragments = Fragments(self.generations, 10**6)
        self.made = []

    def make(self, words="words", *tags):
        self.made.append(words)
        mention(*tags)
        return words

    def read(self, *key, tags=(), next_change=later, **options):
        with self.fragments.reading(next_change) as reading:
            value = fragment(*key, make=options.get("make", self.make), tags=tags)
        return value, reading

    def test_it_is_made_once_and_again_when_a_tag_of_it_changes(self):
        for _ in range(2):
            self.read("a", tags=["x"])
        self.generations.bump(["y"])
        self.read("a", tags=["x"])
        self.assertEqual(len(self.made), 1)
        self.generations.bump(["x"])
        self.read("a", tags=["x"])
        self.assertEqual(len(self.made), 2)

    def test_outside_of_a_reading_nothing_is_kept(self):
        for _ in range(2):
            fragment("a", make=self.make)
        self.assertEqual(len(self.made), 2)

    def test_what_it_depends_on_is_known_where_nothing_is_kept(self):
        with noting() as noted:
            fragment("a", make=lambda: self.make("words", "found"), tags=["x"])
        self.assertEqual(noted.tags, {"x", "found"})

    def test_it_ends_with_the_next_change_by_the_clock(self):
        noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
        for minutes in (0, 59, 60):
            with time_machine.travel(noon + timedelta(minutes=minutes), tick=False):
                self.read("a", next_change=lambda: noon + timedelta(hours=1))
        self.assertEqual(len(self.made), 2)

    def test_a_change_while_it_is_made_or_since_the_request_began_is_not_missed(self):
        with self.fragments.reading(later):
            self.generations.bump(["x"])
            fragment("a", make=self.make, tags=["x"])
        self.read("a", tags=["x"])
        self.assertEqual(len(self.made), 2)

    def test_what_stands_in_it_is_what_it_and_its_page_depend_on(self):
        def outer():
            return fragment("inner", make=lambda: self.make("inner", "found"), tags=["deep"])

        for _ in range(2):
            _, reading = self.read("outer", tags=["top"], make=outer)
            self.assertEqual(reading.tags, {"top", "deep", "found"})
        self.generations.bump(["found"])
        self.read("outer", tags=["top"], make=outer)
        self.assertEqual(self.made, ["inner", "inner"])

    def test_what_is_not_there_is_not_kept(self):
        def missing():
            raise Http404

        with self.assertRaises(Http404):
            self.read("a", make=missing)
        self.assertEqual(self.read("a")[0], "words")

    def test_it_holds_no_more_bytes_than_allowed(self):
        self.fragments.limit = 3000
        for name in "abc":
            self.read(name, make=lambda: "x" * 1000)
        self.assertIsNone(self.fragments.get(("a",)))
        self.assertIsNotNone(self.fragments.get(("c",)))
        self.read("d", make=lambda: "x" * 4000)
        self.assertIsNone(self.fragments.get(("d",)))


class TagTests(SimpleTestCase):
    def draw(self, text, **context):
        return Template("{% load fragments %}" + text).render(Context(context))

    def test_nothing_of_the_visitor_is_seen_in_it(self):
        text = "{% fragment 'a' %}{{ user.pk }}{{ csrf_token|default:'' }}{{ words }}{% endfragment %}{{ user.pk }}"
        html = self.draw(text, user=make_known(), csrf_token="token", words="W")
        self.assertEqual(html.replace("None", ""), "W7")

    def test_a_key_is_words_and_numbers(self):
        with self.assertRaises(TemplateSyntaxError):
            self.draw("{% fragment 'a' user %}{% endfragment %}", user=make_known())
        with self.assertRaises(TemplateSyntaxError):
            self.draw("{% fragment %}{% endfragment %}")
