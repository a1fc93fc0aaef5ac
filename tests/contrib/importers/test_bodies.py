"""Tests of the conversion of bodies and headlines."""

from django.test import TestCase

from articles.richtext.rendering import plain_text
from articles.sources.extraction import cited_sources
from truthlytics.contrib.importers.bodies import convert_body, convert_line
from truthlytics.contrib.importers.fields import parse_time, record_from


def converted(body, body_format="markdown"):
    """Return the HTML and the losses as (code, what)."""
    losses = []
    record = record_from({"title": "T", "body": body, "body_format": body_format}, 1)
    resolve = {"/old/": "/articles/new/", "file:one.md": "/articles/one/"}
    html = convert_body(
        record, lambda href: resolve.get(href, href if "://" in href else None), lambda *a: losses.append(a)
    )
    return html, losses


class BodyCase(TestCase):
    def check(self, cases, body_format="markdown"):
        for before, after in cases.items():
            with self.subTest(before):
                html = converted(before, body_format)[0]
                self.assertEqual(html.replace("\n", ""), after)


class MarkdownTests(BodyCase):
    def test_commonmark(self):
        self.check(
            {
                "A **b** *c* `d`": "<p>A <strong>b</strong> <em>c</em> <code>d</code></p>",
                "- a\n- b": "<ul><li>a</li><li>b</li></ul>",
                "3. a\n4. b": '<ol start="3"><li>a</li><li>b</li></ol>',
                "> a": "<blockquote><p>a</p></blockquote>",
                "|a|\n|-|\n|b|": "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
                "~~a~~": "<p><s>a</s></p>",
                "[a](javascript:alert(1))": "<p>[a](javascript:alert(1))</p>",
                "a\n{: .lead}": "<p>a</p>",
            }
        )

    def test_the_highest_heading_becomes_h2(self):
        self.check(
            {
                "# a\n## b": "<h2>a</h2><h3>b</h3>",
                "### a\n##### b": "<h2>a</h2><h4>b</h4>",
                "## a {#x}\n[up](#x)": '<h2>a</h2><p><a href="#a">up</a></p>',
            }
        )

    def test_footnotes_are_attached_to_their_references(self):
        html, losses = converted("A.[^1] B.[^1]\n\n[^1]: See *the* [report](https://x.example/r).\n\n[^2]: Lonely.")
        footnote = '<sup data-footnote="See the report (https://x.example/r)."></sup>'
        self.assertEqual(html.replace("\n", ""), f"<p>A.{footnote} B.{footnote}</p>")
        self.assertEqual(losses, [("note", "[^2]")])

    def test_footnotes_with_an_address_are_sources(self):
        html, _losses = converted("A.[^1] B.[^2]\n\n[^1]: The [report](https://x.example/r).\n\n[^2]: Our own count.")
        sources = [(source.url, source.title) for source in cited_sources(html, gated=False)]
        self.assertEqual(sources, [("https://x.example/r", "The report")])

    def test_indented_html_is_not_code(self):
        self.check(
            {
                "<div>\n<p>a</p>\n\n    <p>b</p>\n</div>": "<p>a</p><p>b</p>",
                "a\n\n    b": "<p>a</p><pre><code>b</code></pre>",
            }
        )


class HtmlTests(BodyCase):
    def test_unsupported_blocks_become_paragraphs_and_words_stay_separate(self):
        self.check(
            {
                "<div>a</div><div>b<div>c</div>d</div>": "<p>a</p><p>b</p><p>c</p><p>d</p>",
                "<dl><dt>a</dt><dd>b</dd></dl>": "<p><strong>a</strong></p><p>b</p>",
                "<details><summary>a</summary>b</details>": "<p><strong>a</strong></p><p>b</p>",
                "<blockquote>a<footer>b</footer></blockquote>": "<blockquote><p>a</p><p>b</p></blockquote>",
                "<h2>a<div>b</div></h2>": "<h2>a b</h2>",
                "<p><del>12</del> <s>13</s> <strike>14</strike> 15</p>": "<p><s>12</s> <s>13</s> <s>14</s> 15</p>",
                "<del><p>a</p>b<div>c</div></del>": "<p><s>a</s></p><p><s>b</s></p><p><s>c</s></p>",
                '<p>a <span style="color: red; text-decoration: line-through;">b</span></p>': "<p>a <s>b</s></p>",
                '<p style="text-decoration-line:line-through">a <span style="color:red">b</span></p>': (
                    "<p><s>a b</s></p>"
                ),
                "<p>10<sup>6</sup> H<sub>2</sub>O 1<sup>st</sup></p>": "<p>10⁶ H₂O 1st</p>",
                "<p><q>a</q> <tt>b</tt> <u>c</u></p>": "<p>“a” <code>b</code> c</p>",
                "<table><caption>a</caption><tr><td>b</td></tr></table>": (
                    "<p><strong>a</strong></p><table><tbody><tr><td>b</td></tr></tbody></table>"
                ),
                "<p> </p><p>a</p><ul><li></li></ul>": "<p>a</p>",
            },
            "html",
        )

    def test_links_inside_the_text_lead_to_the_heading_above_their_target(self):
        text = '<h2>Part one</h2><p>a</p><p id="x">b <a name="y"></a>c</p>'
        text += '<h3 id="z">Part two</h3><ul><li id="w">d</li></ul>'
        for fragment, heading in (("x", "part-one"), ("y", "part-one"), ("z", "part-two"), ("w", "part-two")):
            with self.subTest(fragment):
                html, losses = converted(f'{text}<p><a href="#{fragment}">e</a></p>', "html")
                self.assertIn(f'<a href="#{heading}">e</a>', html)
                self.assertEqual(losses, [])
        _, losses = converted(f'<p id="top">First.</p>{text}<p><a href="#top">e</a></p>', "html")
        self.assertEqual([code for code, _ in losses], ["link"])

    def test_unsupported_elements_are_reported(self):
        cases = {
            "<p>a</p><script>x()</script>": "script",
            '<p>a</p><iframe src="https://v.example/1" title="A film"></iframe>': "frame",
            '<p>a <a href="/nowhere">b</a></p>': "link",
            '<p>a <a href="#nowhere">b</a></p>': "link",
        }
        for body, code in cases.items():
            with self.subTest(body):
                self.assertEqual([loss[0] for loss in converted(body, "html")[1]], [code])
        self.assertIn('<a href="https://v.example/1">A film</a>', converted(list(cases)[1], "html")[0])

    def test_images_are_replaced_by_their_alt_text(self):
        self.check(
            {
                "![A boat](b.png)": "<p><em>image not included: A boat</em></p>",
                "![](b.png)": "<p><em>image not included</em></p>",
                "a ![b](c.png) d": "<p>a <em>image not included: b</em> d</p>",
                "![b](c.png)\nd": "<p><em>image not included: b</em></p><p>d</p>",
                "![b](c.png)d": "<p><em>image not included: b</em> d</p>",
                '<figure><img src="x" alt="b"><figcaption>c</figcaption></figure>': (
                    "<p><em>image not included: b. Caption: c</em></p>"
                ),
            }
        )

    def test_deeply_nested_text_is_kept(self):
        for before in ("<div>{}</div>", "<strong>{}</strong>", "<ul><li>{}</li></ul>", "<blockquote>{}</blockquote>"):
            with self.subTest(before):
                opening, closing = before.split("{}")
                html, losses = converted(opening * 5000 + "deep" + closing * 5000, "html")
                self.assertEqual((plain_text(html), losses), ("deep", []))


class TemplateTagTests(BodyCase):
    def test_tags_are_converted(self):
        self.check(
            {
                '{% image "a/b.jpg" "A "big" boat" %}': '<p><em>image not included: A "big" boat</em></p>',
                '{% image_with_class "b.jpg" "wide" "A boat" %}': "<p><em>image not included: A boat</em></p>",
                '{% include "fig.html", image: "b.jpg", alt: "A boat", caption: "At sea" %}': (
                    "<p><em>image not included: A boat</em></p><p>At sea</p>"
                ),
                '{{< img src="b" alt="A boat" >}}': "<p><em>image not included: A boat</em></p>",
                "[a]({{ site.baseurl }}/old/)": '<p><a href="/articles/new/">a</a></p>',
                '[a]({{ "/old/" | url }})': '<p><a href="/articles/new/">a</a></p>',
                '<a href="{{ "/old/" | url }}">a</a>': '<p><a href="/articles/new/">a</a></p>',
                '[a]({{< ref "one.md" >}})': '<p><a href="/articles/one/">a</a></p>',
                "{% post_url one.md %}": "<p>one.md</p>",
                "a {% toc %} b": "<p>a  b</p>",
                "{% comment %}a {{ x }}{% endcomment %}b": "<p>b</p>",
                '_{{ "ada" | team_link }} wrote_': "<p><em>ada wrote</em></p>",
                '{{ "https://v.example/1" | embed: "A film" }}': '<p><a href="https://v.example/1">A film</a></p>',
                "{{< note >}}a{{< /note >}}": "<p>a</p>",
            }
        )

    def test_removed_tags_are_reported(self):
        self.assertEqual(converted("a {% toc %} b")[1], [("tag", "{% toc %}")])

    def test_raw_is_unwrapped_and_braces_in_code_are_separated(self):
        self.check(
            {
                "{% raw %}<b>a</b>{% endraw %}": "<p><strong>a</strong></p>",
                "`{% raw %}{{ a }}{% endraw %}`": "<p><code>{ { a }}</code></p>",
                "`{{ a }}`": "<p><code>{ { a }}</code></p>",
                "```\n{% for a in b %}\n```": "<pre><code>{ % for a in b %}</code></pre>",
                "`<script>a</script>`": "<p><code>&lt; script&gt;a&lt;/script&gt;</code></p>",
                "&#123;&#123; a": "<p>{ { a</p>",
                "{**{a**": "<p>{<strong> {a</strong></p>",
            }
        )
        self.assertEqual(converted("`{{ a }}`")[1], [("braces", "1 in its text")])

    def test_no_template_or_script_opening_remains(self):
        openings = ["{{ a }}", "{% a", "{{{a}}}", "{{", "{%", "<script", "{% raw %}{{{% endraw %}x}}"]
        templates = [
            "{}",
            "`{}`",
            "[{}](/old/)",
            "[a](https://x.example/{})",
            '<a title="{}">b</a>',
            "x[^1]\n\n[^1]: {}",
            "# {}",
        ]
        for template in templates:
            for opening in openings:
                with self.subTest(template=template, parent=opening):
                    html = converted("words " + template.replace("{}", opening))[0]
                    for text in (html, plain_text(html)):
                        self.assertNotRegex(text.lower(), r"\{\{|\{%|<script")


class LineTests(TestCase):
    def test_headlines_are_plain_text_with_entities_decoded_once(self):
        cases = {
            "O*NET today": "O*NET today",
            "A *fine* `day`": "A fine day",
            "Fish &amp; chips &#8211; <em>now</em>": "Fish & chips – now",
            "&amp;lt; is less": "&lt; is less",
            "The <select> element": "The <select> element",
            "{{ page.title }}Now {% raw %}{{ x }}{% endraw %}": "Now { { x }}",
        }
        for before, after in cases.items():
            with self.subTest(before):
                self.assertEqual(convert_line(before, lambda *loss: None), after)

    def test_date_formats(self):
        cases = {
            "2014-05-06": "2014-05-06T00:00:00+00:00",
            "2014-05-06 9:30:00 -0400": "2014-05-06T13:30:00+00:00",
            "2014-05-06T09:30:00.123Z": "2014-05-06T09:30:00+00:00",
            "2014-05-06T09:30+02:00": "2014-05-06T07:30:00+00:00",
        }
        for text, expected in cases.items():
            with self.subTest(text):
                self.assertEqual(parse_time(text).isoformat(), expected)
        for text in ("", "May 6, 2014", "2014-13-01", "2014-02-30", "0001-01-01", "9999-12-31", "2014-05-06T99:00"):
            with self.subTest(text):
                self.assertIsNone(parse_time(text))
