import re

from django.test import SimpleTestCase

from articles.media.html import Picture
from articles.richtext.rendering import plain, render
from articles.richtext.vocabulary import clean

UUID = "0b6f4c1e-8f43-4c53-9d36-6a8e2d1f0a11"


def rendered(body, level=0, pictures=None, words=None):
    return render({"body": clean(body), "required_level": level, "pictures": words or {}}, pictures or {})


FIGURE = f'<figure data-image="{UUID}"><figcaption>a</figcaption></figure>'


class CleanTests(SimpleTestCase):
    def test_foreign_markup_goes_and_words_stay(self):
        cases = {
            '<p onclick="x()">a</p>': "<p>a</p>",
            "<p>a<script>alert(1)</script></p>": "<p>a</p>",
            '<p style="color:red"><span>a</span></p>': "<p>a</p>",
            '<p><a href="javascript:alert(1)">a</a></p>': "<p><a>a</a></p>",
            '<p><img src="https://pixel.example/x.gif">a</p>': "<p>a</p>",
            "<h1>a</h1>": "<h2>a</h2>",
            "<p><b>a</b> <i>b</i></p>": "<p><strong>a</strong> <em>b</em></p>",
            "<br>": "<p><br></p>",
            "a": "<p>a</p>",
            "a <em>b</em><p>c</p>d": "<p>a <em>b</em></p><p>c</p><p>d</p>",
            "<p>a\x00b\u202ec</p>": "<p>abc</p>",
            FIGURE: FIGURE,
            '<figure data-image="x"><p>a</p></figure>': "<p>a</p>",
            '<aside class="evil">a</aside>': '<aside class="pullquote">a</aside>',
            "<p>x<sup>2</sup><sup></sup></p>": "<p>x<sup>2</sup></p>",
            '<p>x<sup data-footnote="n &lt;b&gt;"></sup></p>': '<p>x<sup data-footnote="n &lt;b&gt;"></sup></p>',
            "<p></p>": "",
            "   ": "",
        }
        for before, after in cases.items():
            with self.subTest(before):
                self.assertEqual(clean(before), after)

    def test_cleaning_twice_changes_nothing(self):
        for body in [
            "a<p>b",
            "<p>a &amp; b &lt;c&gt; &nbsp;</p>",
            "<table><tr><td>a</table>",
            "<ul><li>a<ul><li>b</ul></ul>",
            "<hr data-gate><hr data-gate>",
        ]:
            with self.subTest(body):
                self.assertEqual(clean(clean(body)), clean(body))

    def test_only_one_gate_at_the_top_level_stays(self):
        body = "<blockquote><hr data-gate></blockquote><p>a</p><hr data-gate><p>b</p><hr data-gate>"
        self.assertEqual(clean(body).count("data-gate"), 1)
        self.assertIn("<p>a</p><hr data-gate", clean(body))


class SplitTests(SimpleTestCase):
    def test_the_mark_ends_the_free_part(self):
        made = rendered("<p>one</p><hr data-gate><p>two</p>", level=10)
        self.assertEqual((made.plain_free, made.plain_all), ("one", "one\ntwo"))
        self.assertNotIn("<hr", made.free_html + made.paid_html)

    def test_without_a_mark_a_third_of_the_words_is_free_and_three_blocks_at_most(self):
        body = "".join(f"<p>w{n} w w</p>" for n in range(30))
        self.assertEqual(rendered(body, level=10).plain_free.count("\n"), 2)
        body = "<p>short</p><p>" + "word " * 50 + "</p><p>" + "word " * 50 + "</p>"
        self.assertEqual(rendered(body, level=10).plain_free, "short")

    def test_the_first_block_is_always_free(self):
        self.assertEqual(rendered("<p>" + "word " * 90 + "</p><p>end</p>", level=10).words_free, 90)

    def test_a_public_article_has_no_gated_part(self):
        made = rendered("<p>one</p><hr data-gate><p>two</p>")
        self.assertEqual((made.plain_free, made.paid_html), ("one\ntwo", ""))

    def test_gated_notes_stay_behind_the_gate(self):
        made = rendered(
            '<p>a<sup data-footnote="free note"></sup></p><hr data-gate><p>b<sup data-footnote="paid note"></sup></p>',
            level=10,
        )
        self.assertIn("free note", made.free_notes)
        self.assertNotIn("paid note", made.free_html + made.free_notes + made.plain_free)
        self.assertIn("paid note", made.paid_html + made.paid_notes)
        self.assertIn("free note", made.paid_notes)


class RenderTests(SimpleTestCase):
    def test_notes_are_numbered_and_linked_both_ways(self):
        html = rendered('<p>a<sup data-footnote="one"></sup> b<sup data-footnote="two"></sup> c</p>')
        self.assertIn('<a href="#note-2" role="doc-noteref"', html.free_html)
        self.assertIn('<li id="note-2">two <a href="#ref-2" role="doc-backlink">', html.free_notes)
        self.assertEqual(html.plain_all, "a b c")

    def test_a_note_is_text_whatever_is_in_it(self):
        html = rendered('<p>a<sup data-footnote="&lt;script&gt;alert(1)&lt;/script&gt;"></sup></p>')
        self.assertNotIn("<script", html.free_html + html.free_notes)

    def test_an_address_in_a_note_can_be_followed(self):
        html = rendered('<p>a<sup data-footnote="Minutes (https://example.org/a?b=1&amp;c=2)."></sup></p>').free_notes
        link = '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener">https://example.org/a?b=1&amp;c=2</a>'
        self.assertIn(f"Minutes ({link}).", html)

    def test_raised_and_lowered_letters_are_no_notes(self):
        html = rendered("<p>CO<sub>2</sub> in m<sup>2</sup></p>")
        self.assertIn("CO<sub>2</sub> in m<sup>2</sup>", html.free_html)
        self.assertEqual((html.free_notes, html.plain_all), ("", "CO2 in m2"))

    def test_headings_get_an_address_each(self):
        html = rendered("<h2>The cost</h2><h2>The cost</h2><h2>费用</h2>").free_html
        self.assertEqual([part.split('"')[0] for part in html.split('id="')[1:]], ["the-cost", "the-cost-2", "part"])

    def test_a_pull_quote_names_who_said_it(self):
        html = rendered('<aside class="pullquote" data-by="A. Nybody">So it <em>is</em>.</aside>').free_html
        self.assertIn("<p>So it <em>is</em>.</p><footer>A. Nybody</footer>", html)

    def test_a_table_scrolls_in_itself_and_has_a_head(self):
        html = rendered(
            "<table><tbody><tr><th><p>A</p></th><th>B</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>"
        ).free_html
        self.assertIn('<thead><tr><th scope="col">A</th>', html)
        self.assertIn('role="region"', html)
        self.assertEqual(plain(html), "A B\n1 2")

    def test_figures_in_a_table_are_marked_and_words_are_not(self):
        rows = [
            ["Year", "Sum", "Share", "Length", "Who", "Nothing"],
            ["2024", "1,234", "−3.5 %", "12 km", "Ann", "–"],
            ["2025", "€90", "–", "(3 m)", "5 ministers", ""],
        ]
        cells = "".join("<tr>" + "".join(f"<td>{words}</td>" for words in row) + "</tr>" for row in rows[1:])
        head = "<tr>" + "".join(f"<th>{words}</th>" for words in rows[0]) + "</tr>"
        html = rendered(f"<table><tbody>{head}{cells}</tbody></table>").free_html
        marked = re.findall(r'class="figures"[^>]*>([^<]+)<', html)
        self.assertEqual(marked, ["Sum", "Share", "Length", "1,234", "−3.5 %", "12 km", "€90", "–", "(3 m)"])

    def test_a_table_whose_cells_span_keeps_its_columns_unmarked(self):
        rows = '<tr><td>a</td><td colspan="2">1</td></tr><tr><td>b</td><td>2</td><td>3</td></tr>'
        body = f"<table><tbody>{rows}</tbody></table>"
        self.assertNotIn("figures", rendered(body).free_html)

    def test_a_column_of_sentences_is_marked_with_its_head(self):
        said = "Nobody at the ministry could say who had signed it, nor on which day."
        body = f"<table><tbody><tr><th>What</th><th>Said</th></tr><tr><td>{said}</td><td>42</td></tr></tbody></table>"
        html = rendered(body).free_html
        self.assertEqual(re.findall(r'class="words"[^>]*>([^<]+)<', html), ["What", said])
        self.assertEqual(re.findall(r'class="figures"[^>]*>([^<]+)<', html), ["Said", "42"])

    def test_what_runs_from_right_to_left_says_so_and_a_sentence_that_quotes_it_does_not(self):
        arabic, hebrew = "وقّع الوزير العقد يوم الأحد", "איש אינו יודע מדוע"
        body = (
            f"<p>{arabic}, 42.</p><p>The minister said “{arabic}”, and left.</p><p>NATO: {arabic}</p><h2>{hebrew}</h2>"
        )
        body += f"<ul><li>{arabic}</li><li>Two</li></ul><ol><li>{hebrew}</li></ol>"
        directions = re.findall(r"<(\w+)[^>]*dir=\"rtl\"", rendered(body).free_html)
        self.assertEqual(directions, ["p", "p", "h2", "li", "ol", "li"])
        self.assertEqual(rendered(body).free_html.count("<p>"), 1)

    def test_a_picture_that_is_taller_than_wide_is_known(self):
        for height, look in ((500, "figure"), (501, "figure figure--tall")):
            files = {UUID: Picture(500, height, {"jpeg": (("/media/a.jpg", 500),)})}
            words = {UUID: {"alt": "a", "caption": "", "credit": "b"}}
            self.assertIn(f'<figure class="{look}">', rendered(FIGURE, pictures=files, words=words).free_html)

    def test_code_that_scrolls_can_be_reached_by_keyboard(self):
        self.assertIn('<pre tabindex="0"><code>a</code></pre>', rendered("<pre><code>a</code></pre>").free_html)

    def test_a_figure_takes_its_words_from_the_version_and_its_files_from_the_library(self):
        body = f'<figure data-image="{UUID}"><figcaption></figcaption></figure>'
        words = {UUID: {"alt": 'A "field"', "caption": "Under the picture", "credit": "Photo: N"}}
        files = {
            UUID: Picture(
                1200, 800, {"jpeg": (("/media/a.jpg", 480), ("/media/b.jpg", 800)), "webp": (("/media/a.webp", 480),)}
            )
        }
        html = rendered(body, words=words, pictures=files).free_html
        self.assertIn('srcset="/media/a.jpg 480w, /media/b.jpg 800w"', html)
        self.assertIn('alt="A &quot;field&quot;" width="1200" height="800"', html)
        self.assertIn("Under the picture", html)
        waiting = rendered(body, words=words).free_html
        self.assertNotIn("<img", waiting)
        self.assertIn("Under the picture", waiting)
