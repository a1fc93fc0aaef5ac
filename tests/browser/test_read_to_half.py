"""The page of an article reports once that its middle was seen for two seconds, and nothing about the reader."""

from urllib.parse import urlsplit

from articles.models import ReadCount
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_editor
from tests.truthlytics.web.browsers import BROWSERS
from truthlytics.statistics.counter import READ_COUNTER

BODY = "<p>A sentence of some length that fills a line.</p>" * 200
# What document.hidden says is that of the test.
HIDDEN = "Object.defineProperty(document, 'hidden', { get: () => Boolean(window.isHidden) })"


class ReadToHalfTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        READ_COUNTER.flush()
        ReadCount.objects.all().delete()
        self.path = make_article(body=BODY).get_absolute_url()
        self.reader = self.new_page(user_agent=BROWSERS[0][0])
        self.reader.add_init_script(HIDDEN)
        self.reports = []
        self.reader.on("request", self.note)

    def note(self, request):
        if "/read?" in request.url:
            self.reports.append(request)

    def see_middle(self):
        self.reader.locator(".prose > p").nth(100).scroll_into_view_if_needed()

    def test_a_reader_who_reaches_the_middle_is_counted_once(self):
        self.reader.goto(f"{self.path}?utm_source=poster")
        self.reader.wait_for_timeout(4000)
        self.assertEqual(self.reports, [])
        with self.reader.expect_request("**/read?*") as found:
            self.see_middle()
        self.reader.wait_for_timeout(3000)
        self.assertEqual(len(self.reports), 1)
        report = found.value
        self.assertEqual((report.method, report.post_data or ""), ("POST", ""))
        article = self.reader.locator("article.article").get_attribute("data-article")
        self.assertEqual(urlsplit(report.url).query, f"id={article}&r=&utm_source=poster")
        READ_COUNTER.flush()
        self.assertEqual(ReadCount.objects.values_list("count", "halves").get(), (1, 1))

    def test_a_page_in_the_background_is_not_read(self):
        self.reader.goto(self.path)
        self.reader.evaluate("window.isHidden = true")
        self.see_middle()
        self.reader.wait_for_timeout(4000)
        self.assertEqual(self.reports, [])
        with self.reader.expect_request("**/read?*"):
            self.reader.evaluate("window.isHidden = false")

    def test_staff_report_nothing(self):
        self.log_in(make_editor())
        self.page.goto(self.path)
        self.assertEqual(self.page.locator("[data-read]").count(), 0)
