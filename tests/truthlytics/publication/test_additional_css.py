"""Additional CSS: what is accepted, and everything that is not."""

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, override_settings

from truthlytics.publication.additional_css import MOST_CHARACTERS, clean_css

GOOD = [
    "", "/* Nothing. */", ".a { color: red }", "@media (width < 40rem) { a:hover { color: red } .b > c { d: e } }",
    ".a { &:hover { x: y } b & { c: d } }", "u+a { b: c }", ":root { --x: {a: b}; --y:; --z: light-dark(#000, #fff) }",
    "@font-face { font-family: X; src: url('/static/fonts/x.woff2') format('woff2'); unicode-range: U+26, U+0-10FFFF }",
    "@keyframes x { from { a: b } 50% { a: b } to { a: b } }", "a { background: url(/media/abc.webp) }",
    "@supports (a: b) { .x { c: d; } }", "@layer a;", ".x::before { content: '\\201C' }", ".a { b: c;; }",
]  # fmt: skip
# By what the message says.
BAD = {
    "file of this site": [
        "a { b: url(https://e.example/x) }", "a { b: url(//e.example/x) }", "a { b: URL('HTTPS://E.EXAMPLE') }",
        r"a { b: \75rl(https://e.example) }", r"a { b: u\rl(//e.example) }", "a { b: url(x.png) }", "a { b: url(#x) }",
        "a { b: url('/media/../admin/') }", "a { b: url('/media/%2e%2e/x') }", r"a { b: url(/\\e.example) }",
        "a { b: url(/media//e.example/../x) }", "a { b: url(data:image/png;base64,AA) }", "a { b: url(/media/x?y=z) }",
        "a { --x: url(//e.example) }", "[a=url(//e.example)] { b: c }", "@supports (a: url(//e.example)) {}",
        "@font-face { src: url(https://e.example/x.woff2) }", "a { b: url('/media/x' attr(y)) }",
        "a { b: [ { ( url(//e.example) ) } ] }", "@media x { a { b { c: url(javascript:1) } } }",
    ],
    "is not allowed": [
        "@import 'x';", r"@\69mport 'x';", "@import url(/static/x.css);", "@media x { @import url(/static/x.css); }",
        "@namespace a 'b';", "@charset 'x';", "@page { margin: 1cm }", "@document url(/media/x) { a { b: c } }",
        "a { b: image-set('//e.example' 1x) }", "a { b: -webkit-image-set(url(/media/x) 1x) }", "a { b: src('//e') }",
        "a { --x: '//e.example'; b: src(var(--x)) }", "a { b: image('//e.example') }", r"a { b: s\72 c('//e') }",
    ],
    "closed": [
        "a {", "a }", "a", "a;", "a { b: c }}", "} a { b: c", "/* x", "a { b: 'x", "@media x { a { b: c }",
        "a { b: (c }", "a { b: [c }", "a { b: url(x", "@media screen {", "@layer x", "a { b: c }\\", "a { b: 'x\n' }",
    ],
    "not valid CSS": ["a { b c }", "a { b: c) }", "a { b: url(a b) }", "@media x { a { b c } }"],
    "HTML": ["</style>", "a { content: '</style><script>' }", "<!-- a { b: c }", "a\x00 { b: c }", "a { b: c\x0c }"],
    "brackets": ["a{" * 4000 + "}" * 4000, "a { b: " + "(" * 9000 + ")" * 9000 + "}"],
    "longer": ["a" * (MOST_CHARACTERS + 1)],
}  # fmt: skip


class AdditionalCSSTests(SimpleTestCase):
    def test_complete_rules_are_kept_as_they_were_typed(self):
        for css in GOOD:
            with self.subTest(css):
                self.assertEqual(clean_css(f" {css}\r\n"), css)

    def test_everything_else_is_refused_with_its_reason(self):
        for reason, sheets in BAD.items():
            for css in sheets:
                with self.subTest(css[:60]), self.assertRaisesMessage(ValidationError, reason):
                    clean_css(css)

    def test_the_line_is_named(self):
        with self.assertRaisesMessage(ValidationError, "Line 3: “//e” is not a file of this site."):
            clean_css("a { b: c }\n\nd { e: url(//e) }")

    @override_settings(MEDIA_URL="https://media.example/")
    def test_media_on_another_host_are_files_of_this_site(self):
        self.assertTrue(clean_css("a { b: url(https://media.example/x.webp) }"))
        with self.assertRaises(ValidationError):
            clean_css("a { b: url(https://media.example.evil/x.webp) }")
