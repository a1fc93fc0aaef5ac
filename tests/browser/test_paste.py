"""Pasting from other programs keeps text and structure and drops their markup."""

import hashlib
import json
import re
from pathlib import Path

from django.conf import settings
from django.test import tag
from playwright.sync_api import expect

from articles.richtext.vocabulary import clean
from tests.browser import docx
from tests.browser.base import BrowserTestCase
from tests.browser.markup import Content, parse
from tests.factories import make_editor
from truthlytics.web.text import word_set

SAMPLES = Path(__file__).parent / "clipboards"
SHARED = settings.BASE_DIR.parent / "shared" / "data" / "exports"
TAGS = word_set("p h2 h3 h4 strong em s sub sup code a ul ol li blockquote br hr pre table tbody tr th td")
ATTRIBUTES = {("a", "href"), ("ol", "start"), ("sup", "data-footnote"), ("td", "colspan"), ("th", "colspan")}
PASTE = """(box, kinds) => {
  const data = new DataTransfer()
  for (const [kind, text] of Object.entries(kinds)) data.setData(kind, text)
  box.focus()
  box.editor.commands.setContent("")
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
  return document.getElementById("id_body").value
}"""


class PasteTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.log_in(make_editor())
        self.page.goto("/admin/articles/article/add/")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)

    def paste(self, html="", **kinds):
        """Paste into an empty editor and return the body as the server stores it."""
        kinds = {"text/html": html} if html else kinds
        return clean(self.text.evaluate(PASTE, kinds))

    def assert_allowed(self, body):
        found = {
            (tag, name)
            for tag, rest in re.findall(r"<([a-z0-9]+)([^>]*)>", body)
            for name in re.findall(r'([\w-]+)="', rest) or [""]
        }
        self.assertLessEqual({tag for tag, _ in found}, TAGS)
        self.assertLessEqual({pair for pair in found if pair[1]}, ATTRIBUTES)
        self.assertNotIn("&nbsp;", body)

    def assert_same(self, source: Content, body: str):
        pasted = parse(body)
        for name in ("words", "bold", "italic", "struck", "raised", "lowered", "headings", "items", "tables", "links"):
            with self.subTest(name):
                self.assertEqual(getattr(pasted, name), getattr(source, name))


@tag("collected")
class CollectedTests(PasteTestCase):
    def test_collected_clipboards(self):
        files = sorted((SHARED / "paste").glob("*/*.html"))
        self.assertGreater(len(files), 10)
        for path in files:
            with self.subTest(path.name):
                html = path.read_text(encoding="utf-8")
                body = self.paste(html)
                self.assert_allowed(body)
                self.assert_same(parse(html), body)
                oracle = json.loads(path.with_name(f"{path.name}.oracle.json").read_text(encoding="utf-8"))
                if path.name != "ms-word-in.html":  # its oracle counts list bullets and numbers as words
                    words = re.findall(r"[^\W_]+", " ".join(parse(body).words))
                    self.assertEqual(hashlib.sha256(" ".join(words).encode()).hexdigest()[:16], oracle["words_sha256"])

    def test_word_documents(self):
        files = sorted((SHARED / "docx").glob("*/*.docx"))
        self.assertGreater(len(files), 10)
        for path in files:
            with self.subTest(path.name):
                source = docx.read(path)
                body = self.paste(source.html)
                self.assert_allowed(body)
                pasted = parse(body)
                self.assertEqual(pasted.words, source.words)
                self.assertEqual([words for _, _, words in pasted.items], source.items)
                self.assertEqual([cell for table in pasted.tables for row in table for cell in row], source.cells)
                self.assertEqual([note.partition(" (")[0] for note in pasted.notes], source.notes)
                self.assertEqual((pasted.bold, pasted.italic), (source.bold, source.italic))
                written = [address for _, address in pasted.links] + re.findall(
                    r"\((http[^)]+)\)", " ".join(pasted.notes)
                )
                self.assertEqual(written, source.links)

    def test_markdown_as_plain_text(self):
        body = self.paste(**{"text/plain": (SHARED / "paste/gutenberg/markdown-in.txt").read_text(encoding="utf-8")})
        self.assert_allowed(body)
        pasted = parse(body)
        self.assertEqual(pasted.headings, ["This is a heading with italic", "Lists", "Table", "Quote", "Code"])
        self.assertEqual((pasted.italic, pasted.bold, pasted.struck), (["italic"], ["bold"], ["strikethrough"]))
        self.assertEqual(pasted.links, [("link", "https://w.org/")])
        self.assertEqual(
            [(kind, depth) for kind, depth, _ in pasted.items],
            [*[("ul", 1)] * 2, ("ul", 2), ("ul", 1), *[("ol", 1)] * 3],
        )
        self.assertEqual(pasted.tables[0][1], ["Content from cell 1", "Content from cell 2"])
        self.assertIn("<p>Preserve<br>line breaks please.</p>", body)
        self.assertIn("<blockquote><p>First</p><p>Second</p></blockquote>", body)
        self.assertIn("<pre><code>This is a code block.</code></pre>", body)


class LossTests(PasteTestCase):
    def test_a_notice_counts_images_and_embeds(self):
        self.expected = ["Failed to load resource", "ERR_", "blocked"]
        self.paste('<p>a</p><img alt=""><img alt=""><iframe></iframe>')
        expect(self.page.get_by_text("2 images were not pasted. 1 embed was not pasted.")).to_be_visible()

    def test_notes_without_text_are_removed_and_counted(self):
        body = self.paste(
            '<p>First<sup><a href="https://en.example.org/wiki/X#cite_note-3">[3]</a></sup>, second<a '
            """style='mso-footnote-id:ftn1' href="#_ftn1">[1]</a> and <a href="https://example.org/#ch-2">2</a>.</p>"""
        )
        self.assertEqual(body, '<p>First, second and <a href="https://example.org/#ch-2">2</a>.</p>')
        expect(self.page.get_by_text("2 footnotes were left out: their text was not copied.")).to_be_visible()

    def test_notes_of_markdown_are_plain_text(self):
        body = self.paste(**{"text/plain": "A claim.[^1]\n\n[^1]: The *Yearbook*, [p. 3](https://example.org/y)."})
        self.assertIn('data-footnote="The Yearbook, p. 3 (https://example.org/y)."', body)


class SampleClipboardTests(PasteTestCase):
    """Hand-written clipboards in the format of three programs."""

    def paste_file(self, name, **kinds):
        body = self.paste(**{"text/html": (SAMPLES / name).read_text(encoding="utf-8"), **kinds})
        self.assert_allowed(body)
        return body

    def test_word(self):
        self.assertEqual(
            self.paste_file("word.html"),
            "<h2>The harbour’s books</h2><h2>What was counted</h2>"
            "<p>In <strong>May</strong> the port"
            '<sup data-footnote="Port authority, Yearbook, p. 12. Read in May."></sup>'
            " took 10\xa0km of cable and <em>nobody</em> asked."
            '<sup data-footnote="The minutes (https://example.org/minutes)."></sup> See the '
            '<a href="https://example.org/ledger?year=2026">ledger</a>.'
            '<sup data-footnote="A note at the end."></sup></p>'
            "<p>Put in by an editor.</p>"
            "<ul><li><p>Berths</p><ul><li><p>wired</p><p>and what that means.</p></li></ul></li>"
            "<li><p>Cranes</p></li></ul>"
            '<ol start="4"><li><p>Fourth</p></li><li><p>Fifth: CO<sub>2</sub>, 3 m<sup>2</sup></p></li></ol>'
            "<blockquote><p>“Nobody counted the berths.”</p></blockquote><hr>"
            "<table><tbody><tr><th><p>Year</p></th><th><p>Berths</p></th></tr>"
            '<tr><td colspan="2"><p>none yet</p></td></tr></tbody></table>',
        )

    def test_google_docs_with_footnotes(self):
        slice_data = json.loads((SAMPLES / "google-docs.slice.json").read_text(encoding="utf-8"))
        styles = slice_data["resolved"]["dsl_styleslices"][1]["stsl_styles"]
        text = slice_data["resolved"]["dsl_spacers"]
        places = {text.index("twice#") + 5: "kix.a", len(text) - 1: "kix.b"}
        styles += [{"fs_id": places[at]} if at in places else None for at in range(len(text))]
        slice_ = json.dumps({"dih": 1, "data": json.dumps(slice_data), "dct": "kix"})
        kind = "application/x-vnd.google-docs-document-slice-clip+wrapped"
        expected = (
            "<h2>The queue</h2><p>Place #4 was <strong>sold twice</strong>{0}, and then <em>again</em>. See "
            '<a href="https://example.org/register?a=1&amp;b=2">the register</a>.</p>'
            "<ul><li><p>First</p><ul><li><p>below it</p></li></ul></li><li><p><s>Second</s></p></li></ul>"
            "<table><tbody><tr><td><p>Place</p></td><td><p>Price</p></td></tr>"
            "<tr><td><p></p></td><td><p>40</p></td></tr></tbody></table><p>The end came in June.{1}</p>"
        )
        notes = [
            f'<sup data-footnote="{text}"></sup>'
            for text in ("Register of the operator, quarter 2.", "Told to us by two buyers.")
        ]
        self.assertEqual(self.paste_file("google-docs.html", **{kind: slice_}), expected.format(*notes))
        self.assertEqual(self.paste_file("google-docs.html", **{kind: '{"data": 3}'}), expected.format("", ""))

    def test_word_online(self):
        self.assertEqual(
            self.paste_file("word-online.html"),
            "<h2>What the terminal holds</h2><p>It holds <strong>forty</strong> ships"
            '<sup data-footnote="Plan of the terminal, sheet 9."></sup><em> at most</em>, says '
            '<a href="https://example.org/terminal">its plan</a>.</p>'
            "<ol><li><p>Berth</p><ol><li><p>with a plug</p></li></ol></li><li><p>Crane</p></li></ol>"
            "<table><tbody><tr><td><p>Kilowatts</p></td><td><p>1,200</p></td></tr></tbody></table>",
        )

    def test_a_bold_first_row_is_a_header(self):
        row = "<tr><td>{0}</td><td>{0}</td></tr>"
        plain, bold, word = "a", "<b>b <i>c</i></b>", "<p class=MsoNormal><b>d</b></p>"
        for first, second, expected in (
            (bold, plain, ("<th><p>b <em>c</em></p></th>", "<td><p>a</p></td>")),
            (word, plain, ("<th><p>d</p></th>", "<td><p>a</p></td>")),
            (plain, bold, ("<td><p>a</p></td>", "<td><p><strong>b <em>c</em></strong></p></td>")),
            (word, word, ("<td><p><strong>d</strong></p></td>",) * 2),
        ):
            with self.subTest(expected):
                body = self.paste(f"<table>{row.format(first)}{row.format(second)}</table>")
                rows = "".join(f"<tr>{cell}{cell}</tr>" for cell in expected)
                self.assertEqual(body, f"<table><tbody>{rows}</tbody></table>")

    def test_single_line_and_content_copied_from_the_editor(self):
        self.assertEqual(self.paste("<b style='font-weight:normal'><span>two words</span></b>"), "<p>two words</p>")
        own = '<p>A<sup data-footnote="N."></sup></p><aside class="pullquote" data-by="B">Said</aside>'
        self.assertEqual(self.paste(own.replace("<p>", '<p data-pm-slice="0 0 []">')), own)

    def test_dossier_keeps_only_elements_it_supports(self):
        self.page.goto("/admin/articles/dossier/add/")
        box = self.page.locator(".editor-content")
        expect(box).to_be_visible()
        html = '<h2>Head</h2><p>a <b style="font-weight:700">b</b></p><table><tr><td>c</td></tr></table>'
        box.evaluate(PASTE.replace("id_body", "id_summary"), {"text/html": html})
        self.assertEqual(
            self.page.locator("#id_summary").input_value(), "<p>Head</p><p>a <strong>b</strong></p><p>c</p>"
        )

    def test_unsafe_markup_is_dropped(self):
        body = self.paste(
            '<p onclick="x()">a<a href="javascript:x()">b</a><img src="https://e.test/pixel.gif" onerror="x()"></p>'
            '<iframe src="https://e.test/"></iframe><script>x()</script><svg><a href="https://e.test/">c</a></svg>'
        )
        self.assertEqual(body, "<p>ab</p>")

    def test_plain_text_with_asterisks_is_not_markdown(self):
        words = "2 * 3 * 4 and snake_case_name"
        self.assertEqual(self.paste(**{"text/plain": words}), f"<p>{words}</p>")
