"""What an export writes as Markdown, an import reads again."""

from django.test import SimpleTestCase

from articles.richtext.markdown import to_markdown
from articles.richtext.vocabulary import clean, parse
from truthlytics.contrib.importers.markdown import plain_text, render
from truthlytics.web.text import split_words

SAME = (
    "<h2>A heading</h2><p>And a text with <strong>bold</strong>, <em>italic</em> and <code>a ` b</code>.</p>",
    "<p>Not <em>this </em>and <strong> that</strong>, a*b*c, _under_, `tick`, [x](y).</p>",
    "<p>a &lt;b&gt; &amp;amp; \\ ~~no~~</p>",
    "<p># no heading</p><p>1. no list</p><p>- no list</p><p>+ no list</p><p>=== no line</p><p>&gt; no quote</p>",
    "<p>One<br>two<br># three</p>",
    "<ul><li><p>First</p></li><li><p>Second</p><ul><li><p>Inner</p></li></ul></li></ul>",
    '<ol start="3"><li><p>Three</p><p>More of it</p></li><li><p>Four</p></li></ol>',
    "<blockquote><p>One</p><blockquote><p>Two</p></blockquote></blockquote>",
    "<pre><code>def f():\n    return '```'\n\n# end</code></pre><p>After</p>",
    '<p>A <a href="https://example.org/a_(b)?c=1&amp;d=2">link *here*</a> and H<sub>2</sub>O, 10<sup>6</sup>.</p>',
    "<table><tbody><tr><th><p>Year</p></th><th><p>Sum</p></th></tr><tr><td><p>2024</p></td><td><p>a | b</p></td></tr>"
    "</tbody></table>",
    '<table><tbody><tr><td colspan="2"><p>Joined</p></td></tr><tr><td>1</td><td>2</td></tr></tbody></table>',
    "<p>Before</p><hr><p>Between</p><hr data-gate><p>After</p>",
    "<p>مرحبا بالعالم</p><p>ß, é, 漢字, 🎈</p>",
)
TAGS = split_words("h2 strong em code pre ul ol li blockquote a sub sup table td hr br")


def words(html):
    return " ".join(" ".join(parse(html).itertext()).split()).replace(" ", "")


def tags(html):
    return {tag: len(list(parse(html).iter(tag))) for tag in TAGS}


class MarkdownTests(SimpleTestCase):
    def test_words_and_elements_stay(self):
        for body in SAME:
            with self.subTest(body):
                html = render(to_markdown(clean(body), {}, {}), lambda code, what: None)
                self.assertEqual(words(html), words(body))
                self.assertEqual(tags(html), tags(clean(body)))

    def test_what_is_struck_out_stays(self):
        self.assertEqual(render("The dam has ~~12~~ 15 gates.", print), "<p>The dam has <s>12</s> 15 gates.</p>\n")
        for text in ("~~12~~ 15 gates", "<del>12</del> 15 gates", "<S>12</S> 15 gates"):
            self.assertEqual(plain_text(text), "~~12~~ 15 gates", text)
