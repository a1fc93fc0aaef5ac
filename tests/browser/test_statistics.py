"""The statistics pages in a browser: from a week to an article and its file, the switch, and an author's own."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_author, make_editor, make_member
from tests.truthlytics.newsroom.readership.cases import add_all
from truthlytics.publication.models import Publication
from truthlytics.statistics.models import RecentRead

DAY = timedelta(days=1)


class StatisticsTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.writer = make_member("Author")
        self.author = make_author(name="Ines Marwood", user=self.writer)
        self.article = make_article(headline="The harbour", authors=[self.author], at=timezone.now() - 30 * DAY)
        add_all(self.article, timezone.localdate() - 7 * DAY)

    def saved(self, link):
        """Return the file that `link` saves, as text."""
        with self.page.expect_download() as download:
            link.click()
        return download.value.path().read_text()

    def test_from_last_week_to_an_article_and_its_file(self):
        self.log_in(make_editor())
        self.page.goto("/admin/")
        self.page.get_by_role("link", name="All statistics").click()
        self.page.get_by_role("link", name="← Previous").click()
        expect(self.page.get_by_role("img", name="People", exact=True)).to_be_visible()
        self.assertIn("The harbour", self.saved(self.page.locator("a[href*='articles.csv']")))
        self.page.get_by_role("link", name="The harbour").click()
        expect(self.page.get_by_role("heading", name="The harbour")).to_be_visible()
        self.assertIn(",40,10,3,70,8,", self.saved(self.page.get_by_role("link", name="As CSV")))

    def test_switch_shows_the_programs(self):
        self.log_in(make_editor())
        self.page.goto("/admin/statistics/?period=month")
        self.page.get_by_label("With this day").fill((timezone.localdate() - 7 * DAY).isoformat())
        self.page.get_by_label("Show what was not counted as people").check()
        self.page.get_by_role("button", name="Show", exact=True).click()
        expect(self.page.get_by_role("row", name="GPTBot Training of AI 70")).to_be_visible()

    def test_last_half_hour_is_fetched_each_minute_until_the_session_ends(self):
        self.log_in(make_editor())
        self.install_clock()
        self.page.goto("/admin/")
        part = self.page.locator("[data-last-half-hour]")
        expect(part).to_contain_text("0 people")
        RecentRead.objects.add({self.article.pk: 7}, timezone.now())
        self.page.clock.run_for(61_000)
        expect(part.get_by_role("link", name="The harbour")).to_be_visible()
        self.page.context.clear_cookies()
        with self.page.expect_response("**/statistics/live/"):
            self.page.clock.run_for(61_000)
        asked = []
        self.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        self.page.clock.run_for(600_000)
        expect(part).to_contain_text("7 people opened articles.")
        self.assertNotIn("/admin/statistics/live/", asked)

    def test_author_opens_their_own(self):
        Publication.objects.create(authors_see_statistics=True)
        self.log_in(self.writer)
        self.page.goto("/admin/")
        self.page.get_by_role("link", name="All statistics").click()
        expect(self.page.get_by_role("heading", name="Statistics of Ines Marwood")).to_be_visible()
        self.assertEqual(axe_violations(self.page), [])
