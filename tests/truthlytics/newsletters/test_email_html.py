"""The HTML of an article in an email, and its plain text."""

from django.test import SimpleTestCase, TestCase, tag
from django.utils import timezone

from articles.media.html import ResponsiveImage, picture_tag
from tests.factories import make_article, make_price
from tests.truthlytics.newsletters.factories import make_issue
from truthlytics.newsletters.email_html import for_email, plain
from truthlytics.newsletters.rendering import render_variants

URL = "https://site.example/articles/one/"


@tag("sqlite")
class EmailHtmlTests(SimpleTestCase):
    def test_images_become_jpegs_of_the_column_s_width(self):
        sources = {
            kind: [[f"/media/{kind}-480.x", 480], [f"/media/{kind}-1200.x", 1200]] for kind in ("avif", "webp", "jpeg")
        }
        image = ResponsiveImage.from_json({"width": 1200, "height": 800, "sources": sources})
        html = for_email(f"<figure>{picture_tag(image, 'A dam', sizes='94vw')}</figure><p>After.</p>", url=URL)
        img = '<img src="https://site.example/media/jpeg-1200.x" alt="A dam" width="536" height="357">'
        self.assertEqual(html, f'<div class="figure">{img}</div><p>After.</p>')
        self.assertEqual(plain(html), "[A dam]\n\nAfter.")

    def test_wide_tables_scroll_in_themselves(self):
        table = "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
        html = for_email(f'<div class="table"><div class="table__scroll" role="region">{table}</div></div>', url=URL)
        self.assertEqual(html, f'<div class="table__scroll">{table}</div>')
        self.assertEqual(plain(html), "1 | 2")

    def test_lists_in_lists_keep_their_words(self):
        html = "<ul><li>One <b>bold</b><ol><li>inner</li></ol>and after</li><li>Two</li></ul>"
        self.assertEqual(plain(html), "- One bold\n  1. inner\n  and after\n- Two")

    def test_only_notes_are_in_brackets(self):
        html = for_email('<p>5 m<sup>3</sup>.<sup class="cite"><a href="#note-1">1</a></sup></p>', url=URL)
        self.assertEqual(plain(html), "5 m3.[1]")


class GateTests(TestCase):
    def test_both_versions_say_what_the_rest_costs(self):
        make_price(minor=500)
        issue = make_issue(article=make_article(required_level=10))
        free = render_variants(issue, timezone.now())[0]
        for text in (free.html, free.text):
            words = " ".join(text.split())
            self.assertIn("The rest of this article is for subscribers.", words)
            self.assertIn("€5.00 a month.", words.replace("\xa0", " "))
