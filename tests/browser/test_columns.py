"""What stands in columns stands in order at every width: the footer's lists, the months of a year, four plans."""

from articles.models import MenuEdition
from articles.presenters.menus import place
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_plan, make_price

# Where the left edges of what is found stand, line by line.
LINES = """(found) => {
  const lines = new Map();
  for (const one of document.querySelectorAll(found)) {
    const { left, top } = one.getBoundingClientRect(), line = Math.round(top);
    lines.set(line, [...(lines.get(line) ?? []), Math.round(left)]);
  }
  return [...lines.values()];
}"""
BROKEN = """() => [...document.querySelectorAll(".archive__months :is(a, span:not(.visually-hidden))")].filter((one) => {
  const words = document.createRange();
  words.selectNodeContents(one.firstChild);
  return new Set([...words.getClientRects()].map((box) => box.top)).size > 1;
}).map((one) => one.textContent)"""


class ColumnsTests(BrowserTestCase):
    def lines(self, found, width):
        self.page.set_viewport_size({"width": width, "height": 900})
        return self.page.evaluate(LINES, found)

    def test_the_footer_s_lists_begin_under_one_another(self):
        for many in (1, 3, 5):
            columns = [{"title": f"List {number}", "items": [place("latest")]} for number in range(many)]
            MenuEdition.objects.create(number=many, content={"main": [], "columns": columns})
            self.page.goto("/")
            for width in (320, 360, 768, 1024, 1440):
                with self.subTest(many=many, width=width):
                    first, *others = self.lines(".footer nav", width)
                    self.assertEqual(sum(map(len, [first, *others])), many)
                    for line in others:
                        self.assertEqual(line, first[: len(line)])

    def test_no_month_is_broken(self):
        make_article()
        self.page.goto("/archive/")
        for width in (320, 480, 768, 992, 1440):
            with self.subTest(width=width):
                self.page.set_viewport_size({"width": width, "height": 900})
                self.assertEqual(self.page.evaluate(BROKEN), [])

    def test_plans_stand_in_even_lines(self):
        for number, lines in [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (5, [3, 2])]:
            make_price(make_plan(position=number))
            self.page.goto("/subscribe/")
            with self.subTest(number):
                found = self.lines(".plan", 1440)
                self.assertEqual([len(line) for line in found], lines)
                self.assertEqual({line[0] for line in found}, {found[0][0]})
