"""Sources found in the text of an article, and their keys."""

from django.test import SimpleTestCase

from articles.richtext.vocabulary import clean
from articles.sources.addresses import key_of, normalise
from articles.sources.extraction import cited_sources

DIGEST = "ab" * 32


def footnote(text, mark=None):
    mark = "" if mark is None else f' data-source="{mark}"'
    return f'<p>Words.<sup data-footnote="{text}"{mark}></sup></p>'


def link(href, text="the report", mark=' data-source=""'):
    return f'<p>As <a href="{href}"{mark}>{text}</a> says.</p>'


def found(body, *, gated=False):
    return [(source.url, source.title) for source in cited_sources(clean(body), gated=gated)]


class MarkTests(SimpleTestCase):
    def test_marks_survive_the_sanitiser_and_others_do_not(self):
        for body in (footnote("Note", ""), footnote("Note", "no"), link("https://example.org/")):
            self.assertEqual(clean(body), body)
        other_marks = footnote("Note", "yes"), link("https://example.org/", mark=' data-source="no"')
        for body in (*other_marks, '<p>x<sup data-source="">2</sup></p>'):
            self.assertNotIn("data-source", clean(body))

    def test_footnote_with_address_is_a_source_unless_marked(self):
        note = "Port authority, Berths. https://example.org/berths."
        self.assertEqual(found(footnote(note)), [("https://example.org/berths", "Port authority, Berths")])
        self.assertEqual(found(footnote(note, "no")), [])

    def test_footnote_without_address_is_a_source_only_if_marked(self):
        self.assertEqual(found(footnote("Minutes, 3 May")), [])
        self.assertEqual(found(footnote("Minutes, 3 May", "")), [("", "Minutes, 3 May")])

    def test_link_is_a_source_only_if_marked(self):
        self.assertEqual(found(link("https://example.org/a", mark="")), [])
        self.assertEqual(found(link("https://example.org/a")), [("https://example.org/a", "the report")])
        self.assertEqual(found(link(f"/media/{DIGEST}.pdf"))[0][0], f"/media/{DIGEST}.pdf")
        self.assertEqual(found(link("mailto:a@example.org")), [])

    def test_each_address_of_a_footnote_is_a_source_with_the_text_before_it(self):
        note = "Act of 2020: https://example.org/act; report (https://example.org/report)"
        expected = [("https://example.org/act", "Act of 2020"), ("https://example.org/report", "report")]
        self.assertEqual(found(footnote(note)), expected)

    def test_title_of_a_bare_address_is_the_address(self):
        self.assertEqual(found(footnote("https://www.example.org/a/"))[0][1], "example.org/a")
        self.assertEqual(found(footnote("https://example.org/a – The title"))[0][1], "The title")

    def test_empty_and_punctuation_footnotes_are_no_sources(self):
        self.assertEqual(found(""), [])
        self.assertEqual(found(footnote("…", "").replace("…", ".")), [])

    def test_address_that_is_too_long_is_no_source(self):
        self.assertEqual(found(link("https://example.org/" + "a" * 2000)), [])


class OrderTests(SimpleTestCase):
    def test_each_source_is_listed_once_where_it_is_first_cited(self):
        first, second = footnote("B https://example.org/b"), footnote("A https://example.org/a")
        body = first + second + link("http://www.example.org/b/")
        self.assertEqual([title for _, title in found(body)], ["B", "A"])

    def test_source_is_gated_if_only_the_gated_part_cites_it(self):
        first, second = link("https://example.org/a"), link("https://example.org/b")
        body = f"{first}<hr data-gate>{second}{first}"
        sources = cited_sources(clean(body), gated=True)
        self.assertEqual([source.is_gated for source in sources], [False, True])
        self.assertFalse(any(source.is_gated for source in cited_sources(clean(body), gated=False)))

    def test_kind_follows_from_the_address_or_title(self):
        for body, kind in (
            (link("https://example.org/a.csv?x"), "data"),
            (link("https://example.org/a.PDF"), "document"),
            (link("https://www.legislation.gov.uk/ukpga/2020/1"), "law"),
            (link("https://doi.org/10.1/x"), "report"),
            (link("https://example.org/"), "other"),
            (footnote("Interview with the harbour master", ""), "interview"),
            (link(f"/media/{DIGEST}.pdf"), "document"),
            (link(f"/media/{DIGEST}.csv"), "data"),
        ):
            with self.subTest(body):
                self.assertEqual(cited_sources(clean(body), gated=False)[0].likely_kind, kind)


class KeyTests(SimpleTestCase):
    def test_spellings_of_one_address_have_one_key(self):
        first = key_of("https://example.org/report?id=1", "")
        for url in (
            "http://example.org/report?id=1",
            "https://www.EXAMPLE.org/report/?id=1",
            "https://example.org:443/report?id=1",
            "https://example.org/report?id=1#page=2",
            "https://example.org/report?utm_source=x&id=1&fbclid=y",
            "https://example.org./report?id=1",
        ):
            with self.subTest(url):
                self.assertEqual(key_of(url, "another title"), first)

    def test_other_pages_have_other_keys(self):
        urls = (
            "https://example.org/report",
            "https://example.org/report?id=2",
            "https://example.org/Report",
            "https://example.org:8080/report",
            "https://example.com/report",
            "https://example.org/#/report",
            "https://example.org/%2Freport",
        )
        self.assertEqual(len({key_of(url, "") for url in urls}), len(urls))

    def test_escapes_and_unicode_do_not_matter(self):
        self.assertEqual(normalise("https://example.org/m%c3%bcll"), normalise("https://example.org/müll"))
        self.assertEqual(normalise("https://müller.example/"), normalise("https://xn--mller-kva.example"))

    def test_case_and_spacing_of_a_text_do_not_matter(self):
        self.assertEqual(key_of("", "Minutes,  3 MAY."), key_of("", "minutes, 3 May"))
        self.assertNotEqual(key_of("", "example.org"), key_of("https://example.org", ""))

    def test_odd_addresses_have_keys(self):
        for url in ("https://[::1", "https://example.org:99999/", "https://" + "a" * 300, "https://example.org/\ud800"):
            with self.subTest(url):
                self.assertEqual(len(key_of(url, "")), 64)
