"""Readers' pages with extreme content: nothing overflows, is cut off or is too small to tap."""

from datetime import timedelta

from django.utils import timezone

from articles.models import MenuEdition
from articles.presenters.menus import place
from tests.browser.base import BrowserTestCase
from tests.factories import (
    image_file,
    make_article,
    make_author,
    make_comment,
    make_dossier,
    make_image,
    make_page,
    make_price,
    make_section,
    make_series,
    make_topic,
    make_version,
)

WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
URL = (
    "https://statistics.very-long-name-of-a-ministry.example.org/2025/annual_report_0123456789abcdef0123456789.pdf?a=1"
)
ARABIC = "وقّع الوزير العقد (رقم 42/2026) يوم الأحد أمام ثلاثة شهود"
LONG = f"Nobody at the {WORD} can say who signed the counterrevolutionary harbour contract, nor why on a Sunday"
SENTENCE = f"Many words that go on for longer than any line of this page, and then an address: {URL}"
COLUMNS = "".join(f"<th>Telecommunications {number}</th>" for number in range(12))
ROW = "<th>counterrevolutionary</th>" + "<td>1,234,567</td>" * 11
BODY = f"""<p>{SENTENCE}<sup data-footnote="See {URL}"></sup> {WORD}</p><p>{ARABIC}</p><h2>{LONG}</h2>
<table><tbody><tr>{COLUMNS}</tr><tr>{ROW}</tr></tbody></table>
<table><tbody><tr><th>Asked</th><th>Said</th></tr><tr><td>{SENTENCE}</td><td>{LONG}</td></tr></tbody></table>
<pre><code>{URL * 2}</code></pre><aside class="pullquote" data-by="{LONG}">{LONG}</aside>
<ul><li>{URL}<ul><li>{WORD}</li></ul></li></ul><blockquote><p>{ARABIC}</p></blockquote>
<div data-embed="https://example.org/{"x" * 90}"></div>"""
MANY = f'<h2>{WORD}</h2><p>{" ".join(["And so on."] * 40)}<sup data-footnote="{SENTENCE}"></sup></p>'

# Elements that overflow the viewport, except in scroll containers and visually hidden ones; and controls that are too
# small to tap, except links within text.
OVERFLOWING = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && element.checkVisibility()
    && !element.closest(".table__scroll, pre, .masthead__sections, .visually-hidden, .skip, details:not([open])");
}).map((element) => `${element.tagName} ${element.className}`)"""
CONTROLS = "a[href], button, input:not([type=hidden]), select, summary"
TOO_SMALL = (
    f"() => [...document.querySelectorAll('{CONTROLS}')]"
    + """.filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && box.height < 24 && !element.closest(".visually-hidden, .skip")
    && getComputedStyle(element).display !== "inline";
}).map((element) => element.outerHTML)"""
)


class ExtremeContentTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        make_price()
        section, topic = make_section(name=LONG[:80], intro=SENTENCE[:300]), make_topic(name=WORD, intro=SENTENCE)
        lead = make_image(file=image_file(width=500, height=1500), caption=SENTENCE, credit=LONG[:150])
        authors = [make_author(name=f"{WORD[:40]} {number}", role=LONG[:100], bio=SENTENCE) for number in range(7)]
        authors.append(make_author(name="محمد بن عبد الرحمن القحطاني", links=f"{WORD} {URL}"))
        series = make_series(name=LONG[:120], intro=SENTENCE)
        shared = {"section": section, "topics": [topic], "authors": authors, "series": series}
        figure = f'<figure data-image="{lead.uuid}"></figure>'
        self.open = make_article(
            headline=LONG, standfirst=SENTENCE * 2, body=BODY + figure + MANY * 60, lead=lead, series_part=1, **shared
        )
        make_version(self.open, standfirst=SENTENCE, note=SENTENCE)
        gated = make_article(headline=f"{WORD} {WORD}", body=BODY, required_level=10, series_part=2, **shared)
        self.right_to_left = make_article(
            headline=ARABIC, standfirst=ARABIC, body=f"<p>{ARABIC}</p>", series_part=3, **shared
        )
        for text in (URL, WORD * 3, ARABIC):
            comment = make_comment(article=self.open, text=text)
            make_comment(parent=make_comment(parent=comment, text=text), text=text)
        entries = [{"date": "2024-11-05", "text": SENTENCE[:400], "article": gated, "source": URL}]
        dossier = make_dossier(self.open, gated, title=LONG[:120], summary=f"<p>{URL}</p>{ARABIC}", entries=entries)
        page = make_page(headline=LONG[:120], standfirst=SENTENCE[:300], body=BODY)
        items = [place("latest"), {"kind": "sections", "target": "", "label": ""}]
        items += [{"kind": "web", "target": "https://example.org/", "label": WORD} for _ in range(10)]
        columns = [{"title": f"{WORD} {number}", "items": items} for number in range(7)]
        MenuEdition.objects.create(number=1, content={"main": items, "columns": columns})
        gone = make_article(at=timezone.now() - timedelta(days=2))
        type(gone).objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now(), withdrawn_note=SENTENCE)
        items_with_pages = [
            section,
            topic,
            series,
            authors[0],
            authors[-1],
            dossier,
            page,
            self.open,
            gated,
            self.right_to_left,
            gone,
        ]
        self.urls = [item.get_absolute_url() for item in items_with_pages]
        self.urls += ["/", "/latest/", "/archive/", timezone.now().strftime("/archive/%Y/%m/")]
        self.urls += ["/search/", "/search/?q=signed", "/search/?q=signed&kind=analysis", f"/search/?q={WORD}x"]
        self.urls += ["/search/?q=a&year=9", "/no/such/page/"]
        self.expected = ["404 (Not Found)", "410 (Gone)", "400 (Bad Request)"]

    def test_nothing_overflows_or_is_too_small_to_tap(self):
        for url in self.urls:
            self.page.goto(url)
            for width in (320, 768, 1440):
                with self.subTest(url, width=width):
                    self.page.set_viewport_size({"width": width, "height": 900})
                    self.screenshot(f"extreme-{url.strip('/').replace('/', '-')[:40]}-{width}")
                    self.assertEqual(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                    self.assertEqual(self.page.evaluate(OVERFLOWING), [])
                    self.assertEqual(self.page.evaluate(TOO_SMALL), [])

    def test_axe_reports_no_violations(self):
        page = self.new_page()
        variants = (("light", 1440), ("dark", 320))
        for number, url in enumerate(self.urls):
            scheme, width = variants[number % 2]
            with self.subTest(url, scheme=scheme):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(url)
                self.assertEqual(self.axe(page), [])

    def test_portrait_images_fit_the_screen_and_arabic_is_right_to_left(self):
        for width in (360, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.goto(self.open.get_absolute_url())
            for image in self.page.locator(".figure--tall img").all():
                self.assertLessEqual(image.bounding_box()["height"], 900)
            self.page.goto(self.right_to_left.get_absolute_url())
            for selector in (".page-header__title", ".page-header__standfirst", ".prose p"):
                self.assertEqual(
                    self.page.locator(selector).first.evaluate("element => getComputedStyle(element).direction"), "rtl"
                )

    def test_double_text_size_and_wide_spacing_do_not_overflow(self):
        page = self.new_page(bypass_csp=True, viewport={"width": 360, "height": 900})
        spacing = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
        for url in ["/", "/search/?q=signed&kind=analysis", self.open.get_absolute_url()]:
            for style in ("html { font-size: 200% !important }", spacing):
                with self.subTest(url, style=style):
                    page.goto(url)
                    page.add_style_tag(content=style)
                    self.assertEqual(page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                    self.assertEqual(page.evaluate(OVERFLOWING), [])

    def test_nothing_overflows_in_print(self):
        self.page.emulate_media(media="print")
        # The printable area of an A4 page, in CSS pixels.
        self.page.set_viewport_size({"width": 642, "height": 971})
        for url in self.urls[6:10]:
            with self.subTest(url):
                self.page.goto(url)
                self.assertEqual(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                self.assertEqual(self.page.evaluate(OVERFLOWING), [])
