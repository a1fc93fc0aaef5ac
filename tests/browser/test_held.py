"""Forms without a slot of their own: what is typed outlives tab, network and refusal, and goes once it is saved."""

from playwright.sync_api import expect

from articles.models import Article, Topic
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_dossier, make_editor

KEPT = "This browser has unsaved changes from"


class HeldTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.expected = ["Failed to load resource", "ERR_"]
        self.log_in(make_editor())
        self.context = self.page.context

    def open(self, address):
        self.page.goto(address)
        expect(self.page.locator("html[data-recovering]")).to_be_attached()

    def held(self, words):
        found = "words => Object.values(localStorage).some(kept => kept.includes(words))"
        self.page.wait_for_function(found, arg=words)

    def killed(self, address):
        self.page.close(run_before_unload=False)
        self.page = self.context.new_page()
        self.open(address)

    def test_a_dossier_comes_back_after_its_tab_was_killed_and_is_saved_once_the_network_is_there(self):
        dossier = make_dossier(make_article(slug="a-piece"), title="The talks")
        address = f"/admin/articles/dossier/{dossier.pk}/change/"
        self.open(address)
        summary = self.page.get_by_role("textbox", name="Summary")
        summary.press("Control+End")
        self.page.keyboard.type(" And so it went on.")
        self.page.locator("[name=pieces-1-article]").fill("a-piece")
        self.held("a-piece")
        self.killed(address)
        expect(self.page.get_by_text(KEPT)).to_be_visible()
        self.assertEqual(self.axe(), [])
        self.page.get_by_role("button", name="Restore", exact=True).click()
        expect(self.page.get_by_role("textbox", name="Summary")).to_contain_text("And so it went on.")
        expect(self.page.locator("[name=pieces-1-article]")).to_have_value("a-piece")
        self.page.locator("[name=pieces-1-article]").fill("")
        self.context.set_offline(True)
        self.page.keyboard.press("Control+s")
        expect(self.page.get_by_text("No connection. Your changes are kept")).to_be_visible()
        self.context.set_offline(False)
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".messagelist")).to_contain_text("Saved.")
        dossier.refresh_from_db()
        self.assertIn("And so it went on.", dossier.summary)
        self.open(address)
        expect(self.page.get_by_text(KEPT)).to_have_count(0)

    def test_a_refused_form_is_held_too_and_words_can_be_dropped(self):
        topic = Topic.objects.create(name="Energy", slug="energy")
        address = f"/admin/articles/topic/{topic.pk}/change/"
        self.open(address)
        self.page.get_by_label("Name").fill("")
        self.page.get_by_label("Intro").fill("Lines and prices.")
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.locator(".errornote")).to_be_visible()
        expect(self.page.locator("html[data-recovering]")).to_be_attached()
        self.killed(address)
        self.page.get_by_role("button", name="Restore", exact=True).click()
        expect(self.page.get_by_label("Intro")).to_have_value("Lines and prices.")
        self.held("Lines and prices.")
        self.killed(address)
        self.page.get_by_role("button", name="Discard").click()
        self.killed(address)
        expect(self.page.get_by_text(KEPT)).to_have_count(0)

    def test_the_sentence_for_readers_is_not_typed_twice(self):
        article = make_article(headline="Out")
        Article.objects.filter(pk=article.pk).update(headline="Out and mended")
        address = f"/admin/articles/article/{article.pk}/publish/"
        self.open(address)
        self.page.get_by_label("What changed").fill("The name was wrong.")
        self.context.set_offline(True)
        self.page.get_by_role("button", name="Publish now").click()
        expect(self.page.get_by_text("No connection. Your changes are kept")).to_be_visible()
        self.context.set_offline(False)
        self.killed(address)
        self.page.get_by_role("button", name="Restore", exact=True).click()
        self.page.get_by_role("button", name="Publish now").click()
        self.page.wait_for_url("**/change/")
        article.refresh_from_db()
        self.assertEqual((article.live.number, article.live.note), (2, "The name was wrong."))
        self.assertEqual(self.page.evaluate("Object.keys(localStorage).filter(name => name.includes('/publish/'))"), [])
