"""The fragment cache: what is cached, for how long, and what a fragment never contains."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import time_machine
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.template import Context, Template, TemplateSyntaxError
from django.test import SimpleTestCase
from django.utils import timezone

from truthlytics.web.fragments import EVERY_PAGE, FragmentCache, add_tags, collect_dependencies, fragment, once
from truthlytics.web.generations import Generations


def in_an_hour():
    return timezone.now() + timedelta(hours=1)


class FragmentTests(SimpleTestCase):
    def setUp(self):
        folder = self.enterContext(TemporaryDirectory())
        self.generations = Generations(Path(folder) / "g")
        self.fragments = FragmentCache(self.generations, 10**6)
        self.made = []

    def make(self, text="text", *tags):
        self.made.append(text)
        add_tags(*tags)
        return text

    def read(self, *key, tags=(), next_change=in_an_hour, **options):
        with self.fragments.activate(next_change) as dependencies:
            value = fragment(*key, make=options.get("make", self.make), tags=tags)
        return value, dependencies

    def test_a_fragment_is_made_again_when_a_tag_is_invalidated(self):
        for _ in range(2):
            self.read("a", tags=["x"])
        self.generations.bump(["y"])
        self.read("a", tags=["x"])
        self.assertEqual(len(self.made), 1)
        self.generations.bump(["x"])
        self.read("a", tags=["x"])
        self.assertEqual(len(self.made), 2)

    def test_nothing_is_cached_while_the_cache_is_not_active(self):
        for _ in range(2):
            fragment("a", make=self.make)
        self.assertEqual(len(self.made), 2)

    def test_dependencies_are_collected_without_the_cache(self):
        with collect_dependencies() as dependencies:
            fragment("a", make=lambda: self.make("text", "added"), tags=["x"])
        self.assertEqual(dependencies.tags, {"x", "added"})

    def test_a_fragment_expires_at_the_next_scheduled_change(self):
        noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
        for minutes in (0, 59, 60):
            with time_machine.travel(noon + timedelta(minutes=minutes), tick=False):
                self.read("a", next_change=lambda: noon + timedelta(hours=1))
        self.assertEqual(len(self.made), 2)

    def test_a_change_during_the_request_is_not_missed(self):
        with self.fragments.activate(in_an_hour):
            self.generations.bump(["x"])
            fragment("a", make=self.make, tags=["x"])
        self.read("a", tags=["x"])
        self.assertEqual(len(self.made), 2)

    def test_a_fragment_depends_on_the_fragments_inside_it(self):
        def outer():
            return fragment("inner", make=lambda: self.make("inner", "added"), tags=["deep"])

        for _ in range(2):
            _, dependencies = self.read("outer", tags=["top"], make=outer)
            self.assertEqual(dependencies.tags, {EVERY_PAGE, "top", "deep", "added"})
        self.generations.bump(["added"])
        self.read("outer", tags=["top"], make=outer)
        self.assertEqual(self.made, ["inner", "inner"])

    def test_a_shared_result_passes_its_tags_to_every_fragment_that_uses_it(self):
        shared = once(lambda: self.make("shared", "added"))
        with self.fragments.activate(in_an_hour):
            fragment("first", make=shared)
            fragment("second", make=lambda: shared() + "!")
        self.assertEqual(self.made, ["shared"])
        self.generations.bump(["added"])
        self.assertIsNone(self.fragments.get(("first",)))
        self.assertIsNone(self.fragments.get(("second",)))

    def test_a_failed_fragment_is_not_cached(self):
        def missing():
            raise Http404

        with self.assertRaises(Http404):
            self.read("a", make=missing)
        self.assertEqual(self.read("a")[0], "text")

    def test_the_cache_is_limited_in_bytes(self):
        self.fragments.limit = 3000
        for name in "abc":
            self.read(name, make=lambda: "x" * 1000)
        self.assertIsNone(self.fragments.get(("a",)))
        self.assertIsNotNone(self.fragments.get(("c",)))
        self.read("d", make=lambda: "x" * 4000)
        self.assertIsNone(self.fragments.get(("d",)))


class FragmentTagTests(SimpleTestCase):
    def render(self, template, **context):
        return Template("{% load fragments %}" + template).render(Context(context))

    def user(self):
        user = AnonymousUser()
        user.pk = 7
        return user

    def test_personal_values_are_hidden_inside_a_fragment(self):
        template = "{% fragment 'a' %}{{ user.pk }}{{ csrf_token|default:'' }}{{ text }}{% endfragment %}{{ user.pk }}"
        html = self.render(template, user=self.user(), csrf_token="token", text="T")
        self.assertEqual(html.replace("None", ""), "T7")

    def test_values_of_the_fragment_context_are_available_inside(self):
        template = "{% fragment 'a' %}{{ text }}{% endfragment %}{{ text|default:'-' }}"
        self.assertEqual(self.render(template, fragment_context=lambda: {"text": "T"}), "T-")

    def test_a_key_consists_of_strings_and_numbers(self):
        with self.assertRaises(TemplateSyntaxError):
            self.render("{% fragment 'a' user %}{% endfragment %}", user=self.user())
        with self.assertRaises(TemplateSyntaxError):
            self.render("{% fragment %}{% endfragment %}")
