"""Recovery of unsaved form input after a closed tab, lost network or validation error."""

from playwright.sync_api import expect

from articles.models import Article, Topic
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_dossier, make_editor

NOTICE = "This browser has unsaved changes from"


class FormRecoveryTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.expected = ["Failed to load resource", "ERR_"]
        self.log_in(make_editor())
        self.context = self.page.context

    def open(self, url):
        self.page.goto(url)
        expect(self.page.locator("html[data-recovering]")).to_be_attached()

    def wait_for_storage(self, text):
        is_stored = "text => Object.values(localStorage).some(draft => draft.includes(text))"
        self.page.wait_for_function(is_stored, arg=text)

    def reopen_in_new_tab(self, url):
        self.page.close(run_before_unload=False)
        self.page = self.context.new_page()
        self.open(url)

    def test_dossier_is_restored_in_a_new_tab_and_saved_when_online(self):
        dossier = make_dossier(make_article(slug="an-article"), title="The talks")
        url = f"/admin/articles/dossier/{dossier.pk}/change/"
        self.open(url)
        summary = self.page.get_by_role("textbox", name="Summary")
        summary.press("Control+End")
        self.page.keyboard.type(" And so it went on.")
        article = self.page.get_by_role("combobox", name="Article 2", exact=True)
        article.fill("an-article")
        self.wait_for_storage("an-article")
        self.reopen_in_new_tab(url)
        expect(self.page.get_by_text(NOTICE)).to_be_visible()
        self.assertEqual(self.axe(), [])
        self.page.get_by_role("button", name="Restore", exact=True).click()
        expect(self.page.get_by_role("textbox", name="Summary")).to_contain_text("And so it went on.")
        expect(self.page.locator("[name=articles-1-article]")).to_have_value("an-article")
        self.page.get_by_role("combobox", name="Article 2", exact=True).fill("")
        self.context.set_offline(True)
        self.page.keyboard.press("Control+s")
        expect(self.page.get_by_text("No connection. Your changes are kept")).to_be_visible()
        self.context.set_offline(False)
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".messagelist")).to_contain_text("Saved.")
        dossier.refresh_from_db()
        self.assertIn("And so it went on.", dossier.summary)
        self.open(url)
        expect(self.page.get_by_text(NOTICE)).to_have_count(0)

    def test_invalid_input_is_recovered_and_can_be_discarded(self):
        topic = Topic.objects.create(name="Energy", slug="energy")
        url = f"/admin/articles/topic/{topic.pk}/change/"
        self.open(url)
        self.page.get_by_label("Name").fill("")
        self.page.get_by_label("Intro").fill("Lines and prices.")
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.locator(".errornote")).to_be_visible()
        expect(self.page.locator("html[data-recovering]")).to_be_attached()
        self.reopen_in_new_tab(url)
        self.page.get_by_role("button", name="Restore", exact=True).click()
        expect(self.page.get_by_label("Intro")).to_have_value("Lines and prices.")
        self.wait_for_storage("Lines and prices.")
        self.reopen_in_new_tab(url)
        self.page.get_by_role("button", name="Discard").click()
        self.reopen_in_new_tab(url)
        expect(self.page.get_by_text(NOTICE)).to_have_count(0)

    def test_note_of_the_publish_form_is_recovered(self):
        article = make_article(headline="Out")
        Article.objects.filter(pk=article.pk).update(headline="Out and mended")
        url = f"/admin/articles/article/{article.pk}/publish/"
        self.open(url)
        self.page.get_by_role("radio", name="Clarification").check()
        self.page.get_by_label("Change note").fill("The name was wrong.")
        self.context.set_offline(True)
        self.page.get_by_role("button", name="Publish now").click()
        expect(self.page.get_by_text("No connection. Your changes are kept")).to_be_visible()
        self.context.set_offline(False)
        self.reopen_in_new_tab(url)
        self.page.get_by_role("button", name="Restore", exact=True).click()
        self.page.get_by_role("button", name="Publish now").click()
        self.page.wait_for_url("**/change/")
        article.refresh_from_db()
        self.assertEqual((article.live.number, article.live.note), (2, "The name was wrong."))
        self.assertEqual(article.live.correction.kind, "clarification")
        self.assertEqual(self.page.evaluate("Object.keys(localStorage).filter(name => name.includes('/publish/'))"), [])
