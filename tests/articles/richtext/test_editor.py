"""The rich text editor: its static files, vocabulary and content security policy."""

import base64
import hashlib
import json
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import SimpleTestCase, TestCase
from django.urls import reverse

from articles.richtext.vocabulary import ARTICLE_EXTENSIONS, EXTENSIONS, clean
from tests.factories import make_editor, make_user

INJECTED = re.compile(r"`(\.ProseMirror \{.*?)`", re.DOTALL)


def static_file(path):
    return Path(finders.find(path)).read_text(encoding="utf-8")


class StaticFileTests(SimpleTestCase):
    def test_policy_contains_the_hash_of_the_injected_style(self):
        """If the style is blocked, typed spaces are stored as no-break spaces."""
        style = INJECTED.search(static_file("django_prose_editor/editor.js"))
        self.assertIsNotNone(style, "The editor's injected style was not found.")
        digest = hashlib.sha256(style[1].encode()).digest()
        self.assertEqual(settings.EDITOR_STYLE, f"'sha256-{base64.b64encode(digest).decode()}'")

    def test_style_sheet_preserves_typed_spaces(self):
        self.assertRegex(static_file("newsroom/css/sheet.css"), r"\.ProseMirror \{[^}]*white-space: break-spaces")

    def test_every_extension_is_exported_by_a_module(self):
        group = settings.DJANGO_PROSE_EDITOR_EXTENSIONS[0]
        self.assertEqual(set(group["extensions"]), set(EXTENSIONS))
        modules = "".join(static_file(str(path).removeprefix(settings.STATIC_URL)) for path in group["js"])
        for name in EXTENSIONS:
            self.assertRegex(modules, rf"export const {name}\b")

    def test_modules_do_not_write_html_or_inline_styles(self):
        exempt = {"checks", "remarks"}  # insert HTML rendered by the server
        modules = [m for m in Path(finders.find("newsroom/js")).rglob("*.js") if m.stem not in exempt]
        self.assertGreater(len(modules), 50)
        for path in modules:
            with self.subTest(path.name):
                module = path.read_text(encoding="utf-8")
                self.assertNotRegex(module, r"(inner|outer)HTML\s*\+?=[^=]")
                for word in ("insertAdjacentHTML", "document.write", "eval(", 'setAttribute("style'):
                    self.assertNotIn(word, module)

    def test_default_menu_and_style_extensions_are_disabled(self):
        self.assertFalse(ARTICLE_EXTENSIONS["Menu"])
        self.assertFalse({"TextAlign", "Color", "Highlight", "TextStyle"} & ARTICLE_EXTENSIONS.keys())


class VocabularyTests(SimpleTestCase):
    def test_editor_output_is_unchanged_by_the_sanitiser(self):
        for body in [
            '<p>A<sup data-footnote="Note, 2026."></sup> b.</p>',
            '<aside class="pullquote" data-by="N. N.">Words</aside>',
            '<figure data-image="6a3f2d3c-7c0f-4f4e-9d5c-111111111111"><figcaption>C <em>d</em></figcaption></figure>',
            '<p>a</p><hr data-gate=""><p>b</p><hr><p>c</p>',
            "<ul><li><p>a</p></li></ul>",
            "<p>CO<sub>2</sub>, m<sup>2</sup>, <s>no</s></p>",
            '<p><a href="https://example.org/">a</a><br>b <code>c</code></p><pre><code>d</code></pre>',
            '<table><tbody><tr><th colspan="2"><p>a</p></th></tr><tr><td><p></p></td></tr></tbody></table>',
        ]:
            with self.subTest(body):
                self.assertEqual(clean(body), body)

    def test_empty_paragraphs_are_removed(self):
        self.assertEqual(clean("<p></p><p>a</p><p> </p><p></p>"), "<p>a</p>")


class PolicyTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def policy(self, url):
        header = self.client.get(url).headers["Content-Security-Policy"]
        return {part.split()[0]: part.split()[1:] for part in header.split("; ") if part}

    def test_admin_pages_have_the_admin_policy(self):
        names = ["index", "articles_article_add", "articles_article_changelist", "articles_image_pick", "jsi18n"]
        for url in [reverse(f"admin:{name}") for name in names]:
            with self.subTest(url):
                policy = self.policy(url)
                self.assertEqual(policy["default-src"], ["'none'"])
                for source in ("font-src", "form-action"):
                    self.assertEqual(policy[source], ["'self'"])
                self.assertEqual(policy["connect-src"], ["'self'", "blob:"])
                for source in ("frame-ancestors", "base-uri"):
                    self.assertEqual(policy[source], ["'none'"])
                self.assertEqual(policy["img-src"], ["'self'", "data:", "blob:"])
                self.assertIn(settings.EDITOR_STYLE, policy["style-src"])
                self.assertNotIn("'unsafe-inline'", policy["style-src"] + policy["script-src"])

    def test_public_pages_have_the_public_policy(self):
        policy = self.policy(reverse("account_reauthenticate"))
        self.assertEqual((policy["script-src"], policy["style-src"]), (["'self'"], ["'self'"]))

    def test_pages_have_no_inline_styles_or_handlers_and_inline_scripts_have_a_nonce(self):
        page = self.client.get(reverse("admin:articles_article_add")).content.decode()
        self.assertNotIn("<style", page)
        self.assertNotRegex(page, r"<[^>]+\s(style|on[a-z]+)=")
        for tag in re.findall(r"<script[^>]*>", page):
            is_inline_code = "src=" not in tag and 'type="application/json"' not in tag
            self.assertFalse("nonce=" not in tag if is_inline_code else "newsroom/" in tag and "nonce=" in tag, tag)

    def test_editor_config_has_the_extensions_and_modules(self):
        form = self.client.get(reverse("admin:articles_article_add")).context["adminform"].form
        config = json.loads(form["body"].field.widget.get_context("body", "", {})["widget"]["attrs"][KEY])
        self.assertLess(set(EXTENSIONS), config["extensions"].keys())
        self.assertIn("newsroom/js/editor/extensions", config["js_modules"][0])

    def test_readers_are_refused_and_anonymous_visitors_are_redirected_to_login(self):
        url = reverse("admin:articles_article_add")
        self.client.force_login(make_user())
        self.assertEqual(self.client.get(url, follow=True).status_code, 403)
        self.client.logout()
        self.assertIn(reverse("account_login"), self.client.get(url, follow=True).redirect_chain[-1][0])


KEY = "data-django-prose-editor-configurable"
