"""Invalid input at any URL never causes a server error, on either database.

Forms are collected from the pages, so that new fields are tested automatically.
"""

import re
from contextlib import suppress
from itertools import count, cycle
from unittest import mock
from uuid import uuid4

from django.db import DataError, connection, transaction
from django.test import override_settings, tag
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from lxml import html

from tests.budget import takes_longer
from tests.rendering import rendered
from tests.subscriptions.journeys import on_demo
from tests.truthlytics.bad_input import ANONYMOUS, LOCAL_CACHE, BadInputCase
from truthlytics.env import BASE_DIR

# Submitted in all fields of a form at once.
VALUES_FOR_ALL_FIELDS = ["", "9" * 40, "x\x00" * 15_000]
# Submitted in single fields, one value after the other.
VALUES_FOR_ONE_FIELD = [
    "9" * 5000,
    "²",
    "-1",
    "[" * 60_000,
    "\u202e\u2066abc",
    "e" + "\u0301" * 600,
    "NaN",
    "9999-12-31",
    "\uffff%_\\",
    "a\x00b",
]
# With an invalid field, one form in so many is drawn again. No multiple of the values, so that each value is drawn.
DRAWN = 7
# Of the answers to null characters in every parameter, and to invalid queries and paths.
DRAWN_PAGES = 5
QUERIES = ["%00", "%FF%FE%ED%A0%80", "²", "9" * 40, "9" * 5000, "-1"]
PARAMETERS = [
    "q",
    "p",
    "o",
    "e",
    "after",
    "comments",
    "parent",
    "next",
    "state",
    "code",
    "currency",
    "all",
    "_popup",
    "_to_field",
]
PATHS = [
    "/articles/{}/", "/articles/{}/comments/", "/sections/{}/", "/comments/{}/", "/comments/{}/edit/",
    "/comments/{}/report/", "/comments/decisions/{}/", "/admin/comments/appeal/{}/change/",
    "/admin/comments/decision/{}/change/", "/admin/comments/suspension/{}/change/",
    "/checkout/{}/", "/media/{}.webp", "/admin/articles/article/{}/change/", "/static/{}",
    "/admin/articles/article/{}/publish/", "/admin/subscriptions/order/{}/change/", "/admin/r/{}/{}/", "/admin/{}/",
    "/accounts/password/reset/key/{}/", "/accounts/2fa/webauthn/keys/{}/edit/", "/{}",
    "/drafts/{}/", "/drafts/{}/remarks/", "/webhooks/{}/", "/account/invitation/{}/", "/accounts/this-browser/{}/",
    "/comments/emails/{}/", "/comments/emails/{}/one-click/", "/articles/{}/comments/following/",
    "/articles/{}/history/", "/articles/{}/history/{}..{}/", "/dossiers/{}/history/1..{}/", "/pages/{}/versions/{}/",
    "/api/v1/articles/{}", "/api/v1/articles/{}/versions/{}", "/api/v1/pages/{}", "/api/{}",
    "/api/v1/readers/{}", "/account/keys/{}/revocation/", "/accounts/with/{}/callback/",
    "/account/logins/{}/", "/account/logins/{}/removal/",
]  # fmt: skip


def forms_in(page):
    """Yield method, action and fields of each form. The values are those a browser would send, or None."""
    for form in html.fromstring(page.content.decode()).xpath("//form[not(@method='dialog')]"):
        fields = {}
        for control in form.iter("input", "textarea", "select"):
            if not (name := control.get("name")) or name == "csrfmiddlewaretoken":
                continue
            kind = control.get("type", control.tag)
            if kind in {"checkbox", "radio"}:
                fields[name] = control.get("value", "on") if control.get("checked") is not None else fields.get(name)
            elif kind == "select":
                fields[name] = next(iter(control.xpath("option[@selected]/@value")), "")
            else:
                fields[name] = None if kind == "file" else control.get("value") or control.text or ""
        actions = form.xpath(".//select[@name='action']/option[@value!='']/@value") or [None]
        for action in actions:
            selected = {"action": action} if action else {}
            yield form.get("method", "get").lower(), (form.get("action") or "").partition("#")[0], fields | selected


@tag("all_features")
@on_demo
@override_settings(CACHES=LOCAL_CACHE)
class BadInputTests(BadInputCase):
    @takes_longer("Many kinds of invalid input are sent.")
    def test_every_field_of_every_form(self):
        values, seen, number = cycle(VALUES_FOR_ONE_FIELD), set(), count()
        for visitor, pages in self.pages.items():
            self.log_in(visitor)
            for page in pages:
                response = self.client.get(page)
                self.assertEqual(response.status_code, 200, page)
                for method, action, fields in forms_in(response):
                    target = action if action.startswith("/") else page
                    if "logout" in target or (target, fields.get("action"), *fields) in seen:
                        continue
                    seen.add((target, fields.get("action"), *fields))
                    valid = {name: value for name, value in fields.items() if value is not None}
                    for value in VALUES_FOR_ALL_FIELDS[:2] if method == "get" else VALUES_FOR_ALL_FIELDS:
                        data = dict.fromkeys(fields, value) | {k: v for k, v in fields.items() if k == "action" and v}
                        with rendered(next(number) % DRAWN == 0):
                            self.send(method, target, data, f"all={value[:9]}")
                    # What only PostgreSQL refuses, it refuses in every second field too.
                    for name in list(fields)[:: 2 if connection.vendor == "postgresql" else 1]:
                        value = next(values)[: 4000 if method == "get" else None]
                        with rendered(next(number) % DRAWN == 0):
                            self.send(method, target, valid | {name: value}, f"{name}={value[:9]!r}")
        self.assertGreater(len(seen), 45)
        self.assertGreater(next(number), 200)

    def some_rendered(self, number):
        return rendered(next(number) % DRAWN_PAGES == 0)

    @takes_longer("Long lists are made and read.")
    def test_queries_and_paths(self):
        number = count()
        for visitor in (ANONYMOUS, "editor"):
            self.log_in(visitor)
            pages = ["/", "/latest/", self.article.get_absolute_url(), f"{self.article.get_absolute_url()}comments/"]
            pages += ["/subscribe/", "/accounts/login/", "/accounts/signup/"]
            pages += [p for p in self.pages["editor"] if visitor == "editor" and p.count("/") == 4]
            pages += ["/admin/articles/image/pick/", "/admin/autocomplete/"]
            for value in QUERIES:
                query = "&".join(f"{name}={value}" for name in PARAMETERS)
                for page in pages:
                    with self.subTest(visitor=visitor, page=page, value=value[:9]), self.some_rendered(number):
                        self.assertLess(self.client.get(f"{page}?{query}"[:8000]).status_code, 500)
                for path in PATHS:
                    with self.subTest(visitor=visitor, path=path, value=value[:9]), self.some_rendered(number):
                        self.assertLess(self.client.get(path.replace("{}", value[:300])).status_code, 500)

    def test_lists_of_the_newsroom_with_numbers_that_are_too_large(self):
        self.log_in("editor")
        for query in ("comments/comment/?author=", "comments/thread/?article=", "articles/article/?section="):
            with self.subTest(query):
                self.assertLess(self.client.get(f"/admin/{query}{'9' * 40}").status_code, 500)

    @takes_longer("Many kinds of invalid input are sent.")
    def test_every_url_with_every_method(self):
        arguments = {"slug": self.article.slug, "pk": self.other.pk, "uuid": uuid4(), "sha256": "0" * 64}
        for name, route in named_routes(get_resolver().url_patterns):
            try:
                path = reverse(name, kwargs={key: arguments.get(key, "jpg") for key in route})
            except Exception:  # noqa: BLE001 - URLs with other arguments are covered by the pages
                continue
            for method in ("post", "put", "delete", "options"):
                with self.subTest(path=path, method=method):
                    self.assertLess(getattr(self.client, method)(path).status_code, 500)

    @takes_longer("Many kinds of invalid input are sent.")
    def test_null_characters_in_every_parameter_that_the_code_reads(self):
        data = dict.fromkeys(parameters_in_code(), "a\x00b")
        self.assertIn("tab", data)
        arguments = {"slug": self.article.slug, "pk": self.draft.pk, "uuid": uuid4(), "sha256": "0" * 64}
        number = count()
        # SQLite stores them. What Python itself refuses, editors reach too.
        for visitor in (ANONYMOUS, "editor") if connection.vendor == "postgresql" else ("editor",):
            self.log_in(visitor)
            for name, route in named_routes(get_resolver().url_patterns):
                with suppress(NoReverseMatch):
                    path = reverse(name, kwargs={key: arguments.get(key, 1) for key in route})
                    if "logout" not in path:
                        for method in ("get", "post"):
                            # PostgreSQL accepts no further query in a transaction after an error.
                            with transaction.atomic(), self.some_rendered(number):
                                self.send(method, path, data, "null characters")
                                transaction.set_rollback(True)

    def test_input_that_the_database_rejects_answers_400(self):
        with mock.patch("articles.views.lists.layout_served", side_effect=DataError("NUL (0x00)")):
            response = self.client.get("/")
        self.assertContains(response, "couldn’t process your request", status_code=400)


def parameters_in_code():
    """Return the names of all query parameters and form fields that views look up by name."""
    pattern = re.compile(r"\b(?:GET|POST)(?:\.get|\.getlist)?[(\[]\"([\w-]+)\"")
    folders = (BASE_DIR / name for name in ("articles", "comments", "subscriptions", "truthlytics"))
    return {name for folder in folders for path in folder.rglob("*.py") for name in pattern.findall(path.read_text())}


def named_routes(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            namespace = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from named_routes(pattern.url_patterns, namespace)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}", list(pattern.pattern.converters)
