"""Bodies, files and answers that nobody should send: never an error of ours, and what was typed comes back."""

import json
from uuid import uuid4

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory, override_settings
from lxml import html

from articles.models import Image
from tests.factories import make_image
from tests.subscriptions.journeys import on_demo
from tests.truthlytics.bad_input import LOCAL, NOBODY, BadInputCase, address
from truthlytics.web.rate_limits import client_address


@on_demo
@override_settings(CACHES=LOCAL)
class BadBodyTests(BadInputCase):
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
            (NOBODY, "/accounts/signup/", {"email": "no address", "display_name": "Nora"}, "Nora", "Write an e-mail"),
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
