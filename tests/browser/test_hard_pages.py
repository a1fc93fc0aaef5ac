"""Readers' pages with the hardest content that editors can put in: nothing is pushed sideways, cut off or too small."""

from datetime import timedelta

from django.utils import timezone

from articles.models import MenuEdition
from articles.presenters.menus import place
from tests.browser.base import BrowserTestCase
from tests.factories import (
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
    picture_file,
)

WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
URL = (
    "https://statistics.very-long-name-of-a-ministry.example.org/2025/annual_report_0123456789abcdef0123456789.pdf?a=1"
)
ARABIC = "وقّع الوزير العقد (رقم 42/2026) يوم الأحد أمام ثلاثة شهود"
LONG = f"Nobody at the {WORD} can say who signed the counterrevolutionary harbour contract, nor why on a Sunday"
SAID = f"Many words that go on for longer than any line of this page, and then an address: {URL}"
COLUMNS = "".join(f"<th>Telecommunications {number}</th>" for number in range(12))
ROW = "<th>counterrevolutionary</th>" + "<td>1,234,567</td>" * 11
BODY = f"""<p>{SAID}<sup data-footnote="See {URL}"></sup> {WORD}</p><p>{ARABIC}</p><h2>{LONG}</h2>
<table><tbody><tr>{COLUMNS}</tr><tr>{ROW}</tr></tbody></table>
<table><tbody><tr><th>Asked</th><th>Said</th></tr><tr><td>{SAID}</td><td>{LONG}</td></tr></tbody></table>
<pre><code>{URL * 2}</code></pre><aside class="pullquote" data-by="{LONG}">{LONG}</aside>
<ul><li>{URL}<ul><li>{WORD}</li></ul></li></ul><blockquote><p>{ARABIC}</p></blockquote>
<div data-embed="https://example.org/{"x" * 90}"></div>"""
MANY = f'<h2>{WORD}</h2><p>{" ".join(["And so on."] * 40)}<sup data-footnote="{SAID}"></sup></p>'

# What stands over the edge of the window, but for what scrolls in itself or is for ears alone; and what is too small
# for a finger, but for links in a line of text.
OVER = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && one.checkVisibility()
    && !one.closest(".table__scroll, pre, .masthead__sections, .visually-hidden, .skip, details:not([open])");
}).map((one) => `${one.tagName} ${one.className}`)"""
CONTROLS = "a[href], button, input:not([type=hidden]), select, summary"
SMALL = (
    f"() => [...document.querySelectorAll('{CONTROLS}')]"
    + """.filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width && box.height < 24 && !one.closest(".visually-hidden, .skip") && getComputedStyle(one).display !== "inline";
}).map((one) => one.outerHTML)"""
)


class HardPagesTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        make_price()
        section, topic = make_section(name=LONG[:80], intro=SAID[:300]), make_topic(name=WORD, intro=SAID)
        lead = make_image(file=picture_file(width=500, height=1500), caption=SAID, credit=LONG[:150])
        authors = [make_author(name=f"{WORD[:40]} {number}", role=LONG[:100], bio=SAID) for number in range(7)]
        authors.append(make_author(name="محمد بن عبد الرحمن القحطاني", links=f"{WORD} {URL}"))
        series = make_series(name=LONG[:120], intro=SAID)
        shared = {"section": section, "topics": [topic], "authors": authors, "series": series}
        figure = f'<figure data-image="{lead.uuid}"></figure>'
        self.open = make_article(
            headline=LONG, standfirst=SAID * 2, body=BODY + figure + MANY * 60, lead=lead, series_part=1, **shared
        )
        make_version(self.open, standfirst=SAID, note=SAID)
        gated = make_article(headline=f"{WORD} {WORD}", body=BODY, required_level=10, series_part=2, **shared)
        self.from_right = make_article(
            headline=ARABIC, standfirst=ARABIC, body=f"<p>{ARABIC}</p>", series_part=3, **shared
        )
        for text in (URL, WORD * 3, ARABIC):
            comment = make_comment(article=self.open, text=text)
            make_comment(parent=make_comment(parent=comment, text=text), text=text)
        entries = [{"date": "2024-11-05", "text": SAID[:400], "article": gated, "source": URL}]
        dossier = make_dossier(self.open, gated, title=LONG[:120], summary=f"<p>{URL}</p>{ARABIC}", entries=entries)
        page = make_page(headline=LONG[:120], standfirst=SAID[:300], body=BODY)
        items = [place("latest"), {"kind": "sections", "target": "", "label": ""}]
        items += [{"kind": "web", "target": "https://example.org/", "label": WORD} for _ in range(10)]
        columns = [{"title": f"{WORD} {number}", "items": items} for number in range(7)]
        MenuEdition.objects.create(number=1, content={"main": items, "columns": columns})
        gone = make_article(at=timezone.now() - timedelta(days=2))
        type(gone).objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now(), withdrawn_note=SAID)
        places = [
            section,
            topic,
            series,
            authors[0],
            authors[-1],
            dossier,
            page,
            self.open,
            gated,
            self.from_right,
            gone,
        ]
        self.addresses = [one.get_absolute_url() for one in places]
        self.addresses += ["/", "/latest/", "/archive/", timezone.now().strftime("/archive/%Y/%m/")]
        self.addresses += ["/search/", "/search/?q=signed", "/search/?q=signed&kind=analysis", f"/search/?q={WORD}x"]
        self.addresses += ["/search/?q=a&year=9", "/no/such/page/"]
        self.expected = ["404 (Not Found)", "410 (Gone)", "400 (Bad Request)"]

    def test_nothing_is_pushed_sideways_nor_too_small_on_a_phone_a_tablet_and_a_desk(self):
        for address in self.addresses:
            self.page.goto(address)
            for width in (320, 768, 1440):
                with self.subTest(address, width=width):
                    self.page.set_viewport_size({"width": width, "height": 900})
                    self.picture(f"hard-{address.strip('/').replace('/', '-')[:40]}-{width}")
                    self.assertEqual(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                    self.assertEqual(self.page.evaluate(OVER), [])
                    self.assertEqual(self.page.evaluate(SMALL), [])

    def test_axe_finds_nothing(self):
        # axe tries styles of its own, which our policy would refuse.
        page = self.new_page(bypass_csp=True)
        looks = (("light", 1440), ("dark", 320))
        for number, address in enumerate(self.addresses):
            scheme, width = looks[number % 2]
            with self.subTest(address, scheme=scheme):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(address)
                self.assertEqual(self.axe(page), [])

    def test_a_tall_picture_fits_in_one_sight_and_arabic_begins_on_the_right(self):
        for width in (360, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.goto(self.open.get_absolute_url())
            for image in self.page.locator(".figure--tall img").all():
                self.assertLessEqual(image.bounding_box()["height"], 900)
            self.page.goto(self.from_right.get_absolute_url())
            for part in (".page-header__title", ".page-header__standfirst", ".prose p"):
                self.assertEqual(
                    self.page.locator(part).first.evaluate("one => getComputedStyle(one).direction"), "rtl"
                )

    def test_text_of_twice_the_size_and_of_wider_spacing_stays_within_the_page(self):
        page = self.new_page(bypass_csp=True, viewport={"width": 360, "height": 900})
        wider = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
        for address in ["/", "/search/?q=signed&kind=analysis", self.open.get_absolute_url()]:
            for look in ("html { font-size: 200% !important }", wider):
                with self.subTest(address, look=look):
                    page.goto(address)
                    page.add_style_tag(content=look)
                    self.assertEqual(page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                    self.assertEqual(page.evaluate(OVER), [])

    def test_paper_holds_all_of_it(self):
        self.page.emulate_media(media="print")
        # What an A4 sheet has between our margins, in px of CSS.
        self.page.set_viewport_size({"width": 642, "height": 971})
        for address in self.addresses[6:10]:
            with self.subTest(address):
                self.page.goto(address)
                self.assertEqual(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
                self.assertEqual(self.page.evaluate(OVER), [])
