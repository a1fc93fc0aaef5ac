"""Comment markup: only the allowed tags, everything else as it was typed."""

import random
import re
from contextlib import suppress
from html.parser import HTMLParser

from django.test import SimpleTestCase

from comments.text import MAX_LENGTH, InvalidText, clean, excerpt, render
from tests.growth import LINEAR, growth

ALLOWED = {"p": {"dir"}, "blockquote": {"dir"}, "em": set(), "br": set(), "a": {"href", "rel"}}
VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    '[click](https://a.example/"onmouseover="alert(1))',
    "[click](https://a.example/'><script>alert(1)</script>)",
    "https://a.example/<script>alert(1)</script>",
    'https://a.example/"><svg/onload=alert(1)>',
    "*<b>*bold*</b>*",
    "> <iframe src=//evil.example>",
    "[<b>words</b>](https://a.example)",
    "[a](https://bank.example@evil.example)",
    "&lt;script&gt; &#x3c;script&#x3e;",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example)",
    "<a href='https://a.example'>[x](https://b.example)</a>",
    "{{ 7|add:7 }} {% csrf_token %}",
]


class Checker(HTMLParser):
    """Records tags and attributes that are not allowed, and tags that are not closed."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.errors = [], "", []

    def handle_starttag(self, tag, attrs):
        if tag not in ALLOWED or {name for name, _ in attrs} != ALLOWED[tag]:
            self.errors.append((tag, attrs))
        if tag == "a" and not dict(attrs)["href"].startswith("https://"):
            self.errors.append(attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)

    def handle_data(self, data):
        self.text += data

    def unknown_decl(self, data):
        self.errors.append(data)

    handle_decl = handle_pi = handle_comment = unknown_decl


class RenderTests(SimpleTestCase):
    def test_markup_is_rendered(self):
        cases = {
            "One.\n\nTwo.\nThree.": '<p dir="auto">One.</p><p dir="auto">Two.<br>Three.</p>',
            "A *word* counts": '<p dir="auto">A <em>word</em> counts</p>',
            "> said\n> so\nI differ": '<blockquote dir="auto">said<br>so</blockquote><p dir="auto">I differ</p>',
            "[the law](https://law.example/1?a=1&b=2)": '<p dir="auto"><a href="https://law.example/1?a=1&amp;b=2" '
            'rel="ugc nofollow">the law</a></p>',
            "See https://a.example/x(y).": '<p dir="auto">See <a href="https://a.example/x(y)" rel="ugc nofollow">'
            "https://a.example/x(y)</a>.</p>",
            "(https://a.example)": '<p dir="auto">(<a href="https://a.example" rel="ugc nofollow">'
            "https://a.example</a>)</p>",
            "*see https://a.example*": '<p dir="auto"><em>see <a href="https://a.example" rel="ugc nofollow">'
            "https://a.example</a></em></p>",
            "2 * 3 * 4": '<p dir="auto">2 * 3 * 4</p>',
            "http://a.example": '<p dir="auto">http://a.example</p>',
            "a < b & c": '<p dir="auto">a &lt; b &amp; c</p>',
        }
        for text, html in cases.items():
            with self.subTest(text):
                self.assertEqual(render(clean(text)), html)

    def test_no_text_produces_other_tags(self):
        dice = random.Random(7)
        alphabet = [*"<>[]()*&\"'`=/\\ \n", ">", "https://", "a.example", "javascript:", "<script>", "x", "ü", "🙂"]
        texts = VECTORS + ["".join(dice.choices(alphabet, k=dice.randint(1, 60))) for _ in range(3000)]
        for text in texts:
            try:
                html = render(clean(text))
            except InvalidText:
                continue
            checker = Checker()
            checker.feed(html)
            checker.close()
            with self.subTest(text):
                self.assertEqual((checker.errors, checker.open), ([], []))
                self.assertNotRegex(html.lower(), r"<\s*(script|img|svg|iframe)")

    def test_no_text_is_lost(self):
        for text in VECTORS:
            checker = Checker()
            checker.feed(render(clean(text)))
            with self.subTest(text):
                self.assertEqual(letters(checker.text), letters(re.sub(r"\]\(https://[^()@]*\)", "", text)))

    def test_hostile_text_is_rendered_quickly(self):
        makers = [
            "*", "*a ", "é*", "[", "]", "(", "[a](", "[[a]", "[a](https://", "[a](https://a/[", "*[a](https://a.example/",
            "https://", "https://a.example/(", "https://a.example/x)", "> ", "\n", "a\u0301", "\u0301\u0316",
        ]  # fmt: skip
        for maker in makers:
            small, large = ((maker * length)[:length] for length in (10_000, 30_000))
            with self.subTest(maker):
                self.assertLess(growth(self.clean_and_render, small, large), 3 * LINEAR)

    def clean_and_render(self, text):
        with suppress(InvalidText):
            clean(text)
        render(text)


class CleanTests(SimpleTestCase):
    def test_invalid_texts_are_rejected_with_a_message(self):
        for name, text in {
            "empty": "",
            "spaces": " \n\t ",
            "invisible": "\u200b\u2060\u00ad\u3164\u2800",
            "marks only": "\u0301\u0302",
            "too long": "x" * (MAX_LENGTH + 1),
            "far too long": "x" * 400_000,
        }.items():
            with self.subTest(name), self.assertRaisesMessage(InvalidText, "."):
                clean(text)

    def test_five_thousand_characters_are_accepted(self):
        self.assertEqual(len(clean("x" * MAX_LENGTH)), MAX_LENGTH)

    def test_control_characters_are_removed_and_letters_composed(self):
        self.assertEqual(clean("a\x00b\u202ec\u2066d\x07"), "abcd")
        self.assertEqual(clean("e\u0301"), "é")
        self.assertEqual(clean("a\r\nb\rc\u2028d"), "a\nb\nc\nd")

    def test_letters_have_at_most_eight_combining_marks(self):
        self.assertEqual(clean("z" + "\u0336" * 50 + "y"), "z" + "\u0336" * 8 + "y")
        self.assertEqual(clean("z" + ("\u0336" + "\x00\u200d") * 50).count("\u0336"), 8)

    def test_cleaning_is_idempotent(self):
        for text in [*VECTORS, "e\u0301\u0336 \n\n x "]:
            self.assertEqual(clean(clean(text)), clean(text))

    def test_other_scripts_are_unchanged(self):
        for text in ("ليلى الحداد", "हिन्दी", "日本語", "👩‍👩‍👧‍👦", "שָׁלוֹם"):
            self.assertTrue(clean(text))
        self.assertEqual(clean("👩‍👩‍👧‍👦"), "👩‍👩‍👧‍👦")

    def test_an_excerpt_is_one_line(self):
        self.assertEqual(excerpt("One\n\ntwo"), "One two")

    def test_an_excerpt_ends_after_a_word_unless_the_word_is_long(self):
        self.assertEqual(excerpt("one two three", 10), "one two…")
        self.assertEqual(excerpt("x" * 100, 10), "x" * 9 + "…")


def letters(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())
