"""Whatever arrives at whichever address: a page with a sentence, never an error of ours. Holds on both databases.

The forms are found in the pages themselves, so that a new field is tried by itself.
"""

from itertools import count, cycle
from uuid import uuid4

from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from lxml import html

from tests.subscriptions.journeys import on_demo
from tests.truthlytics.bad_input import LOCAL, NOBODY, BadInputCase

# In all fields of a form at once.
TOGETHER = ["", "9" * 40, "x\x00" * 15_000]
# In one field after another.
ALONE = [
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
QUERIES = ["%00", "%FF%FE%ED%A0%80", "²", "9" * 40, "9" * 5000, "-1"]
PARAMETERS = ["q", "p", "o", "e", "after", "comments", "parent", "next", "currency", "all", "_popup", "_to_field"]
PATHS = [
    "/articles/{}/", "/articles/{}/comments/", "/sections/{}/", "/comments/{}/", "/comments/{}/edit/",
    "/comments/{}/report/", "/checkout/{}/", "/media/{}.webp", "/admin/articles/article/{}/change/", "/static/{}",
    "/admin/articles/article/{}/publish/", "/admin/subscriptions/order/{}/change/", "/admin/r/{}/{}/", "/admin/{}/",
    "/accounts/password/reset/key/{}/", "/accounts/2fa/webauthn/keys/{}/edit/", "/{}",
    "/drafts/{}/", "/drafts/{}/remarks/",
]  # fmt: skip


def forms_in(page):
    """Method, target and fields of each form: the values that a browser would send, None where it sends none."""
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
            chosen = {"action": action} if action else {}
            yield form.get("method", "get").lower(), (form.get("action") or "").partition("#")[0], fields | chosen


@on_demo
@override_settings(CACHES=LOCAL)
class BadInputTests(BadInputCase):
    def test_every_field_of_every_form(self):
        alone, seen, number = cycle(ALONE), set(), count()
        for who, pages in self.pages.items():
            self.log_in(who)
            for page in pages:
                opened = self.client.get(page)
                self.assertEqual(opened.status_code, 200, page)
                for method, action, fields in forms_in(opened):
                    target = action if action.startswith("/") else page
                    if "logout" in target or (target, fields.get("action"), *fields) in seen:
                        continue
                    seen.add((target, fields.get("action"), *fields))
                    usual = {name: value for name, value in fields.items() if value is not None}
                    for value in TOGETHER[:2] if method == "get" else TOGETHER:
                        odd = dict.fromkeys(fields, value) | {k: v for k, v in fields.items() if k == "action" and v}
                        self.send(method, target, odd, f"all={value[:9]}")
                    for name in fields:
                        next(number)
                        value = next(alone)[: 4000 if method == "get" else None]
                        self.send(method, target, usual | {name: value}, f"{name}={value[:9]!r}")
        self.assertGreater(len(seen), 45)
        self.assertGreater(next(number), 200)

    def test_queries_and_paths(self):
        for who in (NOBODY, "editor"):
            self.log_in(who)
            pages = ["/", "/latest/", self.article.get_absolute_url(), f"{self.article.get_absolute_url()}comments/"]
            pages += ["/subscribe/", "/accounts/login/", "/accounts/signup/"]
            pages += [p for p in self.pages["editor"] if who == "editor" and p.count("/") == 4]
            pages += ["/admin/articles/image/pick/", "/admin/autocomplete/"]
            for value in QUERIES:
                every = "&".join(f"{name}={value}" for name in PARAMETERS)
                for page in pages:
                    with self.subTest(who=who, page=page, value=value[:9]):
                        self.assertLess(self.client.get(f"{page}?{every}"[:8000]).status_code, 500)
                for path in PATHS:
                    with self.subTest(who=who, path=path, value=value[:9]):
                        self.assertLess(self.client.get(path.replace("{}", value[:300])).status_code, 500)

    def test_every_address_under_every_method(self):
        filled = {"slug": self.article.slug, "pk": self.other.pk, "uuid": uuid4(), "sha256": "0" * 64}
        for name, route in named(get_resolver().url_patterns):
            try:
                path = reverse(name, kwargs={key: filled.get(key, "jpg") for key in route})
            except Exception:  # noqa: BLE001 - an address of other arguments is met by its pages
                continue
            for method in ("post", "put", "delete", "options"):
                with self.subTest(path=path, method=method):
                    self.assertLess(getattr(self.client, method)(path).status_code, 500)


def named(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from named(pattern.url_patterns, inside)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}", list(pattern.pattern.converters)
