"""Grid alignment at every width: footer menus, the months of the archive, and plans."""

from articles.models import MenuEdition
from articles.presenters.menus import place
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_plan, make_price

# The left edges of the matching elements, grouped by row.
ROWS = """(selector) => {
  const rows = new Map();
  for (const element of document.querySelectorAll(selector)) {
    const { left, top } = element.getBoundingClientRect(), row = Math.round(top);
    rows.set(row, [...(rows.get(row) ?? []), Math.round(left)]);
  }
  return [...rows.values()];
}"""
MONTHS = ".archive__months :is(a, span:not(.visually-hidden))"
WRAPPED = """(selector) => [...document.querySelectorAll(selector)].filter((month) => {
  const text = document.createRange();
  text.selectNodeContents(month.firstChild);
  return new Set([...text.getClientRects()].map((box) => box.top)).size > 1;
}).map((month) => month.textContent)"""


class GridAlignmentTests(BrowserTestCase):
    def rows(self, selector, width):
        self.page.set_viewport_size({"width": width, "height": 900})
        return self.page.evaluate(ROWS, selector)

    def test_footer_menus_align_in_columns(self):
        for count in (1, 3, 5):
            columns = [{"title": f"List {number}", "items": [place("latest")]} for number in range(count)]
            MenuEdition.objects.create(number=count, content={"main": [], "columns": columns})
            self.page.goto("/")
            for width in (320, 360, 768, 1024, 1440):
                with self.subTest(count=count, width=width):
                    first, *others = self.rows(".footer__menus nav", width)
                    self.assertEqual(sum(map(len, [first, *others])), count)
                    for row in others:
                        self.assertEqual(row, first[: len(row)])

    def test_archive_months_do_not_wrap(self):
        make_article()
        self.page.goto("/archive/")
        for width in (320, 480, 768, 992, 1440):
            with self.subTest(width=width):
                self.page.set_viewport_size({"width": width, "height": 900})
                self.assertEqual(self.page.evaluate(WRAPPED, MONTHS), [])

    def test_plans_form_even_rows(self):
        for number, lengths in [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (5, [3, 2])]:
            make_price(make_plan(position=number))
            self.page.goto("/subscribe/")
            with self.subTest(number):
                rows = self.rows(".plan", 1440)
                self.assertEqual([len(row) for row in rows], lengths)
                self.assertEqual({row[0] for row in rows}, {rows[0][0]})
