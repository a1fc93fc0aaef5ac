"""Malformed bodies and files never cause a server error, and rejected forms show the submitted values again."""

import json
from uuid import uuid4

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory, override_settings, tag
from lxml import html

from articles.models import Image
from tests.budget import takes_longer
from tests.factories import make_image
from tests.subscriptions.journeys import on_demo
from tests.truthlytics.bad_input import ANONYMOUS, LOCAL_CACHE, BadInputCase, admin_url
from truthlytics.web.rate_limits import client_ip


@tag("all_features")
@on_demo
@override_settings(CACHES=LOCAL_CACHE)
class MalformedRequestTests(BadInputCase):
    def test_malformed_bodies(self):
        form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
        part = b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="a"\r\n\r\nb\r\n'
        bodies = [
            ("5 MB of text", b"login=" + b"a" * 6_000_000, form, {413}),
            ("3,000 fields", b"&".join(b"f%d=1" % n for n in range(3000)), form, {413}),
            ("150 files", b"".join(part % n for n in range(150)) + b"--x--", multipart, {413}),
            ("unsupported charset", b"login=a", f"{form}; charset=utf-16", {400}),
            ("no boundary", b"--x", "multipart/form-data", {400}),
            ("truncated", part % 1, multipart, {200, 302, 422}),
            ("bad UTF-8", b"login=%ff%fe&text=\xff", form, {200, 302, 422}),
            ("JSON", b"{", "application/json", {200, 302, 400, 422}),
        ]
        for path in ("/accounts/login/", "/cart/lines/", f"{self.article.get_absolute_url()}comments/kept/"):
            for label, body, content_type, expected in bodies:
                for enforced in (False, True):
                    self.client.handler.enforce_csrf_checks = enforced
                    with self.subTest(path=path, label=label, enforced=enforced):
                        response = self.client.post(path, body, content_type=content_type)
                        self.assertIn(response.status_code, {403, *expected} if enforced else expected)
                        if expected < {400, 413} and response.status_code != 403:
                            self.assertRegex(response.content, b"[Gg]o back")
                            self.assertIn("default-src 'none'", response.headers["Content-Security-Policy"])
                            self.assertEqual(response.headers["Cache-Control"], "private, no-store")
            huge = self.client.post(path, b"", content_type=form, CONTENT_LENGTH="99999999999999999999")
            self.assertEqual(huge.status_code, 413)

    @takes_longer("Many kinds of invalid input are sent.")
    def test_malformed_passkey_responses(self):
        credential = {"id": "YQ", "rawId": "YQ", "type": "public-key", "clientExtensionResults": {}}
        inner = {"clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "YQ", "userHandle": "OQ"}
        shapes = [
            *([], {}, "x", 1, True, [1], {"id": 1}, {"response": []}, credential, credential | {"response": inner}),
            credential | {"response": {"clientDataJSON": "e30", "attestationObject": "YQ"}},
            credential | {"response": inner | {"userHandle": "é", "clientDataJSON": "!"}},
        ]
        for visitor, path in (
            (ANONYMOUS, "/accounts/2fa/webauthn/login/"),
            ("subscriber", "/accounts/2fa/webauthn/add/"),
        ):
            self.log_in(visitor)
            for value in [*(json.dumps(shape) for shape in shapes), "[" * 200_000, "9" * 5000, "NaN", '{"a":1e999}']:
                cache.clear()
                self.client.get(path)
                with self.subTest(path=path, value=value[:60]):
                    self.assertLess(self.client.post(path, {"credential": value}).status_code, 500)

    def test_pending_comments_of_anonymous_readers_are_limited(self):
        self.client.post(f"{self.article.get_absolute_url()}comments/kept/", {"text": "Words.", "key": "x" * 99_999})
        pending = self.client.session["pending_comments"][str(self.article.pk)]
        self.assertEqual((pending["text"], len(pending["key"])), ("Words.", 40))

    def test_ipv4_clients_of_a_dual_stack_socket_are_counted_separately(self):
        for address, counted in [
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::/64"),
        ]:
            self.assertEqual(client_ip(RequestFactory().get("/", REMOTE_ADDR=address)), counted)

    def test_files_that_are_not_images(self):
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
        for content in files:
            with self.subTest(content[:12]):
                file = SimpleUploadedFile("image.png", content, "image/png")
                data = {"file": file, "alt": "A description", "credit": "A photographer"}
                response = self.client.post(admin_url("articles_image_add"), data)
                self.assertContains(response, "A description")
                self.assertTrue(response.context["adminform"].form.errors["file"])
        self.assertEqual(Image.objects.count(), 2)

    def test_rejected_forms_show_the_submitted_values_and_the_error(self):
        long = "So much to say. " * 2000
        draft = admin_url("articles_article_change", self.draft.pk)
        report = f"/comments/{self.other.pk}/report/"
        thread = f"{self.article.get_absolute_url()}comments/"
        for visitor, path, data, submitted, message in [
            ("commenter", thread, {"text": long, "key": uuid4()}, long[:999], "Shorten it"),
            ("commenter", thread, {"text": "My text.", "key": "x"}, "My text.", "Post it again"),
            (
                "commenter",
                thread,
                {"text": "My text.", "key": uuid4(), "parent": "9" * 40},
                "My text.",
                "is no longer available",
            ),
            ("commenter", report, {"reason": "odd", "words": "My text."}, "My text.", "Choose one of the reasons"),
            ("commenter", "/account/name/", {"display_name": "N" * 99}, "N" * 99, "at most 60"),
            (
                ANONYMOUS,
                "/accounts/signup/",
                {"email": "no address", "display_name": "Nora"},
                "Nora",
                "Enter a valid email",
            ),
            ("transfer", "/checkout/", {"provider": "nobody"}, "", "isn’t available"),
            ("reader", "/cart/lines/", {"price": "9" * 40}, "", "is no longer available"),
            ("editor", draft, {"headline": "", "standfirst": "My text."}, "My text.", "Enter a headline"),
            ("editor", draft, {"headline": "A head", "lead": "9" * 5000}, "A head", "valid choice"),
        ]:
            self.log_in(visitor)
            cache.clear()
            with self.subTest(path=path, message=message):
                page = html.fromstring(self.client.post(path, data).content.decode())
                values = [*page.xpath("//input/@value"), *(area.text or "" for area in page.iter("textarea"))]
                self.assertIn(message, page.text_content())
                self.assertTrue(not submitted or any(submitted in value for value in values))
