"""Whatever arrives at whichever address: a page with a sentence, never an error of ours. Holds on both databases.

The forms are found in the pages themselves, so that a new field is tried by itself.
"""

import json
from itertools import count, cycle
from uuid import uuid4

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory, TestCase, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from lxml import html

from articles.models import Image, OldAddress
from articles.services.sharing import share
from tests.factories import (
    PASSWORD,
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_draft,
    make_editor,
    make_grant,
    make_image,
    make_order,
    make_page,
    make_paid,
    make_price,
    make_topic,
    make_user,
)
from tests.subscriptions.journeys import on_demo
from truthlytics.web.limits import client_address

NOBODY = "nobody"
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
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def address(name, *arguments):
    return reverse(f"admin:{name}", args=arguments)


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
class BadInputTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = {"editor": make_editor(), "reader": make_user(), "commenter": make_commenter()}
        cls.article, cls.draft = make_article(topics=[make_topic()]), make_draft()
        waits = make_article(at=timezone.now() + timezone.timedelta(days=2))
        mine = make_comment(article=cls.article, author=cls.people["commenter"])
        cls.other = make_comment(article=cls.article)
        transfer, demo = make_order(provider="manual"), make_order()
        cls.people |= {"subscriber": make_paid().user, "transfer": transfer.user, "demo": demo.user}
        plain, grant = make_price(), make_grant(cls.people["reader"])
        old = OldAddress.objects.create(path="/old", article=cls.article)
        link = share(article=cls.draft, by=cls.people["editor"], days=1)
        outside = reverse("articles:draft_remarks", args=[link.token])
        article, thread = cls.article.get_absolute_url(), f"{cls.article.get_absolute_url()}comments/"
        report = f"/comments/{cls.other.pk}/report/"
        accounts = ("login/", "signup/", "login/code/", "password/reset/")
        cls.pages = {
            NOBODY: [*(f"/accounts/{name}" for name in accounts), "/subscribe/", article, thread, report, outside],
            "commenter": [article, f"/comments/{mine.pk}/edit/", report, "/account/name/"],
            "subscriber": [
                "/account/cancellation/", "/accounts/email/", "/accounts/password/change/", "/accounts/sessions/",
                "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/reauthenticate/",
            ],
            "transfer": ["/cart/"],
            "demo": [f"/checkout/{demo.uuid}/demo/"],
            "editor": [
                address("articles_article_add"), address("articles_article_change", cls.draft.pk),
                address("articles_article_publish", cls.draft.pk), address("articles_article_delete", make_draft().pk),
                address("articles_article_unschedule", waits.pk), address("articles_article_changelist"),
                address("articles_page_add"), address("articles_page_change", make_page().pk),
                address("articles_page_publish", make_page(published=False).pk),
                address("articles_image_add"), address("articles_image_change", make_image().pk),
                address("articles_section_add"), address("articles_topic_add"), address("articles_series_add"),
                address("articles_recording_add"), address("articles_article_sharing", cls.draft.pk),
                address("articles_article_remarks", cls.draft.pk), address("articles_article_preview", cls.draft.pk),
                address("articles_author_change", make_author().pk), address("articles_oldaddress_change", old.pk),
                address("comments_comment_changelist"), address("comments_comment_change", cls.other.pk),
                address("comments_conversation_add"), address("subscriptions_tier_add"),
                address("subscriptions_plan_change", plain.plan_id), address("subscriptions_price_add"),
                address("subscriptions_price_changelist"), address("subscriptions_order_changelist"),
                address("subscriptions_subscription_changelist"), address("subscriptions_grant_add"),
                address("subscriptions_grant_change", grant.pk), address("subscriptions_grant_changelist"),
                address("subscriptions_user_change", cls.people["reader"].pk),
            ],
        }  # fmt: skip

    def setUp(self):
        self.client.raise_request_exception = False

    def log_in(self, who):
        self.client.logout()
        if who != NOBODY:
            self.client.force_login(self.people[who])
        if who == "subscriber":
            self.client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    def send(self, method, target, data, what):
        cache.clear()
        answer = getattr(self.client, method)(target, data)
        with self.subTest(f"{method} {target} {what}"):
            self.assertLess(answer.status_code, 500)

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

    def test_bodies_that_nobody_should_send(self):
        form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
        part = b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="a"\r\n\r\nb\r\n'
        bodies = [
            ("5 MB of words", b"login=" + b"a" * 6_000_000, form, {413}),
            ("3,000 fields", b"&".join(b"f%d=1" % n for n in range(3000)), form, {413}),
            ("150 files", b"".join(part % n for n in range(150)) + b"--x--", multipart, {413}),
            ("another alphabet", b"login=a", f"{form}; charset=utf-16", {400}),
            ("no boundary", b"--x", "multipart/form-data", {400}),
            ("cut", part % 1, multipart, {200, 302, 422}),
            ("bad UTF-8", b"login=%ff%fe&text=\xff", form, {200, 302, 422}),
            ("JSON", b"{", "application/json", {200, 302, 400, 422}),
        ]
        for path in ("/accounts/login/", "/cart/lines/", f"{self.article.get_absolute_url()}comments/kept/"):
            for what, body, kind, expected in bodies:
                for enforced in (False, True):
                    self.client.handler.enforce_csrf_checks = enforced
                    with self.subTest(path=path, what=what, enforced=enforced):
                        answer = self.client.post(path, body, content_type=kind)
                        self.assertIn(answer.status_code, {403, *expected} if enforced else expected)
                        if expected < {400, 413} and answer.status_code != 403:
                            self.assertContains(answer, "go back", status_code=answer.status_code)
                            self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
                            self.assertEqual(answer.headers["Cache-Control"], "private, no-store")
            huge = self.client.post(path, b"", content_type=form, CONTENT_LENGTH="99999999999999999999")
            self.assertEqual(huge.status_code, 413)

    def test_passkey_answers_of_any_shape(self):
        answer = {"id": "YQ", "rawId": "YQ", "type": "public-key", "clientExtensionResults": {}}
        inner = {"clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "YQ", "userHandle": "OQ"}
        shapes = [
            *([], {}, "x", 1, True, [1], {"id": 1}, {"response": []}, answer, answer | {"response": inner}),
            answer | {"response": {"clientDataJSON": "e30", "attestationObject": "YQ"}},
            answer | {"response": inner | {"userHandle": "é", "clientDataJSON": "!"}},
        ]
        for who, path in ((NOBODY, "/accounts/2fa/webauthn/login/"), ("subscriber", "/accounts/2fa/webauthn/add/")):
            self.log_in(who)
            for typed in [*(json.dumps(shape) for shape in shapes), "[" * 200_000, "9" * 5000, "NaN", '{"a":1e999}']:
                cache.clear()
                self.client.get(path)
                with self.subTest(path=path, typed=typed[:60]):
                    self.assertLess(self.client.post(path, {"credential": typed}).status_code, 500)

    def test_what_is_kept_for_a_stranger_is_bounded(self):
        self.client.post(f"{self.article.get_absolute_url()}comments/kept/", {"text": "Words.", "key": "x" * 99_999})
        kept = self.client.session["kept_comments"][str(self.article.pk)]
        self.assertEqual((kept["text"], len(kept["key"])), ("Words.", 40))

    def test_a_socket_for_both_kinds_of_address_does_not_put_everybody_into_one_bucket(self):
        for typed, counted in [
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::/64"),
        ]:
            self.assertEqual(client_address(RequestFactory().get("/", REMOTE_ADDR=typed)), counted)

    def test_files_that_are_no_pictures(self):
        self.log_in("editor")
        png = make_image().file
        with png.open() as file:
            good = file.read()
        svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
        files = [
            b"",
            b"GIF89a" + b"\0" * 40,
            svg,
            b"<script>",
            good[:40],
            b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
            b"RIFF\0\0\0\0WEBP",
        ]
        for data in files:
            with self.subTest(data[:12]):
                file = SimpleUploadedFile("picture.png", data, "image/png")
                words = {"file": file, "alt": "What one sees", "credit": "Somebody"}
                answer = self.client.post(address("articles_image_add"), words)
                self.assertContains(answer, "What one sees")
                self.assertTrue(answer.context["adminform"].form.errors["file"])
        self.assertEqual(Image.objects.count(), 2)

    def test_what_was_typed_comes_back_with_the_sentence(self):
        long = "So much to say. " * 2000
        draft = address("articles_article_change", self.draft.pk)
        report = f"/comments/{self.other.pk}/report/"
        thread = f"{self.article.get_absolute_url()}comments/"
        for who, path, data, typed, sentence in [
            ("commenter", thread, {"text": long, "key": uuid4()}, long[:999], "Nothing was cut"),
            ("commenter", thread, {"text": "My words.", "key": "x"}, "My words.", "press Post once more"),
            ("commenter", thread, {"text": "My words.", "key": uuid4(), "parent": "9" * 40}, "My words.", "stand by"),
            ("commenter", report, {"reason": "odd", "words": "My words."}, "My words.", "Choose one of the reasons"),
            ("commenter", "/account/name/", {"display_name": "N" * 99}, "N" * 99, "at most 60"),
            (NOBODY, "/accounts/signup/", {"email": "no address", "display_name": "Nora"}, "Nora", "valid email"),
            ("transfer", "/checkout/", {"provider": "nobody"}, "", "is not offered"),
            ("reader", "/cart/lines/", {"price": "9" * 40}, "", "is not sold any more, or never was"),
            ("editor", draft, {"headline": "", "standfirst": "My words."}, "My words.", "Give it a headline"),
            ("editor", draft, {"headline": "A head", "lead": "9" * 5000}, "A head", "valid choice"),
        ]:  # fmt: skip
            self.log_in(who)
            cache.clear()
            with self.subTest(path=path, sentence=sentence):
                page = html.fromstring(self.client.post(path, data).content.decode())
                values = [*page.xpath("//input/@value"), *(area.text or "" for area in page.iter("textarea"))]
                self.assertIn(sentence, page.text_content())
                self.assertTrue(not typed or any(typed in value for value in values))


def named(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from named(pattern.url_patterns, inside)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}", list(pattern.pattern.converters)
