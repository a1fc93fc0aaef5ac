"""The text of the editor has the typography of the site, for every kind of block."""

from articles.services.media import make_renditions
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_editor, make_image

BODY = """
<p>First paragraph with <strong>bold</strong>, <em>italic</em>, <s>struck</s>, <code>code</code>,
H<sub>2</sub>O, x<sup>2</sup>, <a href="https://example.org/">a link</a> and a note.<sup
data-footnote="A note."></sup></p>
<p>Second paragraph.</p>
<h2>Second level</h2><p>After the heading.</p><h3>Third level</h3><h4>Fourth level</h4>
<ul><li><p>A point</p></li></ul><ol><li><p>A step</p></li></ol><p>After the lists.</p>
<blockquote><p>A quotation.</p><p>Of two paragraphs.</p></blockquote>
<pre><code>print(1)</code></pre>
<aside data-by="A. Person">A pull quote.</aside>
<aside class="callout"><p>A callout.</p><p>Continued.</p><ul><li><p>In a list</p></li></ul></aside>
<table><tbody><tr><th><p>Name</p></th><th><p>Place</p></th></tr><tr><td><p>Ann</p></td><td><p>Bonn</p></td></tr></tbody></table>
<figure data-image="{0}"><figcaption>A caption.</figcaption></figure>
<figure data-image="{0}" data-size="wide"><figcaption>Wide.</figcaption></figure>
<figure data-image="{0}" data-size="aside"><figcaption>Aside.</figcaption></figure>
<p>Beside the image.</p>
<div data-gallery=""><figure data-image="{0}"><figcaption>One.</figcaption></figure>
<figure data-image="{1}"><figcaption>Two.</figcaption></figure></div>
<div data-embed="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-title="A video"></div>
<p>The last paragraph.</p>
"""
# What is compared, in `.prose` of the article and of the editor. The second selector is the editor's, where it differs.
ELEMENTS = [
    "> p:first-child",
    "> p:nth-of-type(2)",
    *(f"> p:first-child {tag}" for tag in ("strong", "em", "s", "code", "sub", "sup:not(.cite)", "a[href^=http]")),
    (".cite", ".footnote-mark"),
    "> h2",
    "> h2 + p",
    "> h3",
    "> h4",
    "> ul",
    "> ul > li",
    "> ol",
    "> ol > li p",
    "> ol + p",
    "> blockquote",
    "> blockquote p + p",
    "> pre",
    "> pre code",
    "> .pullquote",
    "> .pullquote p",
    "> .callout",
    "> .callout p + p",
    "> .callout ul",
    "> .callout li",
    "> .table",
    "> .table table",
    ("> .table thead th", "> .table th"),
    ("> .table thead th:last-child", "> .table th:last-child"),
    ("> .table tbody tr", "> .table tr:nth-child(2)"),
    "> .table td",
    "> .table td:last-child",
    *(f"> .figure{kind}" for kind in (":not([class*=--])", "--aside", "--wide")),
    "> .figure .figure__caption",
    "> .figure .figure__credit",
    "> .figure img",
    "> .gallery",
    "> .gallery .figure",
    "> .embed",
    ".embed__site",
    ".embed__title",
    "> p:last-of-type",
]
PROPERTIES = """
font-family font-size font-style font-weight line-height letter-spacing font-variant-caps font-variant-numeric
text-indent text-align text-transform text-wrap color background-color margin-block-start margin-block-end
padding-block-start padding-inline-start border-block-start border-inline-start list-style-type float clear
display filter
"""
FONT = {"font-size", "font-family", "font-variant-numeric", "line-height", "::first-letterfont-family"}
# The editor shows these otherwise, so that they can be edited.
EXCEPTIONS = {
    ".cite": {
        "color",
        "background-color",
        "padding-block-start",
        "border-block-start",
        "border-inline-start",
        "::first-lettercolor",
        "text-wrap",
    },
    "> .figure .figure__credit": {"display"},
    "> .embed": {"display", "padding-block-start", "padding-inline-start", *FONT},
    "> pre": {"text-wrap"},
    "> pre code": {"text-wrap"},
    ".embed__title": {"display", "margin-block-start", "padding-block-start", "color"},
}
STYLES = """([selectors, properties]) => {
  delete document.documentElement.dataset.fonts
  const prose = document.querySelector(".prose")
  const read = (element, names, pseudo) => Object.fromEntries(
    names.map((name) => [`${pseudo ?? ""}${name}`, getComputedStyle(element, pseudo).getPropertyValue(name)]))
  return selectors.map((selector) => {
    const element = prose.querySelector(selector.startsWith(">") ? `:scope ${selector}` : selector)
    return element && {
      ...read(element, properties),
      ...read(element, ["font-variant-caps", "letter-spacing"], "::first-line"),
      ...read(element, ["font-family", "color", "initial-letter", "font-weight"], "::first-letter"),
    }
  })
}"""


class EditorTypographyTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        images = [make_image() for _ in range(2)]
        for image in images:
            make_renditions.call(image.pk)
        self.article = make_article(body=BODY.format(*(image.uuid for image in images)))
        self.log_in(make_editor())

    def styles(self, url, number):
        self.page.goto(url)
        self.wait_for_editors(self.page)
        self.page.locator(".prose .gallery img").last.wait_for()
        selectors = [each if isinstance(each, str) else each[number] for each in ELEMENTS]
        return self.page.evaluate(STYLES, [selectors, PROPERTIES.split()])

    def test_text_in_the_editor_looks_as_in_the_article(self):
        for width in (1440, 390):
            self.page.set_viewport_size({"width": width, "height": 900})
            site = self.styles(self.article.get_absolute_url(), 0)
            editor = self.styles(f"/admin/articles/article/{self.article.pk}/change/", 1)
            for element, wanted, shown in zip(ELEMENTS, site, editor, strict=True):
                name = element if isinstance(element, str) else element[0]
                with self.subTest(name, width=width):
                    self.assertTrue(wanted and shown, "One of the pages does not have it.")
                    differences = {
                        key: (value, shown[key])
                        for key, value in wanted.items()
                        if value != shown[key] and key not in EXCEPTIONS.get(name, ())
                    }
                    self.assertEqual(differences, {}, "(on the site, in the editor)")
        self.assertEqual(self.axe(only="scrollable-region-focusable"), [], "A table scrolls on a phone.")
