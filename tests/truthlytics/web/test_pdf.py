"""Text as PDF: every character is drawn or the whole page refused, and none falls off it."""

from datetime import UTC, datetime
from io import BytesIO

from django.test import SimpleTestCase
from pypdf import PdfReader

from truthlytics.web.pdf import HEIGHT, MARGIN, Line, MissingCharacter, Page

DAY = datetime(2026, 3, 3, 9, tzinfo=UTC)
NAMES = "Groß Łęcka Zoë Bjørn Ağaoğlu Őry Žižek Çelik Þór Œuvre O’Brien"


def read(page):
    file = page.to_bytes(title="Größe", language="de", created=DAY)
    return PdfReader(BytesIO(file), strict=True)


class PageTests(SimpleTestCase):
    def column(self, *texts, width=400):
        page = Page()
        page.column([Line(text) for text in texts], MARGIN, MARGIN, width)
        return page

    def test_names_keep_their_letters_and_marks(self):
        file = read(self.column(NAMES, "Zoe\u0308, 9,00\u202f€, 7\u00a0%"))
        self.assertEqual(file.pages[0].extract_text().split("\n"), [NAMES, "Zoë, 9,00 €, 7\u00a0%"])
        self.assertEqual((file.metadata.title, file.metadata.creation_date), ("Größe", DAY))

    def test_what_the_font_lacks_is_refused_rather_than_replaced(self):
        for text in ("Надія", "李", "Nguyễn", "\U0001f600", "a\x00b"):
            with self.subTest(text), self.assertRaises(MissingCharacter):
                self.column(text)

    def test_long_lines_are_broken_and_lose_nothing(self):
        text = f"{'word ' * 30}{'x' * 300} end"
        drawn = read(self.column(text, width=120)).pages[0].extract_text()
        self.assertEqual(drawn.replace("\n", "").replace(" ", ""), text.replace(" ", ""))
        self.assertGreater(drawn.count("\n"), 10)

    def test_a_sheet_grows_with_its_content(self):
        short, long = read(self.column("a")).pages[0], read(self.column("a\n" * 100)).pages[0]
        self.assertEqual(short.mediabox.height, HEIGHT)
        self.assertGreater(long.mediabox.height, 100 * 9.5)
        self.assertLess(long.mediabox.bottom, 0)

    def test_the_same_content_gives_the_same_bytes(self):
        files = {self.column("a", "b").to_bytes(title="a", language="en", created=DAY) for _ in range(2)}
        self.assertEqual(len(files), 1)
