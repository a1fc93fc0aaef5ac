"""The browser compares what people see: honest pages pass, and whatever hides, moves or replaces words is named."""

import json
import os
import random
import re

from django.templatetags.static import static

from articles.integrity import content_text
from articles.media.renditions import create_first_renditions
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_dossier, make_editor, make_image, make_page, make_series, make_version
from tests.truthlytics.transparency.limits import INTERFACE, limit_of
from tests.truthlytics.transparency.limits import WORDS as WAYS
from tests.truthlytics.transparency.mutations import ADDED, TAGS, of_html
from truthlytics.publication.models import Publication
from truthlytics.transparency.outside.shape import PARTS

# Compares pages, some as a forger has changed them, with the content of their version. Returns outcomes and findings.
VERDICTS = """async ([texts, pages, kind, content, all]) => {
  const [{ compareText }, { parse }] = [await import(texts), await import(pages)];
  const verdicts = [];
  for (const html of all) {
    const { outcome, found, isShown } = await compareText(parse(html), kind, content, null);
    verdicts.push([outcome, found?.join(" ≠ ") ?? "", isShown ?? null]);
  }
  return verdicts;
}"""
# What the browser says of forged pages.
FORGED = ["Content Security Policy", "hidden by content-visibility"]
HONEST = ["", "", True]
BODY = """<h2>One</h2><p>The <strong>harbour</strong> has <em>41</em> berths.<sup data-footnote="Port office."></sup>
H<sub>2</sub>O, <s>struck</s>, <code>x = 1</code>, <a href="https://a.example/" title="A">link</a>.</p><h3>Two</h3>
<aside class="pullquote" data-by="N. N.">Said &amp; done.</aside><aside class="callout"><p>A box.</p></aside>
<pre><code>sum(1)
  end</code></pre><blockquote><p>Enough of it.</p></blockquote><p dir="rtl">שלום</p><hr><p>All ships wait here.</p>
<table><tbody><tr><th>Year</th><th>Sum</th></tr><tr><td colspan="2"><p>2025</p></td></tr></tbody></table>
<div data-embed="https://www.youtube.com/watch?v=1" data-title="A film"></div><ol start="3"><li><p>Three</p></li></ol>
<ul><li><p>Here <em>and</em> there</p><ul><li><p>Nested</p></li></ul></li></ul>"""
WORDS = "All ships wait here."
# Elements around words that neither hide nor change them. Browsers leave out those that may not stand in a text.
HARMLESS = {"div", "p", "span", "hr", "br", "footer"}
LEFT_OUT = {
    "body", "caption", "colgroup", "col", "frame", "frameset", "head", "html", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr",
}  # fmt: skip
ATTRIBUTES = [
    *ADDED, ("style", "opacity: 0"), ("class", "hidden"), ("class", "sidenote"), ("role", "none"), ("lang", "de"),
    ("style", "position: absolute; left: -999rem"), ("style", "color: red"), ("data-x", ""),
]  # fmt: skip
# Rules of a style sheet that hide or turn the words of a paragraph.
HIDING = [
    "display: none", "visibility: hidden", "opacity: 0", "opacity: 0.1", "font-size: 0", "font-size: 1px",
    "color: transparent", "position: absolute; left: -999rem", "position: fixed; top: -999rem", "text-indent: -999rem",
    "transform: scale(0)", "transform: translateX(-999rem)", "clip-path: inset(50%)", "height: 0; overflow: hidden",
    "position: absolute; clip: rect(0 0 0 0)", "content-visibility: hidden", "max-width: 0; overflow: clip",
    "direction: rtl; unicode-bidi: bidi-override", "width: 1px; overflow: auto",
    "padding-top: 9rem; height: 9rem; box-sizing: border-box; overflow: hidden",
]  # fmt: skip
# Rules that do not.
SHOWING = [
    "opacity: 0.9", "color: rgb(1 2 3)", "font-size: 9px", "columns: 2", "overflow: auto", "overflow: hidden",
    "transform: rotate(1deg)", "position: sticky; top: 0", "float: right", "direction: rtl", "margin-left: -1rem",
]  # fmt: skip


# Of changed pages, one of so many is tried; `MUTATIONS=1` tries all of them.
EVERY = int(os.environ.get("MUTATIONS", "100"))


# Headings, how a page is loaded, where links open, the sizes of a picture and dates, which are compared elsewhere.
BEYOND = re.compile(r"<(h2|/?div|br|hr|link|script|source|time|template)\b|target |<[!?]")


def of_browser(mutation):
    """Return whether a change is one that the page in the browser names as beyond it, or that readers do not see."""
    inside, how = (mutation.inside or [""])[-1], mutation.how
    is_head = "<head>" in (*mutation.inside, mutation.where.split(" ", 1)[-1])
    is_boxed = how == "tag removed" or (how.startswith("put into") and "<t" in mutation.where)
    # How pictures and embeds with their words, and numbers of notes, are set.
    is_set = how.startswith("put into") and re.search("figure|embed|cite", "".join([*mutation.inside, mutation.where]))
    is_interface = how in ("inserted", *WAYS) and (INTERFACE.match(inside) or re.match(r".*embed__|<time", inside))
    is_lacking = how == "element removed" and mutation.where.startswith("<figure")
    is_address = "article__url" in inside
    return bool(
        is_lacking or is_address or is_head or is_boxed or is_set or is_interface or BEYOND.match(mutation.where)
    )


def names_in(parts):
    return {part: [row.split() for row in text.split(";")] for part, text in parts.items()}


class WhatPeopleSeeTests(BrowserTestCase):
    maxDiff = None

    def verdicts(self, item, pages, kind="article"):
        self.page.goto("/record/")
        scripts = [static("js/record-text.js"), static("js/record-page.js")]
        content = json.loads(content_text(item.versions.order_by("number").last().content))
        return self.page.evaluate(VERDICTS, [*scripts, kind, content, pages])

    def read(self, item):
        return self.page.request.get(item.get_absolute_url()).text()

    def article(self, **fields):
        image = make_image(alt="A ship", caption="The ship", credit="N. N.")
        create_first_renditions(image)
        figure = f'<figure data-image="{image.uuid}" data-size="wide"></figure>'
        return make_article(body=BODY + figure, headline="The “harbour” & more", lead=image, **fields)

    def test_honest_pages_pass_in_both_languages(self):
        article = self.article(
            standfirst="It is full.", why_written="We were asked.", ai_uses=["draft"], ai_draft="A model wrote it.",
            kind="report", series=make_series(), series_part=1,
        )  # fmt: skip
        body = article.body.replace("41<", "42<")
        make_version(article, body=body, kind="correction", note="It has 42 berths.", by=make_editor())
        make_version(
            article, body=body.replace("All ships", "Many ships"), kind="update", note="Some left.", by=make_editor()
        )
        items = [("article", article), ("page", make_page(body=BODY)), ("dossier", make_dossier(article))]
        for language in ("en", "de"):
            Publication.objects.update_or_create(pk=1, defaults={"name": "Hafenblatt", "language": language})
            for kind, item in items:
                with self.subTest(kind, language=language):
                    self.assertEqual(self.verdicts(item, [self.read(item)], kind), [HONEST])

    def test_script_and_browser_have_the_same_lists(self):
        self.page.goto("/record/")
        parts = self.page.evaluate("async (url) => (await import(url)).PARTS", static("js/record-shape.js"))
        # Lists of versions and corrections are for the script.
        self.assertEqual(names_in(parts), {name: rows for name, rows in names_in(PARTS).items() if name != "list"})

    def test_each_change_of_a_page_is_noticed_or_a_limit(self):
        html = self.read(article := self.article(standfirst="It is full.", why_written="We were asked."))
        every = of_html(article.get_absolute_url(), html)
        changed = [one for one in every if limit_of(one) is None and not of_browser(one)]
        random.Random(1).shuffle(changed)
        changed = changed[::EVERY]
        self.expected = [""]
        verdicts = self.verdicts(article, [one.text.decode() for one in changed])
        pairs = zip(changed, verdicts, strict=True)
        self.assertEqual([(one.how, one.where, one.inside[-3:]) for one, verdict in pairs if not verdict[0]], [])

    def test_other_elements_around_words_are_noticed(self):
        html = self.read(article := self.article())
        self.expected = FORGED
        self.assertEqual(html.count(WORDS), 1)
        forged = [html.replace(WORDS, f"All <{tag}>ships</{tag}> wait here.") for tag in TAGS]
        for tag, verdict in zip(TAGS, self.verdicts(article, forged), strict=True):
            with self.subTest(tag):
                self.assertEqual(verdict == HONEST, tag in HARMLESS | LEFT_OUT, verdict)

    def test_other_attributes_are_noticed(self):
        html = self.read(article := self.article())
        self.expected = FORGED
        forged = [html.replace(f"<p>{WORDS}", f'<p {name}="{value}">{WORDS}') for name, value in ATTRIBUTES]
        for attribute, verdict in zip(ATTRIBUTES, self.verdicts(article, forged), strict=True):
            with self.subTest(attribute):
                self.assertEqual(verdict[0], "failed-shape", verdict)

    def test_what_changes_a_page_as_a_whole_is_noticed(self):
        html = self.read(article := self.article())
        self.expected = FORGED
        parts = {
            "a style in the page": ("</head>", "<style>p { display: none }</style></head>"),
            "a script in the page": ("</body>", "<script>document.body.remove()</script></body>"),
            "a script in its address": ("</body>", '<script src="data:text/javascript,x()"></script></body>'),
            "another base": ("<head>", '<head><base href="/other/">'),
            "another address": ("<head>", '<head><meta http-equiv="refresh" content="9;url=/other/">'),
            "another title": ("<title>", "<title>No harbour: "),
            "a comment": (WORDS, f"<!-- no -->{WORDS}"),
            "a frame": ("</main>", '</main><iframe src="/other/"></iframe>'),
            "words beside the text": ("</main>", "</main><p>This is false.</p>"),
            "words in the text": ("</main>", "<p>This is false.</p></main>"),
            "a second text": ("</main>", "</main><main><p>This is false.</p></main>"),
            "a picture in the text": (WORDS, f'{WORDS}<img src="/static/x.png" alt="">'),
            "a picture in a figure": ("</figure>", '<img src="/static/x.png" alt=""></figure>'),
            "another size of a picture": (' srcset="', ' srcset="/static/x.png 99w, '),
            "another link": ("https://a.example/", "https://b.example/"),
            "no struck words": ("<s>struck</s>", "struck"),
            "words that move": (WORDS, "here. wait ships All"),
        }
        forged = [html.replace(old, new, 1) for old, new in parts.values()]
        for name, verdict in zip(parts, self.verdicts(article, forged), strict=True):
            with self.subTest(name):
                self.assertTrue(verdict[0].startswith("failed-"), verdict)

    def test_style_sheets_that_hide_words_are_noticed(self):
        html = self.read(article := self.article())
        self.expected = FORGED
        rules = [*HIDING, *SHOWING]
        self.page.route(
            "**/forged-*.css",
            lambda route: route.fulfill(
                content_type="text/css", body=f".prose > p {{ {rules[int(route.request.url[-6:-4])]} }}"
            ),
        )
        sheets = [f'<link rel="stylesheet" href="/forged-{number:02}.css"></head>' for number in range(len(rules))]
        forged = [html.replace("</head>", sheet) for sheet in sheets]
        for number, (rule, verdict) in enumerate(zip(rules, self.verdicts(article, forged), strict=True)):
            with self.subTest(rule):
                self.assertEqual(verdict[0], "failed-hidden" if number < len(HIDING) else "", verdict)
