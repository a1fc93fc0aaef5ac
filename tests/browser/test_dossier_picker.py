"""Choosing the articles of a dossier by their headlines."""

from playwright.sync_api import expect

from articles.models import Dossier
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_dossier, make_editor


class DossierPickerTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.first = make_article(headline="Ferry timetable ends", slug="ferry")
        self.second = make_article(headline="The ferry is back", slug="ferry-back")
        make_article(headline="Something else")
        self.dossier = make_dossier(self.first)
        self.log_in(make_editor())
        self.page.goto(f"/admin/articles/dossier/{self.dossier.pk}/change/")

    def test_articles_are_found_by_headline_and_chosen_by_keyboard(self):
        page = self.page
        expect(page.get_by_role("combobox", name="Article 1", exact=True)).to_have_value("Ferry timetable ends")
        field = page.get_by_role("combobox", name="Article 2", exact=True)
        field.click()
        page.keyboard.type("ferry")
        expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
        field.press("ArrowDown")
        while "The ferry is back" not in page.locator("[role=option][aria-selected=true]").inner_text():
            field.press("ArrowDown")
        field.press("Enter")
        expect(field).to_have_value("The ferry is back")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("Saved.")
        dossier = Dossier.objects.get(pk=self.dossier.pk)
        self.assertEqual([row.article for row in dossier.articles.all()], [self.first, self.second])

    def test_no_match_is_announced_outside_the_list(self):
        field = self.page.get_by_role("combobox", name="Article 2", exact=True)
        field.fill("zeppelin")
        expect(self.page.get_by_text("No articles match.")).to_be_visible()
        expect(field).to_have_attribute("aria-expanded", "false")
        self.assertEqual(self.axe(), [])
        field.press("Escape")
        expect(self.page.get_by_text("No articles match.")).to_have_count(0)

    def test_failed_search_is_announced_and_mouse_chooses_from_the_next(self):
        field = self.page.get_by_role("combobox", name="Article 2", exact=True)
        self.expected = ["503"]
        self.page.route("**/articles/?q=zeppelin", lambda route: route.fulfill(status=503))
        field.fill("zeppelin")
        expect(self.page.get_by_text("The search is not available. You can enter the URL.")).to_be_visible()
        field.fill("ferry is")
        self.page.get_by_role("option", name="The ferry is back").click()
        expect(field).to_have_value("The ferry is back")
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-expanded", "false")

    def test_add_row_shows_blank_rows_and_then_adds_new_ones(self):
        page = self.page
        articles = page.locator("[data-rows]").filter(has=page.locator("#id_articles-0-article"))
        expect(page.locator("#id_articles-1-article")).to_be_visible()
        expect(page.locator("#id_articles-2-article")).to_be_hidden()
        for number in (3, 4, 5):
            articles.get_by_role("button", name="Add row").click()
            expect(page.get_by_role("combobox", name=f"Article {number}", exact=True)).to_be_focused()
            expect(page.get_by_role("listbox")).to_be_visible()
            page.keyboard.press("Escape")
        self.assertEqual(self.axe(), [])
        page.keyboard.type("ferry-back")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("Saved.")
        dossier = Dossier.objects.get(pk=self.dossier.pk)
        self.assertEqual([row.article for row in dossier.articles.all()], [self.first, self.second])
